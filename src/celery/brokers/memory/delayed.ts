import { Heap } from './heap.ts'
import { Timer } from './timer.ts'

interface Delay {
  readonly due: number
  readonly number: number
  readonly run: () => void
}

/** What is to be done later, with one timer for all of it. What is due at the same time is done in the order it was added. */
export class Delayed {
  readonly #delays = new Heap<Delay>((a, b) => a.due < b.due || (a.due === b.due && a.number < b.number))
  readonly #timer = new Timer(() => this.#run())
  #count = 0

  /** @param due - milliseconds since 1970 */
  add(due: number, run: () => void): void {
    this.#delays.push({ due, number: ++this.#count, run })
    this.#timer.set(due)
  }

  #run(): void {
    const now = Date.now()
    for (let next = this.#delays.peek(); next !== undefined; next = this.#delays.peek()) {
      if (next.due > now) {
        this.#timer.set(next.due)
        return
      }
      this.#delays.pop()
      next.run()
    }
  }
}
