import type { QueueOrder } from './redis-settings.ts'

/** The queues of a consumer, in the order they are looked into. */
export class QueueRow {
  readonly #order: QueueOrder
  #names: readonly string[] = []

  constructor(order: QueueOrder) {
    this.#order = order
  }

  /** The same array until something changes. */
  get names(): readonly string[] {
    return this.#names
  }

  get rotates(): boolean {
    return this.#order === 'round_robin'
  }

  add(name: string): void {
    if (this.#names.includes(name)) return
    const names = [...this.#names, name]
    this.#names = this.#order === 'sorted' ? names.sort() : names
  }

  remove(name: string): void {
    if (this.#names.includes(name)) this.#names = this.#names.filter((one) => one !== name)
  }

  /** A queue that gave a message goes to the end, as in kombu, so that a busy one does not starve others. */
  served(name: string): void {
    if (!this.rotates || this.#names[this.#names.length - 1] === name || !this.#names.includes(name)) return
    this.#names = [...this.#names.filter((one) => one !== name), name]
  }
}
