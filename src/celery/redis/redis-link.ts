import type { RedisConnection } from './redis-commands.ts'
import { RedisFailure } from './redis-failure.ts'

/** How a link keeps itself up. */
export interface LinkOptions {
  /** Opens a connection, to whichever server is the one. */
  readonly open: () => Promise<RedisConnection>
  /** Tries in a row that may fail before the link is given up; null: no limit; 0: not even one more than the first. */
  readonly maxRetries: number | null
  /** False: a connection that ended is not made again until somebody asks. Default true. */
  readonly reconnects?: boolean | undefined
  /** Seconds between signs of life, so that a dead connection is seen though nothing is sent by it. Default 0: none. */
  readonly healthInterval?: number | undefined
  /** Prepares each new connection before anybody gets it. When it rejects, the try has failed. */
  readonly onUp?: ((connection: RedisConnection) => Promise<void> | void) | undefined
  /** Told when a connection that was up has ended. */
  readonly onDown?: ((reason: Error) => void) | undefined
  /** Told when no more tries are made. `connect` begins anew. */
  readonly onGivenUp?: ((reason: Error) => void) | undefined
  /** From 0 to 1, for the jitter. Default `Math.random`. */
  readonly random?: (() => number) | undefined
}

/**
 * A connection that comes back.
 *
 * - `idle`: nobody has asked for it yet, or it was given up. `connect` → `opening`.
 * - `opening`: tries, with growing pauses in between. A try succeeds → `up`; `maxRetries` in a row fail → `idle`; at the first
 *   opening of all, a wrong password → `idle` at once.
 * - `up`: `connection` is there. It ends → `opening`; or `idle`, where no reconnects are wanted.
 * - `closed`: for good.
 *
 * It sends nothing again: a command belongs to the connection it was sent by.
 */
export class RedisLink {
  readonly #options: LinkOptions
  #state: 'idle' | 'opening' | 'up' | 'closed' = 'idle'
  #connection: RedisConnection | undefined
  #wasUp = false
  #lastFailure: Error | undefined
  #opening: Promise<RedisConnection> | undefined
  #pause: { readonly timer: ReturnType<typeof setTimeout>; readonly end: () => void } | undefined

  constructor(options: LinkOptions) {
    this.#options = options
  }

  /** Why the last try failed; undefined while it is up, or when nothing has failed yet. */
  get lastFailure(): Error | undefined {
    return this.#lastFailure
  }

  /** The connection, while it is up. */
  get connection(): RedisConnection | undefined {
    return this.#connection
  }

  /**
   * Gives the connection, when it is up.
   *
   * @throws RedisFailure `unsent` when it is given up or closed; DriverMissingError without the driver's package
   */
  connect(): Promise<RedisConnection> {
    if (this.#connection !== undefined) return Promise.resolve(this.#connection)
    if (this.#state === 'closed') return Promise.reject(closed())
    if (this.#opening === undefined) this.#start()
    return this.#opening as Promise<RedisConnection>
  }

  /** Ends the connection, and the tries to make one. */
  close(): void {
    this.#state = 'closed'
    const connection = this.#connection
    this.#connection = undefined
    this.#pause?.end()
    connection?.close()
  }

  #start(): void {
    this.#state = 'opening'
    this.#opening = this.#open()
    this.#opening.catch(() => {}) // told by `onGivenUp`, when nobody waits
  }

  async #open(): Promise<RedisConnection> {
    const { maxRetries, onGivenUp } = this.#options
    for (let failures = 0; ; failures++) {
      try {
        return this.#up(await this.#try())
      } catch (error) {
        this.#lastFailure = error as Error
        const final = !(error instanceof RedisFailure) || (error.kind === 'failed' && !this.#wasUp)
        if (this.#isClosed() || final || (maxRetries !== null && failures >= maxRetries)) {
          this.#opening = undefined
          if (this.#isClosed()) throw closed()
          this.#state = 'idle'
          onGivenUp?.(error as Error)
          throw error
        }
      }
      await this.#sleep(pauseBefore(failures + 1, this.#options.random ?? Math.random))
    }
  }

  async #try(): Promise<RedisConnection> {
    if (this.#isClosed()) throw closed()
    const connection = await this.#options.open()
    try {
      if (this.#isClosed()) throw closed()
      await this.#options.onUp?.(connection)
      if (this.#isClosed()) throw closed()
      return connection
    } catch (error) {
      connection.close()
      throw error
    }
  }

  #up(connection: RedisConnection): RedisConnection {
    this.#state = 'up'
    this.#lastFailure = undefined
    this.#wasUp = true
    this.#connection = connection
    this.#opening = undefined
    const stop = this.#keepAlive(connection)
    void connection.ended.then((reason) => {
      stop()
      this.#down(connection, reason)
    })
    return connection
  }

  #down(connection: RedisConnection, reason: Error): void {
    if (this.#connection !== connection) return
    this.#connection = undefined
    this.#state = 'idle'
    this.#options.onDown?.(reason)
    if (this.#options.reconnects === false) this.#options.onGivenUp?.(reason)
    else if (this.#opening === undefined && !this.#isClosed()) this.#start()
  }

  #keepAlive(connection: RedisConnection): () => void {
    const { healthInterval = 0 } = this.#options
    if (healthInterval === 0) return () => {}
    const timer = setInterval(() => void connection.ping().catch(() => {}), healthInterval * 1000)
    timer.unref()
    return () => clearInterval(timer)
  }

  // A method, as the compiler takes the state for what it was before an `await`.
  #isClosed(): boolean {
    return this.#state === 'closed'
  }

  #sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer)
        this.#pause = undefined
        resolve()
      }
      const timer = setTimeout(end, milliseconds)
      this.#pause = { timer, end }
    })
  }
}

/** Milliseconds before a retry: doubling from 50 ms to 5 s, each by chance between half and all of it. */
export function pauseBefore(retry: number, random: () => number): number {
  const longest = Math.min(5000, 50 * 2 ** Math.min(retry - 1, 10))
  return longest * (0.5 + random() / 2)
}

function closed(): RedisFailure {
  return new RedisFailure('unsent', 'it was closed')
}
