import { randomUUID } from 'node:crypto'
import type { Message } from '../../protocol/message.ts'
import type { RedisConnection } from '../../redis/redis-commands.ts'
import { RedisFailure } from '../../redis/redis-failure.ts'
import type { RedisLink } from '../../redis/redis-link.ts'
import type {
  Broker,
  BrokerAbilities,
  ConsumeOptions,
  Consumer,
  ExchangeDeclaration,
  PublishTarget,
  QueueDeclaration,
  SubscribeOptions,
  Subscription,
} from '../broker.ts'
import type { RedisAddress, SentinelAddress } from '../broker-address.ts'
import type { BrokerOptions } from '../broker-options.ts'
import { BrokerConnectionError, DeclarationError, NotRoutedError } from '../errors.ts'
import { Bindings } from './bindings.ts'
import { createLink, withConnection } from './connections.ts'
import { closeFenceScript, openFenceScript } from './fence-scripts.ts'
import { Intake } from './intake.ts'
import { publishScript } from './publish-script.ts'
import { Publisher } from './publisher.ts'
import { RedisKeys } from './redis-keys.ts'
import { type RedisSettings, readRedisSettings } from './redis-settings.ts'
import { purgeScript, sizeScript } from './size-scripts.ts'
import { Subscriptions } from './subscriptions.ts'
import { writeEnvelope } from './write-envelope.ts'

/** Seconds `close` may take. */
const CLOSE = 5

/**
 * Makes a broker on Redis that shares queues with Python Celery: kombu's keys, envelopes and table of unacked messages. Nothing
 * is connected yet.
 *
 * Beyond kombu: a message leaves its queue and enters the table of unacked ones in one instant, so no crash loses it; what is
 * held is shown to be alive, so neither long tasks nor far ETAs are given twice; publishing is never done twice, and known to
 * be done also when the connection was lost in between.
 *
 * @param options - see `readRedisSettings` for the transport options
 * @throws TypeError with everything that is wrong with the options
 */
export function createRedisBroker(options: BrokerOptions<RedisAddress | SentinelAddress>): Broker {
  return new RedisBroker(readRedisSettings(options))
}

class RedisBroker implements Broker {
  readonly kind = 'redis'
  readonly address: string
  readonly abilities: BrokerAbilities = { nativeDelay: false, adjustablePrefetch: true }
  readonly #settings: RedisSettings
  readonly #keys: RedisKeys
  readonly #bindings: Bindings
  readonly #publisher: Publisher
  /** For all but taking and listening: a flood of messages on their way out must not hold up what comes in. */
  readonly #link: RedisLink
  readonly #intake: Intake
  readonly #subscriptions: Subscriptions
  #closing: Promise<void> | undefined

  constructor(settings: RedisSettings) {
    this.#settings = settings
    this.address = settings.address.text
    const keys = new RedisKeys(settings.keys)
    this.#keys = keys
    this.#bindings = new Bindings(keys)
    const publisher = new Publisher(this.address, (id) => keys.fence(id))
    this.#publisher = publisher
    this.#link = createLink(settings, {
      scripts: [publishScript, openFenceScript, closeFenceScript],
      onUp: async (connection) => {
        await this.#bindings.restore(connection)
        await publisher.up(connection)
      },
      onDown: () => publisher.down(),
      onGivenUp: (reason) => publisher.fail(reason),
    })
    publisher.attach(this.#link)
    this.#intake = new Intake({
      settings,
      keys,
      declare: (queue) => this.declare(queue),
      lookup: (connection, exchange, routingKey) => this.#bindings.lookupAny(connection, exchange, routingKey),
    })
    this.#subscriptions = new Subscriptions(settings, keys)
  }

  async connect(): Promise<void> {
    this.#assertOpen()
    await withConnection(this.#link, this.#settings, async () => {})
  }

  async declare(queue: QueueDeclaration): Promise<void> {
    await this.#inTime(async (connection) => {
      try {
        await connection.eval(sizeScript, this.#keys.lists(queue.name), [])
      } catch (error) {
        if (!(error instanceof RedisFailure) || error.reply !== 'WRONGTYPE') throw error
        throw new DeclarationError(queue.name, 'a key of this name is something else than a list', { cause: error })
      }
      await this.#bindings.declare(connection, queue)
    })
  }

  publish(message: Message, target: PublishTarget): Promise<void> {
    const { exchange, exchangeType, routingKey } = target
    if (this.#closing !== undefined) return Promise.reject(this.#closed())
    if (exchange === '') return this.#put(message, target, [routingKey])
    return exchangeType === 'fanout' ? this.#broadcast(message, target) : this.#route(message, target)
  }

  async #route(message: Message, target: PublishTarget): Promise<void> {
    const { exchange, exchangeType, routingKey } = target
    const { confirmTimeout, deadletterQueue } = this.#settings
    const queues = await withConnection(
      this.#link,
      this.#settings,
      async (connection) => {
        const found = await this.#bindings.lookup(connection, exchange, exchangeType, routingKey)
        if (found.length > 0 || !(await this.#bindings.restore(connection, exchange))) return found
        return this.#bindings.lookup(connection, exchange, exchangeType, routingKey)
      },
      confirmTimeout,
    )
    if (queues.length === 0 && deadletterQueue !== undefined) queues.push(deadletterQueue)
    if (queues.length === 0) throw new NotRoutedError(exchange, routingKey)
    await this.#put(message, target, queues)
  }

  #put(message: Message, target: PublishTarget, queues: readonly string[]): Promise<void> {
    const { exchange, routingKey, retry = true } = target
    const { priority } = message.properties
    return new Promise((resolve, reject) => {
      const copies = queues.map((queue) => ({
        list: this.#keys.listFor(queue, priority),
        text: writeEnvelope(message, exchange, routingKey, randomUUID()),
      }))
      const deadline = performance.now() + this.#settings.confirmTimeout * 1000
      this.#publisher.send({ copies, retry, deadline, resolve, reject })
    })
  }

  async #broadcast(message: Message, { exchange, routingKey }: PublishTarget): Promise<void> {
    const text = writeEnvelope(message, exchange, routingKey, randomUUID())
    const channel = this.#keys.channel(exchange, routingKey)
    const heard = await withConnection(
      this.#link,
      this.#settings,
      (connection) => connection.publish(channel, text),
      this.#settings.confirmTimeout,
    )
    if (heard === 0) throw new NotRoutedError(exchange, routingKey, 'nobody listens')
  }

  async consume(queues: readonly QueueDeclaration[], options: ConsumeOptions): Promise<Consumer> {
    this.#assertOpen()
    for (const queue of queues) await this.declare(queue)
    const consumer = await this.#intake.consume(options)
    for (const queue of queues) consumer.take(queue.name)
    return consumer
  }

  async size(queue: string): Promise<number> {
    return await this.#count(sizeScript, queue)
  }

  async purge(queue: string): Promise<number> {
    return await this.#count(purgeScript, queue)
  }

  async deleteQueue(queue: string): Promise<void> {
    await this.#inTime(async (connection) => {
      await this.#bindings.remove(connection, queue)
      await connection.del(this.#keys.lists(queue))
    })
  }

  async subscribe(exchange: ExchangeDeclaration, options: SubscribeOptions): Promise<Subscription> {
    this.#assertOpen()
    if (exchange.type !== 'fanout') {
      throw new TypeError(`on Redis only fanout exchanges have subscribers, found type '${exchange.type}'`)
    }
    const queue = { ...options.queue, exchange, passive: false }
    await this.declare(queue)
    const subscription = await this.#subscriptions.subscribe(exchange, options)
    const close = async () => {
      await subscription.close()
      if (this.#closing === undefined) await this.deleteQueue(queue.name).catch(() => {}) // a binding nobody misses
    }
    return { close }
  }

  async ping(): Promise<void> {
    this.#assertOpen()
    const { commandTimeout } = this.#settings
    await withConnection(this.#link, this.#settings, (connection) => connection.ping(), commandTimeout)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined
    const within = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE * 1000)
    })
    await Promise.all([this.#intake.close(within), Promise.race([this.#publishAll(), within])])
    clearTimeout(timer)
    this.#subscriptions.close()
    this.#link.close()
    this.#publisher.fail(new Error('it was closed'))
  }

  async #publishAll(): Promise<void> {
    while (!this.#publisher.isIdle) await new Promise((resolve) => setTimeout(resolve, 1))
  }

  async #count(script: typeof sizeScript, queue: string): Promise<number> {
    return await this.#inTime(async (connection) => Number(await connection.eval(script, this.#keys.lists(queue), [])))
  }

  /** Who sends shall not wait for a connection longer than for what comes after it. */
  async #inTime<T>(run: (connection: RedisConnection) => Promise<T>): Promise<T> {
    this.#assertOpen()
    return await withConnection(this.#link, this.#settings, run, this.#settings.confirmTimeout)
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw this.#closed()
  }

  #closed(): BrokerConnectionError {
    return new BrokerConnectionError(this.address, 'this handle was closed')
  }
}
