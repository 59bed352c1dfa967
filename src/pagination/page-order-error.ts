import { brand } from '../lib/brand.ts'
import { TwopiError } from '../lib/twopi-error.ts'

/**
 * Thrown when rows cannot be paged in the order that a keyset declares: two have the same place in it, a value is missing,
 * `null`, or of a kind that has no exact place. That is the server's fault, so a client sees the constant 500; `onError` is
 * told which column. Codes: `ERR_PAGE_ORDER`.
 */
export class PageOrderError extends TwopiError {
  override readonly code = 'ERR_PAGE_ORDER'
  /** The names of the columns it is about. */
  readonly columns: readonly string[]

  constructor(columns: readonly string[], reason: string) {
    super(`The rows cannot be paged by ${columns.map((name) => `\`${name}\``).join(', ')}: ${reason}`)
    this.columns = columns
  }

  static {
    brand(this, 'PageOrderError')
  }
}
