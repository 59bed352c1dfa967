import { assertSchema, type Checked, type PathIssue } from './check-schema.ts'
import type { ConfigOf, ConfigOverrides, ConfigSchema } from './config-types.ts'
import { declaredKeys } from './declared-keys.ts'
import { describeIssue } from './describe-issue.ts'
import { ConfigError, type ConfigProblem } from './errors.ts'
import { offerValues } from './offer-values.ts'
import { isPlainObject } from './plain-object.ts'
import { type Entry, pathKey, readSources } from './read-sources.ts'
import { freezeConfig } from './redact-config.ts'
import { variableName } from './variable-name.ts'

/** Where a configuration comes from. Overrides win over the environment, which wins over files; later files win over earlier ones. */
export interface ConfigSources<Schema extends ConfigSchema> {
  /** What the variables' names start with. Default `'TWOPI_'`; `''` for none. */
  readonly prefix?: string | undefined
  /** The variables. Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /** Files of variables such as `'.env'`, from the working directory. One that is not there is passed over. Default none. */
  readonly files?: readonly string[] | undefined
  /** Values by the schema's own keys, taken as they are: from a command line, or in a test. */
  readonly overrides?: ConfigOverrides<Schema> | undefined
}

/** For each loaded configuration, which source gave what. */
const origins = new WeakMap<object, Readonly<Record<string, string>>>()

/**
 * Reads a typed configuration from the environment, `.env` files and secrets' files.
 *
 * The key `db.poolSize` is the variable `TWOPI_DB__POOL_SIZE`; `TWOPI_DB__PASSWORD_FILE` names a file that holds the value
 * of `TWOPI_DB__PASSWORD`. An empty variable counts as not set. A text is offered to the schema as text, and when the
 * schema refuses text, as the number, boolean, `bigint` or list it spells (`docs/config.md` has the exact rules).
 *
 * @param schema - an object of Standard Schemas (zod, valibot, arktype), or one such schema of an object
 * @param sources - prefix, environment, files, overrides
 * @returns the configuration, frozen all the way down; printing it hides its secrets
 * @throws ConfigError `ERR_CONFIG_INVALID` with every problem at once, by the variable's name and without its value
 * @throws TypeError when the schema is none, or answers with a promise
 *
 * @example
 * ```ts
 * import { loadConfig } from 'twopi/config'
 * import { z } from 'zod'
 *
 * export const config = loadConfig(
 *   { db: { url: z.string(), poolSize: z.number().int().default(10) } }, // TWOPI_DB__URL, TWOPI_DB__POOL_SIZE
 *   { env: { TWOPI_DB__URL: 'postgresql://localhost/school' } },
 * )
 * ```
 */
export function loadConfig<const Schema extends ConfigSchema>(
  schema: Schema,
  sources: ConfigSources<Schema> = {},
): ConfigOf<Schema> {
  const { prefix = 'TWOPI_', env = process.env, files = [], overrides = {} } = sources
  assertSchema(schema)
  if (prefix === '' && declaredKeys(schema) === undefined) {
    throw new TypeError('`prefix` must not be empty for a schema whose keys cannot be seen; give an object of schemas')
  }
  if (!isPlainObject(overrides)) throw new TypeError(`\`overrides\` must be an object, found ${typeof overrides}`)
  const { entries, problems } = readSources(schema, prefix, files, env, overrides)
  const result: Checked = offerValues(schema, entries)
  if (result.issues !== undefined) problems.push(...describeIssues(result.issues, entries, prefix, problems))
  if (result.issues !== undefined || problems.length > 0) throw new ConfigError(problems)
  const secrets = [...entries.values()].filter(({ kind }) => kind === 'file').map(({ value }) => String(value))
  const config = freezeConfig(result.value, new Set(secrets))
  if (typeof config === 'object' && config !== null) {
    const all = [...entries.values()].map(({ path, source }) => [path.join('.'), source] as const)
    origins.set(config, Object.freeze(Object.fromEntries(all)))
  }
  return config as ConfigOf<Schema>
}

/**
 * Tells where each value of a configuration came from, without the values: for a line in the log at the start.
 *
 * @param config - what `loadConfig` returned
 * @returns the source by key, such as `{ 'db.url': 'TWOPI_DB__URL_FILE', port: 'TWOPI_PORT (.env)' }`; a key with its
 * default is not in it
 *
 * @example
 * ```ts
 * import { configSources, loadConfig } from 'twopi/config'
 * import { z } from 'zod'
 *
 * const config = loadConfig({ port: z.number() }, { env: { TWOPI_PORT: '5005' } })
 * export const sources = configSources(config) // { port: 'TWOPI_PORT' }
 * ```
 */
export function configSources(config: object): Readonly<Record<string, string>> {
  return origins.get(config) ?? {}
}

function describeIssues(
  issues: readonly PathIssue[],
  entries: ReadonlyMap<string, Entry>,
  prefix: string,
  known: readonly ConfigProblem[],
): ConfigProblem[] {
  const told = new Set(known.map(({ path }) => pathKey(path)))
  const problems: ConfigProblem[] = []
  for (const { path, issue } of issues) {
    if (told.has(pathKey(path)) && path.length > 0) continue // its file cannot be read: that it is missing is no news
    const entry = findEntry(entries, path)
    const values = textsAt(entries, path)
    if (entry === undefined && values.own.length === 0 && path.length > 0) {
      problems.push({
        name: prefix + path.map((key) => variableName(String(key))).join('__'),
        path,
        message: 'is not set',
      })
      continue
    }
    const name = entry === undefined ? prefix + path.map((key) => variableName(String(key))).join('__') : nameOf(entry)
    const below = entry === undefined ? [] : path.slice(entry.path.length)
    const place = below.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('')
    problems.push({
      name: path.length === 0 ? 'configuration' : name + place,
      path,
      message: describeIssue(issue, values.own, values.others),
    })
  }
  return problems
}

function nameOf(entry: Entry): string {
  return entry.kind === 'override' ? `${entry.name} (overrides)` : entry.source
}

/** The entry that gave the value at a path, or the whole that the value is a part of. */
function findEntry(entries: ReadonlyMap<string, Entry>, path: readonly PropertyKey[]): Entry | undefined {
  for (let length = path.length; length > 0; length--) {
    const entry = entries.get(pathKey(path.slice(0, length)))
    if (entry !== undefined) return entry
  }
  return undefined
}

function textsAt(
  entries: ReadonlyMap<string, Entry>,
  path: readonly PropertyKey[],
): { own: string[]; others: string[] } {
  const own: string[] = []
  const others: string[] = []
  for (const entry of entries.values()) {
    const shared = Math.min(path.length, entry.path.length)
    const isNear = entry.path.slice(0, shared).every((key, index) => key === path[index])
    collectTexts(entry.value, isNear ? own : others)
  }
  return { own, others }
}

function collectTexts(value: unknown, texts: string[]): void {
  if (value === undefined || value === null) return
  if (Array.isArray(value) || isPlainObject(value)) {
    for (const inner of Object.values(value)) collectTexts(inner, texts)
    return
  }
  const text = String(value)
  if (text === '') return // shows nothing
  texts.push(text)
  // A list or JSON: an issue may be about, and show, a short piece of it.
  if (/[,[{]/.test(text)) texts.push(...text.split(/[^\p{L}\p{N}]+/u).filter((piece) => piece !== ''))
}
