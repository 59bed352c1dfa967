import { BodyError, type BodyErrorCode } from '../../http/body-errors.ts'
import { HttpError } from '../../http/http-error.ts'

/** What Fastify's content type parsers call the errors that twopi has codes for. */
const CODES: Readonly<Record<string, BodyErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'ERR_BODY_TOO_LARGE',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'ERR_BODY_EMPTY',
  FST_ERR_CTP_INVALID_JSON_BODY: 'ERR_BODY_MALFORMED',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'ERR_BODY_CONTENT_TYPE',
}

/**
 * An error of Fastify, its parsers or its plugins as twopi's own; others unchanged. By Fastify's convention an error with a
 * `statusCode` is meant for the client; its words are not passed on, because they may quote the request.
 */
export function fromFramework(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof HttpError) return error
  const { code, statusCode } = error as { readonly code?: unknown; readonly statusCode?: unknown }
  const known = typeof code === 'string' ? CODES[code] : undefined
  if (known !== undefined) return new BodyError(known, undefined, { cause: error })
  const isClientError = typeof statusCode === 'number' && statusCode >= 400 && statusCode <= 499
  return isClientError && !('expose' in error) ? new HttpError(statusCode, undefined, { cause: error }) : error
}
