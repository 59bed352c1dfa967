import type { RedisConnection } from '../../redis/redis-commands.ts'
import { RedisFailure } from '../../redis/redis-failure.ts'
import type { RedisLink } from '../../redis/redis-link.ts'
import { readExpired } from './expired.ts'
import type { RedisKeys } from './redis-keys.ts'
import type { RedisSettings } from './redis-settings.ts'
import { expiredScript } from './restore-scripts.ts'
import type { ServerClock } from './server-clock.ts'
import { putScript, refreshScript } from './settle-scripts.ts'
import { scoreAt } from './taken.ts'

/** Says which queues an exchange of unknown type gives to. */
export type Lookup = (connection: RedisConnection, exchange: string, routingKey: string) => Promise<string[]>

/** What a restorer works with. */
export interface RestorerOptions {
  readonly link: RedisLink
  readonly keys: RedisKeys
  readonly settings: RedisSettings
  readonly clock: ServerClock
  readonly lookup: Lookup
  /** Tells whether something is held by this very process. */
  readonly isMine: (tag: string) => boolean
}

/** At most so many are looked at by one call. */
const BATCH = 100

/**
 * Gives again what workers held that have not shown for `visibility_timeout` that they are alive: to the front of its queue, in
 * its step of priority, marked as delivered before. Each only as long as its score is what was seen, so that any number of
 * workers may be at it, Python's included (those see by `WATCH` that we were quicker). Kombu's `unacked_mutex` is not needed
 * for that, and not waited for: one that a dead worker left would hold us up for five minutes.
 */
export class Restorer {
  readonly #options: RestorerOptions
  #timer: ReturnType<typeof setTimeout> | undefined
  #isBusy = false

  constructor(options: RestorerOptions) {
    this.#options = options
  }

  /** Begins with a first look at once. */
  start(): void {
    if (this.#timer === undefined) this.#next(0)
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #next(seconds: number): void {
    this.#timer = setTimeout(() => {
      const { link, settings } = this.#options
      // Not all workers at the same moment.
      this.#next(settings.restoreInterval * (0.8 + Math.random() * 0.4))
      if (link.connection !== undefined && !this.#isBusy) void this.#restore(link.connection)
    }, seconds * 1000)
    this.#timer.unref()
  }

  async #restore(connection: RedisConnection): Promise<void> {
    const { keys, settings } = this.#options
    this.#isBusy = true
    try {
      let left = settings.restoreLimit ?? Number.POSITIVE_INFINITY
      while (left > 0) {
        const count = Math.min(left, BATCH)
        const values = [String(settings.visibilityTimeout), String(count)]
        const found = await connection.eval(expiredScript, [keys.unackedIndex, keys.unacked], values)
        if (!Array.isArray(found) || found.length === 0) return
        const moved = await this.#putBack(connection, found)
        left -= count
        if (found.length < count * 3 || moved === 0) break
      }
    } catch (error) {
      if (!(error instanceof RedisFailure)) throw error // else: at the next turn
    } finally {
      this.#isBusy = false
    }
  }

  async #putBack(connection: RedisConnection, found: readonly unknown[]): Promise<number> {
    const { keys, clock, lookup, isMine } = this.#options
    let moved = 0
    const lists: string[] = []
    const words: string[] = []
    const kept: string[] = []
    for (let at = 0; at + 3 <= found.length; at += 3) {
      const [tag = '', score = '', value = ''] = found.slice(at, at + 3).map(String)
      if (isMine(tag)) continue // after all: the refresher is late
      const expired = readExpired(value)
      const queues =
        expired === undefined
          ? []
          : expired.exchange === ''
            ? [expired.routingKey]
            : await lookup(connection, expired.exchange, expired.routingKey)
      if (expired === undefined || queues.length === 0) {
        // Nobody knows where it belongs. Not thrown away: looked at again after another timeout.
        kept.push(scoreAt(clock.now()), tag, score, score)
        continue
      }
      const indexes = queues.map((queue) => String(indexOf(lists, keys.listFor(queue, expired.priority))))
      moved++
      words.push(tag, score, score, 'R', String(indexes.length), ...indexes)
      words.push(expired.envelope, String(expired.tail), '0')
    }
    if (words.length > 0) {
      await connection.eval(putScript, [keys.unacked, keys.unackedIndex, keys.malformed, ...lists], words)
    }
    if (kept.length > 0) {
      await connection.eval(refreshScript, [keys.unackedIndex], kept)
    }
    return moved + kept.length / 4
  }
}

function indexOf(lists: string[], list: string): number {
  const place = lists.indexOf(list)
  return (place >= 0 ? place : lists.push(list) - 1) + 1
}
