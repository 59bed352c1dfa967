import { formatIso } from './iso-time.ts'

/** A `Date` has milliseconds and no offset; Python's text may say more. */
interface Original {
  readonly time: number
  readonly text: string
}

const originals = new WeakMap<Date, Original>()

/**
 * Remembers the text a date was read from, so that what only passes through (a chain, a retry) leaves with its microseconds,
 * and a naive time stays naive.
 */
export function rememberText(date: Date, text: string): Date {
  originals.set(date, { time: date.getTime(), text })
  return date
}

/**
 * The text of a date: that which it was read from, unless it was changed since.
 *
 * @throws TypeError when it is not a valid date, or Python has no such year
 */
export function dateText(date: Date): string {
  const original = originals.get(date)
  return original !== undefined && original.time === date.getTime() ? original.text : formatIso(date)
}
