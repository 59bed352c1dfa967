/**
 * A message as a broker carries it: bytes and their labels. What they mean is for `decodeTask` to say.
 *
 * @see https://docs.celeryq.dev/en/stable/internals/protocol.html
 */
export interface Message {
  readonly body: Uint8Array
  /** A MIME type: `application/json`. Empty when the sender gave none. */
  readonly contentType: string
  /** `utf-8` or `binary`. Empty when the sender gave none. */
  readonly contentEncoding: string
  /** As they are on the wire, in Celery's snake case. */
  readonly headers: Readonly<Record<string, unknown>>
  readonly properties: MessageProperties
}

/** What AMQP calls basic properties. */
export interface MessageProperties {
  readonly correlationId?: string | undefined
  readonly replyTo?: string | undefined
  /** 1: gone when the broker restarts, 2: kept. */
  readonly deliveryMode?: 1 | 2 | undefined
  /** Redis: 0 is served first, 9 last. RabbitMQ: the other way round. */
  readonly priority?: number | undefined
  /** Milliseconds after which RabbitMQ throws the message away, as text. */
  readonly expiration?: string | undefined
}
