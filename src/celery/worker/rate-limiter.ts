import { Fifo } from '../../lib/fifo.ts'
import type { Clock, Timer } from './clock.ts'
import type { Job } from './job.ts'
import type { TaskLimiter } from './task-limiter.ts'

/** What the limiter is made of. */
export interface RateLimiterOptions {
  readonly clock: Clock
  /** Called with a job that may start now, and is counted. */
  readonly release: (job: Job) => void
}

interface Bucket {
  /** Milliseconds between two starts. */
  interval: number
  /** When the next one may start, by the clock's `monotonic`. */
  next: number
  readonly waiting: Fifo<Job>
}

/** The longest that a timer of Node can be: 24 days. */
const LONGEST_MS = 2 ** 31 - 1
/** How much lateness of timers is made up for. */
const CATCH_UP_MS = 20

/**
 * Spreads the starts of a task evenly: a token bucket of one token for each task, as Celery's. Per worker, not per cluster. A
 * task without a limit costs one look-up in a map at most.
 *
 * @see https://docs.celeryq.dev/en/stable/userguide/tasks.html#Task.rate_limit
 */
export class RateLimiter implements TaskLimiter {
  readonly #clock: Clock
  readonly #release: (job: Job) => void
  readonly #buckets = new Map<string, Bucket>()
  /** Limits set by remote control; undefined: none, whatever the task says. */
  readonly #changed = new Map<string, number | undefined>()
  #size = 0
  #timer: Timer | undefined

  constructor({ clock, release }: RateLimiterOptions) {
    this.#clock = clock
    this.#release = release
  }

  admit(job: Job): boolean {
    const limit = this.#limitOf(job)
    if (limit === undefined) return true
    const bucket = this.#bucketOf(job.task.name, limit)
    const now = this.#clock.monotonic()
    if (bucket.waiting.size === 0 && bucket.next <= now) {
      bucket.next = now + bucket.interval
      return true
    }
    bucket.waiting.push(job)
    this.#size++
    this.#wait()
    return false
  }

  setLimit(task: string, perSecond: number | undefined): void {
    this.#changed.set(task, perSecond)
    const bucket = this.#buckets.get(task)
    if (bucket === undefined) return
    const interval = perSecond === undefined ? 0 : 1000 / perSecond
    // What was waiting for the old limit waits for the new one from now on.
    bucket.next = Math.min(bucket.next, this.#clock.monotonic() + interval)
    bucket.interval = interval
    this.#wait()
  }

  get held(): Iterable<Job> {
    return [...this.#buckets.values()].flatMap(({ waiting }) => [...waiting])
  }

  get size(): number {
    return this.#size
  }

  drain(): readonly Job[] {
    const jobs = [...this.held]
    for (const { waiting } of this.#buckets.values()) waiting.clear()
    this.#size = 0
    this.close()
    return jobs
  }

  close(): void {
    this.#timer?.clear()
    this.#timer = undefined
  }

  #limitOf(job: Job): number | undefined {
    if (this.#changed.size > 0 && this.#changed.has(job.task.name)) return this.#changed.get(job.task.name)
    return job.task.options.rateLimit
  }

  #bucketOf(task: string, perSecond: number): Bucket {
    let bucket = this.#buckets.get(task)
    if (bucket === undefined) {
      bucket = { interval: 1000 / perSecond, next: 0, waiting: new Fifo() }
      this.#buckets.set(task, bucket)
    }
    return bucket
  }

  /** Sets the one timer to when the first of all that wait may start. */
  #wait(): void {
    this.#timer?.clear()
    this.#timer = undefined
    if (this.#size === 0) return
    let first = Number.POSITIVE_INFINITY
    for (const { next, waiting } of this.#buckets.values()) if (waiting.size > 0) first = Math.min(first, next)
    const ms = Math.min(Math.max(first - this.#clock.monotonic(), 0), LONGEST_MS)
    this.#timer = this.#clock.setTimer(ms, () => this.#releaseDue())
  }

  #releaseDue(): void {
    this.#timer = undefined
    const now = this.#clock.monotonic()
    const due: Job[] = []
    for (const bucket of this.#buckets.values()) {
      while (bucket.waiting.size > 0 && bucket.next <= now) {
        const job = bucket.waiting.shift()
        if (job === undefined) break
        // From the moment it was due, so that late timers do not add up to a lower rate; but no crowd after a long pause.
        bucket.next = Math.max(bucket.next, now - CATCH_UP_MS) + bucket.interval
        due.push(job)
      }
    }
    this.#size -= due.length
    this.#wait()
    for (const job of due) this.#release(job)
  }
}
