import { Decimal } from './decimal.ts'
import { PlainDate } from './plain-date.ts'
import { PlainTime } from './plain-time.ts'
import type { Trail } from './trail.ts'
import { Uuid } from './uuid.ts'

/** What a value that is neither a plain object nor an array is written as. */
export type Special =
  | { readonly kind: 'date'; readonly value: Date }
  | { readonly kind: 'bytes'; readonly value: Uint8Array }
  | { readonly kind: 'typed'; readonly value: Decimal | Uuid | PlainDate | PlainTime }
  /** Another value stands for it: what `toJSON` gave, or what a boxed number holds. */
  | { readonly kind: 'value'; readonly value: unknown }
  /** An instance of some class: its own enumerable members. */
  | { readonly kind: 'members' }

const MEMBERS: Special = { kind: 'members' }

/** Tells whether an object is written by its members, without a further look. */
export function isPlain(object: object): boolean {
  const prototype = Object.getPrototypeOf(object)
  return (
    (prototype === Object.prototype || prototype === null) &&
    typeof (object as { toJSON?: unknown }).toJSON !== 'function'
  )
}

/**
 * Finds out what stands for an object that is not plain. What `JSON.stringify` would empty without a word is refused.
 *
 * @throws TypeError with the place of what cannot be sent
 */
export function specialObject(object: object, trail: Trail): Special {
  if (object instanceof Date) {
    return Number.isNaN(object.getTime()) ? trail.fail('is an invalid Date') : { kind: 'date', value: object }
  }
  if (object instanceof Uint8Array) return { kind: 'bytes', value: object }
  if (isTyped(object)) return { kind: 'typed', value: object }
  const { toJSON } = object as { toJSON?: unknown }
  if (typeof toJSON === 'function') return { kind: 'value', value: toJSON.call(object, trail.key) }
  if (object instanceof Number || object instanceof String || object instanceof Boolean || object instanceof BigInt) {
    return { kind: 'value', value: object.valueOf() }
  }
  const hint = refusal(object)
  return hint === undefined ? MEMBERS : trail.fail(hint)
}

function isTyped(object: object): object is Decimal | Uuid | PlainDate | PlainTime {
  return (
    object instanceof Decimal || object instanceof Uuid || object instanceof PlainDate || object instanceof PlainTime
  )
}

function refusal(object: object): string | undefined {
  if (object instanceof Map) return 'is a Map, which cannot be sent; send Object.fromEntries(map)'
  if (object instanceof Set) return 'is a Set, which cannot be sent; send [...set]'
  if (object instanceof Promise) return 'is a Promise, which cannot be sent; await it'
  if (object instanceof RegExp) return 'is a RegExp, which cannot be sent; send its source'
  if (object instanceof Error) return 'is an Error, which cannot be sent; send its message'
  if (ArrayBuffer.isView(object) || object instanceof ArrayBuffer) {
    return `is ${describeClass(object)}, which cannot be sent; send a Uint8Array of it, or an array`
  }
  return object instanceof WeakMap || object instanceof WeakSet || object instanceof WeakRef
    ? `is ${describeClass(object)}, which cannot be sent`
    : undefined
}

function describeClass(object: object): string {
  const { name } = object.constructor
  return `${/^[AEIOU]/.test(name) ? 'an' : 'a'} ${name}`
}
