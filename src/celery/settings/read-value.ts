import { type Duration, toMilliseconds } from '../../lib/duration.ts'
import { toSnakeCase } from './any-case.ts'
import type { SettingRule } from './setting-rule.ts'

/** Takes what is wrong, in the words "must be …, found …", without the name. */
export type Problem = (text: string) => void

/** What {@link readValue} gives for a wrong value. */
export const wrong: unique symbol = Symbol('wrong')

const exchangeTypes = ['direct', 'topic', 'fanout', 'headers']
const flags: Readonly<Record<string, boolean>> = {
  1: true,
  true: true,
  yes: true,
  on: true,
  0: false,
  false: false,
  no: false,
  off: false,
}

type Reader = (value: unknown, rule: SettingRule) => unknown

/** By kind. Numbers and flags may be texts, as environments have them. A reader throws what must be instead. */
const readers: Partial<Readonly<Record<SettingRule['kind'], Reader>>> = {
  flag: (value) => {
    const flag = typeof value === 'boolean' ? value : flags[String(value).toLowerCase()]
    return flag ?? fail('true or false')
  },
  seconds: (value) => {
    const number = toNumber(value)
    if (number !== undefined && number >= 0 && number < Number.POSITIVE_INFINITY) return number
    try {
      return toMilliseconds(value as Duration) / 1000
    } catch {
      return fail("a number of seconds or a text such as '1 day'")
    }
  },
  integer: (value, { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER }) => {
    const number = toNumber(value)
    if (number !== undefined && Number.isInteger(number) && number >= min && number <= max) return number
    const from = min === Number.MIN_SAFE_INTEGER ? '' : ` from ${min}`
    return fail(`an integer${from}${max === Number.MAX_SAFE_INTEGER ? '' : ` to ${max}`}`)
  },
  number: (value, { min = 0 }) => {
    const number = toNumber(value)
    return number !== undefined && number >= min ? number : fail(`a number from ${min}`)
  },
  text: (value, { oneOf, format }) => {
    if (typeof value !== 'string' || value === '') return fail(oneOf === undefined ? 'a text' : list(oneOf))
    if (oneOf !== undefined && !oneOf.includes(value)) return fail(list(oneOf))
    return format ? refusePickle(value) : value
  },
  texts: (value, { format }) => {
    const texts = typeof value === 'string' ? [value] : value instanceof Set ? [...value] : value
    if (!Array.isArray(texts) || !texts.every((one) => typeof one === 'string' && one !== ''))
      return fail('a list of texts')
    if (format) texts.forEach(refusePickle)
    return Object.freeze([...texts])
  },
  options: (value) => {
    if (!isObject(value)) return fail('an object')
    return Object.freeze(Object.fromEntries(Object.entries(value).map(([name, one]) => [toSnakeCase(name), one])))
  },
  objects: (value) => {
    const fits = isObject(value) && Object.values(value).every((one) => typeof one === 'object' && one !== null)
    return fits ? Object.freeze({ ...value }) : fail('an object of objects')
  },
  anything: (value) => value,
  tls: (value) => {
    const flag = typeof value === 'boolean' ? value : flags[String(value).toLowerCase()]
    return flag ?? (isObject(value) ? Object.freeze({ ...value }) : fail('true, false or an object'))
  },
  rate: (value) => {
    if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value
    if (typeof value === 'string' && /^\d+(?:\.\d+)?(?:\/[smh])?$/.test(value)) return value
    return fail("a number per second or a text such as '100/m'")
  },
  mode: (value) => {
    const mode = { 1: 1, transient: 1, 2: 2, persistent: 2 }[String(value).toLowerCase()]
    return mode ?? fail('2 (persistent) or 1 (transient)')
  },
  exchangeType: (value) => (exchangeTypes.includes(String(value)) ? value : fail(list(exchangeTypes))),
}

/**
 * Reads one value by its rule. Kinds that need more than themselves (URLs, queues, routes) are read by others.
 *
 * @returns the value, frozen where it is a copy, or {@link wrong} after the problem was told
 */
export function readValue(rule: SettingRule, value: unknown, problem: Problem): unknown {
  const reader = readers[rule.kind]
  if (reader === undefined) throw new Error(`no reader of ${rule.kind}`)
  if (rule.offByZero && (value === null || value === 0 || value === '0')) return undefined
  if (rule.nullable && value === null) return undefined
  try {
    return reader(value, rule)
  } catch (error) {
    if (!(error instanceof Expected)) throw error
    const off = rule.nullable || rule.offByZero ? ', or null for none' : ''
    problem(error.whole ?? `must be ${error.message}${off}, found ${describe(value)}`)
    return wrong
  }
}

/** Tells whether a value is an object as written with braces, or of a class; no array, no function. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

class Expected extends Error {
  readonly whole: string | undefined
  constructor(message: string, whole?: string) {
    super(message)
    this.whole = whole
  }
}

function fail(expected: string): never {
  throw new Expected(expected)
}

function refusePickle(name: string): string {
  if (!/^(?:pickle|application\/x-python-serialize)$/i.test(name)) return name
  throw new Expected('', "must not be 'pickle': reading it would run code of whoever can send messages; use 'json'")
}

function toNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isNaN(value) ? undefined : value
  if (typeof value !== 'string' || !/^-?\d+(?:\.\d+)?$/.test(value)) return undefined
  return Number(value)
}

function list(words: readonly string[]): string {
  const quoted = words.map((word) => `'${word}'`)
  return `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`
}

/** Numbers and flags as they are; of texts only that they are texts: any may be a secret at the wrong place. */
function describe(value: unknown): string {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (Array.isArray(value)) return 'a list'
  if (value === '') return 'an empty text'
  return { string: 'another text', object: 'an object', function: 'a function' }[typeof value as string] ?? typeof value
}
