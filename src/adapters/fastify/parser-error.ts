import { BodyError, type BodyErrorCode } from '../../http/body-errors.ts'

/** What Fastify's content type parsers call the errors that twopi has codes for. */
const CODES: Readonly<Record<string, BodyErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'ERR_BODY_TOO_LARGE',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'ERR_BODY_EMPTY',
  FST_ERR_CTP_INVALID_JSON_BODY: 'ERR_BODY_MALFORMED',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'ERR_BODY_CONTENT_TYPE',
}

/** An error of Fastify's content type parsers as twopi's own, so that a client reads the same whoever parsed; others unchanged. */
export function fromParser(error: unknown): unknown {
  const theirs = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  const ours = typeof theirs === 'string' ? CODES[theirs] : undefined
  return ours === undefined ? error : new BodyError(ours, undefined, { cause: error })
}
