import { parseIso } from './iso-time.ts'
import { MAX_NAME } from './limits.ts'
import { MessageError, type MessageOrigin } from './message-error.ts'
import { isRecord } from './read-signature.ts'

/** The fields of a message by their names on the wire: headers of protocol 2, the body of protocol 1. */
export type Fields = Readonly<Record<string, unknown>>

/** Reads the fields that decide how a task runs; whatever is wrong with one is a {@link MessageError} that names it. */
export class FieldReader {
  readonly #fields: Fields
  readonly #origin: MessageOrigin

  constructor(fields: Fields, origin: MessageOrigin) {
    this.#fields = fields
    this.#origin = origin
  }

  /** A text that must be there. */
  name(key: string): string {
    const value = this.#fields[key]
    if (typeof value !== 'string' || value === '') return this.fail(key, 'a text that is not empty', value)
    return value.length <= MAX_NAME ? value : this.fail(key, `a text of at most ${MAX_NAME} characters`, value)
  }

  text(key: string): string | undefined {
    const value = this.#fields[key]
    if (value === undefined || value === null) return undefined
    return typeof value === 'string' ? value : this.fail(key, 'a text or null', value)
  }

  /** A whole number from 0 on. */
  count(key: string): number | undefined {
    const value = this.#fields[key]
    if (value === undefined || value === null) return undefined
    return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
      ? value
      : this.fail(key, 'an integer from 0 on', value)
  }

  /** A time; one without an offset is UTC, as in Celery, whatever the time zone of the worker is. */
  time(key: string): Date | undefined {
    const value = this.#fields[key]
    if (value === undefined || value === null) return undefined
    if (value instanceof Date && !Number.isNaN(value.getTime())) return value
    const date = typeof value === 'string' ? parseIso(value) : undefined
    return date ?? this.fail(key, 'a time in ISO 8601', value)
  }

  /** `[hard, soft]` in seconds; 0 is none, as in Celery. */
  limits(key: string): readonly [hard: number | undefined, soft: number | undefined] {
    const value = this.#fields[key]
    if (value === undefined || value === null) return NO_LIMITS
    if (!Array.isArray(value) || value.length !== 2) return this.fail(key, 'two numbers or nulls', value)
    return [this.#seconds(key, value[0]), this.#seconds(key, value[1])]
  }

  #seconds(key: string, value: unknown): number | undefined {
    if (value === null || value === undefined || value === 0) return undefined
    return typeof value === 'number' && value > 0 && Number.isFinite(value)
      ? value
      : this.fail(key, 'two numbers or nulls', value)
  }

  /** Text for people: what is no text is left out. */
  label(key: string): string | undefined {
    const value = this.#fields[key]
    return typeof value === 'string' ? value : undefined
  }

  record(key: string): Record<string, unknown> | undefined {
    const value = this.#fields[key]
    return isRecord(value) ? value : undefined
  }

  /** Those members of an array that are texts. */
  labels(key: string): readonly string[] | undefined {
    const value = this.#fields[key]
    return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : undefined
  }

  flag(key: string): boolean {
    return Boolean(this.#fields[key])
  }

  /** @param value - only its type is said */
  fail(key: string, expected: string, value: unknown): never {
    throw new MessageError(
      'ERR_CELERY_MESSAGE',
      key,
      `expected \`${key}\` to be ${expected}, found ${kindOf(value)}`,
      this.#origin,
    )
  }
}

const NO_LIMITS = [undefined, undefined] as const

/** What a value is, without saying what it holds. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (value === undefined) return 'nothing'
  if (value === '') return 'an empty text'
  if (Array.isArray(value)) return `an array of ${value.length}`
  const kind = typeof value
  if (kind === 'string') return 'a text'
  if (kind === 'object') return 'an object'
  return kind === 'number' || kind === 'bigint' ? 'another number' : `a ${kind}`
}
