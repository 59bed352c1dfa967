import { brand } from '../../lib/brand.ts'
import { CeleryTaskError } from './errors.ts'

// What a task throws to end its run in another way than by a result or a failure. None of them is stored as a failure.

/** What the next try is sent with. */
export interface RetryPlan {
  /** Why; stored as the result of state RETRY. */
  readonly cause: unknown
  /** Seconds from now until the next try. */
  readonly countdown: number
  /** undefined: those of this try. */
  readonly args: readonly unknown[] | undefined
  readonly kwargs: Readonly<Record<string, unknown>> | undefined
  readonly queue: string | undefined
  readonly priority: number | undefined
}

/**
 * Ends a run that is to be tried again. `context.retry()` makes and throws it; a task that catches everything must let it
 * pass. Codes: `ERR_CELERY_RETRY`.
 */
export class Retry extends CeleryTaskError {
  override readonly code = 'ERR_CELERY_RETRY'
  readonly excType = 'Retry'
  readonly excModule = 'celery.exceptions'
  readonly excArgs: readonly unknown[]
  readonly plan: RetryPlan

  constructor(plan: RetryPlan) {
    super(`Retry in ${plan.countdown}s`, { cause: plan.cause })
    this.plan = plan
    this.excArgs = [this.message]
  }

  static {
    brand(this, 'Retry')
  }
}

/**
 * Gives the message back to the broker: thrown away, or dead-lettered where the queue says so, or to the end of its queue.
 * Needs `acksLate`; a message that is acknowledged already cannot be rejected. Codes: `ERR_CELERY_REJECT`.
 *
 * @example
 * ```ts
 * import { createCelery, Reject } from 'twopi/celery'
 *
 * const celery = createCelery('school')
 * export const index = celery.task('school.index', { acksLate: true }, (_context, size: number) => {
 *   if (size > 1_000_000) throw new Reject('too large for this worker', { requeue: true })
 * })
 * ```
 */
export class Reject extends CeleryTaskError {
  override readonly code = 'ERR_CELERY_REJECT'
  readonly excType = 'Reject'
  readonly excModule = 'celery.exceptions'
  readonly excArgs: readonly unknown[]
  readonly reason: string
  readonly requeue: boolean

  /**
   * @param reason - for the log
   * @param options - `requeue`: to the end of the queue again. Default false: away with it
   */
  constructor(reason = 'rejected by the task', options: { readonly requeue?: boolean | undefined } = {}) {
    super(reason)
    this.reason = reason
    this.requeue = options.requeue ?? false
    this.excArgs = [reason, this.requeue]
  }

  static {
    brand(this, 'Reject')
  }
}

/** Ends a run without a state: nothing is stored, the message is acknowledged. Codes: `ERR_CELERY_IGNORE`. */
export class Ignore extends CeleryTaskError {
  override readonly code = 'ERR_CELERY_IGNORE'
  readonly excType = 'Ignore'
  readonly excModule = 'celery.exceptions'
  readonly excArgs: readonly unknown[] = []

  constructor(reason = 'ignored by the task') {
    super(reason)
  }

  static {
    brand(this, 'Ignore')
  }
}

/** True for what a task throws to end its run in another way than by a failure. */
export function isSignal(error: unknown): error is Retry | Reject | Ignore {
  return error instanceof Retry || error instanceof Reject || error instanceof Ignore
}
