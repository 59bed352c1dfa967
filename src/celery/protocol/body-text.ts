import { decodeUtf8 } from '../../lib/bytes.ts'
import { MessageError } from './message-error.ts'

/**
 * The text of a body, which must be UTF-8. A byte order mark stays in it, for the parser to refuse.
 *
 * @throws MessageError `ERR_CELERY_MESSAGE`
 */
export function bodyText(bytes: Uint8Array): string {
  const text = asBuffer(bytes).toString('utf8')
  // The replacement character is either really there or stands for bytes that are no UTF-8: only then ask the strict decoder.
  if (!text.includes('\uFFFD')) return text
  const strict = decodeUtf8(bytes)
  if (strict === null) throw new MessageError('ERR_CELERY_MESSAGE', 'body', 'the body is not valid UTF-8')
  return strict
}

/** The same bytes as a `Buffer`, not copied. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
