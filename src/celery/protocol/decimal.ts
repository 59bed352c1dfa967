import { brand } from '../../lib/brand.ts'

const FORM = /^[+-]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?|inf(?:inity)?|s?nan\d*)$/i

/**
 * A decimal number, exactly as it was written: Python's `Decimal`. It does not calculate; give its text to a library that
 * does.
 *
 * @example
 * ```ts
 * import { Decimal } from 'twopi/celery'
 *
 * const price = new Decimal('19.90')
 * price.toString() // '19.90'
 * Number(price) // 19.9
 * ```
 */
export class Decimal {
  readonly #text: string

  /**
   * @param text - digits with a point and an exponent if any, or `NaN`, `Infinity`; a number or bigint stands for its text
   * @throws TypeError when it is none of that
   */
  constructor(text: string | number | bigint) {
    const written = String(text)
    if (!FORM.test(written)) throw new TypeError('Decimal: expected the text of a decimal number, such as "19.90"')
    this.#text = written
  }

  /** The text it was made of. */
  toString(): string {
    return this.#text
  }

  /** The text, since a JSON number would not keep the digits. */
  toJSON(): string {
    return this.#text
  }

  /** The nearest JavaScript number: good for comparing, not for money. */
  valueOf(): number {
    return Number(this.#text.replace(/^([+-]?)inf(?:inity)?$/i, '$1Infinity'))
  }

  static {
    brand(this, 'Decimal')
  }
}
