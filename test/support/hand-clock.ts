import type { Clock, Timer } from '../../src/celery/worker/clock.ts'

interface Waiting {
  readonly at: number
  readonly fn: () => void
}

/** A clock that only moves when it is told to. Timers ring in their order, each at its time. */
export class HandClock implements Clock {
  #monotonic = 1_000
  readonly #started: number
  readonly #waiting = new Set<Waiting>()

  /** @param started - what `now()` says at first, in milliseconds since 1970 */
  constructor(started: number = Date.UTC(2026, 10, 23)) {
    this.#started = started - this.#monotonic
  }

  now(): number {
    return this.#started + this.#monotonic
  }

  monotonic(): number {
    return this.#monotonic
  }

  setTimer(ms: number, fn: () => void): Timer {
    const waiting = { at: this.#monotonic + ms, fn }
    this.#waiting.add(waiting)
    return { clear: () => this.#waiting.delete(waiting) }
  }

  yield(fn: () => void): void {
    setImmediate(fn)
  }

  /** Timers that have not rung. */
  get timers(): number {
    return this.#waiting.size
  }

  /** Moves on, and rings what is due meanwhile, also what is set by what rings. */
  advance(ms: number): void {
    const end = this.#monotonic + ms
    for (let next = this.#first(end); next !== undefined; next = this.#first(end)) {
      this.#waiting.delete(next)
      this.#monotonic = Math.max(this.#monotonic, next.at)
      next.fn()
    }
    this.#monotonic = end
  }

  #first(end: number): Waiting | undefined {
    let first: Waiting | undefined
    for (const waiting of this.#waiting) {
      if (waiting.at <= end && (first === undefined || waiting.at < first.at)) first = waiting
    }
    return first
  }
}
