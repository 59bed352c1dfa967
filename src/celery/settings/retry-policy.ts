import type { AnyCase } from './any-case.ts'

/** How often, and with what waits in seconds, something is tried again. */
export interface RetryPolicy {
  /** After the first try; undefined: for ever. */
  readonly maxRetries: number | undefined
  /** Before the first retry. */
  readonly intervalStart: number
  /** Added for each one more. */
  readonly intervalStep: number
  /** The longest. */
  readonly intervalMax: number
}

/** A {@link RetryPolicy} as users write it; what is missing is as by default. */
export type RetryPolicyInput = AnyCase<{
  readonly maxRetries?: number | null
  readonly intervalStart?: number
  readonly intervalStep?: number
  readonly intervalMax?: number
}>

/** Celery's `task_publish_retry_policy`. */
export const defaultRetryPolicy: RetryPolicy = { maxRetries: 3, intervalStart: 0, intervalStep: 0.2, intervalMax: 1 }
