import { isReady } from '../../protocol/states.ts'
import type { TaskMeta } from '../../protocol/task-meta.ts'
import type { ResultWatcher } from '../result-backend.ts'

/** How much an inbox keeps of what nobody has asked for. */
export interface InboxLimits {
  /** Tasks that were sent and of which no last state was read. The oldest are forgotten first. */
  readonly tasks: number
  /** Bytes of results that wait to be read. The oldest are forgotten first. */
  readonly bytes: number
  /** Milliseconds that a result waits to be read. */
  readonly age: number
}

/** A task that was sent by this process. Without a `meta` nothing came yet. */
interface Entry {
  meta: TaskMeta | undefined
  bytes: number
  /** When it came. */
  at: number
  /** Undefined most of the time: most results are asked for once. */
  watchers: Set<ResultWatcher> | undefined
}

/**
 * What came back to this process and for whom. A task is in it from its sending until its last state was given to a watcher;
 * of each only the latest state is kept. Tasks that are watched are never forgotten.
 */
export class RpcInbox {
  readonly #limits: InboxLimits
  readonly #now: () => number
  /** In the order of sending, but that watched ones move to the end when they are in the way. */
  readonly #entries = new Map<string, Entry>()
  /** Those of which a state waits and which nobody watches, in the order it came. */
  readonly #waiting = new Map<string, Entry>()
  #bytes = 0

  constructor(limits: InboxLimits, now: () => number) {
    this.#limits = limits
    this.#now = now
  }

  /** How many tasks it knows. */
  get size(): number {
    return this.#entries.size
  }

  /** Lets the results of a task in. */
  expect(taskId: string): void {
    if (this.#entries.has(taskId)) return
    this.#entries.set(taskId, { meta: undefined, bytes: 0, at: 0, watchers: undefined })
    this.#forgetOldest()
  }

  has(taskId: string): boolean {
    return this.#entries.has(taskId)
  }

  get(taskId: string): TaskMeta | undefined {
    return this.#entries.get(taskId)?.meta
  }

  /** Takes a state in. Ignored when the task is not expected, or was ready before. */
  receive(meta: TaskMeta, bytes: number): void {
    const entry = this.#entries.get(meta.taskId)
    if (entry === undefined || (entry.meta !== undefined && isReady(entry.meta.status))) return
    this.#bytes += bytes - entry.bytes
    entry.meta = meta
    entry.bytes = bytes
    entry.at = this.#now()
    if (entry.watchers === undefined) {
      this.#wait(meta.taskId, entry)
      this.#forgetOldest()
      return
    }
    const { watchers } = entry
    if (isReady(meta.status)) this.forget(meta.taskId)
    for (const { onMeta } of [...watchers]) onMeta(meta)
  }

  /** Tells whoever watches a task, which is over then, that what came cannot be read. */
  refuse(taskId: string, error: Error): void {
    const watchers = this.#entries.get(taskId)?.watchers
    if (watchers === undefined) return
    this.forget(taskId)
    for (const { onError } of watchers) onError(error)
  }

  /** @returns what ends it; undefined when the task is not expected */
  watch(taskId: string, watcher: ResultWatcher): (() => void) | undefined {
    const entry = this.#entries.get(taskId)
    if (entry === undefined) return undefined
    const { meta } = entry
    if (meta !== undefined && isReady(meta.status)) {
      this.forget(taskId)
    } else {
      entry.watchers ??= new Set()
      entry.watchers.add(watcher)
      this.#waiting.delete(taskId)
    }
    if (meta !== undefined) watcher.onMeta(meta)
    return () => {
      entry.watchers?.delete(watcher)
      if (entry.watchers?.size !== 0) return
      entry.watchers = undefined
      if (entry.meta !== undefined && this.#entries.get(taskId) === entry) this.#wait(taskId, entry)
    }
  }

  forget(taskId: string): void {
    const entry = this.#entries.get(taskId)
    if (entry === undefined) return
    this.#bytes -= entry.bytes
    this.#entries.delete(taskId)
    this.#waiting.delete(taskId)
  }

  /** Ends everything that is watched. */
  fail(error: Error): void {
    const watchers = [...this.#entries.values()].flatMap((entry) => [...(entry.watchers ?? [])])
    for (const entry of this.#entries.values()) entry.watchers = undefined
    for (const { onError } of watchers) onError(error)
  }

  #wait(taskId: string, entry: Entry): void {
    this.#waiting.delete(taskId)
    this.#waiting.set(taskId, entry)
  }

  #forgetOldest(): void {
    const { tasks, bytes, age } = this.#limits
    const old = this.#now() - age
    for (const [taskId, { at }] of this.#waiting) {
      if (this.#bytes <= bytes && at >= old) break
      this.forget(taskId)
    }
    // Each look moves or removes one, so that a crowd of watched tasks is not walked through again and again.
    for (let looks = this.#entries.size; looks > 0 && this.#entries.size > tasks; looks--) {
      const [first] = this.#entries
      if (first === undefined) return
      const [taskId, entry] = first
      if (entry.watchers === undefined) {
        this.forget(taskId)
      } else {
        this.#entries.delete(taskId)
        this.#entries.set(taskId, entry)
      }
    }
  }
}
