import { BodyError, type BodyErrorCode } from '../../http/body-errors.ts'

/** What Express's body parsers call the errors that twopi has codes for. */
const CODES: Readonly<Record<string, BodyErrorCode>> = {
  'charset.unsupported': 'ERR_BODY_CHARSET',
  'encoding.unsupported': 'ERR_BODY_CONTENT_ENCODING',
  'entity.parse.failed': 'ERR_BODY_MALFORMED',
  'entity.too.large': 'ERR_BODY_TOO_LARGE',
  'request.aborted': 'ERR_BODY_ABORTED',
}

/** An error of Express's body parsers as twopi's own, so that a client reads the same whoever parsed; others unchanged. */
export function fromParser(error: unknown): unknown {
  const theirs = typeof error === 'object' && error !== null && 'type' in error ? error.type : undefined
  const ours = typeof theirs === 'string' ? CODES[theirs] : undefined
  return ours === undefined ? error : new BodyError(ours, undefined, { cause: error })
}
