import { AROUND, aroundStep } from '../lib/around.ts'
import { isPromiseLike, type MaybePromise } from '../lib/maybe-promise.ts'
import { isOutcome, type NativeOutcome } from './outcome.ts'
import type { ContextKind, Outcome, Step, StepsFactory, ViewFactory } from './pipeline-types.ts'
import { Reply } from './reply.ts'
import type { RequestContext } from './request-context.ts'
import { GROUP, NOTE, PARTS } from './step-marks.ts'

// One walk from left to right over one context object. It stays synchronous until a step or the view returns a promise,
// and goes on synchronously from there, so a pipeline without asynchronous steps adds no promise of its own.

// A step that has this is shown the steps before it at set-up, and throws a TypeError when it cannot stand after them.
const CHECK = Symbol.for('twopi.check')

/** Runs what comes after the step, and gives how it ended. Must be called at most once. */
export type Next<Adds extends object> = (
  ...added: object extends Adds ? [added?: Adds] : [added: Adds]
) => MaybePromise<Outcome>

/**
 * Makes a step that runs *around* the rest of the pipeline: it can open something before and close it after, look at the
 * outcome's status, catch what the rest throws, keep an `AsyncLocalStorage`, or answer by itself without calling `next`.
 * The response leaves only after the step is done.
 *
 * @typeParam Needs - what must be in the context
 * @typeParam Adds - what the step passes to `next`, for the steps and the view after it
 * @param run - called with the context and `next`; returns the outcome, normally the one `next` gave
 *
 * @example
 * ```ts
 * import { around, type RequestContext } from 'twopi/http'
 *
 * export const timed = around(async ({ request }: RequestContext, next) => {
 *   const start = performance.now()
 *   const outcome = await next()
 *   console.log(request.method, request.path, outcome.status, performance.now() - start)
 *   return outcome
 * })
 * ```
 */
export function around<Needs = RequestContext, Adds extends object = object>(
  run: (context: Needs, next: Next<Adds>) => MaybePromise<Outcome>,
): Step<Needs, Adds> {
  return aroundStep('around', run)
}

type AroundRun<C> = (context: C, next: (added?: object) => MaybePromise<Outcome>) => MaybePromise<Outcome>
type Part<C> = ((context: C) => unknown) & {
  readonly [AROUND]?: AroundRun<C>
  readonly [GROUP]?: readonly unknown[]
  readonly [CHECK]?: (before: readonly unknown[]) => void
  readonly [NOTE]?: true
}

/** A composed pipeline. Throws, or rejects, with what a step or the view threw. */
export interface Run<C> {
  (context: C): MaybePromise<Outcome>
  /** Whether a step runs around the rest, and so must be told when the rest is done. */
  readonly around: boolean
}

/**
 * Makes one function of steps and a view. For adapters; everybody else uses an adapter's `view`, or {@link pipeline}.
 *
 * @param parts - the steps, the view last
 * @param native - recognises the framework's own response objects
 * @throws TypeError when a part is not a function; found at set-up, not on the first request
 */
export function compose<C extends RequestContext>(parts: readonly unknown[], native?: NativeOutcome<C>): Run<C> {
  if (parts.length === 0) throw new TypeError('A pipeline needs at least a view, found nothing.')
  const all = flatten<C>(parts)
  for (const [i, part] of all.entries()) part[CHECK]?.(all.slice(0, i))
  const row = all.filter((part, i) => part[NOTE] !== true || i === all.length - 1)
  const last = row.length - 1

  function walk(context: C, from: number): MaybePromise<Outcome> {
    for (let i = from; i <= last; i++) {
      const part = row[i] as Part<C>
      const run = part[AROUND]
      if (run !== undefined) return ended(run(context, once(context, i + 1)))
      const result = part(context)
      // Asked first, because a framework's response object may be a promise of its own end (Fastify's is).
      const handled = native?.(result, context)
      if (handled !== undefined) return handled
      if (isPromiseLike(result)) return result.then((settled) => accept(context, i, settled) ?? walk(context, i + 1))
      const outcome = accept(context, i, result)
      if (outcome !== undefined) return outcome
    }
    return new Reply(undefined)
  }

  /** The outcome, when this result ends the request; otherwise the step's additions go into the context. */
  function accept(context: C, i: number, result: unknown): Outcome | undefined {
    if (isOutcome(result)) return result
    const handled = native?.(result, context)
    if (handled !== undefined || i === last) return handled ?? new Reply(result)
    if (result !== undefined && result !== null) add(context, result)
    return undefined
  }

  function once(context: C, from: number): (added?: object) => MaybePromise<Outcome> {
    let called = false
    return (added) => {
      if (called) throw new TypeError('next() was called twice by one step.')
      called = true
      if (added !== undefined) add(context, added)
      const outcome = walk(context, from)
      // A step that answers by itself meanwhile must not leave a rejection that nobody handles, which ends the process.
      if (isPromiseLike(outcome)) outcome.then(undefined, () => undefined)
      return outcome
    }
  }

  const run = (context: C) => walk(context, 0)
  Object.defineProperty(run, PARTS, { value: parts })
  return Object.assign(run, { around: row.some((part) => part[AROUND] !== undefined) })
}

/** @throws TypeError for what cannot be additions: a text or `false` that was meant to end the request must not be passed over */
function add(context: object, addition: unknown): void {
  if (typeof addition !== 'object' || addition === null || Array.isArray(addition)) {
    const found = Array.isArray(addition) ? 'an array' : typeof addition
    throw new TypeError(
      `A step must return an object to add, a reply(…) to end the request, or nothing; found ${found}.`,
    )
  }
  // Assigning it would change what the context inherits.
  if (Object.hasOwn(addition, '__proto__')) throw new TypeError('A step must not add `__proto__` to the context.')
  Object.assign(context, addition)
}

/** @throws TypeError when a step around the rest has lost the outcome */
function ended(outcome: MaybePromise<Outcome>): MaybePromise<Outcome> {
  if (isPromiseLike(outcome)) return outcome.then(assertOutcome)
  return assertOutcome(outcome)
}

function assertOutcome(outcome: unknown): Outcome {
  if (isOutcome(outcome)) return outcome
  throw new TypeError('A step made by around() must return what next() gave, or a reply(…) instead of it.')
}

/**
 * Steps and a view as one neutral function, for places that are not a framework's route: a `Resource`'s method, a test.
 *
 * @example
 * ```ts
 * import { pipeline, type RequestContext } from 'twopi/http'
 *
 * const page = ({ request }: RequestContext) => ({ page: Number(request.query.get('page') ?? 1) })
 * export const list = pipeline(page, ({ page }) => ({ page, items: [] }))
 * ```
 */
export const pipeline: ViewFactory<RequestContext, (context: RequestContext) => MaybePromise<Outcome>> = (
  ...parts: readonly unknown[]
) => compose<RequestContext>(parts)

/** What {@link steps} makes: a step that adds everything its steps add. */
export interface GroupedStep extends ContextKind {
  readonly result: Step<RequestContext, this['context']>
}

/**
 * Several steps as one, to name a row that many views share.
 *
 * @example
 * ```ts
 * import { steps, type RequestContext } from 'twopi/http'
 *
 * const locale = ({ request }: RequestContext) => ({ locale: request.query.get('lang') ?? 'en' })
 * const now = () => ({ now: new Date() })
 * export const common = steps(locale, now)
 * ```
 */
export const steps: StepsFactory<RequestContext, GroupedStep> = (...parts: readonly unknown[]) => {
  const group = () => outsidePipeline('steps')
  return Object.defineProperty(group, GROUP, { value: parts })
}

function outsidePipeline(made: string): never {
  throw new TypeError(`A step made by ${made}() runs only inside view(), middleware(), pipeline() or steps().`)
}

/** The parts with groups opened, checked at set-up and not on the first request. */
function flatten<C>(parts: readonly unknown[]): readonly Part<C>[] {
  return parts.flatMap((part, i) => {
    if (typeof part !== 'function')
      throw new TypeError(`A pipeline takes functions; argument ${i + 1} is ${typeof part}.`)
    const group = (part as Part<C>)[GROUP]
    return group === undefined ? [part as Part<C>] : flatten<C>(group)
  })
}
