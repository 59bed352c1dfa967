import type { Job } from './job.ts'
import type { AbortKind, Outcome } from './outcome.ts'

/**
 * Where tasks are executed. The worker keeps to {@link concurrency} by itself: it never hands over more jobs at a time.
 *
 * A pool runs the task through `executeTask`, in this process or another thread, and keeps its time limits.
 */
export interface Pool {
  /** `async`, `threads`: for logs and remote control. */
  readonly kind: string
  /** Jobs at a time. */
  readonly concurrency: number
  /** Resolves when no task can be executed any more, with the reason; undefined where that cannot be. */
  readonly broken?: Promise<Error> | undefined
  /** Executes a job. Never rejects. Resolves at once when it is ended from outside, whatever its code goes on to do. */
  execute(job: Job): Promise<Outcome>
  /** Ends a running job: its `execute` resolves with an outcome of this kind. Nothing is done when it is not running. */
  abort(job: Job, kind: AbortKind): void
  /** Changes {@link concurrency}; jobs beyond the new number end in their own time. */
  resize(concurrency: number): void
  /** Process and thread ids, for remote control. */
  processes(): readonly number[]
  /** Ends threads, timers and what is still running. Never rejects. */
  close(): Promise<void>
}
