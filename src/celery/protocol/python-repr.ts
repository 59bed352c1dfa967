import { bodyText } from './body-text.ts'
import { Decimal } from './decimal.ts'
import { PlainDate } from './plain-date.ts'
import { PlainTime } from './plain-time.ts'
import {
  dateRepr,
  decimalRepr,
  numberRepr,
  plainDateRepr,
  plainTimeRepr,
  pythonLength,
  pythonSlice,
} from './python-text.ts'
import { Uuid } from './uuid.ts'

/** How long the texts of arguments may be, as in Celery. */
const REPR_MAX_SIZE = 1024

const MAX_LEVELS = 3

/**
 * Arguments as Python shows them: `(2, 'two')`. Logs, events and monitors show this text; nobody parses it.
 *
 * @param args - the positional arguments
 * @param maxSize - in characters; what is longer is cut and ends in `, ...`
 * @see https://docs.celeryq.dev/en/stable/internals/protocol.html
 */
export function reprArgs(args: readonly unknown[], maxSize: number = REPR_MAX_SIZE): string {
  return new PythonRepr(maxSize).text(args, true)
}

/** Keyword arguments as Python shows them: `{'copies': 2}`. See {@link reprArgs}. */
export function reprKwargs(kwargs: Readonly<Record<string, unknown>>, maxSize: number = REPR_MAX_SIZE): string {
  return new PythonRepr(maxSize).text(kwargs, false)
}

/** Any value as Python shows it, for the `result` of events. See {@link reprArgs}. */
export function pythonRepr(value: unknown, maxSize: number = REPR_MAX_SIZE): string {
  return new PythonRepr(maxSize).text(value, false)
}

/**
 * Celery's `saferepr`. It counts down the room with each piece: a text longer than the room is cut, and when none is left,
 * `, ...` and the brackets that are still open end it. The piece that found no room is lost, be it a bracket.
 */
class PythonRepr {
  #room: number
  #out = ''
  readonly #open: string[] = []
  #cut = false

  constructor(room: number) {
    this.#room = room
  }

  text(value: unknown, asTuple: boolean): string {
    if (asTuple && Array.isArray(value)) this.#list(value, '(', value.length === 1 ? ',)' : ')')
    else this.#value(value)
    return this.#out + this.#open.reverse().join('')
  }

  /** Writes a piece, unless there is no room. Tells whether to go on. */
  #put(piece: string): boolean {
    if (this.#room <= 0) return this.#stop()
    this.#out += piece
    this.#room -= pythonLength(piece)
    return true
  }

  #stop(): boolean {
    if (!this.#cut) this.#out += ', ...'
    this.#cut = true
    return false
  }

  #value(value: unknown): boolean {
    switch (typeof value) {
      case 'string':
        return this.#room <= 0 ? this.#stop() : this.#put(quoted(value, this.#room))
      case 'number':
        return this.#word(numberRepr(value))
      case 'boolean':
        return this.#word(value ? 'True' : 'False')
      case 'object':
        return value === null ? this.#word('None') : this.#object(value)
      case 'undefined':
        return this.#word('None')
      case 'bigint':
        return this.#word(String(value))
      default:
        return this.#word(`<${typeof value}>`)
    }
  }

  #word(word: string): boolean {
    return this.#room <= 0 ? this.#stop() : this.#put(truncate(word, this.#room))
  }

  #object(value: object): boolean {
    if (Array.isArray(value)) return this.#list(value, '[', ']')
    if (value instanceof Uint8Array) return this.#room <= 0 ? this.#stop() : this.#put(bytesRepr(value, this.#room))
    const word = wordOf(value)
    if (word !== undefined) return this.#word(word)
    const { toJSON } = value as { toJSON?: unknown }
    if (typeof toJSON !== 'function') return this.#dict(value)
    const given: unknown = toJSON.call(value, '')
    return given === value ? this.#dict(value) : this.#value(given)
  }

  #list(list: readonly unknown[], start: string, end: string): boolean {
    if (this.#open.length >= MAX_LEVELS) return this.#word(`${start}...${end}`)
    this.#open.push(end)
    if (!this.#put(start)) return false
    for (let i = 0; i < list.length; i++) {
      if (i > 0 && !this.#put(', ')) return false
      if (!this.#value(list[i])) return false
    }
    return this.#close()
  }

  #dict(object: object): boolean {
    if (this.#open.length >= MAX_LEVELS) return this.#word('{...}')
    this.#open.push('}')
    if (!this.#put('{')) return false
    let first = true
    for (const key of Object.keys(object)) {
      const value = (object as Record<string, unknown>)[key]
      if (value === undefined) continue
      if (!first && !this.#put(', ')) return false
      first = false
      if (this.#room <= 0) return this.#stop()
      if (!this.#put(quoted(key, this.#room)) || !this.#put(': ') || !this.#value(value)) return false
    }
    return this.#close()
  }

  #close(): boolean {
    return this.#put(this.#open.pop() ?? '')
  }
}

function wordOf(value: object): string | undefined {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'None' : dateRepr(value)
  if (value instanceof Decimal) return decimalRepr(value)
  if (value instanceof Uuid) return `UUID('${value}')`
  if (value instanceof PlainDate) return plainDateRepr(value)
  return value instanceof PlainTime ? plainTimeRepr(value) : undefined
}

function quoted(text: string, room: number): string {
  const cut = truncate(text, room)
  return cut.includes("'") ? `'${cut.replaceAll("'", "\\'")}'` : `'${cut}'`
}

/** Cuts a text at a blank before the end of the room. */
function truncate(text: string, room: number): string {
  if (text.length < room || (text.length < 2 * room && pythonLength(text) < room)) return text
  const cut = pythonSlice(text, room)
  const blank = cut.lastIndexOf(' ')
  return `${blank < 0 ? cut : cut.slice(0, blank)}...`
}

function bytesRepr(bytes: Uint8Array, room: number): string {
  const cut = bytes.length > room
  const chunk = cut ? bytes.subarray(0, room) : bytes
  let text: string
  try {
    text = bodyText(chunk)
  } catch {
    text = Buffer.from(chunk).toString('hex')
  }
  return `b'${text}${cut ? '...' : ''}'`
}
