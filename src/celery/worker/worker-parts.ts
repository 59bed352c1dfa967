import type { Clock } from './clock.ts'
import type { Job } from './job.ts'
import type { Pool } from './pool.ts'
import type { TaskLimiter } from './task-limiter.ts'
import type { ExecutionSite } from './task-run.ts'
import type { TimeLimits } from './time-limits.ts'
import type { WorkerSetup } from './worker-setup.ts'

/** Parts of a worker that tests replace. */
export interface WorkerParts {
  readonly clock?: Clock | undefined
  /** As `Math.random`, for the jitter of retries. */
  readonly random?: (() => number) | undefined
  readonly openPool?: ((needs: PoolNeeds) => Pool | Promise<Pool>) | undefined
  readonly createLimiter?: ((clock: Clock, release: (job: Job) => void) => TaskLimiter) | undefined
}

/** What a pool is made with. */
export interface PoolNeeds {
  readonly setup: WorkerSetup
  readonly site: ExecutionSite
  readonly clock: Clock
  readonly timeLimits: TimeLimits
}
