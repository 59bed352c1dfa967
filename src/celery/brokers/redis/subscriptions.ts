import type { RedisConnection } from '../../redis/redis-commands.ts'
import type { RedisLink } from '../../redis/redis-link.ts'
import type { ExchangeDeclaration, SubscribeOptions, Subscription } from '../broker.ts'
import { createLink, withConnection } from './connections.ts'
import { readEnvelope } from './read-envelope.ts'
import type { RedisKeys } from './redis-keys.ts'
import type { RedisSettings } from './redis-settings.ts'

type Listener = SubscribeOptions['onMessage']

/** Milliseconds until it is tried again to connect, when all tries were used up. */
const PAUSE = 5000

/** Broadcasts, by PUB/SUB on a connection of their own: Redis ends one whose reader is slow, and with it all it carries. */
export class Subscriptions {
  readonly #settings: RedisSettings
  readonly #keys: RedisKeys
  readonly #link: RedisLink
  readonly #patterns = new Map<string, Set<Listener>>()
  #again: ReturnType<typeof setTimeout> | undefined

  constructor(settings: RedisSettings, keys: RedisKeys) {
    this.#settings = settings
    this.#keys = keys
    this.#link = createLink(settings, {
      scripts: [],
      onUp: (connection) => this.#up(connection),
      onGivenUp: () => this.#tryAgain(),
    })
  }

  async subscribe(exchange: ExchangeDeclaration, { queue, onMessage }: SubscribeOptions): Promise<Subscription> {
    const pattern = this.#keys.channelPattern(exchange.name, queue.routingKey)
    // A function of its own, so that one that is given twice is called twice, and ended once.
    const listener: Listener = (message, routingKey) => onMessage(message, routingKey)
    const listeners = this.#patterns.get(pattern) ?? new Set()
    this.#patterns.set(pattern, listeners.add(listener))
    try {
      await withConnection(this.#link, this.#settings, (connection) => this.#listen(connection, pattern))
    } catch (error) {
      await this.#end(pattern, listener)
      throw error
    }
    return { close: () => this.#end(pattern, listener) }
  }

  close(): void {
    this.#patterns.clear()
    clearTimeout(this.#again)
    this.#link.close()
  }

  /** However often it was tried: nobody is told that a subscription has ended, so it does not. */
  #tryAgain(): void {
    if (!this.#settings.reconnects) return
    clearTimeout(this.#again)
    this.#again = setTimeout(() => {
      if (this.#patterns.size > 0) this.#link.connect().catch(() => {}) // comes here again
    }, PAUSE)
  }

  async #up(connection: RedisConnection): Promise<void> {
    await Promise.all([...this.#patterns.keys()].map((pattern) => this.#listen(connection, pattern)))
  }

  readonly #listening = new WeakMap<RedisConnection, Map<string, Promise<void>>>()

  /** Once for each pattern and connection. */
  #listen(connection: RedisConnection, pattern: string): Promise<void> {
    const known = this.#listening.get(connection) ?? new Map<string, Promise<void>>()
    this.#listening.set(connection, known)
    const listening =
      known.get(pattern) ?? connection.subscribe('pattern', [pattern], (text) => this.#receive(pattern, text))
    known.set(pattern, listening)
    return listening
  }

  #receive(pattern: string, text: string): void {
    const { message, routingKey = '', malformed } = readEnvelope(text)
    if (malformed !== undefined) return
    for (const listener of this.#patterns.get(pattern) ?? []) listener(message, routingKey)
  }

  async #end(pattern: string, listener: Listener): Promise<void> {
    const listeners = this.#patterns.get(pattern)
    if (listeners?.delete(listener) !== true || listeners.size > 0) return
    this.#patterns.delete(pattern)
    if (this.#patterns.size === 0) clearTimeout(this.#again)
    const { connection } = this.#link
    if (connection === undefined) return
    this.#listening.get(connection)?.delete(pattern)
    await connection.unsubscribe('pattern', [pattern]).catch(() => {}) // gone with its connection then
  }
}
