import { HttpRequest, type RequestHeaders } from 'twopi/http'
import { describe, expect, it } from 'vitest'
import { RawHeaders } from '../../../src/http/headers.ts'
import { TestRequest } from '../../support/test-request.ts'

/** A request whose body comes in pieces, and that knows when its stream was let go of. */
class PiecesRequest extends HttpRequest {
  override readonly method = 'POST'
  override readonly url = '/'
  override readonly params = {}
  override readonly headers: RequestHeaders = new RawHeaders([])
  override readonly signal: AbortSignal = new AbortController().signal
  protected override readonly parsedBody: unknown
  readonly #pieces: readonly string[]
  readonly #failure: Error | undefined
  left = false

  constructor(pieces: readonly string[], options: { failure?: Error; parsedBody?: unknown } = {}) {
    super()
    this.#pieces = pieces
    this.#failure = options.failure
    this.parsedBody = options.parsedBody
  }

  protected override readBody(): Promise<Uint8Array> {
    throw new Error('must not be read as a whole')
  }

  protected override async *streamBody(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for (const piece of this.#pieces) yield new TextEncoder().encode(piece)
      if (this.#failure !== undefined) throw this.#failure
    } finally {
      this.left = true
    }
  }
}

async function read(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = []
  for await (const piece of stream) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

describe('a request read as a stream', () => {
  it('gives the pieces as they come', async () => {
    expect(await read(new PiecesRequest(['ab', 'cd']).stream())).toBe('abcd')
    expect(await read(new TestRequest({ body: 'whole' }).stream())).toBe('whole')
  })

  it('gives up at its limit, at that of the route, and before the first byte when the length is known', async () => {
    const request = new PiecesRequest(['ab', 'cd'])
    await expect(read(request.stream(3))).rejects.toMatchObject({ code: 'ERR_BODY_TOO_LARGE', status: 413 })
    expect(request.left).toBe(true)

    const limited = new PiecesRequest(['ab', 'cd'])
    limited.limitBody(3)
    expect(limited.bodyLimit).toBe(3)
    await expect(read(limited.stream())).rejects.toMatchObject({ code: 'ERR_BODY_TOO_LARGE' })
    expect(await read(new PiecesRequest(['ab', 'cd']).stream(4))).toBe('abcd')

    const known = new TestRequest({ body: 'abcd', headers: { 'content-length': '4' } })
    await expect(read(known.stream(3))).rejects.toMatchObject({ code: 'ERR_BODY_TOO_LARGE' })
  })

  it('lets go of the connection when the loop is left', async () => {
    const request = new PiecesRequest(['ab', 'cd'])
    for await (const _ of request.stream()) break
    expect(request.left).toBe(true)
  })

  it('says that the client went away when the connection fails', async () => {
    const request = new PiecesRequest(['ab'], { failure: new Error('reset') })
    await expect(read(request.stream())).rejects.toMatchObject({ code: 'ERR_BODY_ABORTED' })
  })

  it('gives what was read, or kept by the framework, and refuses what is gone', async () => {
    const read1 = new TestRequest({ body: 'abc' })
    await read1.bytes()
    expect(await read(read1.stream())).toBe('abc')
    expect(await read(new PiecesRequest([], { parsedBody: new TextEncoder().encode('kept') }).stream())).toBe('kept')
    await expect(read(new PiecesRequest([], { parsedBody: {} }).stream())).rejects.toThrow(
      'has already parsed this body',
    )

    const streamed = new PiecesRequest(['ab'])
    await read(streamed.stream())
    await expect(read(streamed.stream())).rejects.toThrow(TypeError)
    await expect(streamed.bytes()).rejects.toThrow('was read as a stream already')
  })

  it('takes the fields of multipart/form-data that the framework has parsed', async () => {
    class Parsed extends PiecesRequest {
      override readonly headers: RequestHeaders = new RawHeaders(['content-type', 'multipart/form-data; boundary=x'])
    }
    const form = await new Parsed([], { parsedBody: { a: '1', b: ['2', '3'] } }).form()
    expect(form.toString()).toBe('a=1&b=2&b=3')
    await expect(new Parsed([]).form()).rejects.toMatchObject({ code: 'ERR_BODY_CONTENT_TYPE' })
  })
})
