import zlib from 'node:zlib'
import { asBuffer } from './body-text.ts'
import { MessageError } from './message-error.ts'

/** The part of `node:zlib` that newer versions of Node have. */
interface ZstdLike {
  zstdCompressSync?(bytes: Uint8Array, options: { readonly pledgedSrcSize: number }): Buffer
  zstdDecompressSync?(bytes: Uint8Array, options: { readonly maxOutputLength: number }): Buffer
}

const zstd = zlib as ZstdLike

const GZIP = 'application/x-gzip'
const BROTLI = 'application/x-brotli'
const ZSTD = 'application/zstd'

/** The names of kombu, and the MIME types that stand in the header. */
const TYPES: Readonly<Record<string, string>> = {
  gzip: GZIP,
  zlib: GZIP,
  brotli: BROTLI,
  zstd: ZSTD,
  zstandard: ZSTD,
  bzip2: 'application/x-bz2',
  bzip: 'application/x-bz2',
  lzma: 'application/x-lzma',
  xz: 'application/x-lzma',
}

/** Bytes, and what the header `compression` says of them. */
export interface Compressed {
  readonly bytes: Uint8Array
  readonly contentType: string
}

/**
 * The MIME type of a compression, from its name.
 *
 * @param name - `gzip` (also `zlib`), `brotli`, `zstd` (where Node has it: 22.15 and later), or a MIME type
 * @throws TypeError when it is another: bzip2 and lzma are Python's, and Node has neither
 */
export function compressionType(name: string): string {
  const type = typeOf(name)
  const problem = unsupported(type)
  if (problem === undefined) return type
  throw new TypeError(`compression ${JSON.stringify(name)} ${problem}`)
}

/**
 * Compresses a body. `gzip` is, as in kombu, no gzip file but a zlib stream.
 *
 * @throws TypeError as {@link compressionType}
 */
export function compress(bytes: Uint8Array, name: string): Compressed {
  const contentType = compressionType(name)
  if (contentType === GZIP) return { bytes: zlib.deflateSync(bytes), contentType }
  if (contentType === BROTLI) return { bytes: compressBrotli(bytes), contentType }
  // Python's `zstandard` reads only frames that say how long their content is.
  const compressed = zstd.zstdCompressSync?.(bytes, { pledgedSrcSize: bytes.length })
  if (compressed === undefined) throw new TypeError('compression "zstd" is not in this Node')
  return { bytes: compressed, contentType }
}

function compressBrotli(bytes: Uint8Array): Uint8Array {
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_SIZE_HINT } = zlib.constants
  // Node's default of 11 is made for files that are compressed once; it takes 50 times as long.
  return zlib.brotliCompressSync(bytes, {
    params: { [BROTLI_PARAM_QUALITY]: 5, [BROTLI_PARAM_SIZE_HINT]: bytes.length },
  })
}

/**
 * Inflates a body.
 *
 * @param name - what the header `compression` says: a MIME type, or one of kombu's names
 * @param maxBytes - how many bytes may come out
 * @throws MessageError `ERR_CELERY_COMPRESSION` when the kind is not supported, `ERR_CELERY_TOO_LARGE` when more would come
 * out, `ERR_CELERY_MESSAGE` when the bytes are no such stream
 */
export function decompress(bytes: Uint8Array, name: string, maxBytes: number): Uint8Array {
  const type = typeOf(name)
  const problem = unsupported(type)
  if (problem !== undefined) {
    throw new MessageError(
      'ERR_CELERY_COMPRESSION',
      'compression',
      `compression ${JSON.stringify(name.slice(0, 60))} ${problem}`,
    )
  }
  try {
    return inflate(bytes, type, { maxOutputLength: maxBytes })
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE') {
      throw new MessageError('ERR_CELERY_TOO_LARGE', 'compression', `the body inflates to more than ${maxBytes} bytes`)
    }
    throw new MessageError('ERR_CELERY_MESSAGE', 'compression', `the body cannot be inflated as ${type}`)
  }
}

function inflate(bytes: Uint8Array, type: string, limit: { readonly maxOutputLength: number }): Uint8Array {
  if (type === ZSTD) return zstd.zstdDecompressSync?.(bytes, limit) ?? bytes
  if (type === BROTLI) return zlib.brotliDecompressSync(bytes, limit)
  const isGzipFile = bytes[0] === 0x1f && bytes[1] === 0x8b
  return isGzipFile ? zlib.gunzipSync(asBuffer(bytes), limit) : zlib.inflateSync(asBuffer(bytes), limit)
}

function typeOf(name: string): string {
  return Object.hasOwn(TYPES, name) ? (TYPES[name] ?? name) : name
}

/** What is wrong with a MIME type; undefined when it is supported. */
function unsupported(type: string): string | undefined {
  if (type === GZIP || type === BROTLI) return undefined
  if (type === ZSTD) return zstd.zstdCompressSync ? undefined : 'needs Node 22.15 or later; use "gzip" or "brotli"'
  return type === TYPES['bzip2'] || type === TYPES['lzma']
    ? 'is not supported, since Node cannot read it; let the sender use "gzip", "brotli" or "zstd"'
    : 'is not known; use "gzip", "brotli" or "zstd"'
}
