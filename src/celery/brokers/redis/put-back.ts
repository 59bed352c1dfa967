import type { Held } from './held.ts'

/** How many are remembered of one list. */
const MOST = 1000

/**
 * Remembers what was put back to the front of each list, so that messages that are put back one after the other come to stand
 * in the order they were taken in.
 */
export class PutBack {
  readonly #lists = new Map<string, Map<string, number>>()

  /** @returns tags of those put back before that are to be served before this one */
  put({ list, tag, sequence, malformed }: Held): string[] {
    if (malformed) return []
    const known = this.#lists.get(list) ?? new Map<string, number>()
    const before = [...known].filter(([, other]) => other < sequence).map(([other]) => other)
    known.set(tag, sequence)
    const [oldest] = known.keys()
    if (known.size > MOST && oldest !== undefined) known.delete(oldest)
    this.#lists.set(list, known)
    return before
  }

  taken(list: string, tag: string): void {
    const known = this.#lists.get(list)
    if (known === undefined) return
    known.delete(tag)
    if (known.size === 0) this.#lists.delete(list)
  }
}
