import type { StandardSchemaV1 } from '../lib/standard-schema.ts'

/*
 * What an issue says apart from its message: zod gives a `code` with the schema's own `values`, `minimum` and so on,
 * valibot a `kind` and a `type` with `expected` and `requirement`, arktype a `code` with `expected`. These come from the
 * schema, so a text made of them holds no value of the input, whatever the value looks like.
 */

/** An issue as far as we look into it. Nothing of it is certain: other libraries, and users' own checks, make issues too. */
type Data = Readonly<Record<string, unknown>>

/** What is known of an issue beside its message. */
export interface IssueData {
  /** `type`: this is of another type. `choice`: this is none of those. `detail`: the type is right, and the rest is not. */
  readonly about: 'type' | 'choice' | 'detail'
  /** A text made of the schema's own data; undefined when there is none. */
  readonly text: string | undefined
  /** The message is the library's own and {@link text} says it better: without the value, or at all. */
  readonly isEcho: boolean
}

/** Reads an issue of zod, valibot or arktype. Any other is `choice`, without a text. */
export function readIssue(issue: StandardSchemaV1.Issue): IssueData {
  const data = issue as unknown as Data
  if (typeof data['kind'] === 'string') return readValibot(data)
  if (typeof data['code'] !== 'string') return { about: 'choice', text: undefined, isEcho: false }
  return 'problem' in data ? readArktype(data) : readZod(data)
}

function readZod(data: Data): IssueData {
  const text = zodText(data)
  const isVague = /^Invalid input(?:$|: expected int, received)/.test(String(data['message']))
  return { about: zodAbout(data), text, isEcho: isVague && text !== undefined }
}

function zodAbout({ code, expected, errors }: Data): IssueData['about'] {
  if (code === 'invalid_type') return expected === 'int' ? 'detail' : 'type' // zod says so of numbers alone
  if (code === 'invalid_value') return 'choice'
  if (code !== 'invalid_union') return 'detail'
  const branches = firstOfBranches(errors).map(zodAbout)
  if (branches.every((about) => about === 'type')) return 'type'
  return branches.includes('detail') ? 'detail' : 'choice'
}

function zodText(data: Data): string | undefined {
  const { code, expected, values, divisor, options, errors } = data
  switch (code) {
    case 'invalid_type':
      return typeof expected === 'string' ? `expected ${expected === 'int' ? 'integer' : expected}` : undefined
    case 'invalid_value':
      return oneOf(values)
    case 'too_small':
      return zodLimit(data, data['minimum'], '>', 'at least')
    case 'too_big':
      return zodLimit(data, data['maximum'], '<', 'at most')
    case 'not_multiple_of':
      return `expected a multiple of ${show(divisor)}`
    case 'invalid_format':
      return zodFormat(data)
    case 'unrecognized_keys':
      return 'has a key that the schema does not know'
    case 'invalid_union':
      return oneOf(options) ?? anyOf(firstOfBranches(errors).map(zodText))
    default:
      return undefined
  }
}

const units: Readonly<Record<string, string>> = {
  string: 'characters',
  array: 'items',
  set: 'items',
  map: 'entries',
  file: 'bytes',
}

function zodLimit({ origin, inclusive, exact }: Data, limit: unknown, sign: string, words: string): string {
  const unit = typeof origin === 'string' && Object.hasOwn(units, origin) ? units[origin] : undefined
  if (unit !== undefined) return `expected ${exact === true ? 'exactly' : words} ${show(limit)} ${unit}`
  const value = origin === 'date' && typeof limit === 'number' ? new Date(limit) : limit
  return `expected ${String(origin)} ${sign}${inclusive === true ? '=' : ''}${show(value)}`
}

function zodFormat({ format, pattern, prefix, suffix, includes }: Data): string | undefined {
  if (format === 'starts_with') return `expected text that starts with ${show(prefix)}`
  if (format === 'ends_with') return `expected text that ends with ${show(suffix)}`
  if (format === 'includes') return `expected text that includes ${show(includes)}`
  if (format === 'regex' || format === 'template_literal') return `expected text that matches ${String(pattern)}`
  return typeof format === 'string' ? `expected a valid ${format.replaceAll('_', ' ')}` : undefined
}

/** The first issue of each branch of a union; none when one of them is about a part of the value. */
function firstOfBranches(errors: unknown): Data[] {
  const branches = list(errors).map((branch) => list(branch)[0] as Data | undefined)
  const known = branches.filter((first) => first !== undefined && list(first['path']).length === 0)
  return known.length === branches.length ? (known as Data[]) : []
}

function readValibot(data: Data): IssueData {
  const { kind, message, received } = data
  const isEcho = typeof message === 'string' && message.endsWith(`eceived ${String(received)}`)
  return { about: kind === 'schema' ? 'type' : 'detail', text: valibotText(data), isEcho }
}

/** Their issues are made by the user's code, out of whatever it likes. */
const ownChecks = /^(?:check|partial_check|raw_check|raw_transform|custom|check_items)$/

function valibotText({ kind, type, expected, received, requirement }: Data): string | undefined {
  if (typeof type !== 'string' || ownChecks.test(type)) return undefined
  if (kind === 'schema' && received === 'undefined') return 'is missing'
  const words = type.replaceAll('_', ' ')
  if (typeof expected !== 'string') return kind === 'validation' ? `expected a valid ${words}` : undefined
  if (/^(?:starts|ends) with$|^includes$/.test(words)) return `expected text that ${words} ${expected}`
  if (type === 'multiple_of') return `expected a multiple of ${show(requirement)}`
  const unit = /(?:^|_)(length|bytes|size|graphemes|words|entries)$/.exec(type)?.[1]
  if (kind === 'validation' && unit !== undefined) return `expected ${unit} ${expected}`
  return `expected ${expected.replace(/^\((.*)\)$/s, '$1')}`
}

const arktypeTypes = /^(?:domain|proto|required)$/
const arktypeRules = /^(?:domain|proto|unit|divisor|pattern|min|max|minLength|maxLength|exactLength|before|after)$/

function readArktype(data: Data): IssueData {
  const { code, message, actual } = data
  const isEcho = /^(?:union|intersection)$/.test(String(code)) || String(message).endsWith(` (was ${String(actual)})`)
  return { about: arktypeAbout(data), text: arktypeText(data), isEcho }
}

function arktypeAbout(data: Data): IssueData['about'] {
  const { code } = data
  if (arktypeTypes.test(String(code))) return 'type'
  const isUnion = code === 'union' || (code === 'predicate' && 'meta' in data && !('description' in data))
  return isUnion || code === 'unit' ? 'choice' : 'detail'
}

/** A `predicate` without `meta` was made by the user's own check: what it expects may hold the value, so it is not read. */
function arktypeText(data: Data): string | undefined {
  const { code, expected, errors } = data
  if (code === 'required') return 'is missing'
  if (code === 'union') return anyOf(list(errors).map((error) => arktypeText(error as Data)))
  if (code === 'intersection')
    return join(
      list(errors).map((error) => arktypeText(error as Data)),
      ' and ',
    )
  const isOwn = arktypeRules.test(String(code)) || (code === 'predicate' && 'meta' in data)
  return isOwn && typeof expected === 'string' ? `expected ${expected}` : undefined
}

function oneOf(values: unknown): string | undefined {
  const shown = list(values).map(show)
  if (shown.length === 0) return undefined
  return `expected ${shown.length > 1 ? 'one of ' : ''}${shown.join('|')}`
}

function anyOf(texts: readonly (string | undefined)[]): string | undefined {
  return join(texts, ' or ')
}

/** Joins texts that all start with "expected". */
function join(texts: readonly (string | undefined)[], word: string): string | undefined {
  const start = 'expected '
  if (texts.length === 0 || !texts.every((text) => text?.startsWith(start))) return undefined
  return start + [...new Set(texts.map((text) => text?.slice(start.length)))].join(word)
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'a date' : value.toISOString()
  return typeof value === 'bigint' ? `${value}n` : String(value)
}
