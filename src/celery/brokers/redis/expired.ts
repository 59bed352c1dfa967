import { readJson } from '../../protocol/read-json.ts'
import { itemSpans, memberSpan } from './json-span.ts'
import { markRedelivered } from './mark-redelivered.ts'

/** What the table of unacked messages says of one of them. */
export interface Expired {
  /** Marked as delivered before. Empty when it cannot be marked without harm: then it goes back as it is. */
  readonly envelope: string
  /** Bytes behind the envelope in the table. */
  readonly tail: number
  readonly exchange: string
  readonly routingKey: string
  readonly priority: number | undefined
}

/** Reads a value of the table: `[envelope, exchange, routing key]`. Undefined when it is something else. */
export function readExpired(value: string): Expired | undefined {
  try {
    if (!Array.isArray(readJson(value))) return undefined
  } catch {
    return undefined
  }
  const spans = itemSpans(value)
  const [envelope, exchange, routingKey] = spans.map(({ start, end }) => value.slice(start, end))
  if (envelope === undefined || exchange === undefined || routingKey === undefined) return undefined
  const tail = value.slice(spans[0]?.end)
  // It may stand for bytes that are no text: what would be written back would not be what was read.
  const isUnsure = value.includes('\ufffd')
  if (isUnsure && (tail.includes('\ufffd') || spans[0]?.start !== 1)) return undefined
  const properties = memberSpan(envelope, 0, 'properties')
  const priority = properties && memberSpan(envelope, properties.start, 'priority')
  return {
    envelope: isUnsure ? '' : markRedelivered(envelope),
    tail: Buffer.byteLength(tail),
    exchange: textOf(exchange),
    routingKey: textOf(routingKey),
    priority: priority && Number(envelope.slice(priority.start, priority.end)),
  }
}

function textOf(json: string): string {
  const value: unknown = JSON.parse(json)
  return typeof value === 'string' ? value : ''
}
