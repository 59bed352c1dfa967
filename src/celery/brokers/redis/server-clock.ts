/** What the clock of the server says, reckoned from what it said last: scores must not depend on ours. In microseconds. */
export class ServerClock {
  #offset: number | undefined

  /** @param time - the server's, that has just come */
  observe(time: number): void {
    this.#offset = time - performance.now() * 1000
  }

  /** Since 1970; our own clock's until the server has said anything. */
  now(): number {
    return Math.round(this.#offset === undefined ? Date.now() * 1000 : this.#offset + performance.now() * 1000)
  }
}
