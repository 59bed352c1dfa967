import type { RequestHandler } from 'express'
import { compose } from '../../http/pipeline.ts'
import type { ViewFactory } from '../../http/pipeline-types.ts'
import { settle } from '../../http/settle.ts'
import { answer } from './answer.ts'
import { createContext, type ExpressContext, nativeOutcome } from './context.ts'

/**
 * Makes an Express 5 handler of steps and a view. Errors go to Express, where {@link errorHandler} answers them.
 *
 * The context has `native: { req, res, next }`. A view that returns `res` has answered by itself.
 *
 * @param parts - up to eight steps, the view last
 * @returns a handler for `app.get`, `app.post`, `router.all`, …
 * @throws TypeError when a part is not a function
 *
 * @example
 * ```ts
 * import express from 'express'
 * import { errorHandler, view } from 'twopi/express'
 *
 * const app = express()
 * app.get('/hello/:name', view(({ request }) => `Hello, ${request.params.name}`))
 * app.use(errorHandler())
 * ```
 */
export const view: ViewFactory<ExpressContext, RequestHandler> = (...parts: readonly unknown[]): RequestHandler => {
  const run = compose<ExpressContext>(parts, nativeOutcome)
  return (req, res, next) => {
    settle(run, createContext(req, res, next), (outcome) => answer(req, res, next, outcome), next)
  }
}
