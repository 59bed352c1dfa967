import type { Context } from 'hono'
import { compose } from '../../http/pipeline.ts'
import type { ViewFactory } from '../../http/pipeline-types.ts'
import { toError } from '../../http/thrown-value.ts'
import { isPromiseLike } from '../../lib/maybe-promise.ts'
import { createContext, type HonoContext } from './context.ts'
import { respond } from './respond.ts'

/** A handler for `app.get`, `app.post`, `app.all`, `app.notFound`, … */
export type HonoHandler = (c: Context) => Response | Promise<Response>

/**
 * Makes a Hono 4 handler of steps and a view. Errors go to Hono, where `errorHandler` answers them.
 *
 * The context has `native`, Hono's own; a view may return what `c.body()` and its like give.
 *
 * @param parts - up to eight steps, the view last
 * @returns a handler for `app.get`, `app.post`, `app.all`, …
 * @throws TypeError when a part is not a function
 *
 * @example
 * ```ts
 * import { Hono } from 'hono'
 * import { errorHandler, view } from 'twopi/hono'
 *
 * const app = new Hono()
 * app.get('/hello/:name', view(({ request }) => `Hello, ${request.params['name']}`))
 * app.onError(errorHandler())
 * ```
 */
export const view: ViewFactory<HonoContext, HonoHandler> = (...parts: readonly unknown[]): HonoHandler => {
  const run = compose<HonoContext>(parts)
  return (c) => {
    try {
      const outcome = run(createContext(c))
      if (!isPromiseLike(outcome)) return respond(c, outcome)
      return Promise.resolve(outcome.then((settled) => respond(c, settled)).then(undefined, rethrow))
    } catch (error) {
      return rethrow(error)
    }
  }
}

/** Hono gives only `Error`s to its error handler and lets everything else end the request without an answer. */
function rethrow(thrown: unknown): never {
  throw toError(thrown)
}
