import { Decimal } from '../../protocol/decimal.ts'

const maxDepth = 64
const int32 = 2 ** 31
const int64 = 2n ** 63n

/**
 * Makes an AMQP field table of headers or arguments, in the form in which `amqplib` takes types that are said and not
 * guessed. Guessing, it would write small integers with the tags `s` and `b`, which py-amqp up to 5.3 misreads: a Python
 * worker then dies of `timelimit: [300, null]`. Integers here are `I` or `l`.
 *
 * @param values - texts, numbers, bigints, booleans, null, dates, bytes, decimals, and arrays and objects of these;
 *   what is undefined is left out
 * @throws TypeError for anything else, and for what AMQP cannot hold; it names the place
 */
export function writeTable(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return table(values, '', 0)
}

function table(values: object, path: string, depth: number): Record<string, unknown> {
  if (depth > maxDepth) throw new TypeError(`the header ${path} is nested more than ${maxDepth} levels deep`)
  const result: Record<string, unknown> = Object.create(null)
  for (const [key, value] of Object.entries(values)) {
    if (value === undefined) continue
    if (key.length > 63 && Buffer.byteLength(key) > 255) throw new TypeError('the name of a header has over 255 bytes')
    result[key] = typeof value === 'string' ? value : item(value, path === '' ? key : `${path}.${key}`, depth)
  }
  return result
}

function item(value: unknown, path: string, depth: number): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      return number(value)
    case 'bigint':
      if (value >= int64 || value < -int64) throw new TypeError(`the header ${path} is beyond 64 bits`)
      return { '!': 'int64', value }
    case 'object':
      return value === null ? null : object(value, path, depth)
    default:
      throw new TypeError(`the header ${path} must be a value that AMQP can hold, found a ${typeof value}`)
  }
}

function number(value: number): unknown {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) return { '!': 'double', value }
  return { '!': value < int32 && value >= -int32 ? 'int32' : 'int64', value }
}

function object(value: object, path: string, depth: number): unknown {
  if (Array.isArray(value)) {
    if (depth >= maxDepth) throw new TypeError(`the header ${path} is nested more than ${maxDepth} levels deep`)
    return value.map((one, index) => (one === undefined ? null : item(one, `${path}[${index}]`, depth + 1)))
  }
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  if (value instanceof Date) return timestamp(value, path)
  if (value instanceof Decimal) return decimal(value, path)
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return text(value, path)
  // Said to be an object, as `amqplib` would take a key `!` of the sender's for the name of a type.
  return { '!': 'object', value: table(value, path, depth + 1) }
}

function timestamp(value: Date, path: string): unknown {
  const seconds = Math.floor(value.getTime() / 1000)
  if (!(seconds >= 0)) throw new TypeError(`the header ${path} must be a date from 1970 on`)
  return { '!': 'timestamp', value: seconds }
}

function decimal(value: Decimal, path: string): unknown {
  const match = /^\+?(\d*)\.?(\d*)$/.exec(value.toString())
  const digits = Number(`${match?.[1] ?? ''}${match?.[2] ?? ''}`)
  if (match === null || digits >= int32) {
    throw new TypeError(`the header ${path} is a decimal that AMQP cannot hold: give it as text`)
  }
  return { '!': 'decimal', value: { places: (match[2] ?? '').length, digits } }
}

/** What has a text of its own for JSON, such as a UUID, goes as that text. */
function text(value: object, path: string): string {
  const written = 'toJSON' in value && typeof value.toJSON === 'function' ? (value.toJSON() as unknown) : undefined
  if (typeof written === 'string') return written
  throw new TypeError(`the header ${path} must be a value that AMQP can hold, found an object of a class`)
}
