import type { RedisConnection } from '../../redis/redis-commands.ts'
import { RedisFailure } from '../../redis/redis-failure.ts'
import { RedisLink } from '../../redis/redis-link.ts'
import { BackendConnectionError } from '../errors.ts'
import { type Channel, Listener, type ListenOptions } from './listener.ts'
import { whenGone } from './when-gone.ts'

export interface ChannelsOptions {
  /** Of the store, without its secrets. */
  readonly address: string
  readonly open: () => Promise<RedisConnection>
  /** Tries to connect again; null: for ever. */
  readonly maxRetries: number | null
  /** Reads what is stored, over the connection for commands. */
  readonly read: (keys: readonly string[]) => Promise<readonly (string | null)[]>
}

export interface Listening {
  /** Resolves when nothing can be missed any more. */
  readonly ready: Promise<void>
  /** Ends it. Resolves when the server knows, or the connection is gone. */
  stop(): Promise<void>
}

/** Keys in one command: so many that round trips do not count, so few that others get their turn. */
const MOST_AT_ONCE = 1000
/** Milliseconds between signs of life that are asked for while somebody listens: a silent connection may be a dead one. */
const PING_EVERY = 15_000

/**
 * Listens to keys that are channels too, over a connection of its own. What is stored is read after the listening has begun, so
 * nothing is missed; after a reconnect all is subscribed and read anew. What is asked for in one tick goes out as one command.
 *
 * The driver may lose a subscription that begins while the end of an older one for the same channel is on its way. So these
 * commands go out one after the other: `#pump`.
 */
export class ResultChannels {
  readonly #options: ChannelsOptions
  readonly #link: RedisLink
  readonly #channels = new Map<string, Channel>()
  readonly #arriving: Listener[] = []
  /** Nobody listens to them, and the server does not know it yet. */
  readonly #leaving = new Map<string, Channel>()
  #onLeft: (() => void)[] = []
  #isPumping = false
  #renewing: Promise<void> | undefined
  #pings: ReturnType<typeof setInterval> | undefined

  constructor(options: ChannelsOptions) {
    const { open, maxRetries } = options
    this.#options = options
    this.#link = new RedisLink({
      open,
      maxRetries,
      onUp: (connection) => {
        this.#renewing = this.#renew(connection)
        return this.#renewing
      },
      onGivenUp: (reason) => this.#failAll(reason),
    })
  }

  listen(key: string, options: ListenOptions): Listening {
    const channel = this.#channels.get(key) ?? this.#leaving.get(key) ?? { key, listeners: new Set(), on: undefined }
    this.#leaving.delete(key)
    this.#channels.set(key, channel)
    const listener = new Listener(channel, options)
    this.#arriving.push(listener)
    this.#pings ??= setInterval(() => this.#ping(), PING_EVERY).unref()
    this.#start()
    return { ready: listener.ready, stop: () => this.#stop(listener) }
  }

  /** Ends everything; who listens is told so. */
  close(): void {
    this.#link.close()
    this.#failAll(new BackendConnectionError(this.#options.address, 'it was closed'))
  }

  #stop(listener: Listener): Promise<void> {
    if (!listener.stop() || !this.#drop(listener.channel)) return Promise.resolve()
    return new Promise((resolve) => {
      this.#onLeft.push(resolve)
      this.#start()
    })
  }

  /** @returns whether the server is to be told */
  #drop(channel: Channel): boolean {
    if (channel.listeners.size > 0 || this.#channels.get(channel.key) !== channel) return false
    this.#channels.delete(channel.key)
    if (this.#channels.size === 0) {
      clearInterval(this.#pings)
      this.#pings = undefined
    }
    if (channel.on === undefined) return false
    this.#leaving.set(channel.key, channel)
    return true
  }

  #start(): void {
    if (this.#isPumping) return
    this.#isPumping = true
    queueMicrotask(() => void this.#pump()) // after what else this tick asks for
  }

  async #pump(): Promise<void> {
    for (;;) {
      if (this.#leaving.size > 0 || this.#onLeft.length > 0) await this.#leave()
      else if (this.#arriving.length > 0) await this.#arrive(this.#arriving.splice(0, MOST_AT_ONCE))
      else break
    }
    this.#isPumping = false
  }

  async #leave(): Promise<void> {
    await this.#renewing?.catch(() => undefined)
    const channels = [...this.#leaving.values()]
    const onLeft = this.#onLeft
    this.#leaving.clear()
    this.#onLeft = []
    for (const connection of new Set(channels.map(({ on }) => on))) {
      const keys = channels.filter(({ on }) => on === connection).map(({ key }) => key)
      for (const some of chunksOf(keys)) await connection?.unsubscribe('channel', some).catch(() => undefined)
    }
    for (const resolve of onLeft) resolve()
  }

  async #arrive(listeners: readonly Listener[]): Promise<void> {
    let connection: RedisConnection
    try {
      connection = await this.#link.connect()
    } catch (error) {
      return this.#refuse(listeners, error)
    }
    try {
      await this.#subscribe(connection, [...new Set(listeners.map(({ channel }) => channel))])
    } catch (error) {
      if (!(error instanceof RedisFailure) || error.kind === 'failed') return this.#refuse(listeners, error)
      await whenGone(connection)
      this.#arriving.unshift(...listeners)
      return
    }
    // Not waited for: the next may go ahead.
    this.#read(listeners.filter(({ isReady }) => !isReady)).catch((error: unknown) => this.#refuse(listeners, error))
  }

  async #subscribe(connection: RedisConnection, channels: readonly Channel[]): Promise<void> {
    const fresh = channels.filter(({ on, listeners }) => on !== connection && listeners.size > 0)
    if (fresh.length === 0) return
    for (const channel of fresh) channel.on = connection
    const keys = fresh.map(({ key }) => key)
    await connection.subscribe('channel', keys, this.#onMessage)
  }

  readonly #onMessage = (text: string, key: string): void => {
    for (const listener of [...(this.#channels.get(key)?.listeners ?? [])]) listener.published(text)
  }

  async #read(listeners: readonly Listener[]): Promise<void> {
    if (listeners.length === 0) return
    const texts = await this.#options.read(listeners.map(({ channel }) => channel.key))
    for (const [i, listener] of listeners.entries()) listener.stored(texts[i] ?? null)
  }

  /** Listens anew, and reads what was published while nobody could hear it. */
  async #renew(connection: RedisConnection): Promise<void> {
    for (const some of chunksOf([...this.#channels.values()])) {
      await this.#subscribe(connection, some)
      await this.#read(some.flatMap(({ listeners }) => [...listeners]))
    }
  }

  #ping(): void {
    // One that does not answer is given up by its time-out, and comes back as a new one.
    this.#link.connection?.ping().catch(() => undefined)
  }

  #refuse(listeners: readonly Listener[], error: unknown): void {
    const reason = this.#reasonOf(error)
    for (const listener of listeners) {
      listener.fail(reason)
      if (this.#drop(listener.channel)) this.#start()
    }
  }

  #failAll(error: Error): void {
    const listeners = [...this.#channels.values()].flatMap((channel) => [...channel.listeners])
    this.#arriving.length = 0
    this.#refuse(listeners, error)
  }

  #reasonOf(error: unknown): Error {
    if (!(error instanceof RedisFailure)) return error as Error
    return new BackendConnectionError(this.#options.address, error.message, { cause: error })
  }
}

function chunksOf<T>(items: readonly T[]): T[][] {
  const chunks: T[][] = []
  for (let i = 0; i < items.length; i += MOST_AT_ONCE) chunks.push(items.slice(i, i + MOST_AT_ONCE))
  return chunks
}
