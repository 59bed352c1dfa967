import type { RedisConnection } from '../../redis/redis-commands.ts'
import { RedisFailure } from '../../redis/redis-failure.ts'
import type { RedisLink } from '../../redis/redis-link.ts'
import { type Held, proofOf } from './held.ts'
import type { RedisKeys } from './redis-keys.ts'
import type { ServerClock } from './server-clock.ts'
import { refreshScript } from './settle-scripts.ts'
import { scoreAt } from './taken.ts'

/** What a refresher works with. */
export interface RefresherOptions {
  readonly link: RedisLink
  readonly keys: RedisKeys
  readonly clock: ServerClock
  readonly held: ReadonlySet<Held>
  /** In seconds. */
  readonly interval: number
}

/** At most so many scores are written by one call. */
const BATCH = 500

/**
 * Shows that what is held is alive, by a new score: so neither a long task nor one that waits for its ETA is taken for dead,
 * also not by a Python worker, which goes by the same scores. Kombu itself does not do this.
 */
export class Refresher {
  readonly #options: RefresherOptions
  #timer: ReturnType<typeof setInterval> | undefined
  #isBusy = false

  constructor(options: RefresherOptions) {
    this.#options = options
  }

  /** Goes on until nothing is held. */
  start(): void {
    if (this.#timer !== undefined) return
    this.#timer = setInterval(() => this.now(), this.#options.interval * 1000)
    this.#timer.unref()
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  /** At once, as after an interruption. */
  now(): void {
    const { link, held } = this.#options
    if (held.size === 0) this.stop()
    else if (link.connection !== undefined && !this.#isBusy) void this.#refresh(link.connection)
  }

  async #refresh(connection: RedisConnection): Promise<void> {
    this.#isBusy = true
    try {
      const open = this.#open()
      const doubtful = open.some(isInDoubt)
      await this.#writeAll(connection, open)
      if (doubtful) await this.#writeAll(connection, this.#open())
    } catch (error) {
      // Not connected: at the next connection. Anything else: others will take the messages for dead, and `ack` tells.
      if (!(error instanceof RedisFailure)) throw error
    } finally {
      this.#isBusy = false
    }
  }

  #open(): Held[] {
    return [...this.#options.held].filter(({ state, malformed }) => state === 'held' && !malformed)
  }

  async #writeAll(connection: RedisConnection, open: readonly Held[]): Promise<void> {
    const start = this.#options.clock.now()
    for (let at = 0; at < open.length; at += BATCH) {
      await this.#write(connection, open.slice(at, at + BATCH), start + at)
    }
  }

  async #write(connection: RedisConnection, held: readonly Held[], start: number): Promise<void> {
    const { keys } = this.#options
    const words: string[] = []
    // One after the other, in the order in which they were taken: so a restorer puts them back.
    const scores = held.map((_, place) => scoreAt(start + place))
    for (const [place, one] of held.entries()) {
      // In doubt: with a third score nobody could tell any more which one it has.
      const score = isInDoubt(one) ? one.tried : (scores[place] ?? '')
      words.push(score, ...proofOf(one))
      one.tried = score
    }
    const lost = await connection.eval(refreshScript, [keys.unackedIndex], words)
    const places = new Set(Array.isArray(lost) ? lost : [])
    for (const [place, one] of held.entries()) {
      if (!places.has(place)) one.score = one.tried
      // Only while it is still held: when it was settled meanwhile, that is why it is gone.
      else if (one.state === 'held') one.state = 'lost'
    }
  }
}

function isInDoubt({ score, tried }: Held): boolean {
  return tried !== score
}
