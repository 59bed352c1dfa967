import type { Message } from '../../protocol/message.ts'
import type { ExchangeDeclaration, PublishTarget, QueueDeclaration } from '../broker.ts'
import { DeclarationError, NotRoutedError } from '../errors.ts'
import { deadLetter, goesRound } from './dead-letter.ts'
import { Delayed } from './delayed.ts'
import { describeDifference } from './describe-difference.ts'
import { MemoryExchange } from './memory-exchange.ts'
import { type DeathReason, MemoryQueue, type QueueEvents, type Taker } from './memory-queue.ts'
import { type StoredMessage, storedMessage } from './stored-message.ts'
import { Turns } from './turns.ts'

/** What stands in for the server: exchanges and queues, shared by all handles of one name. */
export class MemorySpace {
  readonly turns: Turns = new Turns()
  readonly #exchanges = new Map<string, MemoryExchange>()
  readonly #queues = new Map<string, MemoryQueue>()
  readonly #delayed = new Delayed()
  readonly #events: QueueEvents = {
    onDeath: (queue, stored, reason) => this.#bury(queue, stored, reason),
    onUnused: (queue) => this.deleteQueue(queue.name),
  }

  get isEmpty(): boolean {
    return this.#queues.size === 0
  }

  queue(name: string): MemoryQueue | undefined {
    return this.#queues.get(name)
  }

  /**
   * Makes a queue, its exchange and the binding, as far as they are missing.
   *
   * @param owner - the handle that asks, to which an exclusive queue belongs
   */
  declareQueue(declaration: QueueDeclaration, owner: object): MemoryQueue {
    const { name, exchange, passive, exclusive, routingKey } = declaration
    const found = this.#queues.get(name)
    if (found?.owner !== undefined && found.owner !== owner) {
      throw new DeclarationError(name, 'it is exclusive to another connection')
    }
    if (passive && found === undefined) {
      throw new DeclarationError(name, 'it does not exist, and is only to be looked for; declare it without `passive`')
    }
    if (!passive && found !== undefined) assertSame(name, found.declaration, declaration, queueFields)
    const queue = found ?? new MemoryQueue(declaration, exclusive ? owner : undefined, this.#events)
    const bindsTo = passive || !exchange?.name ? undefined : this.declareExchange(exchange)
    this.#queues.set(name, queue)
    queue.touch()
    bindsTo?.bind(queue, routingKey)
    return queue
  }

  declareExchange(declaration: ExchangeDeclaration): MemoryExchange {
    const { name } = declaration
    const found = this.#exchanges.get(name)
    if (found !== undefined) {
      assertSame(name, found.declaration, declaration, exchangeFields)
      return found
    }
    const exchange = new MemoryExchange(declaration)
    this.#exchanges.set(name, exchange)
    return exchange
  }

  deleteQueue(name: string): void {
    const queue = this.#queues.get(name)
    if (queue === undefined) return
    this.#queues.delete(name)
    for (const [exchangeName, exchange] of this.#exchanges) {
      exchange.unbind(queue)
      if (exchange.declaration.autoDelete && !exchange.isBound) this.#exchanges.delete(exchangeName)
    }
    for (const taker of queue.delete()) taker.queueDeleted(queue)
  }

  /** Removes the exclusive queues of a handle. */
  deleteQueuesOf(owner: object): void {
    for (const queue of this.#queues.values()) if (queue.owner === owner) this.deleteQueue(queue.name)
  }

  leaveQueue(queue: MemoryQueue, taker: Taker): void {
    queue.removeTaker(taker)
    if (queue.declaration.autoDelete && !queue.isTaken && !queue.gone) this.deleteQueue(queue.name)
  }

  /** @returns why no queue took it; undefined when one did */
  publish(message: Message, target: PublishTarget): NotRoutedError | undefined {
    if (target.delay !== undefined && target.delay > 0) return this.#publishLater(message, target, target.delay)
    const { exchange, routingKey } = target
    if (exchange === '') {
      const queue = this.#queues.get(routingKey)
      if (queue === undefined)
        return new NotRoutedError(exchange, routingKey, 'the queue does not exist; declare it first')
      return push(queue, message, exchange, routingKey) ? undefined : full(exchange, routingKey)
    }
    const found = this.#exchanges.get(exchange)
    if (found === undefined) return new NotRoutedError(exchange, routingKey, 'the exchange does not exist')
    const queues = found.route(routingKey)
    if (queues.size === 0) return new NotRoutedError(exchange, routingKey)
    let taken = false
    for (const queue of queues) taken = push(queue, message, exchange, routingKey) || taken
    return taken ? undefined : full(exchange, routingKey)
  }

  #publishLater(message: Message, target: PublishTarget, seconds: number): NotRoutedError | undefined {
    const { exchange, routingKey } = target
    if (this.#route(exchange, routingKey).size === 0) return new NotRoutedError(exchange, routingKey)
    // What has no queue any more when its time has come is dropped, as RabbitMQ does.
    this.#delayed.add(Date.now() + seconds * 1000, () => void this.publish(message, { ...target, delay: 0 }))
    return undefined
  }

  #bury(queue: MemoryQueue, stored: StoredMessage, reason: DeathReason): void {
    const { deadLetterExchange: exchange, deadLetterRoutingKey } = queue.arguments
    if (exchange === undefined) return
    const routingKey = deadLetterRoutingKey ?? stored.routingKey
    const message = deadLetter(stored.message, {
      reason,
      queue: queue.name,
      exchange: stored.exchange,
      routingKey: stored.routingKey,
    })
    for (const target of this.#route(exchange, routingKey)) {
      if (!goesRound(message, target.name)) push(target, message, exchange, routingKey)
    }
  }

  #route(exchange: string, routingKey: string): ReadonlySet<MemoryQueue> {
    if (exchange !== '') return this.#exchanges.get(exchange)?.route(routingKey) ?? new Set()
    const queue = this.#queues.get(routingKey)
    return new Set(queue === undefined ? [] : [queue])
  }
}

const queueFields = ['durable', 'autoDelete', 'exclusive', 'arguments'] as const
const exchangeFields = ['type', 'durable', 'autoDelete', 'arguments'] as const

function assertSame<K extends string>(
  name: string,
  there: Readonly<Record<K, unknown>>,
  asked: Readonly<Record<K, unknown>>,
  fields: readonly K[],
): void {
  const difference = describeDifference(there, asked, fields)
  if (difference !== undefined) throw new DeclarationError(name, difference)
}

function push(queue: MemoryQueue, message: Message, exchange: string, routingKey: string): boolean {
  if (queue.isFull) return false
  queue.push(storedMessage(message, exchange, routingKey, queue.arguments.messageTtl))
  return true
}

function full(exchange: string, routingKey: string): NotRoutedError {
  return new NotRoutedError(exchange, routingKey, 'the queue is full, and its `x-overflow` says to refuse')
}
