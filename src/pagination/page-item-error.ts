import { brand } from '../lib/brand.ts'
import { issuePath, type StandardSchemaV1 } from '../lib/standard-schema.ts'
import { TwopiError } from '../lib/twopi-error.ts'

/**
 * Thrown when a row is not what the schema of items asks for. That is the server's fault, so a client sees the constant 500;
 * `onError` is told which item and what of it. Codes: `ERR_PAGE_ITEM`.
 */
export class PageItemError extends TwopiError {
  override readonly code = 'ERR_PAGE_ITEM'
  /** Which item of the page, from 0. */
  readonly index: number
  /** What the schema found. Not in the message, because some libraries repeat values in theirs. */
  readonly issues: readonly StandardSchemaV1.Issue[]

  constructor(index: number, issues: readonly StandardSchemaV1.Issue[]) {
    const places = [...new Set(issues.map((issue) => issuePath(issue).map(String).join('.')))]
    const where = places.map((place) => (place === '' ? 'as a whole' : `at "${place}"`)).join(', ')
    super(
      `Item ${index} of the page is not what the schema of items asks for, ${where}; \`issues\` says what it found.`,
    )
    this.index = index
    this.issues = issues
  }

  static {
    brand(this, 'PageItemError')
  }
}
