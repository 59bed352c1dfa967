import type { Context } from 'hono'
import { type ErrorOptions, errorResponse } from '../../http/error-response.ts'
import { HttpError } from '../../http/http-error.ts'
import { FetchRequest } from '../fetch/fetch-request.ts'
import { respond } from './respond.ts'

/**
 * Answers what views, steps and other handlers threw, in the `_errors` envelope. Hono's own `HTTPException` keeps its
 * status and message, or the whole response it was made with.
 *
 * @param options - `onError` is told of errors with a status from 500 (default: `console.error`)
 * @returns a handler for `app.onError`
 *
 * @example
 * ```ts
 * import { Hono } from 'hono'
 * import { errorHandler } from 'twopi/hono'
 *
 * const app = new Hono()
 * app.onError(errorHandler({ onError: (error, { method, path }) => console.error(method, path, error) }))
 * ```
 */
export function errorHandler(options: ErrorOptions = {}): (error: unknown, c: Context) => Response {
  return (error, c) => {
    const request = new FetchRequest(c.req.raw)
    const thrown = isHonoException(error)
      ? (error.res ?? new HttpError(error.status, error.message || undefined))
      : error
    if (thrown instanceof Response) return thrown
    return respond(c, errorResponse(thrown, { method: request.method, path: request.path }, options))
  }
}

/** The shape of Hono's `HTTPException`; the class itself is not imported, so that Hono stays a type here. */
interface HonoException {
  readonly status: number
  readonly message: string
  readonly res?: Response
  getResponse(): Response
}

function isHonoException(error: unknown): error is HonoException {
  return (
    error instanceof Error && 'status' in error && 'getResponse' in error && typeof error.getResponse === 'function'
  )
}
