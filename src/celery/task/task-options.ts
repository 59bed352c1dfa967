import type { Duration } from '../../lib/duration.ts'
import type { MaybePromise } from '../../lib/maybe-promise.ts'
import type { ErrorClass } from './error-class.ts'
import type { TaskContext } from './task-context.ts'
import type { ArgsSchema, KwargsSchema } from './task-schema.ts'

/**
 * How a task runs, what Celery calls its attributes. What is not given comes from the app's settings.
 *
 * @see https://docs.celeryq.dev/en/stable/userguide/tasks.html#list-of-options
 */
export interface TaskOptions<
  Args extends ArgsSchema | undefined = ArgsSchema | undefined,
  Kwargs extends KwargsSchema | undefined = KwargsSchema | undefined,
> {
  /** Acknowledge after the task ran, not before: it runs again when the worker dies. Default: `task_acks_late`. */
  readonly acksLate?: boolean | undefined
  readonly acksOnFailureOrTimeout?: boolean | undefined
  readonly rejectOnWorkerLost?: boolean | undefined
  readonly ignoreResult?: boolean | undefined
  readonly storeErrorsEvenIfIgnored?: boolean | undefined
  readonly trackStarted?: boolean | undefined
  /** How often it is tried again after the first failure; null: for ever. Default 3. */
  readonly maxRetries?: number | null | undefined
  /** Wait before a retry. Default 180 seconds. */
  readonly defaultRetryDelay?: Duration | undefined
  /** Errors after which the task is retried by itself. */
  readonly autoretryFor?: readonly ErrorClass[] | undefined
  readonly dontAutoretryFor?: readonly ErrorClass[] | undefined
  /** Exponential wait between automatic retries: true is a factor of one second. */
  readonly retryBackoff?: boolean | Duration | undefined
  /** Default 600 seconds. */
  readonly retryBackoffMax?: Duration | undefined
  /** Take a random part of the wait. Default true. */
  readonly retryJitter?: boolean | undefined
  /** `'100/m'`, `'10/s'`, `'1000/h'` or a number per second; null: none. Per worker. */
  readonly rateLimit?: string | number | null | undefined
  readonly timeLimit?: Duration | null | undefined
  readonly softTimeLimit?: Duration | null | undefined
  readonly queue?: string | undefined
  readonly exchange?: string | undefined
  readonly routingKey?: string | undefined
  readonly priority?: number | undefined
  readonly serializer?: string | undefined
  readonly compression?: string | undefined
  readonly expires?: Duration | Date | undefined
  /** Names of the positional parameters, so that callers may pass them by name, as Python does. */
  readonly parameters?: readonly string[] | undefined
  /** Positional arguments are validated by it on receipt, and typed by it. */
  readonly args?: Args
  /** Keyword arguments are validated by it on receipt, and typed by it. */
  readonly kwargs?: Kwargs
  /** Called before the function, with the arguments as they came. What it throws fails the task. */
  readonly before?: ((context: TaskContext) => MaybePromise<void>) | undefined
  /** Called after the function. What it throws is logged and changes nothing. */
  readonly after?: ((context: TaskContext, outcome: TaskOutcome) => MaybePromise<void>) | undefined
}

/** What one run of a task came to. */
export type TaskOutcome =
  | { readonly state: 'SUCCESS'; readonly result: unknown }
  | { readonly state: 'FAILURE' | 'RETRY' | 'REJECTED' | 'IGNORED'; readonly error: unknown }
