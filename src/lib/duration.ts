const MILLISECONDS = {
  millisecond: 1,
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
} as const

type Unit = keyof typeof MILLISECONDS

/**
 * A length of time: a number of **seconds**, or a text such as `'15 minutes'`, `'1 hour'`, `'500 milliseconds'`.
 * Units are milliseconds, seconds, minutes, hours, days and weeks, singular or plural.
 */
export type Duration = number | `${number} ${Unit | `${Unit}s`}`

const text = /^(\d+(?:\.\d+)?) (millisecond|second|minute|hour|day|week)s?$/

/**
 * Reads a duration. The one parser for all of twopi.
 *
 * @param duration - seconds, or a text with its unit
 * @param option - the option's name, for the message when it is wrong
 * @returns milliseconds
 * @throws TypeError when it is not a finite, non-negative duration
 */
export function toMilliseconds(duration: Duration, option = 'duration'): number {
  if (typeof duration === 'number' && Number.isFinite(duration) && duration >= 0) return duration * 1000
  const match = typeof duration === 'string' ? text.exec(duration) : null
  if (match === null) {
    throw new TypeError(
      `\`${option}\` must be a number of seconds or a text such as '15 minutes', found ${describe(duration)}`,
    )
  }
  return Number(match[1]) * MILLISECONDS[match[2] as Unit]
}

function describe(value: unknown): string {
  return typeof value === 'string'
    ? `'${value.slice(0, 40)}'`
    : typeof value === 'number'
      ? String(value)
      : typeof value
}
