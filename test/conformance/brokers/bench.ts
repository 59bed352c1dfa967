import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import type {
  Broker,
  ConsumeOptions,
  Consumer,
  Delivery,
  ExchangeDeclaration,
  ExchangeType,
  PublishTarget,
  QueueDeclaration,
} from '../../../src/celery/brokers/broker.ts'
import type { Message } from '../../../src/celery/protocol/message.ts'
import type { BrokerVariant, OpenSettings } from './variant.ts'

/** A consumer and what it was given. */
export interface Taker {
  readonly consumer: Consumer
  /** All of them, in the order they came. */
  readonly deliveries: readonly Delivery[]
  /** Bodies as text. */
  texts(): string[]
  /** Waits until so many came in all. */
  count(count: number): Promise<void>
  /** Waits for the delivery of this number, from 0. */
  at(index: number): Promise<Delivery>
}

export type TakeOptions = Partial<Omit<ConsumeOptions, 'onDelivery'>> & {
  /** Called besides collecting. */
  readonly onDelivery?: (delivery: Delivery) => void
}

/** What a test works with: handles, queues and exchanges with names of their own, all of them removed afterwards. */
export class Bench {
  readonly variant: BrokerVariant
  readonly #brokers: Broker[] = []
  readonly #queues = new Set<string>()

  constructor(variant: BrokerVariant) {
    this.variant = variant
  }

  async open(settings?: OpenSettings): Promise<Broker> {
    return this.#keep(await this.variant.open(settings))
  }

  async unreachable(): Promise<Broker> {
    const broker = await this.variant.unreachable?.()
    if (broker === undefined) throw new Error('the variant has no `unreachable`')
    return this.#keep(broker)
  }

  #keep(broker: Broker): Broker {
    this.#brokers.push(broker)
    return broker
  }

  uniqueName(what: string): string {
    return `twopi-test.${what}.${randomUUID()}`
  }

  /** A queue that nobody declared yet, reached through the default exchange. */
  queue(change: Partial<QueueDeclaration> = {}): QueueDeclaration {
    const name = change.name ?? this.uniqueName('queue')
    this.#queues.add(name)
    return {
      name,
      exchange: undefined,
      routingKey: name,
      durable: true,
      autoDelete: false,
      exclusive: false,
      arguments: {},
      passive: false,
      ...change,
    }
  }

  async declared(broker: Broker, change?: Partial<QueueDeclaration>): Promise<QueueDeclaration> {
    const queue = this.queue(change)
    await broker.declare(queue)
    return queue
  }

  /** An exchange that nobody declared yet. Removed with its last queue where the broker can. */
  exchange(type: ExchangeType, change: Partial<ExchangeDeclaration> = {}): ExchangeDeclaration {
    const name = this.uniqueName(type)
    return { name, type, durable: false, autoDelete: true, arguments: {}, ...change }
  }

  /** What a subscription has for its own queue. */
  ownQueue(routingKey = ''): QueueDeclaration {
    return this.queue({ name: this.uniqueName('subscription'), routingKey, durable: false, autoDelete: true })
  }

  /** Starts to take, and collects. */
  async take(broker: Broker, queues: readonly QueueDeclaration[], options: TakeOptions = {}): Promise<Taker> {
    const deliveries: Delivery[] = []
    const { onDelivery, ...rest } = options
    const consumer = await broker.consume(queues, {
      prefetch: 0,
      ...rest,
      onDelivery: (delivery) => {
        deliveries.push(delivery)
        onDelivery?.(delivery)
      },
    })
    const count = (expected: number) =>
      until(
        () => deliveries.length >= expected,
        () => `${expected} deliveries, found ${deliveries.length}`,
      )
    return {
      consumer,
      deliveries,
      texts: () => deliveries.map(textOf),
      count,
      at: async (index) => {
        await count(index + 1)
        return deliveries[index]!
      },
    }
  }

  /** Takes everything that waits, acknowledges it, and stops: for what is left over. */
  async drain(broker: Broker, queue: QueueDeclaration, expected: number): Promise<Delivery[]> {
    const taker = await this.take(broker, [queue])
    await taker.count(expected)
    await taker.consumer.cancel()
    await Promise.all(taker.deliveries.map((delivery) => delivery.ack()))
    return [...taker.deliveries]
  }

  /** Closes all handles and removes all queues. */
  async close(): Promise<void> {
    await Promise.all(this.#brokers.map((broker) => broker.close()))
    if (this.#queues.size === 0) return
    const cleaner = await this.variant.open()
    for (const queue of this.#queues) await cleaner.deleteQueue(queue)
    await cleaner.close()
  }
}

/** A message with this text as its body. */
export function message(text: string, change: Partial<Message> = {}): Message {
  return {
    body: new TextEncoder().encode(text),
    contentType: 'text/plain',
    contentEncoding: 'utf-8',
    headers: {},
    properties: { correlationId: randomUUID(), deliveryMode: 2 },
    ...change,
  }
}

/** Straight into a queue. */
export function to(queue: QueueDeclaration | string, more: Partial<PublishTarget> = {}): PublishTarget {
  return { exchange: '', exchangeType: 'direct', routingKey: typeof queue === 'string' ? queue : queue.name, ...more }
}

/** Through an exchange. */
export function through(exchange: ExchangeDeclaration, routingKey: string): PublishTarget {
  return { exchange: exchange.name, exchangeType: exchange.type, routingKey }
}

/** Publishes texts one after the other, each after the one before is stored. */
export async function send(broker: Broker, queue: QueueDeclaration, ...texts: readonly string[]): Promise<void> {
  for (const text of texts) await broker.publish(message(text), to(queue))
}

/** Publishes texts without waiting in between. */
export async function sendAll(broker: Broker, queue: QueueDeclaration, texts: readonly string[]): Promise<void> {
  await Promise.all(texts.map((text) => broker.publish(message(text), to(queue))))
}

/** `prefix0`, `prefix1`, … */
export function numbered(count: number, prefix = 'm'): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}${i}`)
}

export function textOf({ message: { body } }: Delivery): string {
  return new TextDecoder().decode(body)
}

/** Waits for a condition. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string | (() => string),
  timeoutMs = 15_000,
): Promise<void> {
  const end = performance.now() + timeoutMs
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`expected ${typeof what === 'string' ? what : what()}, in time`)
    await sleep(5)
  }
}

/** Looks for a while whether something that must not happen does: what nothing announces cannot be awaited. */
export async function stays<T>(look: () => T, expected: T, forMs = 120): Promise<void> {
  const end = performance.now() + forMs
  do {
    expect(look()).toEqual(expected)
    await sleep(10)
  } while (performance.now() < end)
}
