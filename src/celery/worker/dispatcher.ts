import { Fifo } from '../../lib/fifo.ts'
import type { ResultBackend } from '../backends/result-backend.ts'
import type { TaskHooks } from '../task/task-hooks.ts'
import type { Clock } from './clock.ts'
import type { Finisher } from './finisher.ts'
import type { Job } from './job.ts'
import type { JobTable } from './job-table.ts'
import type { AbortKind } from './outcome.ts'
import type { Pool } from './pool.ts'
import type { ResultWriter } from './result-writer.ts'
import type { Revoked } from './revoked.ts'
import type { Settler } from './settler.ts'
import type { Tallies } from './tallies.ts'
import type { TaskLog } from './task-log.ts'
import { whyNot } from './why-not.ts'

/** What dispatching needs. */
export interface DispatcherOptions {
  readonly hooks: TaskHooks
  readonly log: TaskLog
  readonly clock: Clock
  readonly tallies: Tallies
  readonly table: JobTable
  readonly settler: Settler
  readonly finisher: Finisher
  readonly revoked: Revoked
  /** Undefined: results are not kept. */
  readonly writer: ResultWriter | undefined
  /** The store in which a task that comes again is looked up; undefined: it is not (`worker_deduplicate_successful_tasks`). */
  readonly knownResults: Pick<ResultBackend, 'get'> | undefined
  isLost(job: Job): boolean
  /** Called when a job was started, and when it is done with. */
  onChange(): void
}

/** After so many starts in one turn of the event loop, timers and sockets have theirs. */
const BURST = 64
/** Tasks whose results are on their way to the store, for each running one: beyond it nothing is started. */
const FINISHING_PER_PLACE = 10
const LEAST_FINISHING = 100

/**
 * Starts jobs in the order they came, as many at a time as the pool has places. A place is free again when the task's code has
 * ended; storing its result goes on beside the next task, but not without bound, so that a store that cannot be reached
 * stops the worker instead of filling its memory.
 */
export class Dispatcher {
  readonly #is: DispatcherOptions
  readonly #ready = new Fifo<Job>()
  #pool: Pool | undefined
  #running = 0
  #finishing = 0
  #burst = 0
  #yielding = false

  constructor(options: DispatcherOptions) {
    this.#is = options
  }

  get running(): number {
    return this.#running
  }

  get finishing(): number {
    return this.#finishing
  }

  get waiting(): number {
    return this.#ready.size
  }

  usePool(pool: Pool): void {
    this.#pool = pool
    this.pump()
  }

  /** A job that may start as soon as there is a place. */
  push(job: Job): void {
    job.state = 'reserved'
    this.#ready.push(job)
    this.pump()
  }

  /** Takes back what waits for a place, oldest first. */
  drain(): Job[] {
    return this.#ready.drain()
  }

  /** Starts what can be started. */
  pump(): void {
    const pool = this.#pool
    if (pool === undefined) return
    while (!this.#yielding && this.#running < pool.concurrency && this.#finishing < mostFinishing(pool)) {
      const job = this.#ready.shift()
      if (job === undefined) return
      void this.#run(job, pool)
      if (++this.#burst >= BURST) this.#yield()
    }
  }

  /** Ends a running job from outside. Nothing is done when it is not running. */
  abort(job: Job, kind: AbortKind): void {
    if (job.state !== 'running') return
    job.aborted ??= kind
    this.#pool?.abort(job, kind)
  }

  #yield(): void {
    this.#yielding = true
    this.#is.clock.yield(() => {
      this.#burst = 0
      this.#yielding = false
      this.pump()
    })
  }

  async #run(job: Job, pool: Pool): Promise<void> {
    job.state = 'running'
    this.#running++
    try {
      const mayStart = this.#mayStart(job)
      if (mayStart === true || (await mayStart)) await this.#execute(job, pool)
    } catch (error) {
      // Nothing here should throw; a logger or a listener may.
      this.#is.log.trouble(job, 'the worker failed around a task', error)
    }
    this.#leave(job)
  }

  #leave(job: Job): void {
    if (job.state === 'finishing') this.#finishing--
    else this.#running--
    this.#is.table.remove(job)
    this.pump()
    this.#is.onChange()
  }

  async #execute(job: Job, pool: Pool): Promise<void> {
    const { clock, tallies, hooks, finisher } = this.#is
    this.#is.onChange()
    tallies.start(job.task.name)
    job.startedAt = clock.now()
    job.startedMono = clock.monotonic()
    hooks.emit('task-started', { request: job.request })
    const outcome = await pool.execute(job)
    job.state = 'finishing'
    this.#running--
    this.#finishing++
    this.pump()
    await finisher.finish(job, outcome)
  }

  /** The last checks before a job runs. A promise only where there is something to wait for. */
  #mayStart(job: Job): boolean | Promise<boolean> {
    const { revoked, clock, log } = this.#is
    if (this.#is.isLost(job)) {
      log.warn(job, 'not started: the connection its message came through is gone, and it will come again')
      return false
    }
    const reason = whyNot(job.message, revoked, clock)
    if (reason !== undefined) return this.#revoke(job, reason)
    const isTracked = job.task.options.trackStarted && !job.task.options.ignoreResult && !job.message.ignoreResult
    const isLookedUp = this.#is.knownResults !== undefined && job.acksLate && job.request.deliveryInfo.redelivered
    return job.acksLate && !isTracked && !isLookedUp ? true : this.#prepare(job, isTracked, isLookedUp)
  }

  async #prepare(job: Job, isTracked: boolean, isLookedUp: boolean): Promise<boolean> {
    if (isLookedUp && (await this.#hasSucceeded(job))) return false
    // Not before the broker has taken it: what it gives to another worker is not run here as well.
    if (!job.acksLate && !(await this.#is.settler.settle(job, 'ack', false))) return false
    if (isTracked) await this.#storeStarted(job)
    if (job.aborted === 'terminated') return this.#revoke(job, 'terminated')
    return job.aborted === undefined
  }

  async #revoke(job: Job, reason: 'revoked' | 'expired' | 'terminated'): Promise<false> {
    await this.#is.finisher.revoke(job, reason)
    return false
  }

  async #hasSucceeded(job: Job): Promise<boolean> {
    try {
      const meta = await this.#is.knownResults?.get(job.message.id)
      if (meta?.status !== 'SUCCESS') return false
    } catch (error) {
      this.#is.log.warn(job, 'it cannot be told whether the task succeeded before; it runs', error)
      return false
    }
    this.#is.log.warn(job, 'not started: the task succeeded before')
    await this.#is.settler.settle(job, 'ack')
    return true
  }

  async #storeStarted(job: Job): Promise<void> {
    try {
      const result = { pid: process.pid, hostname: job.request.hostname }
      await this.#is.writer?.write(job, 'STARTED', { result })
    } catch (error) {
      this.#is.log.warn(job, 'the state STARTED could not be stored', error)
    }
  }
}

function mostFinishing({ concurrency }: Pool): number {
  return Math.max(LEAST_FINISHING, FINISHING_PER_PLACE * concurrency)
}
