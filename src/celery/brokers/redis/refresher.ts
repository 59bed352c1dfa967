import type { RedisConnection } from '../../redis/redis-commands.ts'
import { RedisFailure } from '../../redis/redis-failure.ts'
import type { RedisLink } from '../../redis/redis-link.ts'
import { type Held, proofOf } from './held.ts'
import type { RedisKeys } from './redis-keys.ts'
import type { ServerClock } from './server-clock.ts'
import { refreshScript } from './settle-scripts.ts'

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
    const open = [...this.#options.held].filter(({ state, malformed }) => state === 'held' && !malformed)
    try {
      for (let at = 0; at < open.length; at += BATCH) await this.#write(connection, open.slice(at, at + BATCH))
    } catch (error) {
      // Not connected: at the next connection. Anything else: others will take the messages for dead, and `ack` tells.
      if (!(error instanceof RedisFailure)) throw error
    } finally {
      this.#isBusy = false
    }
  }

  async #write(connection: RedisConnection, held: readonly Held[]): Promise<void> {
    const { keys, clock } = this.#options
    const score = clock.now().toFixed(6)
    const words = held.flatMap(proofOf)
    for (const one of held) one.tried = score
    const lost = await connection.eval(refreshScript, [keys.unackedIndex], [score, ...words])
    const places = new Set(Array.isArray(lost) ? lost : [])
    for (const [place, one] of held.entries()) {
      if (!places.has(place)) one.score = score
      // Only while it is still held: when it was settled meanwhile, that is why it is gone.
      else if (one.state === 'held') one.state = 'lost'
    }
  }
}
