import { Fifo } from '../../../lib/fifo.ts'

/** Who is served one message at a time. */
export interface Served {
  /** Takes what there is for it, if anything, and adds itself again when there may be more. */
  serve(): void
}

/** Messages handed out before timers and sockets get their turn. */
const PER_TURN = 256

/** Hands out messages, one to each who waits and then the next round, outside of the calls that brought them. */
export class Turns {
  readonly #waiting = new Fifo<Served>()
  #planned = false

  /** @param served - must not be waiting already */
  add(served: Served): void {
    this.#waiting.push(served)
    this.#plan()
  }

  #plan(): void {
    if (this.#planned) return
    this.#planned = true
    setImmediate(() => {
      this.#planned = false
      // Also when a consumer's function throws, which is its own fault: the others go on.
      try {
        this.#turn()
      } finally {
        if (this.#waiting.size > 0) this.#plan()
      }
    })
  }

  #turn(): void {
    for (let left = PER_TURN; left > 0; left--) {
      const served = this.#waiting.shift()
      if (served === undefined) return
      served.serve()
    }
  }
}
