import type { RequestHandler, Response } from 'express'
import { Handled } from '../../http/outcome.ts'
import { compose } from '../../http/pipeline.ts'
import type { Outcome, ViewFactory } from '../../http/pipeline-types.ts'
import { render } from '../../http/render.ts'
import { isPromiseLike } from '../../lib/maybe-promise.ts'
import { send } from '../node/send.ts'
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
    try {
      const outcome = run(createContext(req, res, next))
      if (isPromiseLike(outcome)) outcome.then((settled) => answer(res, settled)).then(undefined, next)
      else answer(res, outcome)
    } catch (error) {
      next(error)
    }
  }
}

export function answer(res: Response, outcome: Outcome): void {
  const rendered = render(outcome)
  if (!(rendered instanceof Handled)) send(res, rendered)
}
