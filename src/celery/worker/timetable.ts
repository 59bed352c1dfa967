import type { Clock, Timer } from './clock.ts'

/** The timer is set anew at least so often, so that a clock that was put right is noticed. Below 2^31 - 1 milliseconds. */
const LONGEST_MS = 60_000

interface Entry<T> {
  readonly at: number
  /** Entries of the same instant are due in the order they came. */
  readonly order: number
  readonly item: T
}

/** Holds items until their instants, however far, with one timer for all. */
export class Timetable<T> {
  readonly #clock: Clock
  readonly #onDue: (item: T) => void
  /** A heap: the next one first. */
  readonly #heap: Entry<T>[] = []
  #order = 0
  #timer: Timer | undefined
  #timerAt = Number.POSITIVE_INFINITY

  constructor(clock: Clock, onDue: (item: T) => void) {
    this.#clock = clock
    this.#onDue = onDue
  }

  get size(): number {
    return this.#heap.length
  }

  /** @param at - milliseconds since 1970 */
  add(at: number, item: T): void {
    this.#heap.push({ at, order: this.#order++, item })
    this.#rise(this.#heap.length - 1)
    this.#setTimer()
  }

  /** In no order. */
  *[Symbol.iterator](): Generator<T> {
    for (const { item } of this.#heap) yield item
  }

  /** Removes all that pass the test. */
  remove(test: (item: T) => boolean): T[] {
    const removed: T[] = []
    const kept = this.#heap.splice(0).filter((entry) => {
      if (!test(entry.item)) return true
      removed.push(entry.item)
      return false
    })
    // A sorted array is a heap.
    for (const entry of kept.sort(byTime)) this.#heap.push(entry)
    this.#setTimer()
    return removed
  }

  /** Removes all, the last first. */
  drain(): T[] {
    const all = this.#heap.splice(0).sort(byTime)
    this.#setTimer()
    return all.map((entry) => entry.item).reverse()
  }

  #setTimer(): void {
    const at = this.#heap[0]?.at ?? Number.POSITIVE_INFINITY
    if (at === this.#timerAt) return
    this.#timer?.clear()
    this.#timer = undefined
    this.#timerAt = at
    if (at === Number.POSITIVE_INFINITY) return
    const wait = Math.min(LONGEST_MS, Math.max(0, at - this.#clock.now()))
    this.#timer = this.#clock.setTimer(Math.ceil(wait), () => this.#ring())
  }

  #ring(): void {
    this.#timer = undefined
    this.#timerAt = Number.POSITIVE_INFINITY
    const now = this.#clock.now()
    for (let next = this.#heap[0]; next !== undefined && next.at <= now; next = this.#heap[0]) {
      this.#take()
      this.#onDue(next.item)
    }
    this.#setTimer()
  }

  /** Removes the first. */
  #take(): void {
    const last = this.#heap.pop()
    if (last === undefined || this.#heap.length === 0) return
    this.#heap[0] = last
    this.#sink(0)
  }

  #rise(start: number): void {
    let index = start
    while (index > 0) {
      const above = (index - 1) >> 1
      if (!this.#swapUnordered(above, index)) return
      index = above
    }
  }

  #sink(start: number): void {
    let index = start
    for (;;) {
      const left = 2 * index + 1
      if (left >= this.#heap.length) return
      const right = left + 1
      const least = right < this.#heap.length && byTime(this.#at(right), this.#at(left)) < 0 ? right : left
      if (!this.#swapUnordered(index, least)) return
      index = least
    }
  }

  #swapUnordered(above: number, below: number): boolean {
    const upper = this.#at(above)
    const lower = this.#at(below)
    if (byTime(upper, lower) <= 0) return false
    this.#heap[above] = lower
    this.#heap[below] = upper
    return true
  }

  #at(index: number): Entry<T> {
    return this.#heap[index] as Entry<T>
  }
}

function byTime(a: Entry<unknown>, b: Entry<unknown>): number {
  return a.at - b.at || a.order - b.order
}
