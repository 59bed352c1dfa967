import { type ErrorOptions, errorResponse } from '../../http/error-response.ts'
import { FetchRequest } from './fetch-request.ts'
import { toWebResponse } from './respond.ts'

/**
 * Answers anything thrown, in the `_errors` envelope. `view` has it built in; it is here for what is outside of views,
 * such as `Bun.serve({ error: errorHandler() })` or the `catch` around a router.
 *
 * @param options - `onError` is told of errors with a status from 500 (default: `console.error`)
 * @returns a function from the error, and the request where it is known, to the response
 *
 * @example
 * ```ts
 * import { errorHandler } from 'twopi/fetch'
 *
 * const answer = errorHandler({ onError: (error, { method, path }) => console.error(method, path, error) })
 * export const fetch = async (request: Request): Promise<Response> => {
 *   try {
 *     return new Response(await request.text())
 *   } catch (error) {
 *     return answer(error, request)
 *   }
 * }
 * ```
 */
export function errorHandler(options: ErrorOptions = {}): (error: unknown, request?: Request) => Response {
  return (error, request) => {
    const method = request?.method ?? 'GET'
    const path = request === undefined ? '' : new FetchRequest(request).path
    return toWebResponse(errorResponse(error, { method, path }, options), method)
  }
}
