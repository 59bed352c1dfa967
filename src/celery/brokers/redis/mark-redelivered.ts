import { type JsonSpan, memberSpan, skipSpace } from './json-span.ts'

/**
 * Marks an envelope as delivered before, as kombu does: in the headers and in `delivery_info`. Everything else stays as it is,
 * character by character: reading and writing it again would spoil integers beyond 2^53.
 *
 * @param envelope - valid JSON
 */
export function markRedelivered(envelope: string): string {
  const start = skipSpace(envelope, 0)
  const properties = memberSpan(envelope, start, 'properties')
  const objects = [
    memberSpan(envelope, start, 'headers'),
    properties && memberSpan(envelope, properties.start, 'delivery_info'),
  ]
  // From the end to the beginning, so that places found before stay right.
  const places = objects.filter((span) => span !== undefined).sort((a, b) => b.start - a.start)
  return places.reduce((text, span) => mark(text, span), envelope)
}

function mark(text: string, object: JsonSpan): string {
  if (text[object.start] !== '{') return text
  const old = memberSpan(text, object.start, 'redelivered')
  if (old !== undefined) return `${text.slice(0, old.start)}true${text.slice(old.end)}`
  const inside = object.start + 1
  const comma = text[skipSpace(text, inside)] === '}' ? '' : ', '
  return `${text.slice(0, inside)}"redelivered": true${comma}${text.slice(inside)}`
}
