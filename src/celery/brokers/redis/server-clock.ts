/** What the clock of the server says, reckoned from what it said last: scores must not depend on ours. */
export class ServerClock {
  #offset: number | undefined

  /** @param score - the server's time, in seconds, that has just come */
  observe(score: string): void {
    this.#offset = Number(score) - performance.now() / 1000
  }

  /** Seconds since 1970; our own clock's until the server has said anything. */
  now(): number {
    return this.#offset === undefined ? Date.now() / 1000 : this.#offset + performance.now() / 1000
  }
}
