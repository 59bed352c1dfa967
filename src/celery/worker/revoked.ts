import type { TaskMessage } from '../protocol/task-message.ts'
import type { Clock } from './clock.ts'

/** How many ids are remembered, as Celery does. */
const MOST = 50_000
/** For how long, in milliseconds: three hours. */
const LONGEST_MS = 10_800_000

/**
 * Ids of tasks that shall not run any more, remembered for three hours and up to 50,000 of them, and values of stamps.
 *
 * @see https://docs.celeryq.dev/en/stable/userguide/workers.html#revoke-revoking-tasks
 */
export class Revoked {
  readonly #clock: Clock
  /** Id → when it was revoked, by the clock's `monotonic`; oldest first. */
  readonly #ids = new Map<string, number>()
  readonly #stamps = new Map<string, Set<unknown>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  add(id: string): void {
    this.#ids.delete(id)
    this.#ids.set(id, this.#clock.monotonic())
    this.#forgetOld()
  }

  /** Revokes whatever has one of the values under this stamp. */
  addStamped(header: string, values: Iterable<unknown>): void {
    const known = this.#stamps.get(header) ?? new Set()
    for (const value of values) known.add(value)
    this.#stamps.set(header, known)
  }

  has(id: string): boolean {
    const since = this.#ids.get(id)
    return since !== undefined && this.#clock.monotonic() - since < LONGEST_MS
  }

  /** Whether this call shall not run, by its id or its stamps. */
  covers(message: TaskMessage): boolean {
    return (this.#ids.size > 0 && this.has(message.id)) || (this.#stamps.size > 0 && this.#hasStamp(message))
  }

  /** Ids with the moment they were revoked, by the clock's `monotonic` in milliseconds; oldest first. */
  entries(): readonly (readonly [id: string, since: number])[] {
    this.#forgetOld()
    return [...this.#ids]
  }

  get size(): number {
    return this.#ids.size
  }

  #hasStamp({ stampedHeaders, stamps }: TaskMessage): boolean {
    return (stampedHeaders ?? []).some((header) => {
      const values = this.#stamps.get(header)
      if (values === undefined || !Object.hasOwn(stamps, header)) return false
      const stamp = stamps[header]
      return Array.isArray(stamp) ? stamp.some((value) => values.has(value)) : values.has(stamp)
    })
  }

  #forgetOld(): void {
    const oldest = this.#clock.monotonic() - LONGEST_MS
    for (const [id, since] of this.#ids) {
      if (since > oldest && this.#ids.size <= MOST) return
      this.#ids.delete(id)
    }
  }
}
