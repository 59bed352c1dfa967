import { brand } from '../lib/brand.ts'
import { HttpError } from './http-error.ts'

/** Why a body could not be read. Each has its status: 413 for the size, 415 for types and codings, 400 for the rest. */
export type BodyErrorCode =
  | 'ERR_BODY_ABORTED'
  | 'ERR_BODY_CHARSET'
  | 'ERR_BODY_CONTENT_ENCODING'
  | 'ERR_BODY_CONTENT_TYPE'
  | 'ERR_BODY_EMPTY'
  | 'ERR_BODY_MALFORMED'
  | 'ERR_BODY_TOO_LARGE'

const STATUS: Readonly<Record<BodyErrorCode, number>> = {
  ERR_BODY_ABORTED: 400,
  ERR_BODY_CHARSET: 415,
  ERR_BODY_CONTENT_ENCODING: 415,
  ERR_BODY_CONTENT_TYPE: 415,
  ERR_BODY_EMPTY: 400,
  ERR_BODY_MALFORMED: 400,
  ERR_BODY_TOO_LARGE: 413,
}

/** Thrown when a request's body is not what was asked for. The {@link code} says which of {@link BodyErrorCode} it is. */
export class BodyError extends HttpError {
  declare readonly code: BodyErrorCode

  constructor(code: BodyErrorCode, message: string, options?: ErrorOptions) {
    super(STATUS[code], message, { code, cause: options?.cause })
  }

  static {
    brand(this, 'BodyError')
  }
}
