import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readStream } from '../../../src/http/body.ts'

async function* streamOf(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks
}

describe('readStream', () => {
  it('gives the bytes of the chunks, however they are cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 50 })), async (chunks) => {
        expect([...(await readStream(streamOf(chunks), 10_000))]).toEqual(chunks.flatMap((chunk) => [...chunk]))
      }),
    )
  })

  it('accepts exactly the limit and refuses a byte more', async () => {
    const chunks = [new Uint8Array(6), new Uint8Array(4)]
    expect(await readStream(streamOf(chunks), 10)).toHaveLength(10)
    await expect(readStream(streamOf(chunks), 9)).rejects.toMatchObject({ code: 'ERR_BODY_TOO_LARGE' })
  })

  it('copies small chunks into one buffer, because each may hold on to a whole read buffer', async () => {
    const chunks = Array.from({ length: 2000 }, () => new Uint8Array(new ArrayBuffer(65_536), 0, 1))
    const body = await readStream(streamOf(chunks), 10_000)
    expect(body).toHaveLength(2000)
    expect(body.buffer.byteLength).toBeLessThanOrEqual(10_000)
  })

  it('says that the client went away when the stream fails', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(1)
      throw new Error('ECONNRESET')
    }
    await expect(readStream(broken(), 10)).rejects.toMatchObject({ code: 'ERR_BODY_ABORTED', status: 400 })
  })
})
