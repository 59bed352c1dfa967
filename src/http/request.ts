import { parseCookie } from 'cookie'
import { checkBodyHeaders, DEFAULT_BODY_LIMIT, decodeText, limitStream } from './body.ts'
import { BodyError } from './body-errors.ts'
import { removeDangerousKeys } from './dangerous-keys.ts'
import type { RequestHeaders } from './headers.ts'
import { type JsonParseOptions, parseJson } from './json-parse.ts'
import { isJsonType, mediaType } from './media-type.ts'

/** Path parameters, by name. */
export type PathParameters = Readonly<Record<string, string>>

/**
 * A request as twopi sees it, whatever server it came through. Adapters extend it; steps and views read it.
 *
 * Nothing is computed before it is asked for. The body is read once, whoever asks and however often, and what the
 * framework has already parsed is taken as it is.
 */
export abstract class HttpRequest {
  /** In capitals: `GET`, `POST`, … */
  abstract readonly method: string
  /** Path and query as they were sent, for instance `/classes?limit=5`. */
  abstract readonly url: string
  /** The path parameters that the framework's router found, decoded; below an `Api`, those that it found. */
  abstract readonly params: PathParameters
  abstract readonly headers: RequestHeaders
  /** Aborts when the client goes away before the response is complete. */
  abstract readonly signal: AbortSignal

  /** What the framework has already made of the body; undefined when it has not. */
  protected abstract readonly parsedBody: unknown
  /** Reads the body from the connection, at most `limit` bytes. Called once. */
  protected abstract readBody(limit: number): Promise<Uint8Array>
  /**
   * The body as it comes from the connection, without a limit. Called once, and instead of {@link readBody}. When its loop is
   * left early, the connection must stay good for the answer. A request that has no better way need not override it.
   */
  protected streamBody(): AsyncIterable<Uint8Array> {
    return once(() => this.readBody(Number.POSITIVE_INFINITY))
  }

  /** Called instead of both when the headers say already that the body will not do, so that nobody reads it. */
  protected refuseBody(): void {}

  #bodyLimit: number = DEFAULT_BODY_LIMIT
  #query: URLSearchParams | undefined
  #cookies: Readonly<Record<string, string | undefined>> | undefined
  #bytes: Promise<Uint8Array> | undefined
  #json: Promise<unknown> | undefined
  #jsonOptions: JsonParseOptions | undefined

  /** The path as it was sent, without the query. */
  get path(): string {
    const end = this.url.indexOf('?')
    return end < 0 ? this.url : this.url.slice(0, end)
  }

  /** The query, decoded, repeated keys kept: `getAll('tag')`. */
  get query(): URLSearchParams {
    if (this.#query === undefined) {
      const start = this.url.indexOf('?')
      this.#query = new URLSearchParams(start < 0 ? '' : this.url.slice(start + 1))
    }
    return this.#query
  }

  /** The cookies by name, decoded; of two with one name the first counts (RFC 6265 §5.4 sends the more specific first). */
  get cookies(): Readonly<Record<string, string | undefined>> {
    this.#cookies ??= parseCookie(this.headers.get('cookie') ?? '')
    return this.#cookies
  }

  /** The media type of the body, in lower case and without parameters; `''` when none was sent. */
  get contentType(): string {
    return mediaType(this.headers.get('content-type'))
  }

  /**
   * Shows other path parameters from now on. For a router behind the framework's own, as `Api` is one; the request stays
   * the same object, so whatever has been read of it is read once.
   */
  setParams(params: PathParameters): void {
    Object.defineProperty(this, 'params', { value: params, configurable: true, enumerable: true })
  }

  /**
   * Sets how many bytes the body may have, instead of 1 MiB. It has no effect on a body the framework has parsed by itself.
   *
   * @param bytes - the limit, in bytes
   * @throws TypeError when it is not a whole number, or the body was read already
   */
  limitBody(bytes: number): void {
    if (!Number.isSafeInteger(bytes) || bytes < 0) {
      throw new TypeError(`\`bytes\` must be a whole number from 0, found ${String(bytes)}`)
    }
    if (this.#bytes !== undefined) throw new TypeError('limitBody() must be called before the body is read')
    this.#bodyLimit = bytes
  }

  /** How many bytes the body may have: 1 MiB, or what {@link limitBody} has set. */
  get bodyLimit(): number {
    return this.#bodyLimit
  }

  /** Whether the framework has parsed the body, so that its bytes are gone and `bigNumbers` cannot be had. */
  get isParsed(): boolean {
    const parsed = this.parsedBody
    return parsed !== undefined && !(parsed instanceof Uint8Array)
  }

  /**
   * Tells whether no body came. It is read only when the headers do not tell.
   *
   * @throws BodyError as {@link bytes}
   */
  async isEmpty(): Promise<boolean> {
    const length = this.headers.get('content-length')
    if (length !== undefined) return Number(length) === 0
    if (this.isParsed) return this.parsedBody === null
    return (await this.bytes()).length === 0
  }

  /**
   * The body as bytes.
   *
   * @throws BodyError `ERR_BODY_TOO_LARGE` (413), `ERR_BODY_CONTENT_ENCODING` (415), `ERR_BODY_ABORTED` (400)
   * @throws TypeError when the framework has parsed the body, so that its bytes are gone
   */
  bytes(): Promise<Uint8Array> {
    this.#bytes ??= observed(this.#readBytes())
    return this.#bytes
  }

  async #readBytes(): Promise<Uint8Array> {
    const parsed = this.parsedBody
    if (parsed instanceof Uint8Array) return parsed
    if (parsed !== undefined) {
      throw new TypeError('The framework has already parsed this body; remove its parser from the route to read bytes.')
    }
    this.#checkHeaders(this.#bodyLimit)
    return this.readBody(this.#bodyLimit)
  }

  /**
   * The body piece by piece, for what is too large to be held. It is read once: afterwards neither `bytes()` nor anything
   * that is made of them can be had. A loop may be left early; the connection stays good for the answer.
   *
   * @param limit - in bytes. Default: {@link bodyLimit}
   * @throws BodyError as {@link bytes}, TypeError as {@link bytes} and when it was streamed already; all from the loop
   */
  async *stream(limit: number = this.#bodyLimit): AsyncGenerator<Uint8Array, void, undefined> {
    if (this.#bytes !== undefined || this.parsedBody !== undefined) {
      yield await this.bytes()
      return
    }
    this.#bytes = observed(
      Promise.reject(new TypeError('The body was read as a stream already, so its bytes are gone.')),
    )
    this.#checkHeaders(limit)
    yield* limitStream(this.streamBody(), limit)
  }

  #checkHeaders(limit: number): void {
    try {
      checkBodyHeaders(this.headers, limit)
    } catch (error) {
      this.refuseBody()
      throw error
    }
  }

  /**
   * The body as text, decoded by its charset (default UTF-8), without a byte order mark.
   *
   * @throws BodyError as {@link bytes}, also `ERR_BODY_CHARSET` (415), `ERR_BODY_MALFORMED` (400)
   */
  text(): Promise<string> {
    return observed(this.#readText())
  }

  async #readText(): Promise<string> {
    if (typeof this.parsedBody === 'string') return this.parsedBody
    return decodeText(await this.bytes(), this.headers.get('content-type'))
  }

  /**
   * The body as JSON. Keys that could change an object's prototype (`__proto__`) are left out.
   *
   * @param options - `bigNumbers` reads numbers that do not fit without losing digits
   * @returns the value; not typed, because nothing has been checked yet
   * @throws BodyError `ERR_BODY_CONTENT_TYPE` (415) unless it is `application/json` or `…+json`,
   *   `ERR_BODY_EMPTY` (400), `ERR_BODY_MALFORMED` (400), and as {@link text}
   */
  json(options?: JsonParseOptions): Promise<unknown> {
    if (this.#json === undefined || options !== this.#jsonOptions) {
      this.#jsonOptions = options
      this.#json = observed(this.#readJson(options ?? {}))
    }
    return this.#json
  }

  async #readJson(options: JsonParseOptions): Promise<unknown> {
    if (!isJsonType(this.contentType)) {
      const found = this.contentType === '' ? 'none' : 'another'
      throw new BodyError(
        'ERR_BODY_CONTENT_TYPE',
        `The body must be JSON with the content type "application/json"; ${found} was sent.`,
      )
    }
    const parsed = this.parsedBody
    if (parsed !== undefined && !(parsed instanceof Uint8Array)) return this.#checkParsed(parsed, options)
    const text = await this.text()
    if (text.trim() === '') throw new BodyError('ERR_BODY_EMPTY')
    try {
      return parseJson(text, options)
    } catch (error) {
      throw new BodyError('ERR_BODY_MALFORMED', undefined, { cause: error })
    }
  }

  /** JSON that the framework has parsed, held to the same rules. */
  #checkParsed(parsed: unknown, options: JsonParseOptions): unknown {
    if (options.bigNumbers !== undefined) {
      throw new TypeError('`bigNumbers` needs the raw body, but the framework has parsed it; remove its JSON parser.')
    }
    // Express's parser makes `{}` of nothing.
    if (this.headers.get('content-length') === '0') throw new BodyError('ERR_BODY_EMPTY')
    if (typeof parsed === 'object' && parsed !== null) removeDangerousKeys(parsed)
    return parsed
  }

  /**
   * The body as a form (`application/x-www-form-urlencoded`), repeated fields kept; also the fields of `multipart/form-data`
   * when the framework has parsed it.
   *
   * @throws BodyError `ERR_BODY_CONTENT_TYPE` (415) for any other type, and as {@link text}
   */
  form(): Promise<URLSearchParams> {
    return observed(this.#readForm())
  }

  async #readForm(): Promise<URLSearchParams> {
    const isOther = this.contentType !== 'application/x-www-form-urlencoded'
    if (isOther && !(this.contentType === 'multipart/form-data' && this.isParsed)) {
      throw new BodyError(
        'ERR_BODY_CONTENT_TYPE',
        'The body must be a form with the content type "application/x-www-form-urlencoded".',
      )
    }
    const parsed = this.parsedBody
    return typeof parsed === 'object' && parsed !== null && !(parsed instanceof Uint8Array)
      ? fieldsOf(parsed)
      : new URLSearchParams(await this.text())
  }
}

/**
 * A view may start to read and look at the result later. When the client goes away in between, that must not count as a
 * rejection that nobody handles, which ends the process; whoever awaits it gets the error all the same.
 */
function observed<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined)
  return promise
}

async function* once(read: () => Promise<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  yield await read()
}

/** A form that the framework has parsed into an object; nested objects, which forms do not have, are left out. */
function fieldsOf(parsed: object): URLSearchParams {
  const fields = new URLSearchParams()
  for (const [name, value] of Object.entries(parsed)) {
    for (const item of Array.isArray(value) ? value : [value])
      if (typeof item !== 'object') fields.append(name, String(item))
  }
  return fields
}
