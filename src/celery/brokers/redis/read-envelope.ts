import type { Message, MessageProperties } from '../../protocol/message.ts'
import { readJson } from '../../protocol/read-json.ts'

/** What an item of a queue says. */
export interface Envelope {
  readonly message: Message
  readonly exchange: string
  /** Undefined when it says none, which Python would not survive; it came by its queue's name then. */
  readonly routingKey: string | undefined
  readonly redelivered: boolean
  /** Why it is no message. Then `message.body` is the item. */
  readonly malformed: string | undefined
}

/** Reads an item. Never throws: what cannot be read is `malformed`. */
export function readEnvelope(text: string): Envelope {
  let value: unknown
  try {
    value = readJson(text)
  } catch {
    return malformed(text, 'not JSON')
  }
  if (!isRecord(value)) return malformed(text, 'not a JSON object')
  const properties = recordOf(value['properties'])
  if (typeof properties['delivery_tag'] !== 'string') return malformed(text, 'no delivery_tag')
  const body = readBody(value['body'], properties['body_encoding'])
  if (body === undefined) return malformed(text, 'no body')
  const headers = recordOf(value['headers'])
  const info = recordOf(properties['delivery_info'])
  return {
    message: {
      body,
      contentType: textOf(value['content-type']) ?? '',
      contentEncoding: textOf(value['content-encoding']) ?? '',
      headers: withoutMark(headers),
      properties: readProperties(properties),
    },
    exchange: textOf(info['exchange']) ?? '',
    routingKey: textOf(info['routing_key']),
    redelivered: headers['redelivered'] === true || info['redelivered'] === true,
    malformed: undefined,
  }
}

function malformed(text: string, reason: string): Envelope {
  const message = { body: Buffer.from(text), contentType: '', contentEncoding: '', headers: {}, properties: {} }
  return { message, exchange: '', routingKey: undefined, redelivered: false, malformed: reason }
}

function readBody(body: unknown, encoding: unknown): Uint8Array | undefined {
  if (typeof body !== 'string') return undefined
  return Buffer.from(body, encoding === 'base64' ? 'base64' : 'utf8')
}

/** The header that a broker adds to what it gives again is not the sender's. */
function withoutMark(headers: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (headers['redelivered'] !== true) return headers
  const { redelivered: _, ...rest } = headers
  return rest
}

function readProperties(found: Readonly<Record<string, unknown>>): MessageProperties {
  const correlationId = textOf(found['correlation_id'])
  const replyTo = textOf(found['reply_to'])
  const mode = found['delivery_mode']
  const priority = found['priority']
  const expiration = found['expiration']
  return {
    ...(correlationId === undefined ? {} : { correlationId }),
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(mode === 1 || mode === 2 ? { deliveryMode: mode } : {}),
    ...(typeof priority === 'number' ? { priority } : {}),
    ...(typeof expiration === 'string' || typeof expiration === 'number' ? { expiration: String(expiration) } : {}),
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {}
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
