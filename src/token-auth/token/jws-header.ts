import { decodeBase64Url, encodeBase64UrlText, textOfDecoded } from '../../lib/base64url.ts'
import { KID } from '../keys/key-entry.ts'
import type { TokenKey } from '../keys/token-key.ts'
import { BAD_HEADER, BAD_TYPE, MALFORMED, UNKNOWN_KEY } from './rejections.ts'
import type { TokenRejection } from './token-rejection.ts'

/** The parts of a JWS header that mean anything here. All others (`jwk`, `jku`, `x5u`, `x5c`, `cty`) are ignored by name. */
export interface JwsHeader {
  /** What the token says; only ever compared with the algorithm of the key. */
  readonly alg: unknown
  readonly kid: string | undefined
}

// Extensions that change what a signature covers or means. RFC 7515 section 4.1.11 wants a `crit` that is not understood refused;
// twopi understands none.
const refusedMembers = ['crit', 'b64', 'zip', 'enc'] as const

const MOST_HEADER_CHARACTERS = 2048

// Read before the signature is checked, so it must not cost much: what a parser does for each value is far more than for each
// character, and 2 KB of brackets would cost as much as a dozen good tokens.
const MOST_HEADER_VALUES = 32

/**
 * Reads the first segment of a token.
 *
 * @param segment - base64url text
 * @param type - the one accepted `typ`
 * @param acceptUntyped - accept `JWT` and no `typ` too
 */
export function parseHeader(segment: string, type: string, acceptUntyped: boolean): JwsHeader | TokenRejection {
  const bytes = segment.length > MOST_HEADER_CHARACTERS ? null : decodeBase64Url(segment)
  const header = bytes === null ? null : parseObject(bytes, isModest)
  if (header === null) return MALFORMED
  for (const member of refusedMembers) if (Object.hasOwn(header, member)) return BAD_HEADER
  const { alg, kid, typ } = header
  if (typ !== type && !isMediaType(typ, type) && !(acceptUntyped && (typ === undefined || isMediaType(typ, 'JWT')))) {
    return BAD_TYPE
  }
  if (kid !== undefined && (typeof kid !== 'string' || !KID.test(kid))) return UNKNOWN_KEY
  return { alg, kid }
}

/** The first segment of the tokens a key signs. */
export function formatHeader(key: TokenKey, type: string): string {
  return encodeBase64UrlText(
    JSON.stringify(key.kid === undefined ? { alg: key.alg, typ: type } : { alg: key.alg, typ: type, kid: key.kid }),
  )
}

/**
 * The plain JSON object behind a decoded segment, or null. Never throws.
 *
 * @param bytes - what `decodeBase64Url` gave
 * @param accept - looks at the text before it is parsed
 */
export function parseObject(bytes: Uint8Array, accept?: (text: string) => boolean): Record<string, unknown> | null {
  const text = textOfDecoded(bytes)
  if (text === null || accept?.(text) === false) return null
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null
  } catch {
    return null
  }
}

// RFC 7515 section 4.1.9: media types, so compared without case, and `application/` may be left out before a name without a slash.
function isMediaType(typ: unknown, type: string): boolean {
  return typeof typ === 'string' && shortMediaType(typ) === shortMediaType(type)
}

function shortMediaType(type: string): string {
  return type.toLowerCase().replace(/^application\/(?=[^/]+$)/, '')
}

// Counts what can begin a value; one inside a text counts too, which no header in use comes near.
function isModest(text: string): boolean {
  let values = 0
  for (const mark of [',', '[', '{']) {
    for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + 1)) {
      if (++values > MOST_HEADER_VALUES) return false
    }
  }
  return true
}
