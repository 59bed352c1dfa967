interface Kept<V> {
  readonly value: V
  readonly expiresAt: number
}

/** How many of the others are looked at whenever one is set. */
const LOOKS = 3

/**
 * A map whose entries end. There is no timer: what has ended is not given, and is removed bit by bit as others are set, so
 * that the map holds at most what was set since it was last gone through, and what still counts.
 */
export class ExpiringMap<V> {
  readonly #kept = new Map<string, Kept<V>>()
  readonly #now: () => number
  #round: Iterator<[string, Kept<V>]> | undefined

  /** @param now - a clock, in milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** Those that have ended and are not removed yet included. */
  get size(): number {
    return this.#kept.size
  }

  get(key: string): V | undefined {
    const kept = this.#kept.get(key)
    if (kept === undefined) return undefined
    if (kept.expiresAt > this.#now()) return kept.value
    this.#kept.delete(key)
    return undefined
  }

  /** @param seconds - until it ends; null or 0: never */
  set(key: string, value: V, seconds: number | null): void {
    this.#kept.set(key, { value, expiresAt: seconds ? this.#now() + seconds * 1000 : Infinity })
    this.#sweep()
  }

  delete(key: string): void {
    this.#kept.delete(key)
  }

  #sweep(): void {
    const now = this.#now()
    for (let looks = 0; looks < LOOKS; looks++) {
      this.#round ??= this.#kept.entries()
      const next = this.#round.next()
      if (next.done) {
        this.#round = undefined
        return
      }
      const [key, { expiresAt }] = next.value
      if (expiresAt <= now) this.#kept.delete(key)
    }
  }
}
