import { HttpError } from './http-error.ts'
import { JsonError } from './json-error.ts'

// The serialisation of ECMA-262 (25.5.2), with bigints, exact decimals and a path for whatever goes wrong. It keeps its own
// stack of open containers: data is as deep as memory allows, and the stack is the path.

/** Far more than `JSON.stringify` manages on today's engines; only a `toJSON` that never ends comes here. */
const MAX_DEPTH = 100_000

interface Frame {
  readonly container: object
  /** The names of an object's members; undefined for an array. */
  readonly keys: readonly string[] | undefined
  readonly length: number
  /** The member that comes next. */
  index: number
  /** Whether a comma is due before the next member. */
  started: boolean
}

/**
 * Writes any data that is not circular.
 *
 * @param exactDecimals - decimal objects as JSON numbers; otherwise their `toJSON` decides
 * @throws JsonError
 */
export function writeJson(data: unknown, exactDecimals: boolean): string {
  const frames: Frame[] = []
  const open = new Map<object, number>()
  let out = ''

  /** Writes a text, or opens a container whose members come next. */
  function put(token: string | object): void {
    if (typeof token === 'string') {
      out += token
      return
    }
    const before = open.get(token)
    if (before !== undefined) {
      const back = `is circular: it is \`${describePath(frames, before)}\` again.`
      throw new JsonError('ERR_JSON_CIRCULAR', describePath(frames), back)
    }
    if (frames.length === MAX_DEPTH) {
      throw new JsonError('ERR_JSON_TOO_DEEP', describePath(frames), `is nested more than ${MAX_DEPTH} levels deep.`)
    }
    open.set(token, frames.length)
    const keys = Array.isArray(token) ? undefined : Object.keys(token)
    const length = keys === undefined ? (token as unknown[]).length : keys.length
    frames.push({ container: token, keys, length, index: 0, started: false })
    out += keys === undefined ? '[' : '{'
  }

  function step(frame: Frame): void {
    const { container, keys } = frame
    const key = keys === undefined ? String(frame.index) : (keys[frame.index] as string)
    frame.index++
    const token = toToken((container as Record<string, unknown>)[key], key, exactDecimals)
    if (token === undefined && keys !== undefined) return
    if (frame.started) out += ','
    frame.started = true
    if (keys !== undefined) out += `${JSON.stringify(key)}:`
    put(token ?? 'null')
  }

  function close(frame: Frame): void {
    out += frame.keys === undefined ? ']' : '}'
    open.delete(frame.container)
    frames.pop()
  }

  try {
    put(toToken(data, '', exactDecimals) ?? 'null')
    for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
      if (frame.index < frame.length) step(frame)
      else close(frame)
    }
    return out
  } catch (error) {
    // An HttpError from a getter is an answer, as it is anywhere else in a view.
    if (error instanceof JsonError || error instanceof HttpError) throw error
    throw new JsonError('ERR_JSON_VALUE', describePath(frames), 'threw while it was read.', { cause: error })
  }
}

/** The text of a scalar, a container to be opened, or undefined for what JSON leaves out. */
function toToken(value: unknown, key: string, exactDecimals: boolean): string | object | undefined {
  if (exactDecimals && isDecimal(value)) return decimalText(value)
  const resolved = callToJson(value, key)
  if (exactDecimals && isDecimal(resolved)) return decimalText(resolved)
  switch (typeof resolved) {
    case 'string':
      return JSON.stringify(resolved)
    case 'number':
      return numberText(resolved)
    case 'boolean':
    case 'bigint':
      return String(resolved)
    case 'object':
      return resolved === null ? 'null' : (boxedText(resolved) ?? resolved)
    default:
      return undefined
  }
}

function numberText(value: number): string {
  return Number.isFinite(value) ? String(value) : 'null'
}

function callToJson(value: unknown, key: string): unknown {
  const may = typeof value === 'object' || typeof value === 'function' || typeof value === 'bigint'
  if (!may || value === null) return value
  const { toJSON } = value as { readonly toJSON?: unknown }
  return typeof toJSON === 'function' ? toJSON.call(value, key) : value
}

/** `new Number(1)` and its like, and what `JSON.rawJSON` makes; undefined for every other object. */
function boxedText(value: object): string | undefined {
  switch (Object.prototype.toString.call(value)) {
    case '[object Number]':
      return hasSlot(Number.prototype.valueOf, value) ? numberText(Number(value)) : undefined
    case '[object String]':
      return hasSlot(String.prototype.valueOf, value) ? JSON.stringify(String(value)) : undefined
    case '[object Boolean]':
      return hasSlot(Boolean.prototype.valueOf, value) ? String(Boolean.prototype.valueOf.call(value)) : undefined
    case '[object BigInt]':
      return hasSlot(BigInt.prototype.valueOf, value) ? String(BigInt.prototype.valueOf.call(value)) : undefined
    default:
      return rawText(value)
  }
}

/** A `Symbol.toStringTag` can lie; the built-in method throws for everything that is not its own. */
function hasSlot(method: () => unknown, value: object): boolean {
  try {
    method.call(value)
    return true
  } catch {
    return false
  }
}

/** Node 22 and later. */
function rawText(value: object): string | undefined {
  const { isRawJSON } = JSON as { readonly isRawJSON?: (value: unknown) => value is { readonly rawJSON: string } }
  return isRawJSON?.(value) ? value.rawJSON : undefined
}

/** Sign, exponent and digits: `s`, `e` and `c` in big.js and bignumber.js, `d` in decimal.js and so in Prisma's. */
function isDecimal(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  if (!('s' in value && 'e' in value && ('c' in value || 'd' in value))) return false
  const { s, e, c, d, toFixed, toJSON } = value as Readonly<Record<string, unknown>>
  const digits = 'c' in value ? c : d
  return (
    (typeof s === 'number' || s === null) &&
    (typeof e === 'number' || e === null) &&
    (Array.isArray(digits) || digits === null) &&
    typeof toFixed === 'function' &&
    typeof toJSON === 'function'
  )
}

/** RFC 8259 §6. */
const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

/** All digits; not-a-number and infinities, which JSON has not, as `null` like those of JavaScript. */
function decimalText(value: object): string {
  const text = String(value)
  return JSON_NUMBER.test(text) ? text : 'null'
}

/** What is shown of a path: enough to find the place, also in data without end. */
const SHOWN_SEGMENTS = 20

/** The member that is being read, as `$.a.b[3]`; with `depth`, the container that is open at that depth. */
function describePath(frames: readonly Frame[], depth: number = frames.length): string {
  let path = '$'
  for (const { keys, index } of frames.slice(0, Math.min(depth, SHOWN_SEGMENTS))) {
    const at = Math.max(index - 1, 0)
    path += keys === undefined ? `[${at}]` : member(keys[at] ?? '')
  }
  return depth > SHOWN_SEGMENTS ? `${path}…` : path
}

function member(key: string): string {
  return /^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`
}
