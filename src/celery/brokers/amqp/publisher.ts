import { randomBytes } from 'node:crypto'
import type { Message as AmqpMessage, ConfirmChannel } from 'amqplib'
import type { Message } from '../../protocol/message.ts'
import type { PublishTarget } from '../broker.ts'
import { BrokerConnectionError, NotRoutedError, PublishUnknownError } from '../errors.ts'
import type { AmqpSettings } from './amqp-settings.ts'
import type { Link } from './link.ts'
import { type Outgoing, publishOptions } from './outgoing.ts'
import { replyCode, replyCodes, replyText } from './reply-error.ts'
import type { Supervisor } from './supervisor.ts'
import { writeTable } from './write-table.ts'

/** What is done on a connection before anything is published on it. */
export type Prepare = (link: Link) => Promise<void>

/**
 * Sends messages on a channel with confirms, and tells of each what became of it.
 *
 * A message is **waiting** (not written to the present channel) or **under way** (written, not confirmed). It leaves when
 * the broker confirms it (resolves), returns or refuses it (`ERR_CELERY_NOT_ROUTED`), or its time is over. When the channel
 * ends, all that are under way are waiting again, in their old order, and are written to the next one with the same
 * `message_id`: the broker may then have them twice. One that may not be sent again (`retry: false`, or sent too often)
 * is rejected with `ERR_CELERY_PUBLISH_UNKNOWN`; one that was never written with `ERR_CELERY_CONNECTION`.
 */
export class Publisher {
  readonly #supervisor: Supervisor
  readonly #settings: AmqpSettings
  readonly #prepare: Prepare
  /** All that are waiting or under way, in the order of their deadlines. */
  readonly #pending = new Map<string, Outgoing>()
  #waiting: Outgoing[] = []
  #channel: ConfirmChannel | undefined
  #link: Link | undefined
  /** The channel's own buffer is full. */
  #full = false
  #opening = false
  #closed = false
  #timer: NodeJS.Timeout | undefined
  readonly #idPrefix = `${randomBytes(8).toString('base64url')}.`
  #count = 0
  #onEmpty: (() => void) | undefined

  constructor(supervisor: Supervisor, settings: AmqpSettings, prepare: Prepare) {
    this.#supervisor = supervisor
    this.#settings = settings
    this.#prepare = prepare
    supervisor.onFailure = (reason) => {
      for (const outgoing of this.#pending.values()) {
        if (outgoing.target.retry === false) this.#giveUp(outgoing, reason)
      }
    }
  }

  /** @throws see `Broker.publish`; TypeError for what AMQP cannot hold */
  publish(message: Message, target: PublishTarget, exchange: string, routingKey: string): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#closed) throw this.#unreachable(new Error('it was closed'))
      const { body } = message
      const id = this.#idPrefix + (this.#count++).toString(36)
      const outgoing: Outgoing = {
        id,
        body: Buffer.isBuffer(body) ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength),
        options: publishOptions(message, id, writeTable(message.headers)),
        exchange,
        routingKey,
        target,
        deadline: performance.now() + this.#settings.confirmTimeout,
        resolve,
        reject,
        sent: 0,
        received: 0,
      }
      this.#pending.set(id, outgoing)
      if (this.#timer === undefined) this.#watchDeadlines(this.#settings.confirmTimeout)
      if (this.#canWrite() && this.#waiting.length === 0) this.#write(outgoing)
      else {
        this.#waiting.push(outgoing)
        this.#open()
      }
    })
  }

  /** Waits for what is under way, at most so many milliseconds, and rejects the rest. */
  async close(milliseconds: number): Promise<void> {
    this.#closed = true
    if (this.#pending.size > 0 && this.#link?.alive) {
      await new Promise<void>((resolve) => {
        this.#onEmpty = resolve
        setTimeout(resolve, milliseconds).unref()
      })
    }
    clearTimeout(this.#timer)
    for (const outgoing of this.#pending.values()) this.#giveUp(outgoing, new Error('it was closed'))
    this.#waiting = []
  }

  #canWrite(): boolean {
    return this.#channel !== undefined && !this.#full && this.#link?.blocked === undefined
  }

  #pump(): void {
    if (this.#waiting.length === 0 || !this.#canWrite()) return
    const waiting = this.#waiting
    this.#waiting = []
    let next = 0
    while (next < waiting.length && this.#canWrite()) {
      const outgoing = waiting[next++]
      // Some may have ended while they waited.
      if (outgoing !== undefined && this.#pending.has(outgoing.id)) this.#write(outgoing)
    }
    if (next < waiting.length) this.#waiting = waiting.slice(next).concat(this.#waiting)
  }

  #write(outgoing: Outgoing): void {
    const channel = this.#channel
    if (channel === undefined) return
    const { exchange, routingKey, body, options } = outgoing
    try {
      const flows = channel.publish(exchange, routingKey, body, options, (error: unknown) =>
        this.#answered(channel, outgoing, error),
      )
      if (!flows) this.#full = true
      outgoing.sent++
      outgoing.received = this.#link?.received ?? 0
    } catch (error) {
      if (error instanceof TypeError || error instanceof RangeError)
        this.#settle(outgoing, new TypeError(error.message))
      else this.#waiting.push(outgoing) // the channel has just ended; it is told of in a moment
    }
  }

  #answered(channel: ConfirmChannel, outgoing: Outgoing, error: unknown): void {
    if (error === null || error === undefined) this.#settle(outgoing)
    // The end of the channel also calls here; what was under way is then treated by `#ended`.
    else if (channel === this.#channel && error instanceof Error && error.message === 'message nacked') {
      const { exchange, routingKey } = outgoing
      const reason = 'the broker refused it: the queue is full, or the broker has failed'
      this.#settle(outgoing, new NotRoutedError(exchange, routingKey, reason))
    }
  }

  #settle(outgoing: Outgoing, error?: Error): void {
    if (!this.#pending.delete(outgoing.id)) return
    if (error === undefined) outgoing.resolve()
    else outgoing.reject(error)
    if (this.#pending.size === 0) this.#onEmpty?.()
  }

  /** Makes a channel, as often as needed, as long as anything is to be published. */
  #open(): void {
    if (this.#opening || this.#closed) return
    this.#opening = true
    void this.#openChannels().then(() => {
      this.#opening = false
      this.#pump()
      if (this.#waiting.length > 0 && this.#channel === undefined) this.#open() // called for meanwhile
    })
  }

  async #openChannels(): Promise<void> {
    while (this.#channel === undefined && !this.#closed && this.#pending.size > 0) {
      let link: Link
      try {
        link = await this.#supervisor.ready()
      } catch (error) {
        this.#noConnection(error)
        return
      }
      try {
        await this.#openChannel(link)
      } catch (error) {
        // As long as it lives, it is the fault of this connection: another may do better.
        link.kill(error instanceof Error ? error : new Error(String(error)))
      }
    }
  }

  async #openChannel(link: Link): Promise<void> {
    await this.#prepare(link)
    const channel = await link.confirmChannel()
    let fault: unknown
    channel.on('error', (error) => {
      fault = error
    })
    channel.on('close', () => this.#ended(channel, fault))
    channel.on('drain', () => {
      this.#full = false
      this.#pump()
    })
    channel.on('return', (message) => this.#returned(message))
    if (link !== this.#link) {
      this.#link = link
      link.onClosed(() => this.#ended(this.#channel, undefined))
      link.onBlocked(() => this.#pump())
    }
    if (!link.alive) return
    this.#channel = channel
    this.#full = false
  }

  #noConnection(error: unknown): void {
    const reason = error instanceof Error ? error : new Error(String(error))
    for (const outgoing of this.#pending.values()) {
      if (reason instanceof BrokerConnectionError) this.#giveUp(outgoing, reason)
      else this.#settle(outgoing, reason) // the driver is missing
    }
    this.#waiting = []
  }

  #ended(channel: ConfirmChannel | undefined, fault: unknown): void {
    if (channel === undefined || this.#channel !== channel) return
    this.#channel = undefined
    this.#full = false
    const waiting: Outgoing[] = []
    for (const outgoing of this.#pending.values()) {
      if (outgoing.sent === 0 && !this.#closed) waiting.push(outgoing)
      else if (isCulprit(outgoing, fault)) this.#settle(outgoing, refusal(outgoing, fault))
      else if (this.#mayResend(outgoing)) waiting.push(outgoing)
      else this.#giveUp(outgoing, fault)
    }
    this.#waiting = waiting
    if (this.#pending.size > 0) this.#open()
  }

  #mayResend({ target, sent }: Outgoing): boolean {
    return target.retry !== false && sent <= this.#settings.resends && !this.#closed
  }

  #returned({ fields, properties }: AmqpMessage): void {
    const outgoing = this.#pending.get(String(properties.messageId))
    if (outgoing === undefined) return
    const { exchange, routingKey } = outgoing.target
    const text = String((fields as { replyText?: unknown }).replyText ?? '')
    const reason = text === 'NO_ROUTE' || text === '' ? undefined : text
    this.#settle(outgoing, new NotRoutedError(exchange, routingKey, reason))
  }

  /** One timer for all: deadlines come in the order of publishing. */
  #watchDeadlines(milliseconds: number): void {
    this.#timer = setTimeout(() => this.#checkDeadlines(), Math.min(milliseconds, 2 ** 31 - 1))
    this.#timer.unref()
  }

  #checkDeadlines(): void {
    this.#timer = undefined
    const now = performance.now()
    for (const outgoing of this.#pending.values()) {
      if (outgoing.deadline > now) {
        this.#watchDeadlines(outgoing.deadline - now)
        return
      }
      this.#giveUp(outgoing, this.#whyLate())
    }
  }

  #whyLate(): Error {
    const within = `within ${this.#settings.confirmTimeout / 1000} seconds`
    const blocked = this.#link?.alive ? this.#link.blocked : undefined
    if (blocked !== undefined) return new Error(`it took no message ${within}, as it blocks publishers: ${blocked}`)
    const { lastFailure } = this.#supervisor
    if (this.#supervisor.link === undefined && lastFailure !== undefined) return lastFailure
    return new Error(`it took no message ${within}`)
  }

  /** The end of a message that waited too long, or for a connection that does not come. */
  #giveUp(outgoing: Outgoing, reason: unknown): void {
    const cause = reason instanceof Error ? reason : new Error('the connection was lost')
    if (outgoing.sent === 0) this.#settle(outgoing, this.#unreachable(cause))
    else {
      this.#settle(outgoing, new PublishUnknownError(this.#settings.address.text, { cause }))
      if (this.#channel !== undefined) this.#link?.suspect(outgoing.received, cause)
    }
  }

  #unreachable(cause: Error): BrokerConnectionError {
    if (cause instanceof BrokerConnectionError) return cause
    return new BrokerConnectionError(this.#settings.address.text, cause.message, { cause })
  }
}

/** Whether the broker has ended the channel because of this message. */
function isCulprit({ exchange, body }: Outgoing, fault: unknown): boolean {
  const code = replyCode(fault)
  const text = replyText(fault)
  if (code === replyCodes.notFound || code === replyCodes.accessRefused) {
    return text.includes(`exchange '${exchange || 'amq.default'}'`)
  }
  return code === replyCodes.preconditionFailed && text.includes(`message size ${body.length} `)
}

function refusal({ target }: Outgoing, fault: unknown): Error {
  return new NotRoutedError(target.exchange, target.routingKey, `the broker said "${replyText(fault)}"`, {
    cause: fault,
  })
}
