import { setTimeout as sleep } from 'node:timers/promises'
import type { RedisConnection } from '../../redis/redis-commands.ts'
import { RedisFailure } from '../../redis/redis-failure.ts'
import type { RedisLink } from '../../redis/redis-link.ts'
import { BackendConnectionError } from '../errors.ts'
import { whenGone } from './when-gone.ts'

export interface RunnerOptions {
  /** Of the store, without its secrets. */
  readonly address: string
  readonly link: RedisLink
  /** Tries after the first; null: for ever. */
  readonly maxRetries: number | null
  /** Milliseconds before a try after the server refused; doubled each time. */
  readonly baseSleep: number
  readonly maxSleep: number
}

/**
 * Sends commands again that a lost connection or an unwilling server left undone. Everything that it is given must bear to be
 * done twice.
 *
 * Commands that a connection takes with it are sent through the next one in the order in which they were given.
 */
export class RedisRunner {
  readonly #options: RunnerOptions

  constructor(options: RunnerOptions) {
    this.#options = options
  }

  /**
   * @param send - called with a connection, and with whether it may have been done before
   * @throws BackendConnectionError `ERR_CELERY_BACKEND_CONNECTION` when the tries are used up, or another would fail as well
   */
  async run<T>(send: (connection: RedisConnection, again: boolean) => Promise<T>): Promise<T> {
    const { link, maxRetries } = this.#options
    for (let tries = 0; ; tries++) {
      const connection = link.connection ?? (await this.#connect())
      try {
        return await send(connection, tries > 0)
      } catch (error) {
        if (!(error instanceof RedisFailure)) throw error
        if (error.kind === 'failed' || (maxRetries !== null && tries >= maxRetries)) throw this.#error(error)
        await this.#recover(connection, error, tries)
      }
    }
  }

  async #connect(): Promise<RedisConnection> {
    try {
      return await this.#options.link.connect()
    } catch (error) {
      throw error instanceof RedisFailure ? this.#error(error) : error
    }
  }

  async #recover(connection: RedisConnection, failure: RedisFailure, tries: number): Promise<void> {
    // A replica now: the server that took its place is found by connecting again.
    if (failure.reply === 'READONLY') connection.close()
    if (failure.kind !== 'refused') return whenGone(connection)
    const { baseSleep, maxSleep } = this.#options
    await sleep(Math.min(maxSleep, baseSleep * 2 ** Math.min(tries, 30)) * (0.5 + Math.random() / 2))
  }

  #error(failure: RedisFailure): BackendConnectionError {
    return new BackendConnectionError(this.#options.address, failure.message, { cause: failure })
  }
}
