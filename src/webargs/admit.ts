import { CODE_MESSAGES, INVALID_INPUT_TYPE } from './arg-issue.ts'
import type { ArgLocation, UnknownPolicy } from './arg-location.ts'
import { type Base, type Checker, REFUSED } from './checker.ts'
import type { Problems } from './problems.ts'
import type { TextSource } from './text-source.ts'

// What a location holds becomes the object that a checker is given: fields that nobody declared are refused, left out or
// kept for later, and lists are told from single values by what was declared, never by how many came.

/** An object, by the names it holds. */
export type Fields = Readonly<Record<string, unknown>>

/** How fields that nobody declared are met at one place. */
export interface Admission {
  readonly checker: Checker
  readonly policy: UnknownPolicy
  readonly location: ArgLocation
}

/**
 * An object of JSON for the checker. It is the object itself when nothing is to be left out.
 *
 * @returns {@link REFUSED} when it is no object
 */
export function admitObject(value: unknown, admission: Admission, problems: Problems, base: Base): unknown {
  const { checker, location } = admission
  if (!checker.wantsObject) return value
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    problems.add(location, { path: base, code: 'invalid_type', message: INVALID_INPUT_TYPE, whole: true })
    return REFUSED
  }
  const { names } = checker
  if (names === undefined || checker.open) return value
  for (const key in value) if (!names.has(key)) return withoutUnknown(value as Fields, names, admission, problems, base)
  return value
}

function withoutUnknown(
  value: Fields,
  names: ReadonlySet<string>,
  { policy, location }: Admission,
  problems: Problems,
  base: Base,
): Fields {
  const known: Record<string, unknown> = {}
  for (const key of Object.keys(value)) {
    if (names.has(key)) known[key] = value[key]
    else if (policy === 'raise') addUnknown(problems, location, [...base, key])
  }
  return known
}

function addUnknown(problems: Problems, location: ArgLocation, path: Base): void {
  problems.add(location, { path, code: 'unknown', message: CODE_MESSAGES.unknown })
}

/** Texts for the checker. */
export function admitTexts(source: TextSource, admission: Admission, problems: Problems): Fields {
  const { checker, policy, location } = admission
  const { names = new Set(source.names()), lists } = checker
  const input: Record<string, unknown> = {}
  for (const name of names) {
    const value = lists.has(name) ? listOf(source, name) : source.get(name)
    // One line of a header holds as many items as somebody writes into it.
    if (isOver(value, problems.limits.fields)) addTooMany(problems, location, name)
    else if (value !== undefined && name !== '__proto__') input[name] = value
  }
  if (checker.names === undefined || (policy === 'exclude' && !checker.open)) return input
  for (const name of unknownNames(source, admission)) {
    if (checker.open) input[name] = source.get(name)
    else if (policy === 'raise') addUnknown(problems, location, [name])
  }
  return input
}

export function isOver(value: unknown, most: number): boolean {
  return Array.isArray(value) && value.length > most
}

/** Says that a list in one text is longer than fields may be many. */
export function addTooMany(problems: Problems, location: ArgLocation, name: string): void {
  const message = `There are more than ${problems.limits.fields} items.`
  problems.add(location, { path: [name], code: 'too_large', message }, 'ERR_ARGS_TOO_LARGE')
}

function listOf(source: TextSource, name: string): readonly string[] | undefined {
  const values = source.getAll(name)
  return values.length === 0 ? undefined : values
}

/** The names that came and were not declared, each once. */
function unknownNames(source: TextSource, { checker, location }: Admission): Iterable<string> {
  const names = checker.names ?? new Set()
  const declared = location === 'headers' ? new Set([...names].map((name) => name.toLowerCase())) : names
  return new Set([...source.names()].filter((name) => !declared.has(name) && name !== '__proto__'))
}

/** With the policy `include`, an output with what nobody declared added to it as it came. */
export function includeUnknown(
  output: unknown,
  { policy, checker }: Admission,
  names: Iterable<string>,
  read: (name: string) => unknown,
): unknown {
  if (policy !== 'include' || checker.names === undefined || typeof output !== 'object' || output === null)
    return output
  const all: Record<string, unknown> = { ...output }
  for (const name of names) {
    if (!checker.names.has(name) && !Object.hasOwn(all, name) && name !== '__proto__') all[name] = read(name)
  }
  return all
}
