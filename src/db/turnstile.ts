/** Lets one through at a time, in the order of arrival. */
export class Turnstile {
  #busy = false
  readonly #waiting: (() => void)[] = []

  /** Runs the work when all that came before is done, however that ended. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    // Who leaves hands over directly, so that nobody slips in between.
    if (this.#busy) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#busy = true
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#busy = false
      else next()
    }
  }
}
