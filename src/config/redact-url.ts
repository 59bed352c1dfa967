import { decode } from './percent.ts'
import { isSecretParameter } from './secret-names.ts'
import { splitFailover, splitHosts } from './url-parts.ts'

const hidden = '***'

/**
 * Makes a URL safe for a log: the password becomes `***`, and so does what follows `token=`, `password=`, `secret=`,
 * `api_key=`, `sslpassword=`, `code=`, `jsessionid=` and the like in its query, its parameters and its fragment.
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
    const { secret } = hidePairs(rest.slice(colon + 1, at), head.secret)
    return `${scheme}//${head.text}:${hidden}${hidePairs(rest.slice(at), secret).text}`
  }
  const end = rest.search(/[/?#]|$/)
  const authority = rest.slice(0, end)
  try {
    splitHosts(authority.slice(authority.lastIndexOf('@') + 1))
  } catch {
    return `${scheme}//${hidden}` // what looks like the port may be the start of a password
  }
  const head = hidePairs(authority) // of SQL Server: `//host;user=u;password=p`
  return `${scheme}//${head.text}${hidePairs(rest.slice(end), head.secret).text}`
}

/** `jdbc:mysql://...` and `jdbc:oracle:thin:scott/tiger@//host`, `file:x.db`; also `redis:user:password@host` by mistake. */
function redactOpaque(scheme: string, rest: string): string {
  const nested = rest.indexOf('://') + 1 || -1 // read from its `//`
  const at = rest.lastIndexOf('@')
  const end = nested !== -1 && !rest.slice(0, nested).includes('@') ? nested : at
  if (end === -1) return `${scheme}${hidePairs(rest).text}`
  const head = hidePairs(rest.slice(0, end))
  if (end === nested) return `${scheme}${head.text}${head.secret !== undefined ? '' : redactOne(rest.slice(nested))}`
  return `${scheme}${hidden}${hidePairs(rest.slice(at), head.secret).text}`
}

/**
 * Hides the values of secret names after `?`, `&`, `;` and `#`. Only `&` and `;` end a secret, as it may hold the others;
 * one in braces or quotes, as JDBC and ADO.NET have them, ends behind these.
 *
 * @param secret - what the text starts inside of
 */
function hidePairs(text: string, secret?: Secret): { text: string; secret: Secret | undefined } {
  let result = ''
  for (const piece of text.split(/(?=[?&;#])/)) {
    if (secret !== undefined && goesOn(secret, piece)) {
      if (secret.closing !== undefined && piece.trimEnd().endsWith(secret.closing)) secret = ended
      continue
    }
    const [, start = '', name = '', value] = /^([?&;#]?([^=]*))=(.*)$/s.exec(piece) ?? []
    const isSecret = value !== undefined && (isSecretParameter(decode(name)) || holdsUrlWithSecret(value))
    secret = isSecret ? { closing: openQuote(value) } : undefined
    result += isSecret ? `${start}=${hidden}` : piece
  }
  return { text: result, secret }
}

/** The text is inside a secret, which ends at the next `&` or `;`, or before it at a quote or brace that is still open. */
interface Secret {
  readonly closing: string | undefined
}

const ended: Secret = { closing: undefined }

function goesOn({ closing }: Secret, piece: string): boolean {
  return closing !== undefined || !/^[&;]/.test(piece)
}

const closers: Readonly<Record<string, string>> = { '{': '}', '"': '"', "'": "'" }

/** What must come to end a value that starts with a brace or a quote; undefined when the value has it. */
function openQuote(value: string): string | undefined {
  const text = value.trim()
  const closer = closers[text[0] ?? '']
  return closer !== undefined && text.length > 1 && text.endsWith(closer) ? undefined : closer
}

function holdsUrlWithSecret(value: string): boolean {
  const text = decode(value)
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(text) && redactOne(text) !== text
}
