import { isPlainObject } from './plain-object.ts'
import { redactPairs } from './redact-pairs.ts'
import { redactUrl } from './redact-url.ts'
import { isSecretName } from './secret-names.ts'

const hidden = '***'

/** For each object of a loaded configuration: the texts that came from secrets' files. */
const secretTexts = new WeakMap<object, ReadonlySet<string>>()

/**
 * Copies a configuration for a log. It hides what is called like a secret (`password`, `token`, `apiKey` ...), what came
 * from a `..._FILE`, and the passwords in URLs and in connection strings (`Server=h;Password=p`, `host=h password=p`); the
 * rest stays as it is.
 *
 * `console.log(config)` and `JSON.stringify(config)` of a configuration from `loadConfig` do this by themselves; a copy
 * (`{ ...config }`) does not.
 *
 * @param config - what `loadConfig` returned, or a part of it that is an object
 * @returns a copy that may be logged
 *
 * @example
 * ```ts
 * import { redactConfig } from 'twopi/config'
 *
 * export const safe = redactConfig({ port: 80, password: 'secret' }) // { port: 80, password: '***' }
 * ```
 */
export function redactConfig(config: object): Record<string, unknown> {
  const secrets = secretTexts.get(config) ?? new Set()
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [key, redact(key, value, secrets)]))
}

function redact(key: string, value: unknown, secrets: ReadonlySet<string>): unknown {
  if (value === undefined || value === null) return value
  if (isSecretName(key)) return hidden
  if (value instanceof URL) return redactUrl(value)
  if (Array.isArray(value)) return value.map((item) => redact('', item, secrets))
  if (isPlainObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, redact(name, inner, secrets)]))
  }
  if (secrets.has(String(value))) return hidden
  return typeof value === 'string' ? redactText(value) : value
}

function redactText(text: string): string {
  return looksLikeUrl(text)
    ? redactUrl(text)
    : redactPairs(text, (value) => (looksLikeUrl(value) ? redactUrl(value) : value))
}

function looksLikeUrl(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:/i.test(text) && /\/\/|@/.test(text)
}

/**
 * Copies plain objects and arrays, frozen, and gives each object what keeps its secrets out of logs. Other objects (dates,
 * class instances) stay the same objects.
 */
export function freezeConfig(value: unknown, secrets: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return Object.freeze(value.map((item) => freezeConfig(item, secrets)))
  if (!isPlainObject(value)) return value
  const copy = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, freezeConfig(inner, secrets)]))
  secretTexts.set(copy, secrets)
  const safe = () => redactConfig(copy)
  // Not enumerable: they are no keys of the configuration, and `toEqual`, spread and `structuredClone` do not see them.
  for (const key of ['toJSON', Symbol.for('nodejs.util.inspect.custom')]) {
    if (!Object.hasOwn(copy, key)) Object.defineProperty(copy, key, { value: safe })
  }
  return Object.freeze(copy)
}
