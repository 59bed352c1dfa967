import { HttpRequest, type PathParameters, type RequestHeaders } from 'twopi/http'
import { RawHeaders } from '../../src/http/headers.ts'

/** What a {@link TestRequest} is made of. */
export interface TestRequestInit {
  readonly method?: string
  readonly url?: string
  /** Pairs keep repeated lines apart. */
  readonly headers?: Readonly<Record<string, string>> | readonly (readonly [name: string, value: string])[]
  /** Sent as JSON, with its content type. */
  readonly json?: unknown
  /** Sent as a form, with its content type. */
  readonly form?: Readonly<Record<string, string>> | readonly (readonly [string, string])[]
  /** Sent as it is, without a content type. */
  readonly body?: string | Uint8Array
}

/** A request that came over no socket. */
export class TestRequest extends HttpRequest {
  override readonly method: string
  override readonly url: string
  override readonly params: PathParameters = {}
  override readonly headers: RequestHeaders
  override readonly signal: AbortSignal = new AbortController().signal
  protected override readonly parsedBody: unknown = undefined
  readonly #body: Uint8Array

  constructor(init: TestRequestInit = {}) {
    super()
    this.method = init.method ?? 'POST'
    this.url = init.url ?? '/'
    const lines = Array.isArray(init.headers) ? [...init.headers] : Object.entries(init.headers ?? {})
    let body = init.body ?? ''
    if (init.json !== undefined) {
      lines.push(['content-type', 'application/json'])
      body = JSON.stringify(init.json)
    } else if (init.form !== undefined) {
      lines.push(['content-type', 'application/x-www-form-urlencoded'])
      body = new URLSearchParams(init.form as Record<string, string>).toString()
    }
    this.headers = new RawHeaders(lines.flat())
    this.#body = typeof body === 'string' ? new TextEncoder().encode(body) : body
  }

  protected override readBody(): Promise<Uint8Array> {
    return Promise.resolve(this.#body)
  }
}

/** The context of a request, as an adapter would start it. */
export function testContext(init?: TestRequestInit): { request: HttpRequest } {
  return { request: new TestRequest(init) }
}
