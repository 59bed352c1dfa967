import type { MaybePromise } from '../lib/maybe-promise.ts'
import type { Handled } from './handled.ts'
import type { HttpResponse } from './http-response.ts'
import type { Reply } from './reply.ts'
import type { RequestContext } from './request-context.ts'

/**
 * A step: takes what it needs from the context and returns an object of what it adds, or nothing. It may end the request
 * by returning a `reply(…)` or by throwing an `HttpError`. A step that needs what no step before it adds does not compile.
 *
 * @example
 * ```ts
 * import type { RequestContext } from 'twopi/http'
 *
 * export const locale = ({ request }: RequestContext) => ({ locale: request.query.get('lang') ?? 'en' })
 * ```
 */
export type Step<Needs = RequestContext, Result = StepResult> = (context: Needs) => Result

/** How a request ended: what the view or a step answered, not yet sent. A step around it can look at its `status`. */
export type Outcome = Reply | HttpResponse | Response | Handled

/**
 * What a step may return: an object to add, an answer that ends the request, or nothing. Texts, numbers and lists are what
 * views return.
 */
// biome-ignore lint/suspicious/noConfusingVoidType: a step without a `return` has the type void
export type StepResult = MaybePromise<object | undefined | null | void>

/** What of a step's result goes into the context: promises are awaited, answers and nothing add nothing. */
export type Added<Result> =
  // biome-ignore lint/suspicious/noConfusingVoidType: a step without a `return` has the type void
  Exclude<Awaited<Result>, Outcome | void | undefined | null> extends infer Addition
    ? [Addition] extends [never]
      ? object
      : Addition
    : never

/**
 * A context after a step: what the step adds replaces what was there by the same name. While the compiler has not yet found
 * the result of a generic step, it is left open, or a view with types of its own would be held against nothing.
 */
export type After<C, Result> = StepResult extends Result
  ? never
  : keyof C & keyof Added<Result> extends never
    ? C & Added<Result>
    : Omit<C, keyof Added<Result>> & Added<Result>

type After2<C, R1, R2> = After<After<C, R1>, R2>
type After3<C, R1, R2, R3> = After<After2<C, R1, R2>, R3>
type After4<C, R1, R2, R3, R4> = After<After3<C, R1, R2, R3>, R4>
type After5<C, R1, R2, R3, R4, R5> = After<After4<C, R1, R2, R3, R4>, R5>
type After6<C, R1, R2, R3, R4, R5, R6> = After<After5<C, R1, R2, R3, R4, R5>, R6>
type After7<C, R1, R2, R3, R4, R5, R6, R7> = After<After6<C, R1, R2, R3, R4, R5, R6>, R7>
type After8<C, R1, R2, R3, R4, R5, R6, R7, R8> = After<After7<C, R1, R2, R3, R4, R5, R6, R7>, R8>

/**
 * Takes up to eight steps and a view, and makes of them one handler of the type `Handler`. The context's type grows from
 * left to right. More steps than eight: group some with `steps(…)`.
 *
 * @typeParam C - what the context holds at the start
 * @typeParam Handler - what the framework wants for a route
 */
export interface ViewFactory<C, Handler> {
  <V>(view: Step<C, V>): Handler
  <R1 extends StepResult, V>(s1: Step<C, R1>, view: Step<After<C, R1>, V>): Handler
  <R1 extends StepResult, R2 extends StepResult, V>(
    s1: Step<C, R1>,
    s2: Step<After<C, R1>, R2>,
    view: Step<After2<C, R1, R2>, V>,
  ): Handler
  <R1 extends StepResult, R2 extends StepResult, R3 extends StepResult, V>(
    s1: Step<C, R1>,
    s2: Step<After<C, R1>, R2>,
    s3: Step<After2<C, R1, R2>, R3>,
    view: Step<After3<C, R1, R2, R3>, V>,
  ): Handler
  <R1 extends StepResult, R2 extends StepResult, R3 extends StepResult, R4 extends StepResult, V>(
    s1: Step<C, R1>,
    s2: Step<After<C, R1>, R2>,
    s3: Step<After2<C, R1, R2>, R3>,
    s4: Step<After3<C, R1, R2, R3>, R4>,
    view: Step<After4<C, R1, R2, R3, R4>, V>,
  ): Handler
  <
    R1 extends StepResult,
    R2 extends StepResult,
    R3 extends StepResult,
    R4 extends StepResult,
    R5 extends StepResult,
    V,
  >(
    s1: Step<C, R1>,
    s2: Step<After<C, R1>, R2>,
    s3: Step<After2<C, R1, R2>, R3>,
    s4: Step<After3<C, R1, R2, R3>, R4>,
    s5: Step<After4<C, R1, R2, R3, R4>, R5>,
    view: Step<After5<C, R1, R2, R3, R4, R5>, V>,
  ): Handler
  <
    R1 extends StepResult,
    R2 extends StepResult,
    R3 extends StepResult,
    R4 extends StepResult,
    R5 extends StepResult,
    R6 extends StepResult,
    V,
  >(
    s1: Step<C, R1>,
    s2: Step<After<C, R1>, R2>,
    s3: Step<After2<C, R1, R2>, R3>,
    s4: Step<After3<C, R1, R2, R3>, R4>,
    s5: Step<After4<C, R1, R2, R3, R4>, R5>,
    s6: Step<After5<C, R1, R2, R3, R4, R5>, R6>,
    view: Step<After6<C, R1, R2, R3, R4, R5, R6>, V>,
  ): Handler
  <
    R1 extends StepResult,
    R2 extends StepResult,
    R3 extends StepResult,
    R4 extends StepResult,
    R5 extends StepResult,
    R6 extends StepResult,
    R7 extends StepResult,
    V,
  >(
    s1: Step<C, R1>,
    s2: Step<After<C, R1>, R2>,
    s3: Step<After2<C, R1, R2>, R3>,
    s4: Step<After3<C, R1, R2, R3>, R4>,
    s5: Step<After4<C, R1, R2, R3, R4>, R5>,
    s6: Step<After5<C, R1, R2, R3, R4, R5>, R6>,
    s7: Step<After6<C, R1, R2, R3, R4, R5, R6>, R7>,
    view: Step<After7<C, R1, R2, R3, R4, R5, R6, R7>, V>,
  ): Handler
  <
    R1 extends StepResult,
    R2 extends StepResult,
    R3 extends StepResult,
    R4 extends StepResult,
    R5 extends StepResult,
    R6 extends StepResult,
    R7 extends StepResult,
    R8 extends StepResult,
    V,
  >(
    s1: Step<C, R1>,
    s2: Step<After<C, R1>, R2>,
    s3: Step<After2<C, R1, R2>, R3>,
    s4: Step<After3<C, R1, R2, R3>, R4>,
    s5: Step<After4<C, R1, R2, R3, R4>, R5>,
    s6: Step<After5<C, R1, R2, R3, R4, R5>, R6>,
    s7: Step<After6<C, R1, R2, R3, R4, R5, R6>, R7>,
    s8: Step<After7<C, R1, R2, R3, R4, R5, R6, R7>, R8>,
    view: Step<After8<C, R1, R2, R3, R4, R5, R6, R7, R8>, V>,
  ): Handler
}

/** A type with a hole: `context` is filled in by {@link Kind}, `result` may speak of `this['context']`. */
export interface ContextKind {
  readonly context: unknown
  readonly result: unknown
}

/** What a {@link ContextKind} gives for one context. */
export type Kind<K extends ContextKind, C> = (K & { readonly context: C })['result']

/**
 * Takes up to eight steps and no view, for code that keeps the framework's own handlers.
 *
 * @typeParam C - what the context holds at the start
 * @typeParam K - what comes out, speaking of the context at the end
 */
export interface StepsFactory<C, K extends ContextKind> {
  <R1 extends StepResult>(s1: Step<C, R1>): Kind<K, After<C, R1>>
  <R1 extends StepResult, R2 extends StepResult>(
    s1: Step<C, R1>,
    s2: Step<After<C, R1>, R2>,
  ): Kind<K, After2<C, R1, R2>>
  <R1 extends StepResult, R2 extends StepResult, R3 extends StepResult>(
    s1: Step<C, R1>,
    s2: Step<After<C, R1>, R2>,
    s3: Step<After2<C, R1, R2>, R3>,
  ): Kind<K, After3<C, R1, R2, R3>>
  <R1 extends StepResult, R2 extends StepResult, R3 extends StepResult, R4 extends StepResult>(
    s1: Step<C, R1>,
    s2: Step<After<C, R1>, R2>,
    s3: Step<After2<C, R1, R2>, R3>,
    s4: Step<After3<C, R1, R2, R3>, R4>,
  ): Kind<K, After4<C, R1, R2, R3, R4>>
  <R1 extends StepResult, R2 extends StepResult, R3 extends StepResult, R4 extends StepResult, R5 extends StepResult>(
    s1: Step<C, R1>,
    s2: Step<After<C, R1>, R2>,
    s3: Step<After2<C, R1, R2>, R3>,
    s4: Step<After3<C, R1, R2, R3>, R4>,
    s5: Step<After4<C, R1, R2, R3, R4>, R5>,
  ): Kind<K, After5<C, R1, R2, R3, R4, R5>>
  <
    R1 extends StepResult,
    R2 extends StepResult,
    R3 extends StepResult,
    R4 extends StepResult,
    R5 extends StepResult,
    R6 extends StepResult,
  >(
    s1: Step<C, R1>,
    s2: Step<After<C, R1>, R2>,
    s3: Step<After2<C, R1, R2>, R3>,
    s4: Step<After3<C, R1, R2, R3>, R4>,
    s5: Step<After4<C, R1, R2, R3, R4>, R5>,
    s6: Step<After5<C, R1, R2, R3, R4, R5>, R6>,
  ): Kind<K, After6<C, R1, R2, R3, R4, R5, R6>>
  <
    R1 extends StepResult,
    R2 extends StepResult,
    R3 extends StepResult,
    R4 extends StepResult,
    R5 extends StepResult,
    R6 extends StepResult,
    R7 extends StepResult,
  >(
    s1: Step<C, R1>,
    s2: Step<After<C, R1>, R2>,
    s3: Step<After2<C, R1, R2>, R3>,
    s4: Step<After3<C, R1, R2, R3>, R4>,
    s5: Step<After4<C, R1, R2, R3, R4>, R5>,
    s6: Step<After5<C, R1, R2, R3, R4, R5>, R6>,
    s7: Step<After6<C, R1, R2, R3, R4, R5, R6>, R7>,
  ): Kind<K, After7<C, R1, R2, R3, R4, R5, R6, R7>>
  <
    R1 extends StepResult,
    R2 extends StepResult,
    R3 extends StepResult,
    R4 extends StepResult,
    R5 extends StepResult,
    R6 extends StepResult,
    R7 extends StepResult,
    R8 extends StepResult,
  >(
    s1: Step<C, R1>,
    s2: Step<After<C, R1>, R2>,
    s3: Step<After2<C, R1, R2>, R3>,
    s4: Step<After3<C, R1, R2, R3>, R4>,
    s5: Step<After4<C, R1, R2, R3, R4>, R5>,
    s6: Step<After5<C, R1, R2, R3, R4, R5>, R6>,
    s7: Step<After6<C, R1, R2, R3, R4, R5, R6>, R7>,
    s8: Step<After7<C, R1, R2, R3, R4, R5, R6, R7>, R8>,
  ): Kind<K, After8<C, R1, R2, R3, R4, R5, R6, R7, R8>>
}
