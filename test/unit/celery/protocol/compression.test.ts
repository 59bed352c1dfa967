import zlib from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { compress, compressionType, decompress } from '../../../../src/celery/protocol/compression.ts'

const body = Buffer.from('x'.repeat(10_000))
const hasZstd = 'zstdCompressSync' in zlib
const names = ['gzip', 'zlib', 'brotli', ...(hasZstd ? ['zstd', 'zstandard'] : [])]
const code = (work: () => unknown): unknown => {
  try {
    return work()
  } catch (error) {
    return (error as { code?: unknown }).code
  }
}

describe('compression', () => {
  it.each(names)('by %s comes back the same, under its name and its type', (name) => {
    const { bytes, contentType } = compress(body, name)
    expect(bytes.length).toBeLessThan(200)
    expect(Buffer.from(decompress(bytes, contentType, 10_000)).equals(body)).toBe(true)
    expect(Buffer.from(decompress(bytes, name, 10_000)).equals(body)).toBe(true)
  })

  it.each(names)('by %s is not inflated to more bytes than may be', (name) => {
    const { bytes, contentType } = compress(body, name)
    expect(code(() => decompress(bytes, contentType, 9_999))).toBe('ERR_CELERY_TOO_LARGE')
  })

  it.each(names)('by %s that is broken is no message', (name) => {
    const { bytes, contentType } = compress(body, name)
    expect(code(() => decompress(bytes.subarray(0, bytes.length - 3), contentType, 10_000))).toBe('ERR_CELERY_MESSAGE')
    expect(code(() => decompress(Buffer.from('no such stream'), contentType, 10_000))).toBe('ERR_CELERY_MESSAGE')
    expect(code(() => decompress(new Uint8Array(), contentType, 10_000))).toBe('ERR_CELERY_MESSAGE')
  })

  it('called gzip is a zlib stream, as kombu writes it, but a gzip file is read as well', () => {
    const { bytes, contentType } = compress(body, 'gzip')
    expect(bytes[0]).toBe(0x78)
    expect(contentType).toBe('application/x-gzip')
    expect(Buffer.from(decompress(zlib.gzipSync(body), contentType, 10_000)).equals(body)).toBe(true)
  })

  it('by zstd tells the length of its content, without which Python does not read it; older Nodes do not have it', () => {
    if (!hasZstd) {
      expect(() => compressionType('zstd')).toThrow('compression "zstd" needs Node 22.15 or later')
      expect(code(() => decompress(body, 'application/zstd', 1))).toBe('ERR_CELERY_COMPRESSION')
      return
    }
    const { bytes } = compress(body, 'zstd')
    // The descriptor of the frame: one of its two upper bits, or the one for a single segment, says that the length is there.
    expect((bytes[4] ?? 0) & 0b1110_0000).not.toBe(0)
  })

  it.each(['bzip2', 'bzip', 'application/x-bz2', 'lzma', 'xz', 'application/x-lzma'])(
    'by %s is refused by name',
    (name) => {
      expect(() => compressionType(name)).toThrow(`compression "${name}" is not supported, since Node cannot read it`)
      expect(() => compress(body, name)).toThrow(TypeError)
      expect(code(() => decompress(body, name, 1))).toBe('ERR_CELERY_COMPRESSION')
    },
  )

  it.each(['snappy', 'constructor', '__proto__', ''])('by "%s" is not known', (name) => {
    expect(() => compressionType(name)).toThrow('is not known; use "gzip", "brotli" or "zstd"')
    expect(code(() => decompress(body, name, 1))).toBe('ERR_CELERY_COMPRESSION')
  })

  it('bombs are stopped at the limit, not after it', () => {
    const bomb = zlib.deflateSync(Buffer.alloc(50_000_000))
    const before = process.memoryUsage().arrayBuffers
    expect(code(() => decompress(bomb, 'gzip', 100_000))).toBe('ERR_CELERY_TOO_LARGE')
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000_000)
  })
})
