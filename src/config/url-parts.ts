/*
 * Splits a URL as RFC 3986 appendix B does and puts it together again without changing a byte. Unlike WHATWG's `URL` it
 * knows several hosts (`mongodb://a:1,b:2/db`), empty hosts, and leaves dots, case, default ports and escapes as they are.
 *
 * What must hold: `joinUrl(splitUrl(text)) === text` for every text that `splitUrl` accepts, and no message here contains
 * a piece of the text, because any piece may be part of a password that was not percent-encoded.
 */

/** What stands between `//` and the path. `undefined` means the part is absent, `''` that it is there and empty. */
export interface Authority {
  username: string | undefined
  password: string | undefined
  /** As written: IPv6 in brackets. With several hosts, the whole list with its ports. */
  host: string
  /** As written, digits only. Always `undefined` when {@link host} is a list. */
  port: string | undefined
}

/** A URL in its raw, still percent-encoded parts. */
export interface UrlParts {
  scheme: string | undefined
  authority: Authority | undefined
  path: string
  query: string | undefined
  fragment: string | undefined
}

const appendixB = /^(?:([^:/?#]+):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s

/** A scheme's grammar, RFC 3986 section 3.1. */
export const schemeGrammar: RegExp = /^[a-z][a-z0-9+.-]*$/i

const portGrammar = /^\d*$/
const hostGrammar = /^(?:\[[0-9a-z:.%~_-]+\]|[^\s[\]<>"\\^`{|}@:/?#,]*)$/i
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what the check is for
const controls = /[\u0000-\u001f\u007f]/

const encodePassword = 'percent-encode `/`, `?`, `#`, `[` and `]` in the user name and password'

/**
 * Splits a URL.
 *
 * @throws TypeError when it is not `scheme://...`, `//...` or `scheme:path`; the message never contains the text
 */
export function splitUrl(text: string): UrlParts {
  if (text === '') throw new TypeError('`url` must be `scheme://...`, found an empty text')
  if (controls.test(text)) throw new TypeError('`url` must have no control characters, found one; percent-encode it')
  const [, scheme, authority, path = '', query, fragment] = appendixB.exec(text) ?? []
  if (scheme !== undefined && !schemeGrammar.test(scheme)) {
    throw new TypeError('`url` must start with a scheme of letters, digits, `+`, `.` and `-`, found another character')
  }
  if (scheme === undefined && authority === undefined) {
    throw new TypeError('`url` must be `scheme://...`, found no scheme')
  }
  if (authority === undefined && /^(?:\d+(?:\/|$)|$)/.test(path)) {
    throw new TypeError('`url` must be `scheme://...`, found no `//`; write `scheme://host:port/path`')
  }
  return { scheme, authority: authority === undefined ? undefined : splitAuthority(authority), path, query, fragment }
}

function splitAuthority(text: string): Authority {
  const at = text.lastIndexOf('@') // a password may hold an unencoded `@`, a host may not
  const userinfo = at === -1 ? undefined : text.slice(0, at)
  const colon = userinfo?.indexOf(':') ?? -1
  return {
    username: colon === -1 ? userinfo : userinfo?.slice(0, colon),
    password: colon === -1 ? undefined : userinfo?.slice(colon + 1),
    ...splitHosts(text.slice(at + 1)),
  }
}

/** Splits `host:port`, or checks a list `a:1,b:2` and keeps it whole. */
export function splitHosts(text: string): Pick<Authority, 'host' | 'port'> {
  if (!text.includes(',')) return splitHost(text)
  for (const one of text.split(',')) splitHost(one)
  return { host: text, port: undefined }
}

function splitHost(text: string): Pick<Authority, 'host' | 'port'> {
  const colon = text.indexOf(':', text.startsWith('[') ? text.indexOf(']') + 1 : 0)
  const host = colon === -1 ? text : text.slice(0, colon)
  const port = colon === -1 ? undefined : text.slice(colon + 1)
  if (!hostGrammar.test(host)) {
    throw new TypeError(
      `the host of \`url\` must be a name or an address (IPv6 in brackets), found another character; ${encodePassword}`,
    )
  }
  if (port !== undefined && !isPort(port)) {
    throw new TypeError(
      `the port of \`url\` must be digits from 0 to 65535, found something else; ${encodePassword}, and put an IPv6 host in brackets`,
    )
  }
  return { host, port }
}

/** Tells whether a text can stand after a host's colon; an empty one can (RFC 3986 section 3.2.3). */
export function isPort(text: string): boolean {
  return portGrammar.test(text) && Number(text) <= 65_535
}

/** Puts the parts together: RFC 3986 section 5.3. */
export function joinUrl({ scheme, authority, path, query, fragment }: UrlParts): string {
  let url = scheme === undefined ? '' : `${scheme}:`
  if (authority !== undefined) url += `//${joinAuthority(authority)}`
  url += path
  if (query !== undefined) url += `?${query}`
  if (fragment !== undefined) url += `#${fragment}`
  return url
}

function joinAuthority({ username, password, host, port }: Authority): string {
  const userinfo = password === undefined ? username : `${username ?? ''}:${password}`
  return `${userinfo === undefined ? '' : `${userinfo}@`}${host}${port === undefined ? '' : `:${port}`}`
}

/**
 * Splits a `;`-joined failover list of whole URLs (`amqp://a//;amqp://b//`) into its URLs and, between them, what joined
 * them. A lone URL gives one element, whatever `;` it holds otherwise.
 */
export function splitFailover(text: string): string[] {
  return text.split(/(; *)(?=[a-z][a-z0-9+.-]*:\/\/)/i)
}
