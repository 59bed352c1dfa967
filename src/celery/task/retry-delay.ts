/** What decides how long to wait; lengths of time are seconds. */
export interface BackoffRules {
  /** Factor; 0: none, {@link defaultRetryDelay} holds. */
  readonly retryBackoff: number
  readonly retryBackoffMax: number
  /** A random part of the wait instead of all of it. */
  readonly retryJitter: boolean
  readonly defaultRetryDelay: number
}

/**
 * How long to wait before an automatic retry: `min(max, factor × 2^retries)`, or a random part of it.
 *
 * @param retries - tries before this one: 0 when the first one failed
 * @param random - gives a number from 0 up to 1, as `Math.random`
 * @returns seconds
 * @see https://docs.celeryq.dev/en/stable/userguide/tasks.html#Task.retry_backoff
 */
export function retryDelay(rules: BackoffRules, retries: number, random: () => number): number {
  if (rules.retryBackoff === 0) return rules.defaultRetryDelay
  const wait = Math.min(rules.retryBackoffMax, rules.retryBackoff * 2 ** retries)
  return rules.retryJitter ? wait * random() : wait
}
