import type { Broker, QueueDeclaration } from '../brokers/broker.ts'
import type { Clock } from './clock.ts'
import type { Job } from './job.ts'
import type { Pool } from './pool.ts'
import type { Revoked } from './revoked.ts'
import type { TaskLimiter } from './task-limiter.ts'
import type { TimeLimits } from './time-limits.ts'

/** What remote control asks of a worker, and has it do. */
export interface WorkerControls {
  readonly hostname: string
  readonly clock: Clock
  /** @throws TypeError before the worker is started */
  readonly pool: Pool
  readonly revoked: Revoked
  readonly limiter: TaskLimiter | undefined
  readonly timeLimits: TimeLimits
  /** The worker's own connection; undefined before it is started. */
  readonly broker: Broker | undefined
  /** Those being executed, those waiting for a place or a rate limit, those waiting for their ETA. */
  active(): readonly Job[]
  reserved(): readonly Job[]
  scheduled(): readonly Job[]
  find(id: string): Job | undefined
  /** Started tasks by their name. */
  totals(): Readonly<Record<string, number>>
  /** The queues it takes from. */
  queues(): readonly QueueDeclaration[]
  addQueue(queue: QueueDeclaration): Promise<void>
  cancelQueue(name: string): Promise<void>
  /** Unsettled messages it takes at a time; 0: no limit. */
  readonly prefetchCount: number
  /** Changes how many tasks run at a time, and with it the prefetch count. */
  resize(concurrency: number): void
  /** Remembers ids, and stores REVOKED for them. With `terminate` those that run are ended. */
  revoke(ids: readonly string[], options?: { readonly terminate?: boolean | undefined }): Promise<void>
  /** Milliseconds since the worker was started. */
  uptime(): number
}
