/** How many taken places are kept before the array is cut. */
const SLACK = 1024

/** First in, first out, without moving what waits behind. */
export class Fifo<T> {
  #items: (T | undefined)[] = []
  #head = 0

  get size(): number {
    return this.#items.length - this.#head
  }

  push(item: T): void {
    this.#items.push(item)
  }

  /** What is taken next; undefined: nothing waits. */
  peek(): T | undefined {
    return this.#items[this.#head]
  }

  /** Undefined: nothing waits. */
  shift(): T | undefined {
    if (this.#head === this.#items.length) return undefined
    const item = this.#items[this.#head]
    this.#items[this.#head++] = undefined
    if (this.#head === this.#items.length) this.#restart([])
    else if (this.#head >= SLACK && this.#head * 2 >= this.#items.length) this.#restart(this.#items.slice(this.#head))
    return item
  }

  /** All that wait, oldest first; they are not waiting any more. */
  drain(): T[] {
    const items = [...this]
    this.#restart([])
    return items
  }

  clear(): void {
    this.#restart([])
  }

  *[Symbol.iterator](): Generator<T> {
    for (let index = this.#head; index < this.#items.length; index++) yield this.#items[index] as T
  }

  #restart(items: (T | undefined)[]): void {
    this.#items = items
    this.#head = 0
  }
}
