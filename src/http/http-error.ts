import { brand } from '../lib/brand.ts'
import { TwopiError } from '../lib/twopi-error.ts'
import type { HeaderValues } from './reply.ts'
import { describeStatus } from './status.ts'

/** What an {@link HttpError} may carry beside its status and messages. */
export interface HttpErrorOptions extends ErrorOptions {
  /** Sent with the response, for instance `retry-after` or `www-authenticate`. */
  readonly headers?: HeaderValues | undefined
  /** A stable code for programs; when given it is also sent to the client, beside `_errors`. Default `ERR_HTTP`, not sent. */
  readonly code?: string | undefined
  /** Further members of the body, beside `_errors`. */
  readonly details?: Readonly<Record<string, unknown>> | undefined
}

/**
 * Ends a request with a status and messages for the client, as Flask's `abort` does. Throw it anywhere in a step or a view.
 * The client gets `{"_errors": [...messages]}`; `cause` stays on the server.
 *
 * @example
 * ```ts
 * import { HttpError } from 'twopi/http'
 *
 * export function view(): never {
 *   throw new HttpError(409, 'This class is full.', { code: 'ERR_CLASS_FULL', headers: { 'retry-after': 60 } })
 * }
 * ```
 */
export class HttpError extends TwopiError {
  /** From 400 to 599. */
  readonly status: number
  readonly headers: HeaderValues
  override readonly code: string
  readonly details: Readonly<Record<string, unknown>>
  readonly #messages: readonly string[]

  /**
   * @param status - from 400 to 599
   * @param messages - one text or several; default: the standard text of the status, as Flask writes it
   * @param options - headers, a code for programs, further body members, the cause
   * @throws TypeError when the status is not that of an error
   */
  constructor(
    status: number,
    messages: string | readonly string[] = describeStatus(status),
    options: HttpErrorOptions = {},
  ) {
    if (!Number.isInteger(status) || status < 400 || status > 599) {
      throw new TypeError(`\`status\` of an HttpError must be an integer from 400 to 599, found ${String(status)}`)
    }
    const list = typeof messages === 'string' ? [messages] : [...messages]
    super(list.join(' '), options.cause === undefined ? undefined : { cause: options.cause })
    this.status = status
    this.#messages = list
    this.headers = options.headers ?? {}
    this.code = options.code ?? 'ERR_HTTP'
    this.details = options.details ?? {}
  }

  /** What the client reads. */
  get messages(): readonly string[] {
    return this.#messages
  }

  /** What is sent: `_errors`, the `code` unless it is `ERR_HTTP`, the details. A subclass may have a body of its own. */
  get body(): unknown {
    const code = this.code === 'ERR_HTTP' ? {} : { code: this.code }
    return { _errors: this.messages, ...code, ...this.details }
  }

  static {
    brand(this, 'HttpError')
  }
}

/** Flask's word for `throw new HttpError(…)`, usable as an expression. */
export function abort(status: number, messages?: string | readonly string[], options?: HttpErrorOptions): never {
  throw new HttpError(status, messages, options)
}
