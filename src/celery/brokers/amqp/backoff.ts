/** How long to wait between tries. All in milliseconds. */
export interface Backoff {
  readonly intervalStart: number
  readonly intervalStep: number
  readonly intervalMax: number
}

/**
 * How long to wait before the next try, as Celery does: `start + step × n`, at most `max`. From the half of it on by
 * chance, so that a thousand workers do not come back to a broker in the same moment.
 *
 * @param failures - tries that have failed already, from 1 on
 * @returns milliseconds
 */
export function backoff(failures: number, times: Backoff, random: () => number = Math.random): number {
  const { intervalStart, intervalStep, intervalMax } = times
  const interval = Math.min(intervalStart + intervalStep * (failures - 1), intervalMax)
  return interval * (0.5 + random() / 2)
}
