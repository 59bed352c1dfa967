import { compose } from '../../http/pipeline.ts'
import type { ViewFactory } from '../../http/pipeline-types.ts'
import { isPromiseLike } from '../../lib/maybe-promise.ts'
import { type FetchContext, withContext } from './context.ts'
import { errorHandler } from './error-handler.ts'
import { toWebResponse } from './respond.ts'

/** A handler for `export const POST`, `Bun.serve({ routes })`, `Deno.serve`, `export default { fetch }`. */
export type FetchHandler = (request: Request, route?: unknown) => Response | Promise<Response>

/**
 * Makes a `Request → Response` handler of steps and a view. There is no framework below to hand errors to, so they are
 * answered here as `errorHandler()` does; put the step `handleErrors({ onError })` first to be told of them yourself.
 *
 * @param parts - up to eight steps, the view last
 * @returns the handler; it never throws or rejects
 * @throws TypeError when a part is not a function
 *
 * @example
 * ```ts
 * import { view } from 'twopi/fetch'
 *
 * // app/hello/[name]/route.ts in Next.js
 * export const GET = view(({ request }) => `Hello, ${request.params['name']}`)
 * ```
 */
export const view: ViewFactory<FetchContext, FetchHandler> = (...parts: readonly unknown[]): FetchHandler => {
  const run = compose<FetchContext>(parts)
  const onThrow = errorHandler()
  return (request, route) => {
    const fail = (error: unknown) => onThrow(error, request)
    try {
      const response = withContext(request, route, (context) => {
        const outcome = run(context)
        return isPromiseLike(outcome)
          ? outcome.then((settled) => toWebResponse(settled, request.method))
          : toWebResponse(outcome, request.method)
      })
      return isPromiseLike(response) ? Promise.resolve(response).catch(fail) : response
    } catch (error) {
      return fail(error)
    }
  }
}
