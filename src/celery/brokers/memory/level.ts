import { Fifo } from '../../../lib/fifo.ts'
import { Heap } from './heap.ts'
import type { StoredMessage } from './stored-message.ts'

/** The waiting messages of one priority. */
export class Level {
  readonly priority: number
  readonly #fresh = new Fifo<StoredMessage>()
  /** Those that were given out and came back: all of them stood before the fresh ones. */
  readonly #returned = new Heap<StoredMessage>((a, b) => a.position < b.position)

  constructor(priority: number) {
    this.priority = priority
  }

  get size(): number {
    return this.#fresh.size + this.#returned.size
  }

  push(stored: StoredMessage): void {
    this.#fresh.push(stored)
  }

  /** Back to where it was. */
  putBack(stored: StoredMessage): void {
    this.#returned.push(stored)
  }

  peek(): StoredMessage | undefined {
    return this.#returned.peek() ?? this.#fresh.peek()
  }

  shift(): StoredMessage | undefined {
    return this.#returned.size > 0 ? this.#returned.pop() : this.#fresh.shift()
  }

  clear(): void {
    this.#fresh.clear()
    this.#returned.clear()
  }
}
