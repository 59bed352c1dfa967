import type { Message } from '../../protocol/message.ts'
import type {
  Broker,
  ConsumeOptions,
  Consumer,
  ExchangeDeclaration,
  PublishTarget,
  QueueDeclaration,
  SubscribeOptions,
  Subscription,
} from '../broker.ts'
import type { MemoryAddress } from '../broker-address.ts'
import type { BrokerOptions } from '../broker-options.ts'
import { BrokerConnectionError } from '../errors.ts'
import { type ConsumerOwner, MemoryConsumer } from './memory-consumer.ts'
import type { MemorySpace } from './memory-space.ts'
import { joinSpace, leaveSpace } from './spaces.ts'

/** A broker of this process, and how to break it. */
export interface MemoryBroker extends Broker {
  /** Cuts the connection of this handle, as a network might, for tests of what stands on a broker. */
  interrupt(options?: InterruptOptions): void
}

export interface InterruptOptions {
  /** The connection is back when it resolves. Default: the next turn of the event loop. */
  readonly until?: Promise<void> | undefined
  /** Consumers cannot consume again: their `done` resolves with the reason. Default false. */
  readonly givesUp?: boolean | undefined
}

/**
 * Makes a handle to the broker in this process (in this thread of it): everybody who uses the same name shares its queues.
 * They end with the process. Meant for tests, for development, and for apps whose worker runs beside them.
 *
 * It behaves as RabbitMQ does with a driver that loses nothing: exchanges of all types, dead letters, the arguments
 * `x-message-ttl`, `x-expires`, `x-max-length`, `x-overflow`, `x-max-priority` and `x-dead-letter-…`, exclusive and
 * self-deleting queues. Of priorities 9 is served first, as on RabbitMQ and other than on Redis; every queue has them, whether
 * it says `x-max-priority` or not. A message can be delayed. `reject` with requeue puts to the end of the queue.
 *
 * A message is handed on as it was given, without a copy: neither side may change it. A consumer keeps the process alive.
 */
export function createMemoryBroker(options: BrokerOptions<MemoryAddress>): MemoryBroker {
  return new InProcessBroker(options.address)
}

/** One for all: to publish takes no time. */
const done = Promise.resolve()
const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve))

class InProcessBroker implements MemoryBroker, ConsumerOwner {
  readonly kind = 'memory'
  readonly abilities = { nativeDelay: true, adjustablePrefetch: true }
  readonly address: string
  readonly space: MemorySpace
  readonly #name: string
  /** Those that hold something, also when they take no more. */
  readonly #consumers = new Set<MemoryConsumer>()
  readonly #taking = new Set<MemoryConsumer>()
  readonly #subscriptions = new Set<Subscription>()
  #keepAlive: NodeJS.Timeout | undefined
  #closed = false
  #tellClosed = (): void => {}
  readonly #whenClosed = new Promise<void>((resolve) => {
    this.#tellClosed = resolve
  })
  /** Resolves when an interruption is over, or the handle is closed. */
  #broken: Promise<void> | undefined

  constructor({ name, text }: MemoryAddress) {
    this.#name = name
    this.address = text
    this.space = joinSpace(name)
  }

  async connect(): Promise<void> {
    await this.#connected()
  }

  async ping(): Promise<void> {
    await this.#connected()
  }

  async declare(queue: QueueDeclaration): Promise<void> {
    await this.#connected()
    this.space.declareQueue(queue, this)
  }

  publish(message: Message, target: PublishTarget): Promise<void> {
    if (this.#closed) return Promise.reject(this.#closedError())
    if (this.#broken !== undefined) return this.#publishAgain(message, target, this.#broken)
    const refused = this.space.publish(message, target)
    return refused === undefined ? done : Promise.reject(refused)
  }

  async #publishAgain(message: Message, target: PublishTarget, broken: Promise<void>): Promise<void> {
    if (target.retry === false) throw new BrokerConnectionError(this.address, 'the connection is interrupted')
    await broken
    await this.publish(message, target)
  }

  async consume(queues: readonly QueueDeclaration[], options: ConsumeOptions): Promise<Consumer> {
    await this.#connected()
    return this.#consume(queues, options)
  }

  #consume(queues: readonly QueueDeclaration[], options: ConsumeOptions): MemoryConsumer {
    const declared = queues.map((queue) => this.space.declareQueue(queue, this))
    const consumer = new MemoryConsumer(this, options)
    this.#consumers.add(consumer)
    this.#taking.add(consumer)
    // A connection would hold the process; here nothing else does.
    this.#keepAlive ??= setInterval(() => {}, 2 ** 31 - 1)
    for (const queue of declared) consumer.add(queue)
    return consumer
  }

  consumerEnded(consumer: MemoryConsumer): void {
    this.#taking.delete(consumer)
    if (this.#taking.size > 0) return
    clearInterval(this.#keepAlive)
    this.#keepAlive = undefined
  }

  consumerSettled(consumer: MemoryConsumer): void {
    this.#consumers.delete(consumer)
  }

  async subscribe(exchange: ExchangeDeclaration, options: SubscribeOptions): Promise<Subscription> {
    await this.#connected()
    const { queue, onMessage } = options
    const consumer = this.#consume([{ ...queue, exchange }], {
      prefetch: 0,
      onDelivery: (delivery) => {
        void delivery.ack()
        onMessage(delivery.message, delivery.routingKey)
      },
    })
    const subscription = {
      close: async () => {
        if (!this.#subscriptions.delete(subscription)) return
        consumer.stop(undefined)
        this.space.deleteQueue(queue.name)
      },
    }
    this.#subscriptions.add(subscription)
    return subscription
  }

  async size(queue: string): Promise<number> {
    await this.#connected()
    const found = this.space.queue(queue)
    found?.expire()
    return found?.size ?? 0
  }

  async purge(queue: string): Promise<number> {
    await this.#connected()
    return this.space.queue(queue)?.purge() ?? 0
  }

  async deleteQueue(queue: string): Promise<void> {
    await this.#connected()
    this.space.deleteQueue(queue)
  }

  interrupt({ until = nextTurn(), givesUp = false }: InterruptOptions = {}): void {
    if (this.#closed) return
    const reason = new BrokerConnectionError(this.address, 'the connection was cut')
    const broken = Promise.race([until, this.#whenClosed]).then(() => {
      if (this.#broken !== broken) return
      this.#broken = undefined
      for (const consumer of this.#consumers) consumer.resume()
    })
    this.#broken = broken
    for (const consumer of this.#consumers) {
      consumer.interrupt(reason)
      if (givesUp) consumer.stop(reason)
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#tellClosed()
    const consumers = [...this.#consumers]
    // None takes what another puts back: messages are handed out in a turn of their own, and by then all have stopped.
    for (const consumer of consumers) consumer.loseAll()
    for (const consumer of consumers) consumer.stop(undefined)
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.close()))
    this.space.deleteQueuesOf(this)
    leaveSpace(this.#name)
  }

  async #connected(): Promise<void> {
    while (this.#broken !== undefined && !this.#closed) await this.#broken
    if (this.#closed) throw this.#closedError()
  }

  #closedError(): BrokerConnectionError {
    return new BrokerConnectionError(this.address, 'this handle was closed; make another')
  }
}
