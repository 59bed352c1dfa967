import { brand } from '../../lib/brand.ts'

const FORM =
  /^(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?)?)?$/

/**
 * A time of the day, without a date: Python's `time`.
 *
 * @example
 * ```ts
 * import { PlainTime } from 'twopi/celery'
 *
 * new PlainTime('08:15:00').toString() // '08:15:00'
 * ```
 */
export class PlainTime {
  readonly #text: string

  /**
   * @param text - `HH:MM`, `HH:MM:SS` or `HH:MM:SS.ffffff`, with an offset such as `+01:00` or none
   * @throws TypeError when it is none of that
   */
  constructor(text: string) {
    if (!FORM.test(text)) throw new TypeError('PlainTime: expected a time as `HH:MM:SS`, such as "08:15:00"')
    this.#text = text
  }

  /** The text it was made of. */
  toString(): string {
    return this.#text
  }

  /** The text it was made of. */
  toJSON(): string {
    return this.#text
  }

  /** The text, which compares as times of one offset do. */
  valueOf(): string {
    return this.#text
  }

  static {
    brand(this, 'PlainTime')
  }
}
