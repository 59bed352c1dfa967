import { MAX_CONTAINERS, MAX_DEPTH, MAX_DIGITS } from './limits.ts'
import { MessageError } from './message-error.ts'
import { readTyped } from './typed-value.ts'

/** How the JSON of Celery is read. */
export interface ReadJsonOptions {
  /** The IANA name of the zone in which a datetime without an offset is read; `UTC` by default. */
  readonly timezone?: string | undefined
  /** What an integer beyond 2^53 becomes: `bigint` by default; `number` loses digits, `string` keeps them. */
  readonly bigint?: 'bigint' | 'number' | 'string' | undefined
}

const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids them in texts
const CONTROL = /[\u0000-\u001f]/

/**
 * Reads everything that Python's `json` reads: what `JSON.parse` does, and `NaN`, `Infinity`, whole integers and typed
 * values. Slower than `JSON.parse`, so it is used for the texts that have any of these.
 */
export class JsonParser {
  readonly #text: string
  readonly #timeZone: string
  readonly #bigint: 'bigint' | 'number' | 'string'
  #at = 0
  #depth = 0
  #containers = 0

  constructor(text: string, options: ReadJsonOptions) {
    this.#text = text
    this.#timeZone = options.timezone ?? 'UTC'
    this.#bigint = options.bigint ?? 'bigint'
  }

  /**
   * @throws MessageError `ERR_CELERY_MESSAGE`, with the place and none of the text; `ERR_CELERY_TOO_LARGE` when it is nested
   * too deep or a number has too many digits
   */
  parse(): unknown {
    const value = this.#value()
    if (this.#skip() !== undefined) this.#fail()
    return value
  }

  #value(): unknown {
    switch (this.#skip()) {
      case '"':
        return this.#string()
      case '{':
        return this.#object()
      case '[':
        return this.#array()
      case 't':
        return this.#word('true', true)
      case 'f':
        return this.#word('false', false)
      case 'n':
        return this.#word('null', null)
      case 'N':
        return this.#word('NaN', Number.NaN)
      case 'I':
        return this.#word('Infinity', Number.POSITIVE_INFINITY)
      default:
        return this.#number()
    }
  }

  /** The next character that is no blank. */
  #skip(): string | undefined {
    for (;;) {
      const c = this.#text[this.#at]
      if (c !== ' ' && c !== '\n' && c !== '\r' && c !== '\t') return c
      this.#at++
    }
  }

  #word<T>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) this.#fail()
    this.#at += word.length
    return value
  }

  #number(): unknown {
    NUMBER.lastIndex = this.#at
    const match = NUMBER.exec(this.#text)
    if (match === null) return this.#word('-Infinity', Number.NEGATIVE_INFINITY)
    const [text, fraction, exponent] = match
    this.#at = NUMBER.lastIndex
    if (fraction !== undefined || exponent !== undefined) return Number(text)
    if (text.length < 16) return Number(text)
    if (text.length > MAX_DIGITS) {
      throw new MessageError('ERR_CELERY_TOO_LARGE', 'body', `an integer has more than ${MAX_DIGITS} digits`)
    }
    const number = Number(text)
    if (Number.isSafeInteger(number) || this.#bigint === 'number') return number
    return this.#bigint === 'string' ? text : BigInt(text)
  }

  #string(): string {
    const start = ++this.#at
    for (let end = this.#text.indexOf('"', start); end >= 0; end = this.#text.indexOf('"', end + 1)) {
      let slashes = 0
      while (this.#text[end - 1 - slashes] === '\\' && end - slashes > start) slashes++
      if (slashes % 2 === 1) continue
      this.#at = end + 1
      return this.#unescape(this.#text.slice(start, end))
    }
    return this.#fail()
  }

  #unescape(raw: string): string {
    if (!raw.includes('\\')) return CONTROL.test(raw) ? this.#fail() : raw
    try {
      return JSON.parse(`"${raw}"`)
    } catch {
      return this.#fail()
    }
  }

  #array(): unknown[] {
    this.#enter()
    const array: unknown[] = []
    if (this.#skip() === ']') return this.#leave(array)
    for (;;) {
      array.push(this.#value())
      const c = this.#skip()
      if (c === ']') return this.#leave(array)
      if (c !== ',') this.#fail()
      this.#at++
    }
  }

  #object(): unknown {
    this.#enter()
    const object: Record<string, unknown> = {}
    if (this.#skip() === '}') return this.#leave(object)
    for (;;) {
      if (this.#skip() !== '"') this.#fail()
      const key = this.#string()
      if (this.#skip() !== ':') this.#fail()
      this.#at++
      setMember(object, key, this.#value())
      const c = this.#skip()
      if (c === '}') return this.#leave(isTyped(object) ? readTyped(object, this.#timeZone) : object)
      if (c !== ',') this.#fail()
      this.#at++
    }
  }

  #enter(): void {
    this.#at++
    if (++this.#depth > MAX_DEPTH) throw tooDeep()
    if (++this.#containers > MAX_CONTAINERS) throw tooMany()
  }

  #leave<T>(value: T): T {
    this.#at++
    this.#depth--
    return value
  }

  #fail(): never {
    throw new MessageError(
      'ERR_CELERY_MESSAGE',
      'body',
      `not valid JSON at position ${this.#at} of ${this.#text.length}`,
    )
  }
}

/** The error for values that are nested deeper than a reader goes. */
export function tooDeep(levels: number = MAX_DEPTH): MessageError {
  return new MessageError('ERR_CELERY_TOO_LARGE', 'body', `nested deeper than ${levels} levels`)
}

/** The error for a value of more parts than are read. */
export function tooMany(): MessageError {
  return new MessageError('ERR_CELERY_TOO_LARGE', 'body', `more than ${MAX_CONTAINERS} lists and objects`)
}

/** Sets a member as `JSON.parse` does: `__proto__` is a name like any other. */
function setMember(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true })
  } else {
    object[key] = value
  }
}

function isTyped(object: Record<string, unknown>): boolean {
  return Object.hasOwn(object, '__type__') && Object.hasOwn(object, '__value__') && Object.keys(object).length === 2
}
