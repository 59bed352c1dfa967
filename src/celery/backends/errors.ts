import { brand } from '../../lib/brand.ts'
import { TwopiError } from '../../lib/twopi-error.ts'

/** What can go wrong with a result store. `docs/errors.md` says what to do about each. */
export type BackendErrorCode =
  | 'ERR_CELERY_BACKEND_CONNECTION'
  | 'ERR_CELERY_BACKEND_DATA'
  | 'ERR_CELERY_BACKEND_UNSUPPORTED'
  | 'ERR_CELERY_RESULT_ELSEWHERE'
  | 'ERR_CELERY_RESULT_TOO_LARGE'

/** The base of what result stores throw. Messages have addresses without their secrets, and nothing of what a result holds. */
export abstract class BackendError extends TwopiError {
  abstract override readonly code: BackendErrorCode

  static {
    brand(this, 'BackendError')
  }
}

/** Thrown when the store cannot be reached, or the handle was closed. Codes: `ERR_CELERY_BACKEND_CONNECTION`. */
export class BackendConnectionError extends BackendError {
  override readonly code = 'ERR_CELERY_BACKEND_CONNECTION'
  /** Of the store, without its secrets. */
  readonly address: string

  constructor(address: string, reason: string, options?: ErrorOptions) {
    super(`The result store \`${address}\` cannot be reached: ${reason}`, options)
    this.address = address
  }

  static {
    brand(this, 'BackendConnectionError')
  }
}

/** Thrown when what is stored cannot be read as a result. Codes: `ERR_CELERY_BACKEND_DATA`. */
export class BackendDataError extends BackendError {
  override readonly code = 'ERR_CELERY_BACKEND_DATA'
  /** Of the task, or of the group. */
  readonly id: string

  constructor(id: string, reason: string, options?: ErrorOptions) {
    super(`What is stored for "${id}" is not a result: ${reason}`, options)
    this.id = id
  }

  static {
    brand(this, 'BackendDataError')
  }
}

/** Thrown when a store is asked for what it cannot do, such as a chord on `rpc://`. Codes: `ERR_CELERY_BACKEND_UNSUPPORTED`. */
export class BackendUnsupportedError extends BackendError {
  override readonly code = 'ERR_CELERY_BACKEND_UNSUPPORTED'

  constructor(address: string, what: string) {
    super(`The result store \`${address}\` has no ${what}; use \`redis:\` for it`)
  }

  static {
    brand(this, 'BackendUnsupportedError')
  }
}

/** Thrown when the result of a task goes to the process that sent it, which is not this one. Codes: `ERR_CELERY_RESULT_ELSEWHERE`. */
export class ResultElsewhereError extends BackendError {
  override readonly code = 'ERR_CELERY_RESULT_ELSEWHERE'
  readonly taskId: string

  constructor(address: string, taskId: string) {
    super(
      `The result of task "${taskId}" on \`${address}\` goes to the process that sent it; use \`redis:\` to share it`,
    )
    this.taskId = taskId
  }

  static {
    brand(this, 'ResultElsewhereError')
  }
}

/** Thrown when a result is larger than a store takes. Codes: `ERR_CELERY_RESULT_TOO_LARGE`. */
export class ResultTooLargeError extends BackendError {
  override readonly code = 'ERR_CELERY_RESULT_TOO_LARGE'
  readonly taskId: string

  constructor(taskId: string, bytes: number, limit: number) {
    super(`The result of task "${taskId}" has ${bytes} bytes; at most ${limit} can be stored`)
    this.taskId = taskId
  }

  static {
    brand(this, 'ResultTooLargeError')
  }
}
