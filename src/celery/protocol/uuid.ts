import { brand } from '../../lib/brand.ts'

/**
 * A UUID as a type of its own: Python's `uuid.UUID`. A text that looks like one stays a text.
 *
 * @example
 * ```ts
 * import { Uuid } from 'twopi/celery'
 *
 * const id = new Uuid('8eec5a4c-7d1c-4d2a-9c57-0c1ce2f3a6b7')
 * id.toString() // '8eec5a4c-7d1c-4d2a-9c57-0c1ce2f3a6b7'
 * id.hex // '8eec5a4c7d1c4d2a9c570c1ce2f3a6b7'
 * ```
 */
export class Uuid {
  /** The 32 digits, in lower case, without dashes. */
  readonly hex: string

  /**
   * @param text - 32 hexadecimal digits, with or without dashes, braces or `urn:uuid:`
   * @throws TypeError when it is none of that
   */
  constructor(text: string) {
    const hex = text.replace(/^urn:uuid:|[{}-]/gi, '').toLowerCase()
    if (!/^[\da-f]{32}$/.test(hex)) throw new TypeError('Uuid: expected 32 hexadecimal digits, with or without dashes')
    this.hex = hex
  }

  /** The usual text: lower case, with dashes. */
  toString(): string {
    return this.hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  }

  /** As `toString`. */
  toJSON(): string {
    return this.toString()
  }

  /** As `toString`, so that two of them compare. */
  valueOf(): string {
    return this.toString()
  }

  static {
    brand(this, 'Uuid')
  }
}
