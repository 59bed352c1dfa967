import type { Message } from '../../protocol/message.ts'
import type { Delivery } from '../broker.ts'
import { DeliveryLostError } from '../errors.ts'
import type { Held } from './held.ts'
import type { Envelope } from './read-envelope.ts'
import type { Destination } from './settler.ts'

/** What a delivery needs of its consumer. */
export interface DeliveryHost {
  /** Whether what is rejected for good is kept. */
  readonly keepsRejected: boolean
  settle(held: Held, destination: Destination | undefined): Promise<void>
  /** Counts no more what was lost. */
  lost(): void
}

export class RedisDelivery implements Delivery {
  readonly queue: string
  readonly exchange: string
  readonly routingKey: string
  readonly message: Message
  readonly malformed: string | undefined
  readonly redelivered: boolean
  readonly #held: Held
  readonly #host: DeliveryHost

  constructor(held: Held, envelope: Envelope, host: DeliveryHost) {
    this.queue = held.queue
    this.exchange = envelope.exchange
    this.routingKey = envelope.routingKey ?? held.queue
    this.message = envelope.message
    this.malformed = envelope.malformed
    this.redelivered = envelope.redelivered
    this.#held = held
    this.#host = host
  }

  /** Not by an interruption: it stays ours, and is settled over the next connection. */
  get lost(): boolean {
    return this.#held.state === 'lost'
  }

  ack(): Promise<void> {
    return this.#settle(undefined)
  }

  reject({ requeue }: { readonly requeue: boolean }): Promise<void> {
    return this.#settle(requeue ? 'end' : this.#host.keepsRejected ? 'dead-letters' : undefined)
  }

  release(): Promise<void> {
    return this.#settle('front')
  }

  #settle(destination: Destination | undefined): Promise<void> {
    const held = this.#held
    if (held.state === 'held') return this.#host.settle(held, destination)
    if (held.state !== 'lost' || this.#wasTold) return Promise.resolve()
    this.#wasTold = true
    this.#host.lost()
    return Promise.reject(new DeliveryLostError(held.queue, 'another worker has it, or it was put back'))
  }

  /** Settled once: what is called afterwards is ignored. */
  #wasTold = false
}
