import { isReady, type TaskState } from '../../protocol/states.ts'
import type { TaskMeta } from '../../protocol/task-meta.ts'
import type { ResultWatcher } from '../result-backend.ts'

/** How much an inbox keeps. What is watched is never forgotten. */
export interface InboxLimits {
  /** Tasks that were sent and whose last state nobody has read. The oldest are forgotten first. */
  readonly tasks: number
  /** Tasks whose last state was read; it may be read again. */
  readonly readTasks: number
  /** Bytes of what nobody has read. The oldest is forgotten first. */
  readonly bytes: number
  /** Milliseconds until something that nobody has read is forgotten. */
  readonly age: number
}

/** A state that came. */
export interface Arrival {
  readonly status: TaskState
  readonly bytes: number
  /** Gives it, a copy for each who asks. */
  readonly read: () => TaskMeta
}

/** A task that was sent by this process. */
interface Entry {
  /** The latest that came. */
  arrival: Arrival | undefined
  /** When it came. */
  at: number
  /** Undefined most of the time: most results are asked for once. */
  watchers: Set<ResultWatcher> | undefined
}

/**
 * What came back to this process and for whom. It lets in the states of tasks that were sent from here, and keeps the latest of
 * each.
 */
export class RpcInbox {
  readonly #limits: InboxLimits
  readonly #now: () => number
  /** In the order of sending, but that watched ones move to the end when they are in the way. */
  readonly #entries = new Map<string, Entry>()
  /** Those of the entries of which a state waits and which nobody watches, in the order it came. */
  readonly #waiting = new Map<string, Entry>()
  /** Last states that were read, in the order of reading. */
  readonly #read = new Map<string, Arrival>()
  #bytes = 0

  constructor(limits: InboxLimits, now: () => number) {
    this.#limits = limits
    this.#now = now
  }

  /** How many tasks it knows whose last state was not read. */
  get size(): number {
    return this.#entries.size
  }

  /** Lets the states of a task in. */
  expect(taskId: string): void {
    if (this.#entries.has(taskId)) return
    this.#entries.set(taskId, { arrival: undefined, at: 0, watchers: undefined })
    this.#forgetOldest()
  }

  get(taskId: string): TaskMeta | undefined {
    return (this.#entries.get(taskId)?.arrival ?? this.#read.get(taskId))?.read()
  }

  /** Takes a state in. Ignored when the task is not expected, or was ready before. */
  receive(taskId: string, arrival: Arrival): void {
    const entry = this.#entries.get(taskId)
    if (entry === undefined || (entry.arrival !== undefined && isReady(entry.arrival.status))) return
    this.#bytes += arrival.bytes - (entry.arrival?.bytes ?? 0)
    entry.arrival = arrival
    entry.at = this.#now()
    const { watchers } = entry
    if (watchers === undefined) {
      this.#wait(taskId, entry)
      this.#forgetOldest()
      return
    }
    if (isReady(arrival.status)) this.#settle(taskId, arrival)
    for (const { onMeta } of [...watchers]) onMeta(arrival.read())
  }

  /** Ends what waits for a task: what came for it cannot be read. */
  refuse(taskId: string, error: Error): void {
    const watchers = this.#entries.get(taskId)?.watchers
    if (watchers === undefined) return
    this.forget(taskId)
    for (const { onError } of watchers) onError(error)
  }

  /** @returns what ends it; undefined when the task is not expected, or was forgotten */
  watch(taskId: string, watcher: ResultWatcher): (() => void) | undefined {
    const entry = this.#entries.get(taskId)
    const arrival = entry?.arrival ?? this.#read.get(taskId)
    if (entry === undefined && arrival === undefined) return undefined
    if (entry === undefined || (arrival !== undefined && isReady(arrival.status))) {
      if (entry !== undefined && arrival !== undefined) this.#settle(taskId, arrival)
      if (arrival !== undefined) watcher.onMeta(arrival.read())
      return () => undefined
    }
    entry.watchers ??= new Set()
    entry.watchers.add(watcher)
    this.#waiting.delete(taskId)
    if (arrival !== undefined) watcher.onMeta(arrival.read())
    return () => {
      entry.watchers?.delete(watcher)
      if (entry.watchers?.size !== 0) return
      entry.watchers = undefined
      if (entry.arrival !== undefined && this.#entries.get(taskId) === entry) this.#wait(taskId, entry)
    }
  }

  forget(taskId: string): void {
    this.#read.delete(taskId)
    const entry = this.#entries.get(taskId)
    if (entry === undefined) return
    this.#bytes -= entry.arrival?.bytes ?? 0
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

  #settle(taskId: string, arrival: Arrival): void {
    this.forget(taskId)
    this.#read.set(taskId, arrival)
    if (this.#read.size <= this.#limits.readTasks) return
    const [oldest] = this.#read.keys()
    if (oldest !== undefined) this.#read.delete(oldest)
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
