import { brand } from '../../lib/brand.ts'
import { TwopiError } from '../../lib/twopi-error.ts'

/** What can be wrong with a message or a stored result. */
export type MessageErrorCode =
  | 'ERR_CELERY_MESSAGE'
  | 'ERR_CELERY_CONTENT_TYPE'
  | 'ERR_CELERY_COMPRESSION'
  | 'ERR_CELERY_TOO_LARGE'

/** What is known of the task a message calls, for logs and counters. */
export interface MessageOrigin {
  readonly taskId?: string | undefined
  readonly taskName?: string | undefined
}

/**
 * Thrown for a message, or a stored result, that cannot be read. It says what is wrong and where, and never holds the
 * arguments. Codes: `ERR_CELERY_MESSAGE`, `ERR_CELERY_CONTENT_TYPE`, `ERR_CELERY_COMPRESSION`, `ERR_CELERY_TOO_LARGE`.
 */
export class MessageError extends TwopiError {
  override readonly code: MessageErrorCode
  /** The part that is wrong, by its name on the wire: `timelimit`, `body`, `content-type`. */
  readonly reason: string
  /** As far as it could be read. */
  readonly taskId: string | undefined
  /** As far as it could be read. */
  readonly taskName: string | undefined

  constructor(code: MessageErrorCode, reason: string, message: string, origin: MessageOrigin = {}) {
    super(message)
    this.code = code
    this.reason = reason
    this.taskId = origin.taskId
    this.taskName = origin.taskName
  }

  static {
    brand(this, 'MessageError')
  }
}

/** Says of which task the trouble is, when the code that found it could not know. */
export function withOrigin(error: unknown, origin: MessageOrigin): unknown {
  if (!(error instanceof MessageError) || error.taskId !== undefined || error.taskName !== undefined) return error
  return new MessageError(error.code, error.reason, error.message, origin)
}
