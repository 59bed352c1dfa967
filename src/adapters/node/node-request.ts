import type { IncomingMessage, ServerResponse } from 'node:http'
import { readStream } from '../../http/body.ts'
import { BodyError } from '../../http/body-errors.ts'
import { RawHeaders, type RequestHeaders } from '../../http/headers.ts'
import { originForm } from '../../http/origin-form.ts'
import { HttpRequest, type PathParameters } from '../../http/request.ts'
import { discardRest } from './discard-rest.ts'

/** What Express and Fastify know of a request beyond Node's own objects. */
export interface NodeRequestSource {
  readonly message: IncomingMessage
  readonly response: ServerResponse
  /** Path and query as sent, before any router cut a prefix off. */
  readonly url: string
  readonly params: unknown
  readonly body: unknown
}

/** A request that came through `node:http`. */
export class NodeRequest extends HttpRequest {
  readonly #source: NodeRequestSource
  #headers: RequestHeaders | undefined
  #signal: AbortSignal | undefined

  constructor(source: NodeRequestSource) {
    super()
    this.#source = source
  }

  override get method(): string {
    return this.#source.message.method ?? 'GET'
  }

  override get url(): string {
    // RFC 9112 section 3.2.2: a client may send the whole URL, and then it counts for its path and query.
    const { url } = this.#source
    return url.startsWith('/') ? url : originForm(url)
  }

  override get params(): PathParameters {
    const params: Record<string, string> = Object.create(null)
    for (const [name, value] of Object.entries(this.#source.params ?? {})) {
      params[name] = Array.isArray(value) ? value.join('/') : String(value)
    }
    return params
  }

  override get headers(): RequestHeaders {
    this.#headers ??= new RawHeaders(this.#source.message.rawHeaders)
    return this.#headers
  }

  override get signal(): AbortSignal {
    this.#signal ??= closedEarly(this.#source.response)
    return this.#signal
  }

  protected override get parsedBody(): unknown {
    return this.#source.body
  }

  protected override async readBody(limit: number): Promise<Uint8Array> {
    const message = this.#unread()
    try {
      // The connection is still needed for the answer, so leaving the loop early must not destroy it.
      return await readStream(message.iterator({ destroyOnReturn: false }), limit)
    } catch (error) {
      if (error instanceof BodyError) discardRest(message, this.#source.response)
      throw error
    }
  }

  protected override streamBody(): AsyncIterable<Uint8Array> {
    return piecesOf(this.#unread(), this.#source.response)
  }

  protected override refuseBody(): void {
    const { message, response } = this.#source
    if (!message.readableDidRead) discardRest(message, response)
  }

  #unread(): IncomingMessage {
    const { message } = this.#source
    if (message.readableDidRead) {
      throw new TypeError('Something else has already read this body and kept nothing of it in the request.')
    }
    return message
  }
}

async function* piecesOf(
  message: IncomingMessage,
  response: ServerResponse,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* message.iterator({ destroyOnReturn: false })
  } finally {
    discardRest(message, response)
  }
}

function closedEarly(response: ServerResponse): AbortSignal {
  const controller = new AbortController()
  const onClose = () => {
    if (!response.writableFinished) controller.abort()
  }
  if (response.closed) onClose()
  else response.once('close', onClose)
  return controller.signal
}
