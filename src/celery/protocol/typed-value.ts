import { rememberText } from './date-text.ts'
import { Decimal } from './decimal.ts'
import { parseIso } from './iso-time.ts'
import { PlainDate } from './plain-date.ts'
import { PlainTime } from './plain-time.ts'
import { Uuid } from './uuid.ts'

/**
 * The value behind an object of exactly `__type__` and `__value__`. What is no type of Celery's, or does not hold what its
 * type should, is given back as it came: reading must not fail where plain data would do.
 *
 * @param timeZone - where a datetime without an offset is read
 */
export function readTyped(object: Record<string, unknown>, timeZone: string): unknown {
  const type = object['__type__']
  const value = object['__value__']
  try {
    if (type === 'uuid') return readUuid(value) ?? object
    if (typeof value !== 'string') return object
    return readText(type, value, timeZone) ?? object
  } catch {
    return object
  }
}

function readText(type: unknown, value: string, timeZone: string): unknown {
  switch (type) {
    case 'datetime': {
      const date = parseIso(value, timeZone)
      return date && rememberText(date, value)
    }
    case 'date':
      return new PlainDate(value.slice(0, 10))
    case 'time':
      return new PlainTime(value)
    case 'decimal':
      return new Decimal(value)
    case 'bytes':
      return bytesOf(Buffer.from(value, 'utf8'))
    case 'base64':
      return bytesOf(Buffer.from(value, 'base64'))
    default:
      return undefined
  }
}

function readUuid(value: unknown): Uuid | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { hex } = value as { hex?: unknown }
  return typeof hex === 'string' ? new Uuid(hex) : undefined
}

/** Bytes of their own, not a view of Node's shared pool. */
function bytesOf(buffer: Buffer): Uint8Array {
  return Uint8Array.from(buffer)
}
