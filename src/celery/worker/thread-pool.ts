import { Fifo } from '../../lib/fifo.ts'
import { TimeLimitExceeded, WorkerLostError } from '../task/errors.ts'
import type { Logger } from '../task/logger.ts'
import type { Clock, Timer } from './clock.ts'
import type { Job } from './job.ts'
import type { AbortKind, Outcome } from './outcome.ts'
import type { Pool } from './pool.ts'
import { PoolThread } from './pool-thread.ts'
import type { ExecutionSite } from './task-run.ts'
import type { OutcomeMessage, UpdateMessage } from './thread-messages.ts'
import { packValue, unpackOutcome, unpackValue } from './thread-outcome.ts'
import type { TimeLimits } from './time-limits.ts'
import { toFailure } from './to-failure.ts'

/** What the pool is made of. */
export interface ThreadPoolOptions {
  readonly concurrency: number
  /** As `loadHost` takes it: every thread loads the app by itself. */
  readonly app: string
  readonly site: Pick<ExecutionSite, 'logger' | 'storeState'>
  readonly clock: Clock
  readonly timeLimits: TimeLimits
  /** A thread is replaced after so many tasks; undefined: never. */
  readonly maxTasksPerThread: number | undefined
  /** Megabytes that the heap of a thread may have; undefined: as Node has it. */
  readonly maxMegabytes: number | undefined
  /** The program of a thread. Default: `thread-main.js` beside this file. */
  readonly entry?: URL | undefined
}

interface Execution {
  readonly number: number
  readonly job: Job
  readonly resolve: (outcome: Outcome) => void
  thread: PoolThread | undefined
  timers: readonly Timer[]
}

/** So many threads in a row that cannot be started are the last: the files of the app are broken, or gone. */
const MOST_FAILED_STARTS = 3
/** Milliseconds before a thread is started after one that could not be. */
const RESTART_MS = 500
/** The longest that a timer of Node can be: 24 days. */
const LONGEST_MS = 2 ** 31 - 1

/**
 * Runs each task in a thread of its own: for tasks that compute. At the hard time limit, when it is revoked and at a cold stop
 * the thread is ended with it and another one takes its place, so that nothing of it goes on.
 *
 * Threads are started when they are needed. One that dies fails its task with `WorkerLostError`, and no other. When none can be
 * started any more the pool is broken: the worker ends, and gives back what it can.
 */
export class ThreadPool implements Pool {
  readonly kind = 'threads'
  readonly broken: Promise<Error>
  #tellBroken: (error: Error) => void = () => undefined
  #isBroken = false
  #concurrency: number
  readonly #options: ThreadPoolOptions
  readonly #logger: Logger
  readonly #threads = new Set<PoolThread>()
  /** Those that have not loaded the app yet. */
  readonly #starting = new Set<PoolThread>()
  readonly #idle: PoolThread[] = []
  readonly #waiting = new Fifo<Execution>()
  readonly #executions = new Map<number, Execution>()
  readonly #byJob = new Map<Job, Execution>()
  #lastNumber = 0
  #failedStarts = 0
  #closed = false

  private constructor(options: ThreadPoolOptions) {
    this.#options = options
    this.#concurrency = options.concurrency
    this.#logger = options.site.logger
    this.broken = new Promise((resolve) => {
      this.#tellBroken = resolve
    })
  }

  /**
   * Makes a pool whose first thread has loaded the app.
   *
   * @throws TypeError when a thread cannot load the app
   */
  static async open(options: ThreadPoolOptions): Promise<ThreadPool> {
    const pool = new ThreadPool(options)
    const first = pool.#startThread()
    try {
      await first.ready
    } catch (error) {
      pool.#closed = true
      await first.kill()
      throw error
    }
    pool.#started(first)
    return pool
  }

  get concurrency(): number {
    return this.#concurrency
  }

  execute(job: Job): Promise<Outcome> {
    return new Promise((resolve) => {
      const execution: Execution = { number: ++this.#lastNumber, job, resolve, thread: undefined, timers: [] }
      this.#executions.set(execution.number, execution)
      this.#byJob.set(job, execution)
      if (this.#isBroken) return this.#giveBack(execution, 'none can be started')
      this.#waiting.push(execution)
      this.#serve()
    })
  }

  abort(job: Job, kind: AbortKind): void {
    const execution = this.#byJob.get(job)
    if (execution !== undefined) this.#cutOff(execution, { kind })
  }

  resize(concurrency: number): void {
    this.#concurrency = concurrency
    while (this.#threads.size > concurrency) {
      const idle = this.#idle.pop()
      if (idle === undefined) break
      this.#retire(idle)
    }
    this.#serve()
  }

  processes(): readonly number[] {
    return [...this.#threads].map(({ id }) => id)
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const execution of [...this.#executions.values()]) this.#cutOff(execution, { kind: 'interrupted' })
    await Promise.all([...this.#threads].map((thread) => thread.close()))
  }

  /** Gives those that wait to threads that are idle, and starts threads for the others. */
  #serve(): void {
    if (this.#closed) return
    while (this.#waiting.size > 0) {
      const thread = this.#idle.pop()
      if (thread === undefined) break
      const execution = this.#waiting.shift()
      if (execution === undefined || !this.#executions.has(execution.number)) this.#idle.push(thread)
      else this.#begin(execution, thread)
    }
    const starting = this.#threads.size - this.#idle.length - this.#busy()
    for (let i = starting; i < this.#waiting.size && this.#threads.size < this.#concurrency; i++) this.#addThread()
  }

  #busy(): number {
    let count = 0
    for (const { thread } of this.#executions.values()) if (thread !== undefined) count++
    return count
  }

  #begin(execution: Execution, thread: PoolThread): void {
    const { job, number } = execution
    let request: Uint8Array
    try {
      request = packValue(job.request, 'request')
    } catch (error) {
      this.#idle.push(thread)
      this.#end(execution, { kind: 'failure', failure: toFailure(error) })
      return
    }
    execution.thread = thread
    execution.timers = this.#setTimers(execution, thread)
    thread.run(number, request)
  }

  #setTimers(execution: Execution, thread: PoolThread): readonly Timer[] {
    const limit = this.#options.timeLimits.of(execution.job.message, execution.job.task)
    if (limit === undefined) return []
    const { hard, soft } = limit
    const timers: Timer[] = []
    if (soft !== undefined) {
      timers.push(this.#after(soft, () => thread.abort({ job: execution.number, limit: soft })))
    }
    if (hard !== undefined) {
      timers.push(
        this.#after(hard, () => {
          const failure = toFailure(new TimeLimitExceeded(hard))
          this.#cutOff(execution, { kind: 'failure', failure, timeout: true })
        }),
      )
    }
    return timers
  }

  #after(seconds: number, fn: () => void): Timer {
    return this.#options.clock.setTimer(Math.min(seconds * 1000, LONGEST_MS), fn)
  }

  /** Ends an execution from outside, and the thread it runs in with it. */
  #cutOff(execution: Execution, outcome: Outcome): void {
    const { thread } = execution
    this.#end(execution, outcome)
    if (thread === undefined) return
    this.#threads.delete(thread)
    void thread.kill()
    this.#serve()
  }

  #end(execution: Execution, outcome: Outcome): void {
    if (!this.#executions.delete(execution.number)) return
    this.#byJob.delete(execution.job)
    for (const timer of execution.timers) timer.clear()
    execution.resolve(outcome)
  }

  #addThread(): void {
    const thread = this.#startThread()
    thread.ready.then(
      () => {
        this.#started(thread)
        this.#serve()
      },
      // Its exit tells those that wait for it.
      (error: unknown) => {
        this.#logger.error({ err: error }, 'a thread could not be started')
        void thread.kill()
      },
    )
  }

  #started(thread: PoolThread): void {
    this.#starting.delete(thread)
    this.#failedStarts = 0
    this.#rest(thread)
  }

  #startThread(): PoolThread {
    const { entry, app, maxMegabytes, site } = this.#options
    const thread: PoolThread = new PoolThread({
      entry: entry ?? new URL('./thread-main.js', import.meta.url),
      app,
      maxMegabytes,
      onOutcome: (message) => this.#finish(thread, message),
      onUpdate: (message) => void this.#update(thread, message),
      onLog: ({ level, fields, text }) => site.logger[level](fields, text),
      onExit: (reason) => this.#lose(thread, reason),
    })
    this.#threads.add(thread)
    this.#starting.add(thread)
    return thread
  }

  #rest(thread: PoolThread): void {
    if (this.#threads.has(thread)) this.#idle.push(thread)
  }

  #finish(thread: PoolThread, { job: number, outcome, children }: OutcomeMessage): void {
    const execution = this.#executions.get(number)
    // It was ended from outside just before.
    if (execution === undefined) return
    execution.job.children = unpackValue(children) as readonly unknown[]
    const { maxTasksPerThread = Number.POSITIVE_INFINITY } = this.#options
    if (thread.jobs >= maxTasksPerThread || this.#threads.size > this.#concurrency) this.#retire(thread)
    else this.#rest(thread)
    this.#end(execution, unpackOutcome(outcome, execution.job.request.id))
    this.#serve()
  }

  #retire(thread: PoolThread): void {
    this.#threads.delete(thread)
    void thread.close()
  }

  async #update(thread: PoolThread, { job: number, update, state, meta }: UpdateMessage): Promise<void> {
    const execution = this.#executions.get(number)
    if (execution === undefined) return thread.stored(update, undefined)
    try {
      await this.#options.site.storeState(execution.job.request, state, unpackValue(meta))
      thread.stored(update, undefined)
    } catch (error) {
      thread.stored(update, error instanceof Error ? error.message : String(error))
    }
  }

  #lose(thread: PoolThread, reason: string): void {
    // Those that were ended on purpose are not among them any more.
    if (!this.#threads.delete(thread)) return
    const idle = this.#idle.indexOf(thread)
    if (idle >= 0) this.#idle.splice(idle, 1)
    for (const execution of [...this.#executions.values()]) {
      if (execution.thread === thread) this.#end(execution, lost(reason))
    }
    if (this.#closed) return
    if (this.#starting.delete(thread)) this.#startFailed(reason)
    else this.#serve()
  }

  #startFailed(reason: string): void {
    this.#failedStarts++
    if (this.#failedStarts < MOST_FAILED_STARTS) {
      this.#options.clock.setTimer(RESTART_MS, () => this.#serve())
      return
    }
    this.#isBroken = true
    this.#tellBroken(new WorkerLostError(`no thread can be started any more: ${reason}`))
    for (const execution of this.#waiting.drain()) this.#giveBack(execution, reason)
  }

  /** A task that cannot be executed goes back to the broker; one that is acknowledged already fails. */
  #giveBack(execution: Execution, reason: string): void {
    this.#end(execution, execution.job.acksLate ? { kind: 'interrupted' } : lost(reason))
  }
}

function lost(reason: string): Outcome {
  const failure = toFailure(new WorkerLostError(`the thread of the task died: ${reason}`))
  return { kind: 'failure', failure, lost: true }
}
