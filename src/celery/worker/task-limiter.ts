import type { Job } from './job.ts'

/** Lets jobs of a task start only so often. The worker asks it when a job could be reserved: after its ETA. */
export interface TaskLimiter {
  /** True: the job may start, and is counted. False: the limiter keeps it, and hands it to `release` in its time. */
  admit(job: Job): boolean
  /** Changes the limit of a task: starts per second; undefined: none. */
  setLimit(task: string, perSecond: number | undefined): void
  /** What it keeps. */
  readonly held: Iterable<Job>
  /** How many it keeps. */
  readonly size: number
  /** Lets go of all it keeps, without handing them on. */
  drain(): readonly Job[]
  close(): void
}
