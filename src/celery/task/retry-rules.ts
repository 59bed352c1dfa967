import { toMilliseconds } from '../../lib/duration.ts'
import type { ErrorClass } from './error-class.ts'
import { MaxRetriesExceededError } from './errors.ts'
import type { ResolvedTaskOptions } from './resolved-task-options.ts'
import { retryDelay } from './retry-delay.ts'
import { isSignal, Retry } from './signals.ts'
import type { RetryOptions } from './task-context.ts'
import type { TaskRequest } from './task-request.ts'

type RetryingTask = Pick<TaskRequest, 'id' | 'task' | 'retries'>

/**
 * The next try that a task asks for by `context.retry()`.
 *
 * @param now - milliseconds since 1970, for `eta`
 * @returns what to throw: a {@link Retry}; when there were too many the cause, or a `MaxRetriesExceededError` without one
 * @throws TypeError when an option is wrong
 * @see https://docs.celeryq.dev/en/stable/userguide/tasks.html#retrying
 */
export function planRetry(
  request: RetryingTask,
  task: Pick<ResolvedTaskOptions, 'maxRetries' | 'defaultRetryDelay'>,
  options: RetryOptions,
  now: number,
): unknown {
  const { cause, maxRetries } = options
  const limit = maxRetries === undefined ? task.maxRetries : (maxRetries ?? Number.POSITIVE_INFINITY)
  if (request.retries >= limit) return cause ?? new MaxRetriesExceededError(request.task, request.id, limit)
  return new Retry({
    cause,
    countdown: waitOf(options, task.defaultRetryDelay, now),
    args: options.args,
    kwargs: options.kwargs,
    queue: options.queue,
    priority: options.priority,
  })
}

function waitOf({ countdown, eta }: RetryOptions, otherwise: number, now: number): number {
  if (eta !== undefined) return Math.max(0, (eta.getTime() - now) / 1000)
  return countdown === undefined ? otherwise : toMilliseconds(countdown, 'countdown') / 1000
}

/**
 * What a failure means under `autoretryFor`.
 *
 * @param random - as `Math.random`, for the jitter
 * @returns a {@link Retry} when it is to be tried again, else the error itself
 * @see https://docs.celeryq.dev/en/stable/userguide/tasks.html#automatic-retry-for-known-exceptions
 */
export function retryOnFailure(
  request: RetryingTask,
  task: ResolvedTaskOptions,
  error: unknown,
  random: () => number,
): unknown {
  if (task.autoretryFor.length === 0 || isSignal(error)) return error
  if (isAny(error, task.dontAutoretryFor) || !isAny(error, task.autoretryFor)) return error
  return planRetry(request, task, { cause: error, countdown: retryDelay(task, request.retries, random) }, 0)
}

function isAny(error: unknown, classes: readonly ErrorClass[]): boolean {
  return classes.some((type) => error instanceof type)
}
