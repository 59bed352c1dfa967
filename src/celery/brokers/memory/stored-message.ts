import type { Message } from '../../protocol/message.ts'

/** A message in a queue, or with a consumer. The message itself is shared with whoever sent it and never changed. */
export interface StoredMessage {
  readonly message: Message
  readonly exchange: string
  readonly routingKey: string
  /** Milliseconds since 1970; infinite when it never expires. */
  readonly expiresAt: number
  /** Its place among those of its priority; smaller ones come first. The queue sets it. */
  position: number
  redelivered: boolean
}

/** Lives for as long as the message's `expiration` and the queue's `x-message-ttl` both allow. */
export function storedMessage(
  message: Message,
  exchange: string,
  routingKey: string,
  ttl: number | undefined,
): StoredMessage {
  const { expiration } = message.properties
  const own = expiration !== undefined && /^\d{1,15}$/.test(expiration) ? Number(expiration) : Infinity
  const life = Math.min(own, ttl ?? Infinity)
  const expiresAt = life === Infinity ? Infinity : Date.now() + life
  return { message, exchange, routingKey, expiresAt, position: 0, redelivered: false }
}
