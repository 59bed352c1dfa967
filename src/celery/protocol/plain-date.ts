import { brand } from '../../lib/brand.ts'
import { parseIso } from './iso-time.ts'

/**
 * A day of the calendar, without a time: Python's `date`.
 *
 * @example
 * ```ts
 * import { PlainDate } from 'twopi/celery'
 *
 * const day = new PlainDate('2026-11-23')
 * day.toString() // '2026-11-23'
 * day < new PlainDate('2026-11-24') // true
 * ```
 */
export class PlainDate {
  readonly #text: string

  /**
   * @param text - `YYYY-MM-DD`
   * @throws TypeError when it is no day that exists
   */
  constructor(text: string) {
    if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || parseIso(text) === undefined) {
      throw new TypeError('PlainDate: expected a day as `YYYY-MM-DD`, such as "2026-11-23"')
    }
    this.#text = text
  }

  /** `YYYY-MM-DD`. */
  toString(): string {
    return this.#text
  }

  /** `YYYY-MM-DD`. */
  toJSON(): string {
    return this.#text
  }

  /** The text, which compares as the days do. */
  valueOf(): string {
    return this.#text
  }

  static {
    brand(this, 'PlainDate')
  }
}
