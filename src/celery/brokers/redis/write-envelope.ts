import type { Message } from '../../protocol/message.ts'
import { writeJson } from '../../protocol/write-json.ts'

/**
 * Writes a message as kombu's transports without a protocol of their own do: JSON, with the body in base64.
 *
 * @param tag - of this copy of the message; no other may have it
 * @throws TypeError when headers hold what JSON cannot
 * @see https://github.com/celery/kombu/blob/main/kombu/transport/virtual/base.py
 */
export function writeEnvelope(message: Message, exchange: string, routingKey: string, tag: string): string {
  const { body, contentType, contentEncoding, headers, properties } = message
  const { correlationId, replyTo, deliveryMode = 2, priority = 0, expiration } = properties
  const base64 = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('base64')
  // Written by hand around what varies: this is the hot path of `publish`.
  return (
    `{"body": "${base64}", "content-encoding": ${text(contentEncoding)}, "content-type": ${text(contentType)}, ` +
    `"headers": ${writeJson(headers, 'headers')}, "properties": {` +
    (correlationId === undefined ? '' : `"correlation_id": ${text(correlationId)}, `) +
    (replyTo === undefined ? '' : `"reply_to": ${text(replyTo)}, `) +
    (expiration === undefined ? '' : `"expiration": ${text(expiration)}, `) +
    `"delivery_mode": ${deliveryMode}, "delivery_info": {"exchange": ${text(exchange)}, "routing_key": ${text(routingKey)}}, ` +
    `"priority": ${priority}, "body_encoding": "base64", "delivery_tag": "${tag}"}}`
  )
}

function text(value: string): string {
  return JSON.stringify(value)
}
