import { type Duration, toMilliseconds } from '../../lib/duration.ts'

/** A longer one would go off at once. */
const LONGEST = 2 ** 31 - 1

/**
 * Reads a time-out for a timer.
 *
 * @returns milliseconds; undefined for ever
 * @throws TypeError when it is no duration, or one that no timer can take
 */
export function toTimeout(timeout: Duration | undefined): number | undefined {
  if (timeout === undefined) return undefined
  const milliseconds = toMilliseconds(timeout, 'timeout')
  if (milliseconds <= LONGEST) return milliseconds
  throw new TypeError(
    `\`timeout\` must be at most 24 days, found ${milliseconds / 86_400_000} days; leave it out to wait for ever`,
  )
}
