import type { Request, RequestHandler } from 'express'
import { MiddlewareContexts, PROCEED } from '../../http/middleware-contexts.ts'
import { compose } from '../../http/pipeline.ts'
import type { ContextKind, Outcome, StepsFactory } from '../../http/pipeline-types.ts'
import { settle } from '../../http/settle.ts'
import { whenClosed } from '../node/when-closed.ts'
import { answer } from './answer.ts'
import { createContext, type ExpressContext, nativeOutcome } from './context.ts'

/** What {@link middleware} makes: a handler that goes on to the next one, and the way to what its steps added. */
export interface ExpressMiddleware<C> extends RequestHandler {
  /** The context of this request after the steps. Throws a TypeError when they have not run for it. */
  context(req: Request): C
}

/** What {@link middleware} gives for the context at its end. */
interface ExpressMiddlewareKind extends ContextKind {
  readonly result: ExpressMiddleware<this['context']>
}

/**
 * The same steps for routes that keep Express's own handlers.
 *
 * A step that runs around the rest is told of the end when the response has been sent, too late to change it.
 *
 * @param parts - up to eight steps
 * @returns a handler for `app.use` or a route; its `context(req)` gives, typed, what the steps added
 * @throws TypeError when a part is not a function
 *
 * @example
 * ```ts
 * import express from 'express'
 * import { middleware } from 'twopi/express'
 *
 * const locale = middleware(({ request }) => ({ locale: request.query.get('lang') ?? 'en' }))
 * const app = express()
 * app.get('/hello', locale, (req, res) => {
 *   res.json({ locale: locale.context(req).locale })
 * })
 * ```
 */
export const middleware: StepsFactory<ExpressContext, ExpressMiddlewareKind> = (...parts: readonly unknown[]) => {
  const contexts = new MiddlewareContexts<ExpressContext>()
  const run = compose<ExpressContext>([...parts, proceed], nativeOutcome)

  function proceed(context: ExpressContext): Outcome | Promise<Outcome> {
    const { req, res, next } = context.native
    contexts.set(req, context)
    if (!run.around) return PROCEED
    next()
    return whenClosed(res)
  }

  const handler: RequestHandler = (req, res, next) => {
    const end = (outcome: Outcome) => (outcome === PROCEED ? next() : answer(req, res, next, outcome))
    const fail = (error: Error) => {
      // After the response there is nobody left to answer; the failure is still an error of the application.
      if (res.headersSent) console.error('A step failed after the response was sent:', error)
      else next(error)
    }
    settle(run, createContext(req, res, next), end, fail)
  }
  return Object.assign(handler, {
    // What the steps add is known to the public type alone.
    context: (req: Request) => contexts.get(req) as never,
  })
}
