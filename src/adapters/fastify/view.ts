import type { RouteHandlerMethod } from 'fastify'
import { compose } from '../../http/pipeline.ts'
import type { ViewFactory } from '../../http/pipeline-types.ts'
import { settle } from '../../http/settle.ts'
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
    const fail = (error: Error) => reply.send(error)
    settle(run, createContext(request, reply), (outcome) => answer(reply, outcome), fail)
    // To Fastify this says that the answer has been sent, or will be.
    return reply
  }
}
