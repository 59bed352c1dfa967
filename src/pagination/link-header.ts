import type { HttpRequest } from '../http/request.ts'

/** How links are written. */
export interface LinkOptions {
  /**
   * What links begin with, in place of the path of the request: `'https://api.example.com/classes'`. An address as it stands
   * in a header: percent-encoded, without a query. Default: the path as the server got it.
   */
  readonly linkBase?: string | undefined
  /**
   * Further query parameters that no link may have, such as the one that `queryString` of token auth names. Never in a link,
   * in any case: `token`, `access_token`, `refresh_token`.
   */
  readonly omit?: readonly string[] | undefined
}

// What would end the address inside `<…>`, or already has the query that is put behind it; a header has ASCII alone.
const BASE = /^[\x21-\x7e]*$/
const NOT_IN_BASE = /[?#<>"\\]/

/** @throws TypeError when links cannot begin with `linkBase` */
export function assertLinkOptions({ linkBase }: LinkOptions): void {
  if (linkBase === undefined) return
  if (typeof linkBase !== 'string' || !BASE.test(linkBase) || NOT_IN_BASE.test(linkBase)) {
    throw new TypeError(
      `\`linkBase\` must be an address in ASCII without "?", "#", "<", ">" and blanks, found ${JSON.stringify(linkBase)}`,
    )
  }
}

/** The relations of a page to others (RFC 8288 section 3.3 and the registry of IANA). */
export type Rel = 'first' | 'prev' | 'next' | 'last'

/** By relation, the parameters of its page; those that are undefined are taken away. */
export type LinkTargets = { readonly [R in Rel]?: Readonly<Record<string, string | undefined>> | undefined }

/** Proxies refuse a response whose headers are much larger. What a client needs least goes first. */
const MAX_LENGTH = 4096
const BY_NEED: readonly Rel[] = ['next', 'prev', 'first', 'last']
const IN_ORDER: readonly Rel[] = ['first', 'prev', 'next', 'last']

/**
 * The value of a `Link` header (RFC 8288): the URL of the request with other parameters of the page. Everything else in its
 * query is kept, except secrets.
 */
export function linkHeader(request: HttpRequest, targets: LinkTargets, options: LinkOptions): string {
  const base = options.linkBase ?? safePath(request.path)
  const links = new Map<Rel, string>()
  let length = 0
  for (const rel of BY_NEED) {
    const parameters = targets[rel]
    if (parameters === undefined) continue
    const link = `<${base}?${queryWith(request, parameters, options)}>; rel="${rel}"`
    if (length + link.length > MAX_LENGTH) continue
    length += link.length + 2
    links.set(rel, link)
  }
  return IN_ORDER.flatMap((rel) => links.get(rel) ?? []).join(', ')
}

function queryWith(
  request: HttpRequest,
  parameters: Readonly<Record<string, string | undefined>>,
  options: LinkOptions,
): string {
  const query = new URLSearchParams(publicParameters(request, Object.keys(parameters), options))
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) query.append(name, value)
  return query.toString()
}

const SECRET = ['token', 'access_token', 'refresh_token']

/** The query of a request without secrets and without some parameters. */
export function publicParameters(
  request: HttpRequest,
  without: readonly string[],
  { omit = [] }: LinkOptions,
): [name: string, value: string][] {
  const secret = new Set([...SECRET, ...omit.map((name) => name.toLowerCase())])
  return [...request.query].filter(([name]) => !secret.has(name.toLowerCase()) && !without.includes(name))
}

// RFC 3986 section 3.3. Two slashes at the start would name another host.
const PATH = /^\/(?!\/)(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*$/

/** The path where it can stand in a header as it is; else nothing, which stands for the same path (RFC 3986 section 5.2.2). */
function safePath(path: string): string {
  return PATH.test(path) ? path : ''
}
