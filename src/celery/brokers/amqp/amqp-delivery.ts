import type { Message as AmqpMessage, Channel, ConsumeMessage } from 'amqplib'
import type { Message } from '../../protocol/message.ts'
import type { Delivery, QueueDeclaration } from '../broker.ts'
import { DeliveryLostError } from '../errors.ts'
import { withoutDelay } from './native-delay.ts'
import { propertiesOf, readMessage } from './read-message.ts'

/** A channel of a consumer, as long as it lives: what came through it can be settled through it alone. */
export interface Session {
  readonly channel: Channel
  alive: boolean
  /** Deliveries that are not settled. */
  unsettled: number
  /** Called when a delivery was settled. */
  onSettled: (() => void) | undefined
}

const done = Promise.resolve()

/** A delivery of RabbitMQ. It is settled when the answer is written: RabbitMQ confirms none. */
export class AmqpDelivery implements Delivery {
  readonly queue: string
  readonly exchange: string
  readonly routingKey: string
  readonly message: Message
  readonly malformed: string | undefined
  readonly redelivered: boolean
  readonly #session: Session
  /** All that `amqplib` needs of the message to settle it. */
  readonly #handle: AmqpMessage
  #settled = false

  constructor(session: Session, queue: QueueDeclaration, received: ConsumeMessage) {
    const { exchange, routingKey, redelivered, deliveryTag } = received.fields
    const [from, key] = withoutDelay(exchange, routingKey, queue.exchange?.name ?? '')
    this.queue = queue.name
    this.exchange = from
    this.routingKey = key
    this.redelivered = redelivered
    this.message = readMessage(received)
    this.malformed = propertiesOf(received).malformed
    this.#session = session
    this.#handle = { fields: { deliveryTag } } as unknown as AmqpMessage
    session.unsettled++
  }

  get lost(): boolean {
    return !this.#session.alive && !this.#settled
  }

  ack(): Promise<void> {
    return this.#settle('ack', false)
  }

  /** Requeued, RabbitMQ puts it back to where it was, and not to the end: so it is with Celery in Python, too. */
  reject({ requeue }: { readonly requeue: boolean }): Promise<void> {
    return this.#settle('reject', requeue)
  }

  release(): Promise<void> {
    return this.#settle('reject', true)
  }

  #settle(how: 'ack' | 'reject', requeue: boolean): Promise<void> {
    if (this.#settled) return done
    const session = this.#session
    if (!session.alive) return Promise.reject(new DeliveryLostError(this.queue))
    try {
      if (how === 'ack') session.channel.ack(this.#handle)
      else session.channel.reject(this.#handle, requeue)
    } catch (error) {
      return Promise.reject(new DeliveryLostError(this.queue, undefined, { cause: error }))
    }
    this.#settled = true
    session.unsettled--
    session.onSettled?.()
    return done
  }
}
