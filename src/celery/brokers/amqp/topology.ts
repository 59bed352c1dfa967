import type { PublishTarget, QueueDeclaration } from '../broker.ts'
import { BrokerConnectionError, NotRoutedError } from '../errors.ts'
import { topicMatches } from '../memory/topic-matches.ts'
import { declareDelay } from './declare-delay.ts'
import { bindExchange, bindQueue, declareQueue } from './declare-queue.ts'
import type { Link } from './link.ts'
import { afterDelay, delayBits, delayedRoutingKey, deliveryExchange, levelName } from './native-delay.ts'
import { replyCode, replyCodes } from './reply-error.ts'

/**
 * What was declared through this broker: it is declared again on every new connection, and tells which targets can be
 * delayed natively.
 *
 * As in Celery, one quorum queue turns native delays on for all queues whose exchange is not direct. Only a target that is
 * bound behind the delay here is delayed there: to any other, a message would be lost when its time has come.
 */
export class Topology {
  readonly #delayType: 'quorum' | 'classic'
  /** By queue and binding, as one queue may have several. */
  readonly #queues = new Map<string, QueueDeclaration>()
  readonly #exchanges = new Set<string>()
  /** Links on which the levels of the delay are declared. */
  readonly #delays = new WeakMap<Link, Promise<void>>()
  /** Those that are bound behind the delay. */
  readonly #delayed = new Map<string, QueueDeclaration>()
  /** What is declared on which link. */
  readonly #done = new WeakMap<Link, Set<QueueDeclaration>>()
  #quorum = false
  #delayFailed = false

  constructor(delayType: 'quorum' | 'classic') {
    this.#delayType = delayType
  }

  /** Whether a queue of quorum type is among them: RabbitMQ then knows no prefetch for a whole channel. */
  get hasQuorum(): boolean {
    return this.#quorum
  }

  /** False when the broker has refused what delays need. */
  get canDelay(): boolean {
    return !this.#delayFailed
  }

  /** @throws DeclarationError, BrokerConnectionError */
  async declare(link: Link, queue: QueueDeclaration): Promise<void> {
    await declareQueue(link, queue)
    this.#queues.set(bindingOf(queue), queue)
    this.#doneOn(link).add(queue)
    if (queue.exchange !== undefined) this.#exchanges.add(queue.exchange.name)
    if (!this.#quorum && isQuorum(queue)) {
      this.#quorum = true
      for (const known of this.#queues.values()) await this.#bindDelay(link, known)
    } else if (this.#quorum) await this.#bindDelay(link, queue)
  }

  /** Declares on a new connection what was declared on others. What the broker refuses now is left: publishing will tell. */
  async redeclare(link: Link): Promise<void> {
    for (const queue of [...this.#queues.values()]) {
      if (queue.exclusive || queue.passive || this.#doneOn(link).has(queue)) continue
      try {
        await this.declare(link, queue)
      } catch (error) {
        if (error instanceof BrokerConnectionError) throw error
      }
    }
  }

  forget(queue: string): void {
    for (const [binding, { name }] of this.#queues) {
      if (name !== queue) continue
      this.#queues.delete(binding)
      this.#delayed.delete(binding)
    }
  }

  /** Whether it was seen to be there. RabbitMQ closes the channel, with all that is under way, for one that is not. */
  knowsExchange(name: string): boolean {
    return name === '' || this.#exchanges.has(name)
  }

  /** @throws NotRoutedError when there is no such exchange */
  async checkExchange(link: Link, target: PublishTarget): Promise<void> {
    const { exchange, routingKey } = target
    try {
      await link.admin.run(`look for the exchange "${exchange}"`, (channel) => channel.checkExchange(exchange))
    } catch (error) {
      if (replyCode(error) === undefined) throw error
      if (replyCode(error) === replyCodes.notFound) {
        throw new NotRoutedError(exchange, routingKey, 'there is no such exchange', { cause: error })
      }
    }
    this.#exchanges.add(exchange)
  }

  /** Where to publish so that it comes to the target after its delay; undefined when it cannot be delayed natively. */
  delayed(target: PublishTarget): { readonly exchange: string; readonly routingKey: string } | undefined {
    const { delay, exchange, exchangeType, routingKey } = target
    if (delay === undefined || !(delay >= 1) || routingKey === '' || !canCarryDelay(exchangeType)) return undefined
    const words = routingKey.split('.')
    for (const queue of this.#delayed.values()) {
      if (queue.exchange?.name !== exchange) continue
      // A fanout exchange, too, is bound behind the delay by the key of the queue.
      if (topicMatches(queue.routingKey.split('.'), words)) {
        return { exchange: levelName(delayBits - 1), routingKey: delayedRoutingKey(delay, routingKey) }
      }
    }
    return undefined
  }

  #doneOn(link: Link): Set<QueueDeclaration> {
    let done = this.#done.get(link)
    if (done === undefined) {
      done = new Set()
      this.#done.set(link, done)
    }
    return done
  }

  async #bindDelay(link: Link, queue: QueueDeclaration): Promise<void> {
    const { name, exchange, routingKey, passive } = queue
    if (exchange === undefined || exchange.name === '' || passive || !canCarryDelay(exchange.type)) return
    try {
      await this.#declareDelay(link)
      await bindExchange(link, exchange.name, deliveryExchange, afterDelay(routingKey))
      await bindQueue(link, name, exchange.name, afterDelay(routingKey))
      this.#delayed.set(bindingOf(queue), queue)
    } catch (error) {
      if (error instanceof BrokerConnectionError) throw error
      // The levels are there in another form, or RabbitMQ is too old for them: workers hold what is not due yet.
      this.#delayed.delete(bindingOf(queue))
      this.#delayFailed = true
    }
  }

  #declareDelay(link: Link): Promise<void> {
    let declared = this.#delays.get(link)
    if (declared === undefined) {
      declared = declareDelay(link, this.#delayType)
      this.#delays.set(link, declared)
      declared.catch(() => undefined)
    }
    return declared
  }
}

/** Whether queues of this type of exchange can be reached behind the delay: a direct one does not know patterns. */
function canCarryDelay(type: string): boolean {
  return type === 'topic' || type === 'fanout'
}

function bindingOf({ name, exchange, routingKey }: QueueDeclaration): string {
  return `${name}\0${exchange?.name ?? ''}\0${routingKey}`
}

export function isQuorum(queue: QueueDeclaration): boolean {
  return queue.arguments['x-queue-type'] === 'quorum'
}
