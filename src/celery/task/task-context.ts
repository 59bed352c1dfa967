import type { Duration } from '../../lib/duration.ts'
import type { Logger } from './logger.ts'
import type { TaskRequest } from './task-request.ts'

/** What a task's function is given before its arguments. */
export interface TaskContext<Kwargs extends object = Readonly<Record<string, unknown>>> {
  readonly request: TaskRequest
  /** Arguments given by name; validated when the task declares a schema for them. */
  readonly kwargs: Kwargs
  /**
   * Aborted when the task shall stop: soft time limit (`reason` is a `SoftTimeLimitExceeded`), `revoke({ terminate })`, cold
   * shutdown. Give it to `fetch`, timers and queries.
   */
  readonly signal: AbortSignal
  /** Writes lines that carry the task's name and id. */
  readonly logger: Logger
  /** Stores a state of the task's own, for whoever watches: `PROGRESS` and its details. */
  updateState(state: string, meta?: unknown): Promise<void>
  /**
   * Ends this run and has the task tried again: `throw retry(...)` or just `retry(...)`.
   *
   * @throws Retry always; the cause, or `MaxRetriesExceededError`, when there were too many
   */
  retry(options?: RetryOptions): never
}

/** @see https://docs.celeryq.dev/en/stable/userguide/tasks.html#retrying */
export interface RetryOptions {
  /** Why; stored as the result of state RETRY, thrown when it was the last try. */
  readonly cause?: unknown
  /** Wait before the next try. Default: the task's `defaultRetryDelay`, 180 seconds. */
  readonly countdown?: Duration | undefined
  readonly eta?: Date | undefined
  /** null: for ever. Default: the task's. */
  readonly maxRetries?: number | null | undefined
  /** Other arguments for the next try. */
  readonly args?: readonly unknown[] | undefined
  readonly kwargs?: Readonly<Record<string, unknown>> | undefined
  readonly queue?: string | undefined
  readonly priority?: number | undefined
}
