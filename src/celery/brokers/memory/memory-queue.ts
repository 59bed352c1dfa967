import type { QueueDeclaration } from '../broker.ts'
import { Level } from './level.ts'
import { type QueueArguments, readQueueArguments } from './queue-arguments.ts'
import type { StoredMessage } from './stored-message.ts'
import { Timer } from './timer.ts'

/** Why a message leaves a queue without being acknowledged, in RabbitMQ's words. */
export type DeathReason = 'rejected' | 'expired' | 'maxlen'

/** Who takes from a queue. */
export interface Taker {
  /** There may be something to take. */
  wake(): void
  /** The queue was deleted while it was taken from. */
  queueDeleted(queue: MemoryQueue): void
}

/** What a queue tells those around it. */
export interface QueueEvents {
  readonly onDeath: (queue: MemoryQueue, stored: StoredMessage, reason: DeathReason) => void
  /** Nobody has used it for as long as `x-expires` says. */
  readonly onUnused: (queue: MemoryQueue) => void
}

/**
 * A queue: messages by priority, the highest first, and within one in the order they came.
 *
 * A taker that is idle and has room has nothing to take; so takers are woken only when a queue ceases to be empty.
 * As on RabbitMQ, a message that has expired is thrown away when it comes to the head.
 */
export class MemoryQueue {
  readonly declaration: QueueDeclaration
  readonly arguments: QueueArguments
  /** The handle it belongs to, when it is exclusive. */
  readonly owner: object | undefined
  /** It was deleted: what comes back to it is dropped. */
  gone = false
  readonly #events: QueueEvents
  /** By falling priority; made when first needed. */
  readonly #levels: Level[] = []
  readonly #takers: Taker[] = []
  readonly #expiry = new Timer(() => this.expire())
  readonly #unused = new Timer(() => this.#events.onUnused(this))
  #size = 0
  #position = 0
  #firstTaker = 0
  /** Some messages expire: without any there is no look at the clock. */
  #timed = false

  constructor(declaration: QueueDeclaration, owner: object | undefined, events: QueueEvents) {
    this.declaration = declaration
    this.arguments = readQueueArguments(declaration.name, declaration.arguments)
    this.owner = owner
    this.#events = events
    this.touch()
  }

  get name(): string {
    return this.declaration.name
  }

  get size(): number {
    return this.#size
  }

  get isTaken(): boolean {
    return this.#takers.length > 0
  }

  /** Whether it refuses what is published now. */
  get isFull(): boolean {
    const { rejectPublish, maxLength } = this.arguments
    return rejectPublish && maxLength !== undefined && this.#size >= maxLength
  }

  /** To the end. */
  push(stored: StoredMessage): void {
    if (this.gone) return
    stored.position = ++this.#position
    this.#levelOf(stored).push(stored)
    this.#added(stored)
    const { maxLength } = this.arguments
    if (maxLength !== undefined && this.#size > maxLength) this.#drop()
  }

  /** Back to where it was. */
  putBack(stored: StoredMessage): void {
    if (this.gone) return
    stored.redelivered = true
    this.#levelOf(stored).putBack(stored)
    this.#added(stored)
  }

  /** Thrown away, or to where its dead letters go. */
  reject(stored: StoredMessage): void {
    if (!this.gone) this.#events.onDeath(this, stored, 'rejected')
  }

  take(): StoredMessage | undefined {
    if (this.#size === 0) return undefined
    if (this.#timed) this.expire()
    const stored = this.#shift()
    if (stored !== undefined && this.#timed) this.#arm()
    return stored
  }

  /** @returns how many were thrown away */
  purge(): number {
    const purged = this.#size
    for (const level of this.#levels) level.clear()
    this.#size = 0
    return purged
  }

  /** Throws away what has expired at the head of each priority. */
  expire(): void {
    if (!this.#timed) return
    const now = Date.now()
    for (const level of this.#levels) {
      for (let head = level.peek(); head !== undefined && head.expiresAt <= now; head = level.peek()) {
        level.shift()
        this.#size -= 1
        this.#events.onDeath(this, head, 'expired')
      }
    }
    this.#arm()
  }

  addTaker(taker: Taker): void {
    if (this.#takers.includes(taker)) return
    this.#takers.push(taker)
    this.#unused.clear()
    taker.wake()
  }

  removeTaker(taker: Taker): void {
    const at = this.#takers.indexOf(taker)
    if (at >= 0) this.#takers.splice(at, 1)
    this.touch()
  }

  /** It is being used: the time until it is removed begins anew. */
  touch(): void {
    const { expires } = this.arguments
    if (expires === undefined || this.isTaken) return
    this.#unused.clear()
    this.#unused.set(Date.now() + expires)
  }

  /** @returns those who took from it */
  delete(): readonly Taker[] {
    this.gone = true
    this.purge()
    this.#expiry.clear()
    this.#unused.clear()
    return this.#takers.splice(0)
  }

  #levelOf({ message }: StoredMessage): Level {
    const priority = Math.min(Math.max(Math.trunc(message.properties.priority || 0), 0), this.arguments.maxPriority)
    const levels = this.#levels
    let at = 0
    for (let level = levels[0]; level !== undefined; level = levels[++at]) {
      if (level.priority === priority) return level
      if (level.priority < priority) break
    }
    const level = new Level(priority)
    levels.splice(at, 0, level)
    return level
  }

  #added(stored: StoredMessage): void {
    this.#size += 1
    if (stored.expiresAt !== Infinity) {
      this.#timed = true
      this.#arm()
    }
    if (this.#size === 1) this.#wakeAll()
  }

  /** Another one first each time, so that all get their share. */
  #wakeAll(): void {
    const count = this.#takers.length
    if (count === 0) return
    this.#firstTaker = (this.#firstTaker + 1) % count
    for (let i = 0; i < count; i++) this.#takers[(this.#firstTaker + i) % count]?.wake()
  }

  #shift(): StoredMessage | undefined {
    for (const level of this.#levels) {
      const stored = level.shift()
      if (stored === undefined) continue
      this.#size -= 1
      return stored
    }
    return undefined
  }

  #drop(): void {
    const stored = this.#shift()
    if (stored !== undefined) this.#events.onDeath(this, stored, 'maxlen')
  }

  /** Wakes up when the next head expires. */
  #arm(): void {
    for (const level of this.#levels) {
      const head = level.peek()
      if (head !== undefined) this.#expiry.set(head.expiresAt)
    }
  }
}
