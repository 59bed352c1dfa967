import type { Context, MiddlewareHandler } from 'hono'
import { Handled } from '../../http/handled.ts'
import { MiddlewareContexts, PROCEED } from '../../http/middleware-contexts.ts'
import { compose } from '../../http/pipeline.ts'
import type { ContextKind, Outcome, StepsFactory } from '../../http/pipeline-types.ts'
import { toError } from '../../http/thrown-value.ts'
import { createContext, type HonoContext } from './context.ts'
import { respond } from './respond.ts'

/** What {@link middleware} makes: a middleware of Hono's, and the way to what its steps added. */
export interface HonoMiddleware<C> extends MiddlewareHandler {
  /** The context of this request after the steps. Throws a TypeError when they have not run for it. */
  context(c: Context): C
}

/** What {@link middleware} gives for the context at its end. */
interface HonoMiddlewareKind extends ContextKind {
  readonly result: HonoMiddleware<this['context']>
}

/**
 * The same steps for routes that keep Hono's own handlers.
 *
 * @param parts - up to eight steps
 * @returns a middleware for `app.use` or a route; its `context(c)` gives, typed, what the steps added
 * @throws TypeError when a part is not a function
 *
 * @example
 * ```ts
 * import { Hono } from 'hono'
 * import { middleware } from 'twopi/hono'
 *
 * const locale = middleware(({ request }) => ({ locale: request.query.get('lang') ?? 'en' }))
 * const app = new Hono()
 * app.get('/hello', locale, (c) => c.json({ locale: locale.context(c).locale }))
 * ```
 */
export const middleware: StepsFactory<HonoContext, HonoMiddlewareKind> = (...parts: readonly unknown[]) => {
  const contexts = new MiddlewareContexts<HonoContext>()
  const nexts = new WeakMap<Context, () => Promise<void>>()
  const run = compose<HonoContext>([...parts, proceed])

  function proceed(context: HonoContext): Outcome | Promise<Outcome> {
    const { native: c } = context
    contexts.set(c, context)
    const next = nexts.get(c)
    if (!run.around || next === undefined) return PROCEED
    return next().then(() => new Handled(c.res, c.res.status))
  }

  async function runSafely(context: HonoContext): Promise<Outcome> {
    try {
      return await run(context)
    } catch (thrown) {
      throw toError(thrown)
    }
  }

  const handler: MiddlewareHandler = async (c, next) => {
    nexts.set(c, next)
    const outcome = await runSafely(createContext(c))
    if (outcome === PROCEED) await next()
    else if (!(outcome instanceof Handled)) return respond(c, outcome)
    return undefined
  }
  return Object.assign(handler, {
    // What the steps add is known to the public type alone.
    context: (c: Context) => contexts.get(c) as never,
  })
}
