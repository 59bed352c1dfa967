import type { Message } from '../../protocol/message.ts'
import type { Delivery } from '../broker.ts'
import { DeliveryLostError } from '../errors.ts'
import type { MemoryQueue } from './memory-queue.ts'
import type { StoredMessage } from './stored-message.ts'

/** Who counts what is unsettled. */
export interface DeliveryHolder {
  settled(delivery: MemoryDelivery): void
}

/** One for all: nothing here takes time. */
const done = Promise.resolve()

/**
 * A message with a consumer. It is held until it is settled, or lost to the broker, which gives it again; both happen once.
 */
export class MemoryDelivery implements Delivery {
  readonly #consumer: DeliveryHolder
  readonly #source: MemoryQueue
  readonly #stored: StoredMessage
  readonly redelivered: boolean
  #state: 'held' | 'settled' | 'lost' = 'held'

  constructor(consumer: DeliveryHolder, source: MemoryQueue, stored: StoredMessage) {
    this.#consumer = consumer
    this.#source = source
    this.#stored = stored
    this.redelivered = stored.redelivered
  }

  get queue(): string {
    return this.#source.name
  }

  get exchange(): string {
    return this.#stored.exchange
  }

  get routingKey(): string {
    return this.#stored.routingKey
  }

  get message(): Message {
    return this.#stored.message
  }

  get malformed(): undefined {
    return undefined
  }

  ack(): Promise<void> {
    return this.#settle()
  }

  reject({ requeue }: { readonly requeue: boolean }): Promise<void> {
    return this.#settle(requeue ? this.#toTheEnd : this.#bury)
  }

  release(): Promise<void> {
    return this.#settle(this.#putBack)
  }

  /** The broker takes it back. */
  lose(): void {
    this.#state = 'lost'
    this.#putBack()
  }

  #settle(how?: () => void): Promise<void> {
    if (this.#state === 'lost') return Promise.reject(new DeliveryLostError(this.queue))
    if (this.#state === 'settled') return done
    this.#state = 'settled'
    how?.call(this)
    this.#consumer.settled(this)
    return done
  }

  #toTheEnd(): void {
    this.#stored.redelivered = true
    this.#source.push(this.#stored)
  }

  #putBack(): void {
    this.#source.putBack(this.#stored)
  }

  #bury(): void {
    this.#source.reject(this.#stored)
  }
}
