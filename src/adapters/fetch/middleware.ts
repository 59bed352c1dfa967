import { MiddlewareContexts } from '../../http/middleware-contexts.ts'
import { compose } from '../../http/pipeline.ts'
import type { ContextKind, StepsFactory } from '../../http/pipeline-types.ts'
import type { MaybePromise } from '../../lib/maybe-promise.ts'
import { type FetchContext, withContext } from './context.ts'
import { errorHandler } from './error-handler.ts'
import { toWebResponse } from './respond.ts'

/** What {@link middleware} makes: a function around the next handler, and the way to what its steps added. */
export interface FetchMiddleware<C> {
  (request: Request, next: (request: Request) => MaybePromise<Response>, route?: unknown): Promise<Response>
  /** The context of this request after the steps. Throws a TypeError when they have not run for it. */
  context(request: Request): C
}

/** What {@link middleware} gives for the context at its end. */
interface FetchMiddlewareKind extends ContextKind {
  readonly result: FetchMiddleware<this['context']>
}

/**
 * The same steps around a handler of your own.
 *
 * @param parts - up to eight steps
 * @returns `(request, next, route?) => Promise<Response>`; its `context(request)` gives, typed, what the steps added
 * @throws TypeError when a part is not a function
 *
 * @example
 * ```ts
 * import { middleware } from 'twopi/fetch'
 *
 * const locale = middleware(({ request }) => ({ locale: request.query.get('lang') ?? 'en' }))
 * export const fetch = (request: Request) =>
 *   locale(request, () => new Response(`lang=${locale.context(request).locale}`))
 * ```
 */
export const middleware: StepsFactory<FetchContext, FetchMiddlewareKind> = (...parts: readonly unknown[]) => {
  const contexts = new MiddlewareContexts<FetchContext>()
  const nexts = new WeakMap<FetchContext, (request: Request) => MaybePromise<Response>>()
  const onThrow = errorHandler()
  const run = compose<FetchContext>([
    ...parts,
    (context: FetchContext) => {
      const { request } = context.native
      contexts.set(request, context)
      return nexts.get(context)?.(request)
    },
  ])

  async function handle(
    request: Request,
    next: (request: Request) => MaybePromise<Response>,
    route?: unknown,
  ): Promise<Response> {
    try {
      const outcome = await withContext(request, route, (context) => {
        nexts.set(context, next)
        return run(context)
      })
      return toWebResponse(outcome, request.method)
    } catch (error) {
      return onThrow(error, request)
    }
  }
  return Object.assign(handle, {
    // What the steps add is known to the public type alone.
    context: (request: Request) => contexts.get(request) as never,
  })
}
