import { errorResponse } from '../http/error-response.ts'
import type { HttpResponse } from '../http/http-response.ts'
import type { ValidationError } from './validation-error.ts'

/**
 * The response for a {@link ValidationError}, for an error handler of your own. Nobody else needs it: an adapter's
 * `errorHandler()` and an `Api` answer the error by themselves, with the same body.
 *
 * @param error - what `useArgs` or `parser.parse` threw
 * @returns a finished response: status, headers and the errors in their layout
 *
 * @example
 * ```ts
 * import { handleValidationError, ValidationError } from 'twopi/webargs'
 *
 * export function answer(error: unknown): Response {
 *   if (!(error instanceof ValidationError)) throw error
 *   const { status, body } = handleValidationError(error)
 *   return new Response(String(body), { status, headers: { 'content-type': 'application/json' } })
 * }
 * ```
 */
export function handleValidationError(error: ValidationError): HttpResponse {
  return errorResponse(error, NOWHERE)
}

/** The place is told to loggers of errors from 500. */
const NOWHERE = { method: '', path: '' }
