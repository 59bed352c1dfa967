import type { RouteHandlerMethod } from 'fastify'
import { compose } from '../../http/pipeline.ts'
import type { ViewFactory } from '../../http/pipeline-types.ts'
import { isPromiseLike } from '../../lib/maybe-promise.ts'
import { answer } from './answer.ts'
import { createContext, type FastifyContext, nativeOutcome } from './context.ts'

/**
 * Makes a Fastify 5 handler of steps and a view. Errors go to Fastify, where `errorHandler` answers them.
 *
 * The context has `native: { request, reply }`. A view that returns `reply` has answered by itself.
 *
 * @param parts - up to eight steps, the view last
 * @returns a handler for `app.get`, `app.post`, `app.all`, …
 * @throws TypeError when a part is not a function
 *
 * @example
 * ```ts
 * import Fastify from 'fastify'
 * import { errorHandler, view } from 'twopi/fastify'
 *
 * const app = Fastify()
 * app.get('/hello/:name', view(({ request }) => `Hello, ${request.params.name}`))
 * app.setErrorHandler(errorHandler())
 * ```
 */
export const view: ViewFactory<FastifyContext, RouteHandlerMethod> = (
  ...parts: readonly unknown[]
): RouteHandlerMethod => {
  const run = compose<FastifyContext>(parts, nativeOutcome)
  return (request, reply) => {
    const outcome = run(createContext(request, reply))
    return isPromiseLike(outcome) ? outcome.then((settled) => answer(reply, settled)) : answer(reply, outcome)
  }
}
