import { isIPv6 } from 'node:net'
import { assertNoProblems } from '../lib/problems.ts'
import { decode, encodeAll, encodeHost, encodePath, encodeQuery } from './percent.ts'
import {
  type Authority,
  isPort,
  joinUrl,
  schemeGrammar,
  splitFailover,
  splitHosts,
  splitUrl,
  type UrlParts,
} from './url-parts.ts'

/** The query pairs to set, by name. `null` removes the pairs of that name, `undefined` leaves them. */
export type QueryOverrides = Readonly<Record<string, string | number | boolean | null | undefined>>

/**
 * The parts to replace. For each: a value replaces the part, `null` removes it, `''` keeps it empty, `undefined` leaves it.
 * Give plain text: twopi percent-encodes it, once.
 */
export interface UrlOverrides {
  /** Without the colon: `'postgresql+psycopg2'`. */
  readonly scheme?: string | null | undefined
  readonly username?: string | null | undefined
  readonly password?: string | null | undefined
  /** A name, an address (IPv6 gets its brackets), or several hosts with their ports: `'a:1,b:2'`. */
  readonly hostname?: string | null | undefined
  /** From 0 to 65535; digits in a text serve too. */
  readonly port?: number | string | null | undefined
  /** Escapes such as `%2F` stay. When a host precedes it and it does not start with `/`, it gets one. */
  readonly path?: string | null | undefined
  /** A text replaces the whole query (no leading `?`, escapes stay); an object sets single pairs and leaves the others. */
  readonly query?: string | QueryOverrides | null | undefined
  /** Escapes stay. Without the `#`. */
  readonly fragment?: string | null | undefined
}

/**
 * Replaces parts of a URL and keeps the rest byte for byte: `buildUrl(url)` is `url`.
 *
 * Reads URLs as RFC 3986 does, so `redis://`, `amqp://...//`, `postgresql+psycopg2://`, `sqlite:////abs`, empty hosts and
 * several hosts keep their meaning. In a failover list (`amqp://a//;amqp://b//`) each URL gets the overrides.
 *
 * @param url - `scheme://...`, also `//...`, `scheme:path` and a `;`-joined list of whole URLs
 * @param overrides - the parts to replace
 * @returns the new URL
 * @throws TypeError when the URL or an override cannot be right, all of them at once; the message never contains the
 * password or any other piece of the URL
 *
 * @example
 * ```ts
 * import { buildUrl } from 'twopi/config'
 *
 * export const url = buildUrl('foo://localhost/0', { scheme: 'redis', port: 6379 }) // 'redis://localhost:6379/0'
 * ```
 */
export function buildUrl(url: string | URL, overrides: UrlOverrides = {}): string {
  const text = url instanceof URL ? url.href : url
  if (typeof text !== 'string') throw new TypeError('`url` must be a string or a URL, found something else')
  const list = splitFailover(text)
  const isList = list.length > 1
  checkOverrides(overrides, isList)
  return list.map((part, index) => (index % 2 === 0 ? buildOne(part, overrides) : part)).join('')
}

function buildOne(text: string, overrides: UrlOverrides): string {
  const parts = splitUrl(text)
  const { scheme, path, query, fragment } = overrides
  if (scheme !== undefined) parts.scheme = scheme ?? undefined
  if (parts.authority === undefined) refuseAuthority(overrides, scheme)
  else overrideAuthority(parts.authority, overrides)
  if (path !== undefined) parts.path = newPath(path ?? '', parts)
  if (query !== undefined) parts.query = newQuery(query, parts.query)
  if (fragment !== undefined) parts.fragment = fragment === null ? undefined : encodeQuery(fragment)
  return joinUrl(parts)
}

function overrideAuthority(authority: Authority, { username, password, hostname, port }: UrlOverrides): void {
  if (username !== undefined) authority.username = username === null ? undefined : encodeAll(username)
  if (password !== undefined) authority.password = password === null ? undefined : encodeAll(password)
  if (hostname !== undefined) {
    const hosts = hostname?.includes(',') === true
    authority.host = hosts ? hostname : newHost(hostname ?? '')
    if (hosts) authority.port = undefined
  }
  if (port === undefined) return
  if (authority.host.includes(',')) {
    if (port === null) return
    throw new TypeError(
      '`port` cannot be set on a URL of several hosts; override `hostname` with the whole list `a:1,b:2`',
    )
  }
  authority.port = port === null ? undefined : String(port)
}

function newHost(hostname: string): string {
  if (isIPv6(hostname)) return `[${hostname.replace('%', '%25')}]` // RFC 6874 for the zone
  return hostname.startsWith('[') ? hostname : encodeHost(hostname)
}

function newPath(path: string, { authority }: UrlParts): string {
  const encoded = encodePath(path)
  if (authority !== undefined) return encoded === '' || encoded.startsWith('/') ? encoded : `/${encoded}`
  if (encoded.startsWith('//')) throw new TypeError('`path` must not start with `//` when the URL has no host')
  return encoded
}

function newQuery(query: string | QueryOverrides | null, current: string | undefined): string | undefined {
  if (query === null) return undefined
  if (typeof query === 'string') return encodeQuery(query)
  const left = { ...query }
  const pairs: string[] = []
  for (const pair of current?.split('&') ?? []) {
    const name = decode((pair.split('=', 1)[0] ?? '').replaceAll('+', ' '))
    if (!Object.hasOwn(query, name) || query[name] === undefined) pairs.push(pair)
    else if (typeof left[name] !== 'undefined') {
      if (query[name] !== null) pairs.push(formatPair(name, query[name]))
      delete left[name] // a repeated name is replaced by one pair, where the first stood
    }
  }
  for (const [name, value] of Object.entries(left)) {
    if (value !== undefined && value !== null) pairs.push(formatPair(name, value))
  }
  return pairs.length === 0 ? undefined : pairs.join('&')
}

function formatPair(name: string, value: string | number | boolean): string {
  return `${encodeAll(name)}=${encodeAll(String(value))}`
}

function refuseAuthority(overrides: UrlOverrides, scheme: string | null | undefined): void {
  const given: string[] = (['username', 'password', 'hostname', 'port'] as const).filter(
    (name) => overrides[name] != null,
  )
  if (scheme === null) given.push('scheme')
  if (given.length > 0) throw new TypeError(`${quote(given)} cannot be overridden: the URL has no \`//\``)
}

const names = ['scheme', 'username', 'password', 'hostname', 'port', 'path', 'query', 'fragment'] as const

/** Finds every mistake that does not depend on the URL. No message contains a value: it may be the password. */
function checkOverrides(overrides: UrlOverrides, isList: boolean): void {
  const problems: string[] = []
  for (const [name, value] of Object.entries(overrides)) {
    const problem = value === undefined ? undefined : checkOverride(name, value, isList)
    if (problem !== undefined) problems.push(problem)
  }
  assertNoProblems('buildUrl', problems)
}

function checkOverride(name: string, value: unknown, isList: boolean): string | undefined {
  if (!(names as readonly string[]).includes(name))
    return `\`${name}\` is not a part of a URL; use one of ${quote(names)}`
  if (isList && name === 'hostname')
    return '`hostname` cannot be set on a failover list: every URL would name the same host'
  if (isList && name === 'scheme' && value === null) return '`scheme` cannot be removed from a failover list'
  if (value === null) return undefined
  if (name === 'port') return checkPort(value)
  if (name === 'query' && typeof value === 'object') return checkQuery(value)
  if (typeof value !== 'string') return `\`${name}\` must be a string or null, found ${typeof value}`
  if (!isWellFormed(value)) return `\`${name}\` must be well-formed Unicode, found half of a surrogate pair`
  if (name === 'scheme' && !schemeGrammar.test(value)) {
    return '`scheme` must be letters, digits, `+`, `.` and `-`, starting with a letter, without the colon'
  }
  return name === 'hostname' ? checkHost(value) : undefined
}

function checkPort(value: unknown): string | undefined {
  const right =
    typeof value === 'number'
      ? Number.isInteger(value) && value >= 0 && value <= 65_535
      : typeof value === 'string' && isPort(value)
  return right ? undefined : '`port` must be a whole number from 0 to 65535, or null'
}

function checkQuery(query: object): string | undefined {
  for (const [name, value] of Object.entries(query)) {
    if (value != null && !['string', 'number', 'boolean'].includes(typeof value)) {
      return `\`query.${name}\` must be a string, a number, a boolean or null, found ${typeof value}`
    }
    if (!isWellFormed(`${name}${String(value)}`))
      return '`query` must be well-formed Unicode, found half of a surrogate pair'
  }
  return undefined
}

function checkHost(hostname: string): string | undefined {
  if (isIPv6(hostname) || (!hostname.includes(':') && !hostname.includes(',') && !hostname.startsWith('[')))
    return undefined
  try {
    const { port } = splitHosts(hostname.replaceAll(';', '@')) // a `;` here could start another URL
    return port === undefined ? undefined : '`hostname` must not hold a port; give it as `port`'
  } catch {
    return '`hostname` must be a name, an address, or a list of hosts with their ports such as `a:1,b:2`'
  }
}

function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text)
}

function quote(list: readonly string[]): string {
  return list.map((name) => `\`${name}\``).join(', ')
}
