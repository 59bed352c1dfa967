import { dateText } from './date-text.ts'
import { Decimal } from './decimal.ts'
import { MAX_DIGITS } from './limits.ts'
import { PlainDate } from './plain-date.ts'
import type { PlainTime } from './plain-time.ts'
import { isPlain, specialObject } from './special-object.ts'
import { Trail } from './trail.ts'
import { Uuid } from './uuid.ts'

/**
 * Writes a value as the JSON of Celery, which Python reads as the same value: a `Date`, `Uint8Array`, {@link Decimal},
 * {@link Uuid}, {@link PlainDate} or {@link PlainTime} as its typed form, a bigint with all its digits, `NaN` and
 * `Infinity` as such. Otherwise as `JSON.stringify` does, but that what would be lost without a word is refused.
 * JavaScript does not tell 5.0 from 5: Python gets an integer, up to 2^53, and beyond that a float; send a bigint for a large
 * integer.
 *
 * @param value - `undefined` is null, and left out as a member of an object
 * @param root - what the value is called in messages
 * @throws TypeError naming the place of what cannot be sent: functions, symbols, cycles, Maps, Sets, promises, errors,
 * invalid dates, and objects with exactly the members `__type__` and `__value__`, which JSON of Celery cannot tell from typed ones
 * @see https://docs.celeryq.dev/projects/kombu/en/stable/userguide/serialization.html
 */
export function writeJson(value: unknown, root = 'value'): string {
  return write(value, new Trail(root))
}

function write(value: unknown, trail: Trail): string {
  switch (typeof value) {
    case 'string':
      return quote(value)
    case 'number':
      return numberText(value)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'undefined':
      return 'null'
    case 'bigint':
      return bigintText(value, trail)
    case 'object':
      if (value === null) return 'null'
      if (Array.isArray(value)) return writeArray(value, trail)
      return isPlain(value) ? writeMembers(value, trail) : writeSpecial(value, trail)
    default:
      return trail.fail(`is a ${typeof value}, which cannot be sent`)
  }
}

// What JSON escapes, and halves of surrogate pairs, which it escapes when they stand alone.
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids them in texts
const ESCAPED = /["\\\u0000-\u001f\ud800-\udfff]/

function quote(text: string): string {
  return ESCAPED.test(text) ? JSON.stringify(text) : `"${text}"`
}

function numberText(value: number): string {
  // Python reads -0 as an integer, which has no such zero.
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0'
  // Beyond 2^53 a number is no exact integer: with an exponent it is read as the float it is.
  return Math.abs(value) > Number.MAX_SAFE_INTEGER && Number.isFinite(value) ? value.toExponential() : String(value)
}

function bigintText(value: bigint, trail: Trail): string {
  const text = String(value)
  return text.length > MAX_DIGITS ? trail.fail(`has more than ${MAX_DIGITS} digits, which Python does not read`) : text
}

function writeArray(array: readonly unknown[], trail: Trail): string {
  const { length } = array
  if (length === 0) return '[]'
  trail.enter(array)
  let text = '['
  for (let i = 0; i < length; i++) {
    trail.at(i)
    text += i === 0 ? write(array[i], trail) : `,${write(array[i], trail)}`
  }
  trail.leave()
  return `${text}]`
}

function writeMembers(object: object, trail: Trail): string {
  trail.enter(object)
  let text = ''
  let count = 0
  let reserved = 0
  for (const key of Object.keys(object)) {
    const value = (object as Record<string, unknown>)[key]
    if (value === undefined) continue
    trail.at(key)
    text += count++ === 0 ? `${quote(key)}:${write(value, trail)}` : `,${quote(key)}:${write(value, trail)}`
    if (key === '__type__' || key === '__value__') reserved++
  }
  trail.leave()
  if (reserved === 2 && count === 2) trail.fail(RESERVED)
  return `{${text}}`
}

/** Why an object with these two members, and no other, is refused. */
export const RESERVED =
  'has exactly the members "__type__" and "__value__", which Celery keeps for values such as dates; add a member or rename one'

function writeSpecial(object: object, trail: Trail): string {
  const special = specialObject(object, trail)
  switch (special.kind) {
    case 'date':
      return typed('datetime', quote(checkedDate(special.value, trail)))
    case 'bytes':
      return bytesText(special.value)
    case 'typed':
      return typedText(special.value)
    case 'value':
      // Counted as a level, so that a `toJSON` that gives itself comes to an end.
      trail.enter(object)
      trail.at('toJSON()')
      return closed(write(special.value, trail), trail)
    default:
      return writeMembers(object, trail)
  }
}

function closed(text: string, trail: Trail): string {
  trail.leave()
  return text
}

function checkedDate(date: Date, trail: Trail): string {
  try {
    return dateText(date)
  } catch {
    return trail.fail('is a Date outside the years 1 to 9999, which Python does not have')
  }
}

function typed(type: string, value: string): string {
  return `{"__type__":"${type}","__value__":${value}}`
}

function typedText(value: Decimal | Uuid | PlainDate | PlainTime): string {
  if (value instanceof Decimal) return typed('decimal', quote(value.toString()))
  if (value instanceof Uuid) return typed('uuid', `{"hex":"${value.hex}"}`)
  return value instanceof PlainDate
    ? typed('date', quote(value.toString()))
    : typed('time', quote((value satisfies PlainTime).toString()))
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Bytes that are valid UTF-8 travel as their text, as kombu sends them. */
function bytesText(bytes: Uint8Array): string {
  try {
    return typed('bytes', quote(utf8.decode(bytes)))
  } catch {
    return typed('base64', `"${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')}"`)
  }
}
