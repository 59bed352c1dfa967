import type { Message } from '../../protocol/message.ts'
import type { PublishTarget } from '../broker.ts'

/** A message on its way to the broker, until it is known what became of it. */
export interface Outgoing {
  /** Its `message_id`: by it a returned message is known, and whoever gets it twice can tell. */
  readonly id: string
  readonly body: Buffer
  readonly options: PublishOptions
  /** Where it goes: with native delay not the exchange that was asked for. */
  readonly exchange: string
  readonly routingKey: string
  readonly target: PublishTarget
  /** Milliseconds of the clock of `performance.now()`. */
  readonly deadline: number
  readonly resolve: () => void
  readonly reject: (error: Error) => void
  /** How often it was written to a connection. */
  sent: number
  /** What the connection had received when it was written. */
  received: number
}

/** As `amqplib` takes them. */
export interface PublishOptions {
  readonly mandatory: boolean
  readonly messageId: string
  readonly headers: Record<string, unknown>
  readonly contentType?: string
  readonly contentEncoding?: string
  readonly deliveryMode: number
  readonly priority?: number
  readonly correlationId?: string
  readonly replyTo?: string
  readonly expiration?: string
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/**
 * The properties of a message as AMQP has them.
 *
 * @throws TypeError for what AMQP cannot hold
 */
export function publishOptions(message: Message, messageId: string, headers: Record<string, unknown>): PublishOptions {
  const { contentType, contentEncoding, properties } = message
  const { correlationId, replyTo, priority, expiration } = properties
  const options: Mutable<PublishOptions> = {
    mandatory: true,
    messageId,
    headers,
    deliveryMode: properties.deliveryMode ?? 2,
  }
  if (contentType !== '') options.contentType = contentType
  if (contentEncoding !== '') options.contentEncoding = contentEncoding
  if (correlationId !== undefined) options.correlationId = correlationId
  if (replyTo !== undefined) options.replyTo = replyTo
  if (priority !== undefined) {
    if (!Number.isInteger(priority) || priority < 0 || priority > 255) {
      throw new TypeError(`\`priority\` must be an integer from 0 to 255, found ${priority}`)
    }
    options.priority = priority
  }
  if (expiration !== undefined) {
    // RabbitMQ would close the channel for it, with all that is under way.
    if (!/^\d{1,10}$/.test(expiration)) throw new TypeError('`expiration` must be milliseconds as text: `60000`')
    options.expiration = expiration
  }
  return options
}
