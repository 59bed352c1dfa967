/** Percent-encodes all but the unreserved characters of RFC 3986 section 2.3: for user names, passwords, query pairs. */
export function encodeAll(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, hex)
}

/**
 * As {@link encodeAll}, but leaves sub-delimiters, which a host may hold (RFC 3986 section 3.2.2). Not `,` and `;`, which
 * would make it a list.
 */
export function encodeHost(text: string): string {
  return encodeURIComponent(text).replace(/%(?:24|26|2B|3D)/g, decodeURIComponent)
}

/** Encodes what cannot stand in a path. A `%41` that is already there stays: a path's `%2F` cannot be said otherwise. */
export function encodePath(text: string): string {
  return encodeExcept(text, /%(?![0-9a-f]{2})|[^a-z0-9\-._~!$&'()*+,;=:@/%]/giu)
}

/** As {@link encodePath} for a query or a fragment, which may also hold `?` (RFC 3986 sections 3.4 and 3.5). */
export function encodeQuery(text: string): string {
  return encodeExcept(text, /%(?![0-9a-f]{2})|[^a-z0-9\-._~!$&'()*+,;=:@/?%]/giu)
}

/** Decodes once. An escape that is broken or no UTF-8 stays as it is written, as in Python's `unquote`. */
export function decode(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => {
    try {
      return decodeURIComponent(escapes)
    } catch {
      return escapes
    }
  })
}

/** A `;` that would start the next URL of a failover list. */
const nextUrl = /;(?=[a-z][a-z0-9+.-]*:\/\/)/gi

function encodeExcept(text: string, refused: RegExp): string {
  const encoded = text.replace(refused, (character) =>
    character.length === 1 && character < '\u0080' ? hex(character) : encodeURIComponent(character),
  )
  return encoded.replace(nextUrl, '%3B')
}

function hex(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
}
