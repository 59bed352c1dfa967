import type { Consumer } from '../brokers/broker.ts'

/** What decides how many unsettled messages are taken. */
export interface PrefetchRules {
  /** `worker_eta_task_limit`: the number is not raised beyond it for tasks that wait for their time. */
  readonly etaLimit: number | undefined
  /** `worker_disable_prefetch`: at most one message waits for a place. */
  readonly none: boolean
  readonly onError: (error: unknown) => void
}

/**
 * Keeps the prefetch count of the consumer: a base, and one more for each task that waits for its ETA, so that those do not
 * keep others from running. While the broker is being told a number, later ones wait, and only the last is sent.
 */
export class Prefetch {
  readonly #rules: PrefetchRules
  readonly #multiplier: number
  /** Whether a running consumer can be told another number. */
  #adjustable = false
  #base: number
  #concurrency: number
  #scheduled = 0
  #unsettled = 0
  #consumer: Consumer | undefined
  #told: number | undefined
  #telling = false

  /** @param multiplier - messages for each task at a time; 0: no limit */
  constructor(concurrency: number, multiplier: number, rules: PrefetchRules) {
    this.#rules = rules
    this.#multiplier = multiplier
    this.#concurrency = concurrency
    this.#base = concurrency * multiplier
  }

  setAdjustable(adjustable: boolean): void {
    this.#adjustable = adjustable
  }

  /** What the broker is to be told now; 0: no limit. */
  get count(): number {
    const { etaLimit, none } = this.#rules
    const adjustable = this.#adjustable
    const base = none ? (adjustable ? Math.min(this.#concurrency, this.#unsettled + 1) : this.#concurrency) : this.#base
    if (base === 0 || !adjustable) return base
    const raised = base + this.#scheduled
    return etaLimit === undefined ? raised : Math.max(base, Math.min(raised, etaLimit))
  }

  /** @param told - the count the consumer was made with */
  setConsumer(consumer: Consumer | undefined, told: number): void {
    this.#consumer = consumer
    this.#told = told
    this.#tell()
  }

  resize(concurrency: number): void {
    this.#concurrency = concurrency
    this.#base = concurrency * this.#multiplier
    this.#tell()
  }

  /** @param count - tasks that wait for their ETA */
  setScheduled(count: number): void {
    if (count === this.#scheduled) return
    this.#scheduled = count
    this.#tell()
  }

  /** Whether {@link setUnsettled} makes a difference. */
  get countsUnsettled(): boolean {
    return this.#rules.none && this.#adjustable
  }

  /** @param count - tasks that run and are not acknowledged yet */
  setUnsettled(count: number): void {
    if (count === this.#unsettled) return
    this.#unsettled = count
    this.#tell()
  }

  #tell(): void {
    if (this.#consumer === undefined || this.#telling || this.count === this.#told) return
    this.#telling = true
    void this.#send(this.#consumer)
  }

  async #send(consumer: Consumer): Promise<void> {
    // What changes in the same turn is told as one.
    await undefined
    this.#told = this.count
    try {
      await consumer.setPrefetch(this.#told)
    } catch (error) {
      this.#rules.onError(error)
    }
    this.#telling = false
    this.#tell()
  }
}
