import { BodyError } from './body-errors.ts'
import type { RequestHeaders } from './headers.ts'
import { charset } from './media-type.ts'

/** 1 MiB: what a body may have unless a route says otherwise with `limitBody`. In bytes. */
export const DEFAULT_BODY_LIMIT = 1_048_576

/**
 * What may be refused before a byte is read.
 *
 * @throws BodyError `ERR_BODY_TOO_LARGE`, `ERR_BODY_CONTENT_ENCODING`
 */
export function checkBodyHeaders(headers: RequestHeaders, limit: number): void {
  const encoding = headers.get('content-encoding')
  if (encoding !== undefined && encoding.trim().toLowerCase() !== 'identity' && encoding.trim() !== '') {
    throw new BodyError('ERR_BODY_CONTENT_ENCODING')
  }
  if (Number(headers.get('content-length')) > limit) throw tooLarge(limit)
}

/** The error for a body over its limit. */
function tooLarge(limit: number): BodyError {
  return new BodyError('ERR_BODY_TOO_LARGE', `The body must not be larger than ${limit} bytes.`)
}

/**
 * Reads a stream to its end and gives up as soon as it has brought more than allowed.
 *
 * Reading by `for await` also keeps an `AsyncLocalStorage`'s store, which `on('end')` loses.
 *
 * @param limit - in bytes
 * @throws BodyError `ERR_BODY_TOO_LARGE`, `ERR_BODY_ABORTED` (the client went away)
 */
export async function readStream(stream: AsyncIterable<Uint8Array>, limit: number): Promise<Uint8Array> {
  let bytes: Uint8Array | undefined
  let size = 0
  for await (const chunk of limitStream(stream, limit)) {
    // One buffer that grows, because a chunk may be a single byte that holds on to a whole read buffer.
    if (bytes === undefined) bytes = chunk
    else if (size + chunk.byteLength <= bytes.byteLength) bytes.set(chunk, size)
    else bytes = grown(bytes.subarray(0, size), chunk, limit)
    size += chunk.byteLength
  }
  return bytes === undefined ? new Uint8Array() : bytes.subarray(0, size)
}

/** Both in a new buffer with room for as much again. */
function grown(bytes: Uint8Array, chunk: Uint8Array, limit: number): Uint8Array {
  const size = bytes.byteLength + chunk.byteLength
  const larger = new Uint8Array(Math.max(size, Math.min(limit, size * 2, size + MOST_SPARE_BYTES)))
  larger.set(bytes)
  larger.set(chunk, bytes.byteLength)
  return larger
}

const MOST_SPARE_BYTES = 16 * 1_048_576

/**
 * A stream that ends with an error as soon as it has brought more than allowed. Errors of the stream become the client's.
 *
 * @param limit - in bytes
 * @throws BodyError `ERR_BODY_TOO_LARGE`, `ERR_BODY_ABORTED` (the client went away)
 */
export async function* limitStream(
  stream: AsyncIterable<Uint8Array>,
  limit: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let size = 0
  try {
    for await (const chunk of stream) {
      size += chunk.byteLength
      if (size > limit) throw tooLarge(limit)
      yield chunk
    }
  } catch (error) {
    if (error instanceof BodyError) throw error
    throw new BodyError('ERR_BODY_ABORTED', undefined, { cause: error })
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * Bytes to text by the charset that the content type names (default UTF-8); a byte order mark is dropped.
 *
 * @throws BodyError `ERR_BODY_CHARSET` for an unknown charset, `ERR_BODY_MALFORMED` for bytes that are not in it
 */
export function decodeText(bytes: Uint8Array, contentType: string | undefined): string {
  const decoder = decoderFor(charset(contentType))
  try {
    return decoder.decode(bytes)
  } catch (error) {
    throw new BodyError('ERR_BODY_MALFORMED', `The body is not valid ${decoder.encoding} text.`, { cause: error })
  }
}

function decoderFor(label: string | undefined): InstanceType<typeof TextDecoder> {
  if (label === undefined || label === 'utf-8' || label === 'utf8') return utf8
  try {
    return new TextDecoder(label, { fatal: true })
  } catch (error) {
    throw new BodyError('ERR_BODY_CHARSET', undefined, { cause: error })
  }
}
