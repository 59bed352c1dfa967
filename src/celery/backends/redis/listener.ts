import type { RedisConnection } from '../../redis/redis-commands.ts'

/** A key that is listened to. */
export interface Channel {
  readonly key: string
  readonly listeners: Set<Listener>
  /** The connection that was last asked to listen. */
  on: RedisConnection | undefined
}

/** What is told to who listens. */
export interface ListenOptions {
  /** Called with the stored text, then with each that is published. */
  readonly onText: (text: string) => void
  /** The store is given up. Nothing is told any more. */
  readonly onError: (error: Error) => void
}

/**
 * One who listens to a key. Until the stored text was read, what is published is kept back, so that all is told in its order.
 * The same text twice in a row, which a reconnect reads, is told once.
 */
export class Listener {
  readonly channel: Channel
  /** Resolves when nothing can be missed any more. */
  readonly ready: Promise<void>
  readonly #options: ListenOptions
  #settle: { readonly resolve: () => void; readonly reject: (error: Error) => void } | undefined
  #early: string[] | undefined = []
  #last: string | undefined

  constructor(channel: Channel, options: ListenOptions) {
    this.channel = channel
    this.#options = options
    this.ready = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject }
    })
    channel.listeners.add(this)
  }

  /** Whether the stored text was read. */
  get isReady(): boolean {
    return this.#early === undefined
  }

  /** Takes what was published. */
  published(text: string): void {
    if (this.#early !== undefined) this.#early.push(text)
    else this.#tell(text)
  }

  /** Takes what is stored; null when nothing is. */
  stored(text: string | null): void {
    const early = this.#early ?? []
    this.#early = undefined
    if (text !== null && !early.includes(text)) this.#tell(text)
    for (const published of early) this.#tell(published)
    this.#settle?.resolve()
    this.#settle = undefined
  }

  /** Tells that nothing comes any more. */
  fail(error: Error): void {
    if (!this.stop()) return
    if (this.#settle === undefined) this.#options.onError(error)
    else this.#settle.reject(error)
    this.#settle = undefined
  }

  /** @returns false when it was stopped before */
  stop(): boolean {
    return this.channel.listeners.delete(this)
  }

  #tell(text: string): void {
    if (text === this.#last || !this.channel.listeners.has(this)) return
    this.#last = text
    this.#options.onText(text)
  }
}
