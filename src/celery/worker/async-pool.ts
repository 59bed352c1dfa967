import { SoftTimeLimitExceeded, TaskRevokedError, TimeLimitExceeded, WorkerLostError } from '../task/errors.ts'
import type { Clock, Timer } from './clock.ts'
import { executeTask } from './execute-task.ts'
import type { Job } from './job.ts'
import type { AbortKind, Outcome } from './outcome.ts'
import type { Pool } from './pool.ts'
import { type ExecutionSite, TaskRun } from './task-run.ts'
import type { TimeLimit, TimeLimits } from './time-limits.ts'
import { toFailure } from './to-failure.ts'

/** What the pool is made of. */
export interface AsyncPoolOptions {
  readonly concurrency: number
  readonly site: ExecutionSite
  readonly clock: Clock
  readonly timeLimits: TimeLimits
}

interface Execution {
  readonly run: TaskRun
  /** Ends it; further calls do nothing. */
  readonly end: (outcome: Outcome) => void
}

/**
 * Runs tasks in this process, among each other: for tasks that wait more than they compute.
 *
 * JavaScript cannot be stopped from outside. The soft limit, `revoke` and a cold stop abort the task's signal; at the hard
 * limit the worker turns away from the task: it counts as ended and its place is free, but what it was doing goes on until it
 * ends by itself. Only the pool `threads` really ends it.
 */
export class AsyncPool implements Pool {
  readonly kind = 'async'
  #concurrency: number
  readonly #site: ExecutionSite
  readonly #clock: Clock
  readonly #timeLimits: TimeLimits
  readonly #executions = new Map<Job, Execution>()

  constructor({ concurrency, site, clock, timeLimits }: AsyncPoolOptions) {
    this.#concurrency = concurrency
    this.#site = site
    this.#clock = clock
    this.#timeLimits = timeLimits
  }

  get concurrency(): number {
    return this.#concurrency
  }

  execute(job: Job): Promise<Outcome> {
    const run = new TaskRun(job.task, job.request, this.#site)
    job.children = run.children
    return new Promise((resolve) => {
      const limit = this.#timeLimits.of(job.message, job.task)
      const timers = limit === undefined ? undefined : this.#setTimers(limit, job, run)
      const end = (outcome: Outcome) => {
        // Something else ended it before.
        if (this.#executions.get(job) !== execution) return this.#tellLate(job)
        this.#executions.delete(job)
        timers?.forEach((timer) => {
          timer.clear()
        })
        resolve(outcome)
      }
      const execution: Execution = { run, end }
      this.#executions.set(job, execution)
      void executeTask(run, this.#site.around, this.#site.random).then(end)
    })
  }

  abort(job: Job, kind: AbortKind): void {
    const reason = kind === 'terminated' ? new TaskRevokedError('terminated') : new WorkerLostError(STOPPED)
    this.#turnAway(job, reason, { kind })
  }

  resize(concurrency: number): void {
    this.#concurrency = concurrency
  }

  processes(): readonly number[] {
    return [process.pid]
  }

  async close(): Promise<void> {
    for (const job of [...this.#executions.keys()]) this.abort(job, 'interrupted')
  }

  #setTimers({ hard, soft }: TimeLimit, job: Job, run: TaskRun): Timer[] {
    const timers: Timer[] = []
    if (soft !== undefined) timers.push(this.#after(soft, () => run.abort(new SoftTimeLimitExceeded(soft))))
    if (hard !== undefined) timers.push(this.#after(hard, () => this.#timeOut(job, hard)))
    return timers
  }

  #timeOut(job: Job, limit: number): void {
    const error = new TimeLimitExceeded(limit)
    this.#turnAway(job, error, { kind: 'failure', failure: toFailure(error), timeout: true })
  }

  #after(seconds: number, fn: () => void): Timer {
    return this.#clock.setTimer(Math.min(seconds * 1000, LONGEST_MS), fn)
  }

  #turnAway(job: Job, reason: Error, outcome: Outcome): void {
    const execution = this.#executions.get(job)
    if (execution === undefined) return
    const updates = execution.run.end()
    execution.run.abort(reason)
    // A state of the task's own must not come after the one that is stored now.
    if (updates === undefined || outcome.kind === 'interrupted') execution.end(outcome)
    else void updates.then(() => execution.end(outcome))
  }

  #tellLate(job: Job): void {
    const { task, id } = job.request
    this.#site.logger.debug({ task, id }, 'task ended after the worker had turned away from it')
  }
}

const STOPPED = 'the worker was stopped'
/** The longest that a timer of Node can be: 24 days. */
const LONGEST_MS = 2 ** 31 - 1
