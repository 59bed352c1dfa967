import type { ConsumeMessage } from 'amqplib'
import type { ConsumeOptions, Consumer, QueueDeclaration } from '../broker.ts'
import { BrokerConnectionError } from '../errors.ts'
import { AmqpDelivery, type Session } from './amqp-delivery.ts'
import type { AmqpSettings } from './amqp-settings.ts'
import { backoff } from './backoff.ts'
import { declarationRefusal, isFinalRefusal } from './declaration-refusal.ts'
import type { Link } from './link.ts'
import { pause } from './pause.ts'
import type { Supervisor } from './supervisor.ts'
import { isQuorum, type Topology } from './topology.ts'

/** What a consumer works with. */
export interface ConsumerParts {
  readonly supervisor: Supervisor
  readonly topology: Topology
  readonly settings: AmqpSettings
}

export interface AmqpConsumeOptions extends ConsumeOptions {
  /** For broadcasts: nothing is settled, and it is tried for ever to go on. */
  readonly broadcast?: boolean
}

/** AMQP has two bytes for it. */
const largestPrefetch = 65_535
/** How often it is tried to declare and consume again over a connection that lives. */
const rebuilds = 10

/**
 * Takes messages through a channel of its own.
 *
 * | state       | meaning                                        | left by                                                   |
 * |-------------|------------------------------------------------|-----------------------------------------------------------|
 * | taking      | the channel lives                              | channel or connection ended → interrupted                 |
 * | interrupted | a channel is being made, as often as needed    | made → taking; not to be made → ended, with the reason    |
 * | cancelled   | takes no more; settles over the same channel   | all is settled, or the channel ended: it is closed        |
 * | ended       | for good                                       | nothing                                                   |
 *
 * `cancel` leads from the first two to cancelled. Every channel declares all queues anew before it consumes them, so that a
 * broker that forgot them has them again. The prefetch is that of the whole channel; with a queue of quorum type, or on
 * RabbitMQ 4, each queue has it for itself, and what is changed later holds for queues that are added later.
 */
export class AmqpConsumer implements Consumer {
  readonly done: Promise<Error | undefined>
  /** Resolves when it has ended and its last channel is closed: the broker has then heard of all that was settled. */
  readonly gone: Promise<void>
  readonly #parts: ConsumerParts
  readonly #options: AmqpConsumeOptions
  readonly #queues = new Map<string, QueueDeclaration>()
  #state: 'taking' | 'interrupted' | 'cancelled' | 'ended' = 'interrupted'
  #session: ConsumerSession | undefined
  #prefetch: number
  #finish: (reason: Error | undefined) => void = () => undefined
  #vanish: () => void = () => undefined
  #stopPause: (() => void) | undefined

  /** @throws as `Broker.consume` */
  static async start(
    parts: ConsumerParts,
    queues: readonly QueueDeclaration[],
    options: AmqpConsumeOptions,
  ): Promise<AmqpConsumer> {
    const consumer = new AmqpConsumer(parts, queues, options)
    try {
      await consumer.#establish(true)
    } catch (error) {
      consumer.end(undefined)
      throw error
    }
    consumer.#began()
    return consumer
  }

  private constructor(parts: ConsumerParts, queues: readonly QueueDeclaration[], options: AmqpConsumeOptions) {
    this.#parts = parts
    this.#options = options
    this.#prefetch = options.prefetch
    for (const queue of queues) this.#queues.set(queue.name, queue)
    this.done = new Promise((resolve) => {
      this.#finish = resolve
    })
    this.gone = new Promise((resolve) => {
      this.#vanish = resolve
    })
  }

  async addQueue(queue: QueueDeclaration): Promise<void> {
    const had = this.#queues.get(queue.name)
    this.#queues.set(queue.name, queue)
    const session = this.#session
    // While interrupted, the next channel takes from it, too.
    if (had !== undefined || this.#state !== 'taking' || session === undefined) return
    try {
      await this.#parts.topology.declare(session.link, queue)
      if (session.alive && this.#queues.has(queue.name)) await this.#consumeQueue(session, queue)
    } catch (error) {
      if (error instanceof BrokerConnectionError && !session.alive) return
      this.#queues.delete(queue.name)
      throw error
    }
  }

  async cancelQueue(name: string): Promise<void> {
    this.#queues.delete(name)
    const session = this.#session
    const tag = session?.tags.get(name)
    if (session === undefined || tag === undefined) return
    session.tags.delete(name)
    await session.link.reply('cancel a consumer', () => session.channel.cancel(tag)).catch(() => undefined)
  }

  async setPrefetch(count: number): Promise<void> {
    this.#prefetch = count
    const session = this.#session
    if (this.#state === 'taking' && session?.alive) await this.#sendPrefetch(session).catch(() => undefined)
  }

  async cancel(): Promise<void> {
    if (this.#state === 'cancelled' || this.#state === 'ended') return
    this.#state = 'cancelled'
    this.#stopPause?.()
    const session = this.#session
    await Promise.all([...this.#queues.keys()].map((name) => this.cancelQueue(name)))
    this.#finish(undefined)
    if (!session?.alive) return this.#vanish()
    session.onSettled = () => this.#closeWhenSettled(session)
    this.#closeWhenSettled(session)
  }

  /** Ends it at once: by its broker, which puts back what is not settled. */
  end(reason: Error | undefined): void {
    if (this.#state === 'ended') return
    this.#state = 'ended'
    this.#stopPause?.()
    this.#finish(reason)
    if (this.#session?.alive) this.#discard(this.#session)
    // A channel that is being closed has still to say what was settled; it is gone after that.
    else if (this.#session?.closing === undefined) this.#vanish()
  }

  /** Resolves when the broker has heard of all that was settled so far. */
  async heard(): Promise<void> {
    const session = this.#session
    if (session === undefined || this.#options.broadcast) return
    if (session.alive) await this.#sendPrefetch(session).catch(() => undefined)
    else await session.closing
  }

  /** Makes channels until one takes from all queues. */
  async #establish(first: boolean): Promise<void> {
    const { supervisor, settings } = this.#parts
    for (let failures = 0; this.#state === 'interrupted'; ) {
      const link = await supervisor.ready()
      try {
        return await this.#openSession(link)
      } catch (error) {
        if (first ? link.alive : isFinalRefusal(error)) throw error
        if (!link.alive) continue
        if (++failures >= rebuilds && !this.#options.broadcast) throw error
        await this.#pause(backoff(failures, settings))
      }
    }
  }

  async #openSession(link: Link): Promise<void> {
    const channel = await link.channel()
    const session: ConsumerSession = {
      channel,
      link,
      alive: true,
      unsettled: 0,
      onSettled: undefined,
      tags: new Map(),
      shared: false,
      closing: undefined,
    }
    let fault: Error | undefined
    const ended = (reason: Error | undefined) => this.#sessionEnded(session, fault ?? reason)
    channel.on('error', (error) => {
      fault = error
    })
    channel.on('close', () => ended(undefined))
    const forget = link.onClosed(ended)
    channel.on('close', forget)
    try {
      for (const queue of this.#queues.values()) await this.#parts.topology.declare(link, queue)
      session.shared = link.version[0] < 4 && !this.#parts.topology.hasQuorum
      if (!this.#options.broadcast) await this.#sendPrefetch(session)
      for (const queue of this.#queues.values()) await this.#consumeQueue(session, queue)
      if (!session.alive) throw link.failure(fault ?? new Error('the channel was closed'))
    } catch (error) {
      this.#discard(session)
      throw error
    }
    this.#session = session
  }

  async #consumeQueue(session: ConsumerSession, queue: QueueDeclaration): Promise<void> {
    const { name } = queue
    if (session.shared && isQuorum(queue)) await this.#unshare(session)
    const take = (received: ConsumeMessage | null) => {
      if (received !== null) this.#options.onDelivery(new AmqpDelivery(session, queue, received))
      else void this.#cancelledByServer(session, name)
    }
    const noAck = this.#options.broadcast === true
    const { consumerTag } = await session.link.reply(`consume from "${name}"`, () =>
      session.channel.consume(name, take, { noAck }).catch((error: unknown) => {
        throw declarationRefusal(name, error)
      }),
    )
    session.tags.set(name, consumerTag)
  }

  async #sendPrefetch({ link, channel, shared }: ConsumerSession): Promise<void> {
    const count = this.#prefetch > largestPrefetch ? 0 : this.#prefetch
    await link.reply('set the prefetch', () => channel.prefetch(count, shared))
  }

  /** A quorum queue is refused on a channel with a prefetch of its own, with the end of the connection. */
  async #unshare(session: ConsumerSession): Promise<void> {
    await session.link.reply('set the prefetch', () => session.channel.prefetch(0, true))
    session.shared = false
    await this.#sendPrefetch(session)
    for (const name of [...session.tags.keys()]) {
      const queue = this.#queues.get(name)
      const tag = session.tags.get(name)
      if (queue === undefined || tag === undefined) continue
      await session.link.reply('cancel a consumer', () => session.channel.cancel(tag))
      await this.#consumeQueue(session, queue)
    }
  }

  /** The queue was deleted, or its leader is gone: it is declared and consumed again. */
  async #cancelledByServer(session: ConsumerSession, name: string): Promise<void> {
    session.tags.delete(name)
    const { topology, settings } = this.#parts
    for (let failures = 0; session.alive && this.#state !== 'cancelled' && this.#state !== 'ended'; ) {
      const queue = this.#queues.get(name)
      if (queue === undefined || session.tags.has(name)) return
      try {
        await topology.declare(session.link, queue)
        if (session.alive) await this.#consumeQueue(session, queue)
        return
      } catch (error) {
        if (!session.alive) return
        const hopeless = isFinalRefusal(error) || (++failures >= rebuilds && !this.#options.broadcast)
        if (hopeless) return this.end(asError(error))
        await this.#pause(backoff(failures, settings))
      }
    }
  }

  #sessionEnded(session: ConsumerSession, reason: Error | undefined): void {
    if (!session.alive) return
    session.alive = false
    if (this.#session !== session) return
    if (this.#state === 'cancelled') this.#vanish()
    else if (this.#state === 'taking') {
      void this.#resume(session.link, reason ?? new Error('the channel was closed'))
    }
  }

  async #resume(link: Link, reason: Error): Promise<void> {
    this.#state = 'interrupted'
    this.#options.onInterrupted?.(reason)
    await undefined // a connection that ends, ends its channels first
    if (!link.alive && this.#parts.settings.rounds === 1) return this.end(link.failure(reason))
    try {
      do await this.#establishOrWait()
      while (this.#state === 'interrupted' && !this.#session?.alive)
    } catch (error) {
      return this.end(asError(error))
    }
    if (this.#began()) this.#options.onResumed?.()
  }

  /** A broadcast goes on trying when the connection was given up: nobody is told that it has ended. */
  async #establishOrWait(): Promise<void> {
    try {
      await this.#establish(false)
    } catch (error) {
      if (!this.#options.broadcast || this.#state !== 'interrupted') throw error
      await this.#pause(this.#parts.settings.intervalMax)
    }
  }

  /** Whether it is taking now: it may have been cancelled, or interrupted again, meanwhile. */
  #began(): boolean {
    const session = this.#session
    if (this.#state !== 'interrupted' || session === undefined) {
      if (session?.alive && this.#state !== 'taking') this.#discard(session)
      return false
    }
    this.#state = 'taking'
    if (session.alive) return true
    void this.#resume(session.link, new Error('the channel was closed'))
    return false
  }

  #closeWhenSettled(session: ConsumerSession): void {
    const idle = session.unsettled === 0 || this.#options.broadcast === true
    if (idle && session.alive) this.#discard(session)
  }

  /** Closes the channel; the broker takes back what is not settled. */
  #discard(session: ConsumerSession): void {
    session.alive = false
    session.closing = session.link
      .reply('close a channel', () => session.channel.close())
      .catch(() => undefined)
      .then(() => {
        if (this.#session === session && this.#state !== 'interrupted') this.#vanish()
      })
  }

  async #pause(milliseconds: number): Promise<void> {
    const { over, stop } = pause(milliseconds)
    this.#stopPause = stop
    await over
  }
}

interface ConsumerSession extends Session {
  readonly link: Link
  /** Names of queues and what the broker calls their consumers. */
  readonly tags: Map<string, string>
  /** Whether the prefetch is that of the whole channel. */
  shared: boolean
  /** Resolves when it is closed, if it is closed from here. */
  closing: Promise<void> | undefined
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
