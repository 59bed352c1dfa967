import type { FastifyRequest, preHandlerHookHandler } from 'fastify'
import { MiddlewareContexts, PROCEED } from '../../http/middleware-contexts.ts'
import { compose } from '../../http/pipeline.ts'
import type { ContextKind, Outcome, StepsFactory } from '../../http/pipeline-types.ts'
import { settle } from '../../http/settle.ts'
import { whenClosed } from '../node/when-closed.ts'
import { answer } from './answer.ts'
import { createContext, type FastifyContext, nativeOutcome } from './context.ts'

/** What {@link middleware} makes: a `preHandler` hook, and the way to what its steps added. */
export interface FastifyMiddleware<C> extends preHandlerHookHandler {
  /** The context of this request after the steps. Throws a TypeError when they have not run for it. */
  context(request: FastifyRequest): C
}

/** What {@link middleware} gives for the context at its end. */
interface FastifyMiddlewareKind extends ContextKind {
  readonly result: FastifyMiddleware<this['context']>
}

/**
 * The same steps for routes that keep Fastify's own handlers.
 *
 * A step that runs around the rest is told of the end when the response has been sent, too late to change it.
 *
 * @param parts - up to eight steps
 * @returns a `preHandler` hook; its `context(request)` gives, typed, what the steps added
 * @throws TypeError when a part is not a function
 *
 * @example
 * ```ts
 * import Fastify from 'fastify'
 * import { middleware } from 'twopi/fastify'
 *
 * const locale = middleware(({ request }) => ({ locale: request.query.get('lang') ?? 'en' }))
 * const app = Fastify()
 * app.get('/hello', { preHandler: locale }, (request) => ({ locale: locale.context(request).locale }))
 * ```
 */
export const middleware: StepsFactory<FastifyContext, FastifyMiddlewareKind> = (...parts: readonly unknown[]) => {
  const contexts = new MiddlewareContexts<FastifyContext>()
  const run = compose<ProceedingContext>([...parts, proceed], nativeOutcome)

  function proceed(context: ProceedingContext): Outcome | Promise<Outcome> {
    contexts.set(context.native.request, context)
    if (!run.around) return PROCEED
    context.native.done()
    return whenClosed(context.native.reply.raw)
  }

  const hook: preHandlerHookHandler = (request, reply, done) => {
    const context = createContext(request, reply)
    const end = (outcome: Outcome) => (outcome === PROCEED ? done() : answer(reply, outcome))
    const fail = (error: Error) => {
      // After the response there is nobody left to answer; the failure is still an error of the application.
      if (reply.sent) console.error('A step failed after the response was sent:', error)
      else reply.send(error)
    }
    settle(run, { ...context, native: { ...context.native, done } }, end, fail)
  }
  return Object.assign(hook, {
    // What the steps add is known to the public type alone.
    context: (request: FastifyRequest) => contexts.get(request) as never,
  })
}

/** Inside a hook the way on is part of what is native. */
interface ProceedingContext extends FastifyContext {
  readonly native: FastifyContext['native'] & { readonly done: () => void }
}
