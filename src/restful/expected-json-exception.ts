import { type ErrorPlace, errorResponse } from '../http/error-response.ts'
import { HttpError } from '../http/http-error.ts'
import type { HttpResponse } from '../http/http-response.ts'
import { brand } from '../lib/brand.ts'

/** What an {@link ExpectedJSONException} may carry. */
export interface ExpectedJSONOptions extends ErrorOptions {
  /** 400 (default) for a body that is empty, `null` or not JSON; 415 for one that does not say it is JSON. */
  readonly status?: 400 | 415 | undefined
}

/**
 * Thrown when a request should have brought JSON and did not. Code: `ERR_EXPECTED_JSON`.
 *
 * Nobody needs to catch it: an adapter's `errorHandler()` and an `Api` answer it, with the same body.
 */
export class ExpectedJSONException extends HttpError {
  declare readonly code: 'ERR_EXPECTED_JSON'

  /**
   * @param messages - what the client reads
   * @param options - the status (default 400), the cause
   */
  constructor(messages: string | readonly string[] = 'A JSON body was expected.', options: ExpectedJSONOptions = {}) {
    super(options.status ?? 400, messages, { code: 'ERR_EXPECTED_JSON', cause: options.cause })
  }

  /**
   * The response for this exception, for an error handler of your own.
   *
   * @param error - the exception
   * @returns a finished response: its status, headers, and the body `{"_errors": [...], "code": "ERR_EXPECTED_JSON"}`
   *
   * @example
   * ```ts
   * import { ExpectedJSONException } from 'twopi/restful'
   *
   * export function answer(error: unknown): Response {
   *   if (!(error instanceof ExpectedJSONException)) throw error
   *   const { status, body } = ExpectedJSONException.handle(error)
   *   return new Response(String(body), { status, headers: { 'content-type': 'application/json' } })
   * }
   * ```
   */
  static handle(error: ExpectedJSONException): HttpResponse {
    return errorResponse(error, NOWHERE)
  }

  static {
    brand(this, 'ExpectedJSONException')
  }
}

/** The place is told to loggers of errors from 500, which this never is. */
const NOWHERE: ErrorPlace = { method: '', path: '' }
