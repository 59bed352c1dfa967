import { readStream } from '../../http/body.ts'
import { DISCARD_BYTES, DISCARD_TIME } from '../../http/discard-limits.ts'
import { RawHeaders, type RequestHeaders } from '../../http/headers.ts'
import { originForm } from '../../http/origin-form.ts'
import { HttpRequest, type PathParameters } from '../../http/request.ts'

/** Headers of a web `Request`, which has joined repeated lines already unless the server still has them. */
class WebHeaders implements RequestHeaders {
  readonly #headers: Headers

  constructor(headers: Headers) {
    this.#headers = headers
  }

  get(name: string): string | undefined {
    return this.#headers.get(name) ?? undefined
  }

  getAll(name: string): readonly string[] {
    const value = this.#headers.get(name)
    return value === null ? [] : [value]
  }

  entries(): Iterable<readonly [string, string]> {
    return this.#headers.entries()
  }
}

const NONE: PathParameters = Object.freeze(Object.create(null))

/** A request that came as a web `Request`. */
export class FetchRequest extends HttpRequest {
  readonly #request: Request
  readonly #params: PathParameters | undefined
  readonly #rawHeaders: readonly string[] | undefined
  #url: string | undefined
  #headers: RequestHeaders | undefined

  /**
   * @param params - what the server's router found
   * @param rawHeaders - the lines as Node received them, when the server runs on it
   */
  constructor(request: Request, params?: PathParameters, rawHeaders?: readonly string[]) {
    super()
    this.#request = request
    this.#params = params
    this.#rawHeaders = rawHeaders
  }

  override get method(): string {
    return this.#request.method
  }

  override get url(): string {
    this.#url ??= originForm(this.#request.url)
    return this.#url
  }

  override get params(): PathParameters {
    return this.#params ?? NONE
  }

  override get headers(): RequestHeaders {
    this.#headers ??=
      this.#rawHeaders === undefined ? new WebHeaders(this.#request.headers) : new RawHeaders(this.#rawHeaders)
    return this.#headers
  }

  override get signal(): AbortSignal {
    return this.#request.signal
  }

  protected override get parsedBody(): unknown {
    return undefined
  }

  protected override async readBody(limit: number): Promise<Uint8Array> {
    return readStream(piecesOf(this.#unread()), limit)
  }

  protected override streamBody(): AsyncIterable<Uint8Array> {
    return piecesOf(this.#unread())
  }

  #unread(): ReadableStream<Uint8Array> | null {
    if (this.#request.bodyUsed) throw new TypeError('Something else has already read this body.')
    return this.#request.body
  }
}

async function* piecesOf(body: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array, void, undefined> {
  if (body === null) return
  const reader = body.getReader()
  let ended = false
  try {
    for (;;) {
      const { done, value } = await reader.read()
      ended = done
      if (value === undefined) return
      yield value
    }
  } finally {
    // Servers on Node take a cancelled body for the end of the connection, before the answer is out.
    if (!ended) throwAway(reader)
  }
}

/** Reads on for a while, so that the client gets to reading the answer; no server reads without end. */
function throwAway(reader: ReadableStreamDefaultReader<Uint8Array>): void {
  // Not before its time, however fast the client sends: the answer may not be out.
  const timer: unknown = setTimeout(() => reader.cancel().catch(() => undefined), DISCARD_TIME)
  // On Node it would keep the process running.
  ;(timer as { readonly unref?: () => void }).unref?.()
  let bytes = 0
  const readOn = async () => {
    while (bytes <= DISCARD_BYTES) {
      const { done, value } = await reader.read()
      if (done) return clearTimeout(timer as never)
      bytes += value.length
    }
  }
  readOn().catch(() => clearTimeout(timer as never))
}
