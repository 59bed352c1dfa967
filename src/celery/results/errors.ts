import { brand } from '../../lib/brand.ts'
import { TwopiError } from '../../lib/twopi-error.ts'
import type { TaskMeta } from '../protocol/task-meta.ts'
import { describeException, readException } from './describe-exception.ts'

/** What can go wrong with the result of a task. */
export type TaskErrorCode = 'ERR_CELERY_TASK_FAILED' | 'ERR_CELERY_TASK_REVOKED'

/**
 * A task failed, in whatever language it was written. Codes: `ERR_CELERY_TASK_FAILED`, `ERR_CELERY_TASK_REVOKED`.
 *
 * @see https://docs.celeryq.dev/en/stable/userguide/calling.html#results-options
 *
 * @example
 * ```ts
 * import { isTaskError } from 'twopi/celery'
 *
 * export function isLate(error: unknown): boolean {
 *   return isTaskError(error, 'SoftTimeLimitExceeded')
 * }
 * ```
 */
export class TaskError extends TwopiError {
  override readonly code: TaskErrorCode = 'ERR_CELERY_TASK_FAILED'
  readonly taskId: string
  /** Name of the class that was thrown: `ValueError`. */
  readonly excType: string
  /** What its constructor was given. Python's own exceptions have the message first. */
  readonly excMessage: readonly unknown[]
  /** Where the class lives: `builtins`; `js` for errors of JavaScript; empty when it is not known. */
  readonly excModule: string
  /** The stack where it was thrown, as text. */
  readonly traceback: string | undefined

  constructor(
    { taskId, result, traceback }: Pick<TaskMeta, 'taskId' | 'result' | 'traceback'>,
    options?: ErrorOptions,
  ) {
    const exception = readException(result)
    super(describeException(exception), options)
    this.taskId = taskId
    this.excType = exception.exc_type
    this.excMessage = exception.exc_message
    this.excModule = exception.exc_module
    this.traceback = traceback
  }

  static {
    brand(this, 'TaskError')
  }
}

/** A task was revoked, or had expired, before it was done. Codes: `ERR_CELERY_TASK_REVOKED`. */
export class TaskRevokedError extends TaskError {
  override readonly code = 'ERR_CELERY_TASK_REVOKED'

  /** `revoked`, `terminated` or `expired`; what the worker wrote. */
  get reason(): string {
    return String(this.excMessage[0] ?? 'revoked')
  }

  static {
    brand(this, 'TaskRevokedError')
  }
}

/** A result did not come in the time given. The task may still run. Codes: `ERR_CELERY_TIMEOUT`. */
export class TaskTimeoutError extends TwopiError {
  override readonly code = 'ERR_CELERY_TIMEOUT'
  readonly taskId: string

  constructor(taskId: string, milliseconds: number) {
    super(`Task "${taskId}" has no result after ${milliseconds / 1000} seconds; it may still be waiting or running`)
    this.taskId = taskId
  }

  static {
    brand(this, 'TaskTimeoutError')
  }
}

/** The error that a stored failure stands for; also of tasks that are to be tried again (RETRY). */
export function toTaskError(meta: TaskMeta, options?: ErrorOptions): TaskError {
  return meta.status === 'REVOKED' ? new TaskRevokedError(meta, options) : new TaskError(meta, options)
}

/**
 * Tells whether a caught value is the failure of a task, and of which class.
 *
 * @param error - anything that was caught
 * @param excType - the name of Python's or JavaScript's class: `'ValueError'`; any when left out
 */
export function isTaskError<Name extends string = string>(
  error: unknown,
  excType?: Name,
): error is TaskError & { readonly excType: Name } {
  return error instanceof TaskError && (excType === undefined || error.excType === excType)
}
