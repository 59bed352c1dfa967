import type { Channel, ChannelModel, ConfirmChannel } from 'amqplib'
import type { AmqpServer } from '../broker-address.ts'
import { BrokerConnectionError, DeclarationError } from '../errors.ts'
import { AdminChannel } from './admin-channel.ts'
import type { AmqpSettings } from './amqp-settings.ts'
import { connect } from './connect.ts'
import { replyCode } from './reply-error.ts'
import { tolerateHeaders } from './tolerate-headers.ts'
import { within } from './within.ts'

/** How long a server may take to say goodbye. */
const goodbye = 2000

/**
 * One open connection. It ends once, whatever ends it, and is never used again; {@link Supervisor} opens the next.
 * Nothing that `amqplib` emits gets past it, so no `error` event without a listener ends the process.
 */
export class Link {
  /** The server without its secrets. */
  readonly address: string
  /** Of RabbitMQ: `[3, 10]`. */
  readonly version: readonly [major: number, minor: number]
  /** For declarations and questions. */
  readonly admin: AdminChannel
  readonly #model: ChannelModel
  readonly #replyTimeout: number
  readonly #closeListeners = new Set<(reason: Error) => void>()
  readonly #blockListeners = new Set<() => void>()
  #ended: Error | undefined
  #blocked: string | undefined
  #received = 0

  /** Connects. @throws as {@link connect} */
  static async open(server: AmqpServer, settings: AmqpSettings, purpose: string): Promise<Link> {
    return new Link(await connect(server, settings, purpose), server.text, settings.replyTimeout)
  }

  constructor(model: ChannelModel, address: string, replyTimeout: number) {
    this.#model = model
    this.address = address
    this.#replyTimeout = replyTimeout
    const [major, minor] = String(model.connection.serverProperties['version']).split('.').map(Number)
    this.version = [major || 0, minor || 0]
    // An error is the end: told before the channels of this connection say that they have ended, too.
    model.on('error', (error) => this.#end(error))
    model.on('close', (error) => this.#end(error ?? new Error('the connection was closed')))
    model.on('blocked', (reason) => this.#block(String(reason)))
    model.on('unblocked', () => this.#block(undefined))
    this.admin = new AdminChannel(this)
    tolerateHeaders(model.connection, () => {
      this.#received++
    })
  }

  get alive(): boolean {
    return this.#ended === undefined
  }

  /** Why the broker reads nothing from us at the moment: an alarm of memory or disk. */
  get blocked(): string | undefined {
    return this.#blocked
  }

  /** Grows whenever something comes from the broker. */
  get received(): number {
    return this.#received
  }

  /**
   * Calls back once when the connection has ended; at once, if it has.
   *
   * @returns to call back no more
   */
  onClosed(listener: (reason: Error) => void): () => void {
    if (this.#ended !== undefined) listener(this.#ended)
    else this.#closeListeners.add(listener)
    return () => this.#closeListeners.delete(listener)
  }

  /** Calls back when {@link blocked} has changed. */
  onBlocked(listener: () => void): void {
    this.#blockListeners.add(listener)
  }

  channel(): Promise<Channel> {
    return this.reply('open a channel', () => this.#model.createChannel())
  }

  confirmChannel(): Promise<ConfirmChannel> {
    return this.reply('open a channel', () => this.#model.createConfirmChannel())
  }

  /**
   * Asks for something and waits for the answer. When it does not come and nothing else has come meanwhile, the connection
   * is taken for dead.
   *
   * @throws BrokerConnectionError when the connection ended or no answer came; what the broker refused as `amqplib` has it;
   * TypeError for what cannot be written
   */
  async reply<T>(what: string, ask: () => Promise<T>): Promise<T> {
    if (this.#ended !== undefined) throw this.failure(this.#ended)
    const before = this.#received
    const late = () => {
      const why = this.#blocked === undefined ? '' : `; it blocks this connection: ${this.#blocked}`
      const error = new Error(`no answer to "${what}" within ${this.#replyTimeout / 1000} seconds${why}`)
      this.suspect(before, error)
      return error
    }
    // `amqplib` leaves some answers open when the connection ends, such as that to the closing of a channel.
    let forget = (): void => undefined
    const ended = new Promise<never>((_, reject) => {
      forget = this.onClosed(reject)
    })
    try {
      return await within(Promise.race([ask(), ended]), this.#replyTimeout, late)
    } catch (error) {
      if (this.alive && replyCode(error) !== undefined) throw error
      if (error instanceof DeclarationError) throw error
      if (error instanceof TypeError || error instanceof RangeError) throw error // what was asked for cannot be written
      throw this.failure(this.#ended ?? error)
    } finally {
      forget()
    }
  }

  /** Ends the connection when nothing has come since, as a peer that is gone without a word would not tell. */
  suspect(received: number, reason: Error): void {
    if (this.#received === received && this.#blocked === undefined) this.kill(reason)
  }

  /** The error to tell when something failed because of the connection. */
  failure(cause: unknown): BrokerConnectionError {
    if (cause instanceof BrokerConnectionError) return cause
    return new BrokerConnectionError(this.address, cause instanceof Error ? cause.message : String(cause), { cause })
  }

  /** Ends the connection without a word. */
  kill(reason: Error): void {
    this.#end(reason)
    this.#destroy(reason)
  }

  /** Says goodbye and ends the connection. Never rejects. */
  async close(): Promise<void> {
    if (!this.alive) return
    const reason = new Error('the connection was closed')
    await within(this.#model.close(), goodbye, () => reason).catch(() => undefined)
    this.kill(reason)
  }

  #end(reason: Error): void {
    if (this.#ended !== undefined) return
    this.#ended = reason
    for (const listener of this.#closeListeners) listener(reason)
    this.#closeListeners.clear()
    // Its last words may go out; a server that takes none may not hold the process.
    setTimeout(() => this.#destroy(reason), goodbye).unref()
  }

  #destroy(reason: Error): void {
    const { stream } = this.#model.connection as { readonly stream?: { destroy(error: Error): void } }
    stream?.destroy(reason)
  }

  #block(reason: string | undefined): void {
    this.#blocked = reason
    for (const listener of this.#blockListeners) listener()
  }
}
