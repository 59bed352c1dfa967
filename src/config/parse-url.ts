import { decode } from './percent.ts'
import { splitFailover, splitUrl } from './url-parts.ts'

/** The parts of a URL by the names that `buildUrl` takes. A part that is absent is `undefined`, an empty one is `''`. */
export interface ParsedUrl {
  readonly scheme: string | undefined
  /** Decoded, once. */
  readonly username: string | undefined
  /** Decoded, once. */
  readonly password: string | undefined
  /** Decoded, without brackets. With several hosts the list as it is written, with its ports. */
  readonly hostname: string | undefined
  readonly port: number | undefined
  /** As written, because `/` and `%2F` differ in a path. */
  readonly path: string
  /** As written, without `?`: read it with `URLSearchParams`. */
  readonly query: string | undefined
  /** As written, without `#`. */
  readonly fragment: string | undefined
}

/**
 * Reads a URL into its parts, with user name, password and host percent-decoded once: what a driver's options want.
 *
 * @param url - one URL as `buildUrl` takes it; split a failover list first
 * @returns the parts
 * @throws TypeError when it is no URL or a failover list; the message contains no piece of it
 *
 * @example
 * ```ts
 * import { parseUrl } from 'twopi/config'
 *
 * export const { hostname, port, password } = parseUrl('redis://:p%40ss@localhost:6379/0') // 'localhost', 6379, 'p@ss'
 * ```
 */
export function parseUrl(url: string | URL): ParsedUrl {
  const text = url instanceof URL ? url.href : url
  if (typeof text !== 'string') throw new TypeError('`url` must be a string or a URL, found something else')
  if (splitFailover(text).length > 1) throw new TypeError('`url` must be one URL, found a `;`-joined list')
  const { authority, ...rest } = splitUrl(text)
  return {
    scheme: rest.scheme,
    username: authority?.username === undefined ? undefined : decode(authority.username),
    password: authority?.password === undefined ? undefined : decode(authority.password),
    hostname: authority === undefined ? undefined : readHost(authority.host),
    port: authority?.port === undefined || authority.port === '' ? undefined : Number(authority.port),
    path: rest.path,
    query: rest.query,
    fragment: rest.fragment,
  }
}

function readHost(host: string): string {
  if (host.includes(',')) return host
  return decode(host.startsWith('[') ? host.slice(1, -1) : host)
}
