/**
 * The time-out of all commands of one connection. Redis answers in order, so it is enough to watch that answers come as long
 * as some are awaited: one timer for all of them, and none while nothing is awaited.
 */
export class AnswerWatch {
  readonly #tick: number
  readonly #onSilence: () => void
  #awaited = 0
  #silentTicks = 0
  #timer: ReturnType<typeof setInterval> | undefined

  /**
   * @param seconds - until `onSilence` is called; up to a quarter more
   */
  constructor(seconds: number, onSilence: () => void) {
    this.#tick = (seconds * 1000) / TICKS
    this.#onSilence = onSilence
  }

  sent(): void {
    this.#awaited++
    if (this.#timer !== undefined) return
    this.#silentTicks = 0
    this.#timer = setInterval(() => this.#look(), this.#tick)
    this.#timer.unref()
  }

  answered(): void {
    this.#awaited--
    this.#silentTicks = 0
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#awaited = 0
  }

  #look(): void {
    if (this.#awaited <= 0) {
      clearInterval(this.#timer)
      this.#timer = undefined
    } else if (++this.#silentTicks > TICKS) {
      this.stop()
      this.#onSilence()
    }
  }
}

const TICKS = 4
