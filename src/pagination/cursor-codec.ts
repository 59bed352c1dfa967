import { decodeBase64Url, decodeBase64UrlText, encodeBase64Url, encodeBase64UrlText } from '../lib/base64url.ts'
import { copyBytes, encodeUtf8 } from '../lib/bytes.ts'
import { filtersText } from './filters-text.ts'
import { hmac, sameCode } from './hmac.ts'
import type { Place, SortColumn, SortValue } from './keyset-order.ts'
import { PageOrderError } from './page-order-error.ts'

// A cursor is `<payload>.<code>`, both in base64url. The payload is the JSON of `[direction, place, filters]`: `a` (after) or
// `b` (before); the values of the row it stands at, or null for the start or the end of the list; a code over the filters.
// The code is an HMAC over the order and the payload, so a cursor of another order is as strange as one that was made up.

/** Where a page begins: behind a place, or before it; without a place at the start, or at the end. */
export interface Position {
  readonly backwards: boolean
  readonly place: Place | null
}

/** A position, and which filters it was made for. */
interface Opened {
  readonly position: Position
  readonly hasFilters: (filters: unknown) => boolean
}

/** What signs cursors. A string stands for its UTF-8 bytes. */
export type CursorKey = string | Uint8Array

// A URL of more is refused by many servers.
const MAX_LENGTH = 4096
const LEAST_KEY_BYTES = 32
// Half of the code, the least that RFC 2104 section 5 allows.
const FILTERS_BYTES = 16

/** Writes and reads the cursors of one order. */
export class CursorCodec {
  readonly #keys: readonly Uint8Array[]
  readonly #columns: readonly SortColumn[]
  readonly #order: string

  constructor(keys: readonly Uint8Array[], columns: readonly SortColumn[]) {
    // A key of its own for cursors: the secret may sign other things too.
    this.#keys = keys.map((key) => hmac(key, 'twopi keyset cursor 1'))
    this.#columns = columns
    this.#order = JSON.stringify(
      columns.map(({ by, column, descending, nullable }) => [by, column, descending, nullable]),
    )
  }

  /** @throws PageOrderError `ERR_PAGE_ORDER` when the values are too long for a URL */
  encode({ backwards, place }: Position, filters: unknown): string {
    const key = this.#keys[0] as Uint8Array
    const values = place === null ? null : place.map(toJsonValue)
    const payload = encodeBase64UrlText(JSON.stringify([backwards ? 'b' : 'a', values, filtersCode(key, filters)]))
    const text = `${payload}.${encodeBase64Url(this.#code(key, payload))}`
    if (text.length <= MAX_LENGTH) return text
    const names = this.#columns.map(({ by }) => by)
    throw new PageOrderError(names, 'the values of a row are too long for a cursor; order by shorter columns.')
  }

  /** What is in a cursor; undefined when it was not made here for this order. */
  open(text: string): Opened | undefined {
    if (text.length > MAX_LENGTH) return undefined
    const end = text.indexOf('.')
    const payload = text.slice(0, end)
    const code = decodeBase64Url(text.slice(end + 1))
    if (end < 0 || code === null) return undefined
    const key = this.#keys.find((candidate) => sameCode(code, this.#code(candidate, payload)))
    return key === undefined ? undefined : read(payload, key)
  }

  #code(key: Uint8Array, payload: string): Uint8Array {
    return hmac(key, `${this.#order}\n${payload}`)
  }
}

/** What we have signed is well-formed. */
function read(payload: string, key: Uint8Array): Opened {
  const parsed: unknown = JSON.parse(decodeBase64UrlText(payload) ?? '')
  const [direction, values, filters] = parsed as ['a' | 'b', readonly JsonValue[] | null, string]
  const place = values === null ? null : values.map(fromJsonValue)
  return {
    position: { backwards: direction === 'b', place },
    hasFilters: (wanted) => filtersCode(key, wanted) === filters,
  }
}

function filtersCode(key: Uint8Array, filters: unknown): string {
  return encodeBase64Url(hmac(key, `filters\n${filtersText(filters)}`).subarray(0, FILTERS_BYTES))
}

/** Dates and big integers, which JSON has not, are lists. */
type JsonValue = string | number | boolean | null | readonly ['date', number] | readonly ['bigint', string]

function toJsonValue(value: SortValue | null): JsonValue {
  if (typeof value === 'bigint') return ['bigint', String(value)]
  return value instanceof Date ? ['date', value.getTime()] : value
}

function fromJsonValue(value: JsonValue): SortValue | null {
  if (typeof value !== 'object' || value === null) return value
  return value[0] === 'date' ? new Date(value[1]) : BigInt(value[1])
}

/** Reads the keys of an option; what is wrong with them is added to `problems`. */
export function readKeys(
  keys: CursorKey | readonly CursorKey[] | undefined,
  problems: string[],
): readonly Uint8Array[] {
  const list: readonly unknown[] = Array.isArray(keys) ? keys : [keys]
  if (list.length === 0) problems.push('`key` must be at least one secret, found none')
  return list.flatMap((key) => {
    const bytes = typeof key === 'string' ? encodeUtf8(key) : key instanceof Uint8Array ? copyBytes(key) : undefined
    if (bytes !== undefined && bytes.length >= LEAST_KEY_BYTES) return [bytes]
    const found = bytes === undefined ? (key === null ? 'null' : typeof key) : `one of ${bytes.length}`
    problems.push(`\`key\` must be a secret of at least ${LEAST_KEY_BYTES} bytes, as a string or bytes, found ${found}`)
    return []
  })
}
