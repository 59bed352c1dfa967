/** The longest wait that Node knows. */
const LONGEST = 2 ** 31 - 1

/** One timer that is set anew whenever something is due sooner. It does not keep the process alive. */
export class Timer {
  readonly #run: () => void
  #timeout: NodeJS.Timeout | undefined
  #due = Infinity

  /** @param run - called when it is time, or earlier if that is more than 24 days off; it sets the timer again */
  constructor(run: () => void) {
    this.#run = run
  }

  /** @param due - milliseconds since 1970; infinite: never */
  set(due: number): void {
    if (due >= this.#due) return
    clearTimeout(this.#timeout)
    this.#due = due
    // One more: a timer may be early by a part of a millisecond.
    const wait = Math.min(Math.max(due - Date.now() + 1, 0), LONGEST)
    this.#timeout = setTimeout(() => {
      this.#due = Infinity
      this.#run()
    }, wait)
    this.#timeout.unref()
  }

  clear(): void {
    clearTimeout(this.#timeout)
    this.#due = Infinity
  }
}
