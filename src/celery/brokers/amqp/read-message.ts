import type { ConsumeMessage } from 'amqplib'
import type { Message } from '../../protocol/message.ts'
import type { ReceivedProperties } from './read-properties.ts'

const none: Readonly<Record<string, unknown>> = Object.freeze({})

/** The properties as our own reader has made them; `amqplib` hands them on as they are. */
export function propertiesOf(received: ConsumeMessage): ReceivedProperties {
  return received.properties as unknown as ReceivedProperties
}

/** A received message in the form of the contract. */
export function readMessage(received: ConsumeMessage): Message {
  const { contentType, contentEncoding, headers, ...properties } = propertiesOf(received)
  const { correlationId, replyTo, deliveryMode, priority, expiration } = properties
  return {
    body: ownBytes(received.content),
    contentType: contentType ?? '',
    contentEncoding: contentEncoding ?? '',
    headers: headers ?? none,
    properties: {
      correlationId,
      replyTo,
      deliveryMode: deliveryMode === 1 || deliveryMode === 2 ? deliveryMode : undefined,
      priority,
      expiration,
    },
  }
}

/** A small body is copied: one message that is held for long would hold all that came in one piece with it. */
function ownBytes(content: Buffer): Uint8Array {
  return content.byteLength * 2 < content.buffer.byteLength ? new Uint8Array(content) : content
}
