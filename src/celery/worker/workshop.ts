import { forget } from '../../lib/maybe-promise.ts'
import type { Delivery } from '../brokers/broker.ts'
import type { Clock } from './clock.ts'
import type { Dispatcher } from './dispatcher.ts'
import type { Finisher } from './finisher.ts'
import type { Job } from './job.ts'
import type { JobTable } from './job-table.ts'
import type { Prefetch } from './prefetch.ts'
import type { Receiver } from './receiver.ts'
import type { Revoked } from './revoked.ts'
import { type Settler, settleDelivery } from './settler.ts'
import type { TaskLimiter } from './task-limiter.ts'
import type { TaskLog } from './task-log.ts'
import { Timetable } from './timetable.ts'

/** What the way of a job is made of. */
export interface WorkshopOptions {
  readonly clock: Clock
  readonly log: TaskLog
  readonly table: JobTable
  readonly settler: Settler
  readonly finisher: Finisher
  readonly revoked: Revoked
  readonly dispatcher: Dispatcher
  readonly prefetch: Prefetch
  /** Undefined: no task has a rate limit. */
  readonly limiter: TaskLimiter | undefined
}

/**
 * The way of a job from the broker to the pool: held until its ETA, then until its rate limit, then until there is a place.
 * What is on this way can be put back; what has started cannot.
 */
export class Workshop {
  readonly #is: WorkshopOptions
  readonly #schedule: Timetable<Job>
  /** False: what comes is put back at once. */
  #open = true
  #interruptions = 0

  constructor(options: WorkshopOptions) {
    this.#is = options
    this.#schedule = new Timetable(options.clock, (job) => this.#due(job))
  }

  get interruptions(): number {
    return this.#interruptions
  }

  get scheduled(): number {
    return this.#schedule.size
  }

  /** Never throws. What comes while the worker stops goes back. */
  take(delivery: Delivery, receiver: Receiver): void {
    if (this.#open) receiver.receive(delivery)
    else forget(settleDelivery(delivery, 'release'))
  }

  /** A job that shall run: now, or at its ETA. */
  add(job: Job): void {
    const { eta } = job.message
    if (eta === undefined || eta.getTime() <= this.#is.clock.now()) {
      this.#admit(job)
    } else {
      job.state = 'scheduled'
      this.#schedule.add(eta.getTime(), job)
      this.#is.prefetch.setScheduled(this.#schedule.size)
    }
  }

  /** Told when a job was started, or is done with. */
  changed(): void {
    const { prefetch, table } = this.#is
    if (prefetch.countsUnsettled) prefetch.setUnsettled(table.in('running', 'finishing').filter(isUnsettled).length)
  }

  /** Whether a job's message cannot be settled any more, because the connection it came through is gone. */
  isLost({ delivery, interruptions }: Job): boolean {
    return delivery.lost ?? interruptions !== this.#interruptions
  }

  /** The connection was lost: what has not started and will come again is dropped. */
  interrupted(cancelRunning: boolean): void {
    this.#interruptions++
    const { table, dispatcher, settler } = this.#is
    settler.interrupted()
    const isLost = (job: Job) => this.isLost(job)
    for (const job of this.#schedule.remove(isLost)) table.remove(job)
    this.#is.prefetch.setScheduled(this.#schedule.size)
    if (!cancelRunning) return
    for (const job of table.in('running')) {
      if (!job.settled && isLost(job)) dispatcher.abort(job, 'interrupted')
    }
  }

  /** Takes nothing more, and puts back all that has not started, so that it is delivered next in the order it came. */
  async putBack(): Promise<void> {
    this.#open = false
    const { table, settler, dispatcher, limiter } = this.#is
    this.#schedule.drain()
    dispatcher.drain()
    limiter?.drain()
    const jobs = table.in('scheduled', 'limited', 'reserved').reverse()
    for (const job of jobs) table.remove(job)
    await Promise.all(jobs.map((job) => (this.isLost(job) ? undefined : settler.settle(job, 'release', false))))
  }

  /**
   * Ends what waits for its ETA: there is no need to wait for it.
   *
   * @returns the ids of those
   */
  revoke(ids: ReadonlySet<string>): Set<string> {
    const removed = this.#schedule.remove((job) => ids.has(job.message.id))
    this.#is.prefetch.setScheduled(this.#schedule.size)
    for (const job of removed) this.#revoke(job)
    return new Set(removed.map((job) => job.message.id))
  }

  /** Whether it was revoked or has expired meanwhile is asked before it starts. */
  #due(job: Job): void {
    const { prefetch, table, log } = this.#is
    prefetch.setScheduled(this.#schedule.size)
    if (this.isLost(job)) {
      table.remove(job)
      log.warn(job, 'dropped: the connection its message came through is gone, and it will come again')
    } else {
      this.#admit(job)
    }
  }

  #admit(job: Job): void {
    const { limiter, dispatcher } = this.#is
    if (limiter !== undefined) job.state = 'limited'
    if (limiter === undefined || limiter.admit(job)) dispatcher.push(job)
  }

  #revoke(job: Job): void {
    job.state = 'finishing'
    void this.#is.finisher.revoke(job, 'revoked').then(() => this.#is.table.remove(job))
  }
}

const isUnsettled = (job: Job): boolean => !job.settled
