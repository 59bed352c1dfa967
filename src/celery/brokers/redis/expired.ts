import { readJson } from '../../protocol/read-json.ts'
import { itemSpans, memberSpan } from './json-span.ts'
import { markRedelivered } from './mark-redelivered.ts'

/** What the table of unacked messages says of one of them. */
export interface Expired {
  /** Marked as delivered before. */
  readonly envelope: string
  readonly exchange: string
  readonly routingKey: string
  readonly priority: number | undefined
}

/** Reads a value of the table: `[envelope, exchange, routing key]`. Undefined when it is something else. */
export function readExpired(value: string): Expired | undefined {
  // Bytes that are no text: what would be written back would not be what was read.
  if (value.includes('\ufffd')) return undefined
  try {
    if (!Array.isArray(readJson(value))) return undefined
  } catch {
    return undefined
  }
  const [envelope, exchange, routingKey] = itemSpans(value).map(({ start, end }) => value.slice(start, end))
  if (envelope === undefined || exchange === undefined || routingKey === undefined) return undefined
  const properties = memberSpan(envelope, 0, 'properties')
  const priority = properties && memberSpan(envelope, properties.start, 'priority')
  return {
    envelope: markRedelivered(envelope),
    exchange: textOf(exchange),
    routingKey: textOf(routingKey),
    priority: priority && Number(envelope.slice(priority.start, priority.end)),
  }
}

function textOf(json: string): string {
  const value: unknown = JSON.parse(json)
  return typeof value === 'string' ? value : ''
}
