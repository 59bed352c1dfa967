import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import type { ConfigProblem } from './errors.ts'
import { isPlainObject } from './plain-object.ts'
import { findTarget } from './variable-name.ts'

/** A value that a source gave, and where it goes. */
export interface Entry {
  readonly path: readonly string[]
  /** The variable with its prefix, or an override's key. */
  readonly name: string
  /** What to tell the user: `TWOPI_PORT`, `TWOPI_PORT (.env)`, `overrides`. */
  readonly source: string
  readonly value: unknown
  /** A text may be offered as something else too, a file names the text, an override is what it is. */
  readonly kind: 'text' | 'file' | 'override'
}

/** What {@link readSources} found. */
export interface Sources {
  readonly entries: ReadonlyMap<string, Entry>
  readonly problems: ConfigProblem[]
}

type Variables = Readonly<Record<string, string | undefined>>

/** Reads all sources, the later ones over the earlier ones: files in their order, the environment, the overrides. */
export function readSources(
  schema: unknown,
  prefix: string,
  files: readonly string[],
  env: Variables,
  overrides: unknown,
): Sources {
  const entries = new Map<string, Entry>()
  const problems: ConfigProblem[] = []
  for (const file of files) {
    readVariables(schema, prefix, readEnvFile(file, problems), ` (${file})`, entries, problems)
  }
  readVariables(schema, prefix, env, '', entries, problems)
  readOverrides(overrides, [], entries)
  findOverlaps(entries, problems)
  for (const [key, entry] of entries) if (entry.kind === 'file') readSecret(key, entry, entries, problems)
  return { entries, problems }
}

/** The key of a path in a map. */
export function pathKey(path: readonly PropertyKey[]): string {
  return path.map(String).join('\0')
}

function readEnvFile(file: string, problems: ConfigProblem[]): Variables {
  try {
    return parseEnv(readFileSync(file, 'utf8'))
  } catch (error) {
    // A file that is not there is normal: `.env` files belong to a developer's machine.
    if (codeOf(error) !== 'ENOENT')
      problems.push({ name: file, path: [], message: `cannot be read (${codeOf(error)})` })
    return {}
  }
}

function readVariables(
  schema: unknown,
  prefix: string,
  variables: Variables,
  where: string,
  entries: Map<string, Entry>,
  problems: ConfigProblem[],
): void {
  const found = new Map<string, string>()
  for (const [name, value] of Object.entries(variables)) {
    if (value === undefined || value === '' || !name.startsWith(prefix)) continue
    const target = findTarget(schema, name.slice(prefix.length))
    if (target === undefined) continue
    const { path, isFile } = target
    const key = pathKey(path)
    const other = found.get(key)
    found.set(key, name)
    if (other !== undefined) {
      problems.push({ name: `${other}, ${name}`, path, message: `are both set${where}; set one of them` })
    }
    entries.set(key, { path, name, source: name + where, value, kind: isFile ? 'file' : 'text' })
  }
}

/** Puts the file's text in the place of its name. The name stays out of messages: it may be the secret, put in the wrong variable. */
function readSecret(key: string, entry: Entry, entries: Map<string, Entry>, problems: ConfigProblem[]): void {
  let text: string | undefined
  try {
    text = readFileSync(String(entry.value), 'utf8').replace(/\r?\n$/, '')
  } catch (error) {
    const message = `must name a file that can be read, found one that cannot (${codeOf(error)})`
    problems.push({ name: entry.source, path: entry.path, message })
  }
  if (text === '') entries.delete(key)
  else entries.set(key, { ...entry, value: text })
}

function readOverrides(value: unknown, path: readonly string[], entries: Map<string, Entry>): void {
  if (value === undefined) return
  if (path.length === 0 || (isPlainObject(value) && Object.keys(value).length > 0)) {
    for (const [key, inner] of Object.entries(value as object)) readOverrides(inner, [...path, key], entries)
    return
  }
  const name = path.join('.')
  entries.set(pathKey(path), { path, name, source: 'overrides', value, kind: 'override' })
}

/** A value for the whole and another for a part of it: we do not guess which one counts. */
function findOverlaps(entries: Map<string, Entry>, problems: ConfigProblem[]): void {
  for (const [key, { path, name }] of entries) {
    for (let length = 1; length < path.length; length++) {
      const whole = entries.get(pathKey(path.slice(0, length)))
      if (whole === undefined) continue
      problems.push({ name: `${whole.name}, ${name}`, path, message: 'set a whole and a part of it; set one of them' })
      entries.delete(key)
    }
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
}
