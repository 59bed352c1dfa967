/** What a worker counts. */
export class Tallies {
  received = 0
  processed = 0
  malformed = 0
  deliveriesLost = 0
  resultsLost = 0
  /** Milliseconds since 1970. */
  lastDelivery: number | undefined
  lastError: Error | undefined
  readonly #totals = new Map<string, number>()

  /** A task is started. */
  start(task: string): void {
    this.processed++
    this.#totals.set(task, (this.#totals.get(task) ?? 0) + 1)
  }

  /** Started tasks by their name. */
  totals(): Record<string, number> {
    return Object.fromEntries(this.#totals)
  }
}
