import { brand } from '../lib/brand.ts'
import { TwopiError } from '../lib/twopi-error.ts'

/**
 * Why data cannot be written as JSON: it contains itself, it is nested without end, or a value threw while it was read
 * (a getter, a `toJSON`).
 */
export type JsonErrorCode = 'ERR_JSON_CIRCULAR' | 'ERR_JSON_TOO_DEEP' | 'ERR_JSON_VALUE'

/**
 * Thrown when a view's data cannot be written as JSON. A client sees the constant 500, because the fault is the server's;
 * `onError` is told where in the data it is. Codes: {@link JsonErrorCode}.
 */
export class JsonError extends TwopiError {
  override readonly code: JsonErrorCode
  /** Where in the data, for instance `$.classes[3].teacher`. */
  readonly path: string

  constructor(code: JsonErrorCode, path: string, reason: string, options?: ErrorOptions) {
    super(`The data cannot be written as JSON: \`${path}\` ${reason}`, options)
    this.code = code
    this.path = path
  }

  static {
    brand(this, 'JsonError')
  }
}
