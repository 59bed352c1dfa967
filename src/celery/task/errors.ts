import { brand } from '../../lib/brand.ts'
import { TwopiError } from '../../lib/twopi-error.ts'

/** What can become of a task, apart from what its own code returns and throws. `docs/errors.md` says what to do about each. */
export type CeleryTaskErrorCode =
  | 'ERR_CELERY_ARGUMENTS'
  | 'ERR_CELERY_IGNORE'
  | 'ERR_CELERY_MAX_RETRIES'
  | 'ERR_CELERY_NOT_REGISTERED'
  | 'ERR_CELERY_REJECT'
  | 'ERR_CELERY_RETRY'
  | 'ERR_CELERY_SOFT_TIME_LIMIT'
  | 'ERR_CELERY_TASK_REVOKED'
  | 'ERR_CELERY_TIME_LIMIT'
  | 'ERR_CELERY_WORKER_LOST'

/**
 * The base of errors that Python knows under a name of its own: a stored result carries `excType`, `excModule` and
 * `excArgs`, so that Python's `result.get()` raises the class it would have raised for a worker of its own.
 */
export abstract class CeleryTaskError extends TwopiError {
  abstract override readonly code: CeleryTaskErrorCode
  /** Name of the class in Python. */
  abstract readonly excType: string
  /** Module of the class in Python. */
  abstract readonly excModule: string
  /** What the class is constructed with in Python. */
  abstract readonly excArgs: readonly unknown[]

  static {
    brand(this, 'CeleryTaskError')
  }
}

/** Thrown on receipt of a call whose arguments the task does not take. Codes: `ERR_CELERY_ARGUMENTS`. */
export class TaskArgumentsError extends CeleryTaskError {
  override readonly code = 'ERR_CELERY_ARGUMENTS'
  readonly excType = 'TypeError'
  readonly excModule = 'builtins'
  readonly excArgs: readonly unknown[]
  /** Name of the task. */
  readonly task: string
  /** What is wrong, each with its path; never the values. */
  readonly problems: readonly string[]

  constructor(task: string, problems: readonly string[]) {
    super(`${task}() ${problems.join('; ')}`)
    this.task = task
    this.problems = problems
    this.excArgs = [this.message]
  }

  static {
    brand(this, 'TaskArgumentsError')
  }
}

/** Thrown when a task was tried as often as it may be, and nothing else says why. Codes: `ERR_CELERY_MAX_RETRIES`. */
export class MaxRetriesExceededError extends CeleryTaskError {
  override readonly code = 'ERR_CELERY_MAX_RETRIES'
  readonly excType = 'MaxRetriesExceededError'
  readonly excModule = 'celery.exceptions'
  readonly excArgs: readonly unknown[]
  readonly taskId: string

  constructor(task: string, taskId: string, maxRetries: number, options?: ErrorOptions) {
    super(`Can't retry ${task}[${taskId}]: all ${maxRetries} retries are used`, options)
    this.taskId = taskId
    this.excArgs = [this.message]
  }

  static {
    brand(this, 'MaxRetriesExceededError')
  }
}

/** Thrown when a message calls a task that is not registered. Codes: `ERR_CELERY_NOT_REGISTERED`. */
export class NotRegistered extends CeleryTaskError {
  override readonly code = 'ERR_CELERY_NOT_REGISTERED'
  readonly excType = 'NotRegistered'
  readonly excModule = 'celery.exceptions'
  readonly excArgs: readonly unknown[]
  /** Name of the task. */
  readonly task: string

  constructor(task: string) {
    super(`task "${task}" is not registered; import the module that defines it where the worker starts`)
    this.task = task
    this.excArgs = [task]
  }

  static {
    brand(this, 'NotRegistered')
  }
}

/**
 * What a worker stores for a revoked task; whoever waits for the result gets the `TaskRevokedError` of results. Codes:
 * `ERR_CELERY_TASK_REVOKED`.
 */
export class TaskRevokedError extends CeleryTaskError {
  override readonly code = 'ERR_CELERY_TASK_REVOKED'
  readonly excType = 'TaskRevokedError'
  readonly excModule = 'celery.exceptions'
  readonly excArgs: readonly unknown[]
  readonly reason: 'revoked' | 'terminated' | 'expired'

  constructor(reason: TaskRevokedError['reason'] = 'revoked') {
    super(reason)
    this.reason = reason
    this.excArgs = [reason]
  }

  static {
    brand(this, 'RevokedInWorker')
  }
}

/** The reason of a task's `signal` when its soft time limit is over. Codes: `ERR_CELERY_SOFT_TIME_LIMIT`. */
export class SoftTimeLimitExceeded extends CeleryTaskError {
  override readonly code = 'ERR_CELERY_SOFT_TIME_LIMIT'
  readonly excType = 'SoftTimeLimitExceeded'
  readonly excModule = 'billiard.exceptions'
  readonly excArgs: readonly unknown[]
  /** Seconds. */
  readonly limit: number

  constructor(limit: number) {
    super(`Soft time limit (${limit}s) exceeded`)
    this.limit = limit
    this.excArgs = [limit]
  }

  static {
    brand(this, 'SoftTimeLimitExceeded')
  }
}

/** What a task comes to that was ended by its hard time limit. Codes: `ERR_CELERY_TIME_LIMIT`. */
export class TimeLimitExceeded extends CeleryTaskError {
  override readonly code = 'ERR_CELERY_TIME_LIMIT'
  readonly excType = 'TimeLimitExceeded'
  readonly excModule = 'billiard.exceptions'
  readonly excArgs: readonly unknown[]
  /** Seconds. */
  readonly limit: number

  constructor(limit: number) {
    super(`Time limit (${limit}s) exceeded`)
    this.limit = limit
    this.excArgs = [limit]
  }

  static {
    brand(this, 'TimeLimitExceeded')
  }
}

/** What a task comes to whose worker process, or thread, ended under it. Codes: `ERR_CELERY_WORKER_LOST`. */
export class WorkerLostError extends CeleryTaskError {
  override readonly code = 'ERR_CELERY_WORKER_LOST'
  readonly excType = 'WorkerLostError'
  readonly excModule = 'billiard.exceptions'
  readonly excArgs: readonly unknown[]

  constructor(reason: string, options?: ErrorOptions) {
    super(reason, options)
    this.excArgs = [reason]
  }

  static {
    brand(this, 'WorkerLostError')
  }
}
