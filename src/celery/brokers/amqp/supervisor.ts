import type { AmqpServer } from '../broker-address.ts'
import { BrokerConnectionError, DriverMissingError } from '../errors.ts'
import type { AmqpSettings } from './amqp-settings.ts'
import { backoff } from './backoff.ts'
import { ServerRefusal } from './connect.ts'
import type { Link } from './link.ts'

/**
 * Keeps one connection: opens it when it is first needed, and again when it was lost.
 *
 * | state      | meaning                                     | left by                                                    |
 * |------------|---------------------------------------------|------------------------------------------------------------|
 * | idle       | no connection, none is being made           | `ready()` → connecting; `close()` → closed                 |
 * | connecting | trying the servers in turn, or waiting for  | a server took us → open; tries used up, or refused         |
 * |            | the next round                              | before ever open → idle; `close()` → closed                |
 * | open       | `link` is alive                             | link ended → connecting (without retry → idle); `close()`  |
 * | closed     | for good                                    | nothing                                                    |
 *
 * Only this file changes the state. A round is one try of every server; between rounds it waits as {@link backoff} says,
 * also when connections open and are lost at once. All who wait for a connection wait for the same one. What was declared,
 * consumed or sent over a link is the business of those who did it: they watch the link and ask for the next.
 */
export class Supervisor {
  readonly #settings: AmqpSettings
  readonly #open: (server: AmqpServer) => Promise<Link>
  #state: State = { name: 'idle' }
  #wake: (() => void) | undefined
  /** Of the server that is tried first. */
  #first = 0
  #wasOpen = false
  /** Links in a row that were lost soon after they had opened. */
  #shortLived = 0
  /** Why the last try failed, or the last link ended. */
  lastFailure: Error | undefined
  /** Told of every try that failed. */
  onFailure: ((reason: Error) => void) | undefined

  constructor(settings: AmqpSettings, open: (server: AmqpServer) => Promise<Link>) {
    this.#settings = settings
    this.#open = open
  }

  /** The connection that is open now. */
  get link(): Link | undefined {
    return this.#state.name === 'open' ? this.#state.link : undefined
  }

  /**
   * The connection, when there is one.
   *
   * @throws BrokerConnectionError when the tries are used up, or after `close`; DriverMissingError
   */
  ready(): Promise<Link> {
    if (this.#state.name === 'open') return Promise.resolve(this.#state.link)
    if (this.#state.name === 'connecting') return this.#state.link
    if (this.#state.name === 'closed') return Promise.reject(this.#failure(new Error('it was closed')))
    const link = this.#connect()
    this.#state = { name: 'connecting', link }
    link.catch(() => undefined) // those who wait are told; nobody need be
    return link
  }

  /** Closes the connection for good. Never rejects. */
  async close(): Promise<void> {
    const { link } = this
    this.#state = { name: 'closed' }
    this.#wake?.()
    await link?.close()
  }

  async #connect(): Promise<Link> {
    try {
      return await this.#tryRounds()
    } catch (error) {
      if (this.#state.name === 'connecting') this.#state = { name: 'idle' }
      throw error
    }
  }

  async #tryRounds(): Promise<Link> {
    if (this.#shortLived > 0) await this.#pause(this.#shortLived)
    for (let round = 1; ; round++) {
      let refused = !this.#wasOpen
      for (const index of this.#order()) {
        try {
          return await this.#tryServer(index)
        } catch (error) {
          if (this.#state.name === 'closed' || isHopeless(error)) throw error
          refused &&= error instanceof ServerRefusal
          this.lastFailure = error instanceof Error ? error : new Error(String(error))
          this.onFailure?.(this.lastFailure)
        }
      }
      if (refused || round >= this.#settings.rounds) throw this.#failure(this.lastFailure)
      await this.#pause(round)
    }
  }

  async #tryServer(index: number): Promise<Link> {
    this.#throwIfClosed()
    const server = this.#settings.address.servers[index]
    if (server === undefined) throw new Error('no such server')
    const link = await this.#open(server)
    if (this.#state.name === 'closed') {
      await link.close()
      this.#throwIfClosed()
    }
    this.#first = index
    this.#wasOpen = true
    this.#state = { name: 'open', link }
    const since = performance.now()
    link.onClosed((reason) => this.#lost(link, reason, performance.now() - since))
    return link
  }

  #lost(link: Link, reason: Error, lived: number): void {
    if (this.#state.name !== 'open' || this.#state.link !== link) return
    this.lastFailure = reason
    this.#shortLived = lived < this.#settings.intervalMax ? this.#shortLived + 1 : 0
    this.#state = { name: 'idle' }
    this.#first = (this.#first + 1) % this.#settings.address.servers.length
    if (this.#settings.rounds > 1) void this.ready()
  }

  /** Indexes of the servers in the order in which they are tried. */
  #order(): number[] {
    const { address, shuffle } = this.#settings
    const { length } = address.servers
    const indexes = Array.from({ length }, (_, index) => (this.#first + index) % length)
    if (!shuffle) return indexes
    for (let last = length - 1; last > 0; last--) {
      const other = Math.floor(Math.random() * (last + 1))
      const [a, b] = [indexes[last] ?? 0, indexes[other] ?? 0]
      indexes[last] = b
      indexes[other] = a
    }
    return indexes
  }

  /** Holds the process, as an open connection does. */
  async #pause(failures: number): Promise<void> {
    this.#throwIfClosed()
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, backoff(failures, this.#settings))
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.#wake = undefined
    this.#throwIfClosed()
  }

  #throwIfClosed(): void {
    if (this.#state.name === 'closed') throw this.#failure(new Error('it was closed'))
  }

  #failure(reason: Error | undefined): BrokerConnectionError {
    const text = reason?.message ?? 'no server could be reached'
    return new BrokerConnectionError(this.#settings.address.text, text, { cause: reason })
  }
}

/** Trying again would not help: the driver is missing, or of another version. */
function isHopeless(error: unknown): boolean {
  return error instanceof DriverMissingError || error instanceof TypeError
}

type State =
  | { readonly name: 'idle' | 'closed' }
  | { readonly name: 'connecting'; readonly link: Promise<Link> }
  | { readonly name: 'open'; readonly link: Link }
