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

const KINDS: Readonly<Record<BodyErrorCode, { readonly status: number; readonly message: string }>> = {
  ERR_BODY_ABORTED: { status: 400, message: 'The body ended before it was complete.' },
  ERR_BODY_CHARSET: { status: 415, message: 'The charset of the body is not known; send UTF-8.' },
  ERR_BODY_CONTENT_ENCODING: { status: 415, message: 'The body must be sent without a `content-encoding`.' },
  ERR_BODY_CONTENT_TYPE: { status: 415, message: 'The body has a content type that is not accepted here.' },
  ERR_BODY_EMPTY: { status: 400, message: 'A JSON body was expected, but the body is empty.' },
  ERR_BODY_MALFORMED: { status: 400, message: 'The body is not valid JSON.' },
  ERR_BODY_TOO_LARGE: { status: 413, message: 'The body is larger than is accepted here.' },
}

/** Thrown when a request's body is not what was asked for. Its `code` says which of {@link BodyErrorCode} it is. */
export class BodyError extends HttpError {
  declare readonly code: BodyErrorCode

  /** @param message - for the client; default: the constant text of the code */
  constructor(code: BodyErrorCode, message: string = KINDS[code].message, options?: ErrorOptions) {
    super(KINDS[code].status, message, { code, cause: options?.cause })
  }

  static {
    brand(this, 'BodyError')
  }
}
