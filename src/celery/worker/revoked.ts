import { MAX_NAME } from '../protocol/limits.ts'
import type { TaskMessage } from '../protocol/task-message.ts'
import type { Clock } from './clock.ts'

/** How many ids are remembered, as Celery does. */
const MOST = 50_000
/** For how long, in milliseconds: three hours. */
const LONGEST_MS = 10_800_000
/** How many values of stamps are remembered, all headers together. */
const MOST_STAMPS = 10_000

/**
 * Ids of tasks that shall not run any more, remembered for three hours and up to 50,000 of them, and the latest 10,000 values of
 * stamps.
 *
 * @see https://docs.celeryq.dev/en/stable/userguide/workers.html#revoke-revoking-tasks
 */
export class Revoked {
  readonly #clock: Clock
  /** Id → when it was revoked, by the clock's `monotonic`; oldest first. */
  readonly #ids = new Map<string, number>()
  /** Header → its values; the header that got one last is last. */
  readonly #stamps = new Map<string, Set<unknown>>()
  #stampCount = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** An id that no message can have is passed over. */
  add(id: string): void {
    if (id.length > MAX_NAME) return
    this.#ids.delete(id)
    this.#ids.set(id, this.#clock.monotonic())
    this.#forgetOld()
  }

  /** Revokes whatever has one of the values under this stamp. */
  addStamped(header: string, values: Iterable<unknown>): void {
    const known = this.#stamps.get(header) ?? new Set()
    this.#stamps.delete(header)
    this.#stamps.set(header, known)
    this.#stampCount -= known.size
    for (const value of values) known.add(value)
    this.#stampCount += known.size
    this.#forgetStamps()
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

  #forgetStamps(): void {
    for (const [header, values] of this.#stamps) {
      for (const value of values) {
        if (this.#stampCount <= MOST_STAMPS) return
        values.delete(value)
        this.#stampCount--
      }
      this.#stamps.delete(header)
    }
  }

  #forgetOld(): void {
    const oldest = this.#clock.monotonic() - LONGEST_MS
    for (const [id, since] of this.#ids) {
      if (since > oldest && this.#ids.size <= MOST) return
      this.#ids.delete(id)
    }
  }
}
