import { tooDeep } from './json-parser.ts'
import { MAX_DEPTH } from './limits.ts'
import { isPlain, type Special, specialObject } from './special-object.ts'
import { Trail } from './trail.ts'
import { RESERVED } from './write-json.ts'

/** What serializers besides JSON write: nothing else is left in the tree. */
export type PlainTree =
  | null
  | boolean
  | number
  | bigint
  | string
  | Date
  | Uint8Array
  | PlainTree[]
  | { [key: string]: PlainTree }

/** How a serializer writes numbers. */
export interface NumberForms {
  /** Its name, for messages. */
  readonly format: string
  readonly maxDepth: number
  number(value: number): number | bigint
  /** @throws TypeError by `trail.fail` when it cannot be written */
  bigint(value: bigint, trail: Trail): bigint
}

/**
 * A copy of a value with nothing in it that needs thought: what {@link writeJson} says of functions, `toJSON` and the rest
 * holds here too.
 *
 * @param forms - of a serializer that has no form for decimals, UUIDs and plain dates
 * @throws TypeError naming the place of what cannot be sent
 */
export function plainTree(value: unknown, root: string, forms: NumberForms): PlainTree {
  return copy(value, new Trail(root, forms.maxDepth), forms)
}

const LONE_SURROGATE = /\p{Surrogate}/u

function copy(value: unknown, trail: Trail, forms: NumberForms): PlainTree {
  switch (typeof value) {
    case 'string':
      return LONE_SURROGATE.test(value) ? trail.fail('has half of a surrogate pair, which is no UTF-8') : value
    case 'number':
      return forms.number(value)
    case 'boolean':
      return value
    case 'undefined':
      return null
    case 'bigint':
      return forms.bigint(value, trail)
    case 'object':
      if (value === null) return null
      if (Array.isArray(value)) return copyArray(value, trail, forms)
      return isPlain(value) ? copyMembers(value, trail, forms) : copySpecial(value, trail, forms)
    default:
      return trail.fail(`is a ${typeof value}, which cannot be sent`)
  }
}

function copyArray(array: readonly unknown[], trail: Trail, forms: NumberForms): PlainTree[] {
  trail.enter(array)
  const copied = Array.from(array, (one, i) => {
    trail.at(i)
    return copy(one, trail, forms)
  })
  trail.leave()
  return copied
}

function copyMembers(object: object, trail: Trail, forms: NumberForms): PlainTree {
  trail.enter(object)
  const entries: [string, PlainTree][] = []
  for (const [key, value] of Object.entries(object)) {
    if (value === undefined) continue
    trail.at(key)
    entries.push([key, copy(value, trail, forms)])
  }
  trail.leave()
  if (entries.length === 2 && '__type__' in object && '__value__' in object) trail.fail(RESERVED)
  return Object.fromEntries(entries)
}

function copySpecial(object: object, trail: Trail, forms: NumberForms): PlainTree {
  const special: Special = specialObject(object, trail)
  switch (special.kind) {
    case 'date':
    case 'bytes':
      return special.value
    case 'typed':
      return trail.fail(
        `is a ${special.value.constructor.name}, which the serializer "${forms.format}" does not have; use "json", or send its text`,
      )
    case 'value':
      return nested(object, special.value, trail, forms)
    default:
      return copyMembers(object, trail, forms)
  }
}

/** Counted as a level, so that a `toJSON` that gives itself comes to an end. */
function nested(object: object, value: unknown, trail: Trail, forms: NumberForms): PlainTree {
  trail.enter(object)
  trail.at('toJSON()')
  const copied = copy(value, trail, forms)
  trail.leave()
  return copied
}

/**
 * Makes what a foreign decoder gave like what our reader of JSON gives: bigints that are safe integers become numbers, Maps
 * and Sets plain data. In place; values that occur several times are visited once.
 *
 * @param leaf - mends single values; gets those that are no arrays and no plain objects
 * @throws MessageError `ERR_CELERY_TOO_LARGE` when nested too deep
 */
export function mendTree(value: unknown, leaf: (value: unknown) => unknown): unknown {
  const seen = new Set<object>()
  const mend = (one: unknown, depth: number): unknown => {
    if (typeof one === 'bigint') {
      const number = Number(one)
      return Number.isSafeInteger(number) ? number : leaf(one)
    }
    if (typeof one !== 'object' || one === null) return one
    if (depth > MAX_DEPTH) throw tooDeep()
    if (one instanceof Set) return mend([...one], depth)
    if (one instanceof Map) return mend(Object.fromEntries(one), depth)
    if (!Array.isArray(one) && Object.getPrototypeOf(one) !== Object.prototype) return leaf(one)
    if (!seen.has(one)) {
      seen.add(one)
      mendMembers(one, (member) => mend(member, depth + 1))
    }
    return one
  }
  return mend(value, 1)
}

function mendMembers(container: object, mend: (value: unknown) => unknown): void {
  if (Array.isArray(container)) {
    for (let i = 0; i < container.length; i++) container[i] = mend(container[i])
    return
  }
  for (const [key, value] of Object.entries(container)) {
    const mended = mend(value)
    if (mended !== value)
      Object.defineProperty(container, key, { value: mended, enumerable: true, configurable: true, writable: true })
  }
}
