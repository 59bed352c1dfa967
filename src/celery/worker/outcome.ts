import type { ExceptionData } from '../protocol/task-meta.ts'
import type { RetryPlan } from '../task/signals.ts'

/**
 * What came of one execution of a task.
 *
 * - `success`, `failure`, `retry`, `reject`, `ignore`: as the task's code ended
 * - `failure` with `timeout`: its hard time limit ended it; with `lost`: the thread it ran in died
 * - `terminated`: it was revoked while it ran
 * - `interrupted`: the worker was killed; nothing is stored of it
 */
export type Outcome =
  | { readonly kind: 'success'; readonly result: unknown }
  | { readonly kind: 'failure'; readonly failure: Failure; readonly timeout?: true; readonly lost?: true }
  | { readonly kind: 'retry'; readonly plan: RetryPlan; readonly failure: Failure }
  | { readonly kind: 'reject'; readonly requeue: boolean; readonly reason: string }
  | { readonly kind: 'ignore' }
  | { readonly kind: 'terminated' }
  | { readonly kind: 'interrupted' }

/** An error as it is stored, and as it was caught. */
export interface Failure {
  readonly exception: ExceptionData
  readonly traceback: string | undefined
  /** What was thrown; what comes from a thread is made again from the other two. */
  readonly error: unknown
}

/** Why an execution is ended from outside. */
export type AbortKind = 'terminated' | 'interrupted'
