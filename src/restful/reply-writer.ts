import { type ErrorOptions, type ErrorPlace, errorReply, errorResponse } from '../http/error-response.ts'
import { HttpError } from '../http/http-error.ts'
import type { HttpResponse } from '../http/http-response.ts'
import { isOutcome } from '../http/outcome.ts'
import type { Outcome } from '../http/pipeline-types.ts'
import { type HeaderValues, Reply } from '../http/reply.ts'
import type { Chosen } from './representation.ts'

/** How the errors of an `Api` are answered. */
export interface ApiErrorOptions extends ErrorOptions {
  /**
   * Says what an error of the application is to a client; undefined leaves it a constant 500. Not asked for `HttpError`s,
   * which speak for themselves.
   */
  readonly errors?: ((error: unknown) => HttpError | undefined) | undefined
}

const JSON_TYPE = 'application/json'

/** Writes what one request is answered with, data and errors alike, in the representation that was chosen for it. */
export class ReplyWriter {
  readonly #chosen: Chosen
  /** Whether another client would have got another representation. */
  readonly #varies: boolean
  readonly #place: ErrorPlace
  readonly #options: ApiErrorOptions

  constructor(chosen: Chosen, varies: boolean, place: ErrorPlace, options: ApiErrorOptions) {
    this.#chosen = chosen
    this.#varies = varies
    this.#place = place
    this.#options = options
  }

  /** What a method returned: responses pass through, replies and data are written. */
  answer(result: unknown): Outcome {
    if (isOutcome(result) && !(result instanceof Reply)) return result
    try {
      return this.#write(result instanceof Reply ? result : new Reply(result))
    } catch (error) {
      return this.fail(error)
    }
  }

  /** What a method threw. */
  fail(error: unknown): HttpResponse {
    const reply = errorReply(this.#translate(error), this.#place, this.#options)
    try {
      return this.#write(reply)
    } catch (unwritable) {
      return errorResponse(unwritable, this.#place, this.#options)
    }
  }

  #translate(error: unknown): unknown {
    if (error instanceof HttpError) return error
    try {
      return this.#options.errors?.(error) ?? error
    } catch (thrown) {
      return thrown
    }
  }

  #write({ data, status, headers }: Reply): HttpResponse {
    const [type, representation] = this.#chosen
    const empty = data === undefined || status === 204 || status === 205 || status === 304
    const typed = type === JSON_TYPE || empty ? headers : withType(headers, type)
    return representation(data, status, this.#varies ? withVary(typed) : typed)
  }
}

function withType(headers: HeaderValues, type: string): HeaderValues {
  return find(headers, 'content-type') === undefined ? { 'content-type': type, ...headers } : headers
}

/** RFC 9110 §12.5.5: caches must know that `Accept` decided. */
function withVary(headers: HeaderValues): HeaderValues {
  const name = find(headers, 'vary')
  if (name === undefined) return { ...headers, vary: 'Accept' }
  const value = String(headers[name])
  return /(?:^|,)\s*(?:accept|\*)\s*(?:,|$)/i.test(value) ? headers : { ...headers, [name]: `${value}, Accept` }
}

/** The header's name as it is written here. */
function find(headers: HeaderValues, wanted: string): string | undefined {
  for (const name in headers) if (name.toLowerCase() === wanted) return name
  return undefined
}
