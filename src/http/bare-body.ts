import { brand } from '../lib/brand.ts'

/** The body of an error that has a layout of its own, so that the envelope leaves it as it is. */
export class BareBody {
  /** What `application/json` shows. */
  readonly value: unknown
  /** The members that `application/problem+json` (RFC 9457) shows of the same error. */
  readonly problem: Readonly<Record<string, unknown>>

  constructor(value: unknown, problem: Readonly<Record<string, unknown>>) {
    this.value = value
    this.problem = problem
  }

  static {
    brand(this, 'BareBody')
  }
}
