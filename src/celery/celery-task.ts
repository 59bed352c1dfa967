import type { AsyncResult } from './results/async-result.ts'
import type { ApplyOptions } from './sending/apply-options.ts'
import type { Signature } from './signature.ts'
import type { ResolvedTaskOptions } from './task/resolved-task-options.ts'
import type { LooseKwargs } from './task/task-schema.ts'
import type { KwargsAreRequired, LastArgs, MissingArgs, NeedsKwargs } from './task/typed-task.ts'

/** What `applyAsync` and `apply` take: arguments, then options; what can be left out may be. */
export type ApplyCall<Args extends readonly unknown[], Kwargs extends object> =
  NeedsKwargs<Kwargs> extends true
    ? [args: Args, options: ApplyOptions<Kwargs> & { readonly kwargs: Kwargs }]
    : [] extends Args
      ? [args?: Args, options?: ApplyOptions<Kwargs>]
      : [args: Args, options?: ApplyOptions<Kwargs>]

/**
 * A task of an app: its function can be called through a queue.
 *
 * @typeParam Args - what callers give as arguments
 * @typeParam Result - what its function returns
 * @typeParam Kwargs - what callers give as keyword arguments
 * @see https://docs.celeryq.dev/en/stable/userguide/calling.html
 */
export interface Task<
  Args extends readonly unknown[] = readonly unknown[],
  Result = unknown,
  Kwargs extends object = LooseKwargs,
> {
  /** The name by which workers and other languages know it. */
  readonly name: string
  readonly options: ResolvedTaskOptions
  /**
   * Has a worker run it. Resolves when the broker has stored the call.
   *
   * @throws TypeError when an argument cannot be sent, or the task needs keyword arguments
   * @throws BrokerError when the broker did not store it: `ERR_CELERY_CONNECTION`, `ERR_CELERY_NOT_ROUTED`,
   *   `ERR_CELERY_PUBLISH_UNKNOWN`; MessageError `ERR_CELERY_TOO_LARGE`
   */
  delay(
    this: NeedsKwargs<Kwargs> extends true ? KwargsAreRequired : unknown,
    ...args: Args
  ): Promise<AsyncResult<Result>>
  /** As `delay`, with options: when, where to, how, and arguments by name. */
  applyAsync(...call: ApplyCall<Args, Kwargs>): Promise<AsyncResult<Result>>
  /**
   * Runs it here and now, hooks, retries (without waiting) and what is linked included. The arguments go through the serializer,
   * so that what could not be sent fails here too. Never rejects because the task fails: `result.get()` does.
   */
  apply(...call: ApplyCall<Args, Kwargs>): Promise<AsyncResult<Result>>
  /** A signature with the last arguments, or all of them. */
  s<const Given extends LastArgs<Args>>(...args: Given): Signature<MissingArgs<Args, Given>, Result>
  /** A signature that takes no result of a task before it. */
  si(...args: Args): Signature<[], Result>
  /** A signature with options, such as `kwargs` and `queue`. */
  signature<const Given extends LastArgs<Args>>(
    args: Given,
    options?: TaskSignatureOptions<Kwargs>,
  ): Signature<MissingArgs<Args, Given>, Result>
}

/** Options of {@link Task.signature}. */
export interface TaskSignatureOptions<Kwargs extends object> extends Omit<ApplyOptions, 'kwargs'> {
  readonly kwargs?: Partial<Kwargs> | undefined
  /** True: results of tasks before it are not put before its arguments. Default false. */
  readonly immutable?: boolean | undefined
}
