import { decode } from './percent.ts'
import { isSecretName } from './secret-names.ts'
import { splitFailover, splitHosts } from './url-parts.ts'

const hidden = '***'

/**
 * Makes a URL safe for a log: the password becomes `***`, and so does what follows `token=`, `password=`, `secret=`,
 * `api_key=`, `sslpassword=` and the like in its query, its parameters and its fragment.
 *
 * In doubt it hides more, never less: everything from the first colon after `//` to the last `@` counts as the password,
 * because a password with an unencoded `/`, `?` or `#` would show otherwise. A text that is no URL becomes `***` whole.
 *
 * @param url - a URL, or a `;`-joined list of URLs
 * @returns the URL without its secrets; never throws
 *
 * @example
 * ```ts
 * import { redactUrl } from 'twopi/config'
 *
 * export const safe = redactUrl('redis://app:secret@localhost:6379/0') // 'redis://app:***@localhost:6379/0'
 * ```
 */
export function redactUrl(url: string | URL): string {
  const parts: string[] = []
  for (const [index, part] of splitFailover(String(url)).entries()) {
    const safe = index % 2 === 0 ? redactOne(part) : part
    parts.push(safe)
    if (safe.endsWith(`//${hidden}`)) break // half of a URL: the `;` was not the list's, what follows may be secret too
  }
  return parts.join('')
}

function redactOne(text: string): string {
  const [, scheme = '', slashes, rest = ''] = /^([a-z][a-z0-9+.-]*:)?(\/\/)?(.*)$/is.exec(text) ?? []
  if (slashes === undefined) return scheme === '' ? hidden : redactOpaque(scheme, rest)
  const at = rest.lastIndexOf('@')
  const colon = rest.indexOf(':')
  if (colon !== -1 && colon < at) {
    // By another reading the last `@` stands in the value of a secret in the query, which then goes on behind it.
    const head = hidePairs(rest.slice(0, colon))
    const { hiding } = hidePairs(rest.slice(colon + 1, at), head.hiding)
    return `${scheme}//${head.text}:${hidden}${hidePairs(rest.slice(at), hiding).text}`
  }
  const end = rest.search(/[/?#]|$/)
  const authority = rest.slice(0, end)
  try {
    splitHosts(authority.slice(authority.lastIndexOf('@') + 1))
  } catch {
    return `${scheme}//${hidden}` // what looks like the port may be the start of a password
  }
  return `${scheme}//${authority}${hidePairs(rest.slice(end)).text}`
}

/** `jdbc:mysql://...` and `jdbc:oracle:thin:scott/tiger@//host`, `file:x.db`; also `redis:user:password@host` by mistake. */
function redactOpaque(scheme: string, rest: string): string {
  const nested = rest.indexOf('://') + 1 || -1 // read from its `//`
  const at = rest.lastIndexOf('@')
  const end = nested !== -1 && !rest.slice(0, nested).includes('@') ? nested : at
  if (end === -1) return `${scheme}${hidePairs(rest).text}`
  const head = hidePairs(rest.slice(0, end))
  if (end === nested) return `${scheme}${head.text}${head.hiding ? '' : redactOne(rest.slice(nested))}`
  return `${scheme}${hidden}${hidePairs(rest.slice(at), head.hiding).text}`
}

/**
 * Hides the values of secret names after `?`, `&`, `;` and `#`. Only `&` and `;` end a secret, as it may hold the others.
 *
 * @param hiding - the text starts inside a secret
 */
function hidePairs(text: string, hiding = false): { text: string; hiding: boolean } {
  let result = ''
  for (const piece of text.split(/(?=[?&;#])/)) {
    if (hiding && !/^[&;]/.test(piece)) continue
    const [, start = '', name = '', value] = /^([?&;#]?([^=]*))=(.*)$/s.exec(piece) ?? []
    hiding = value !== undefined && (isSecretName(decode(name)) || holdsUrlWithSecret(value))
    result += hiding ? `${start}=${hidden}` : piece
  }
  return { text: result, hiding }
}

function holdsUrlWithSecret(value: string): boolean {
  const text = decode(value)
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(text) && redactOne(text) !== text
}
