import { decodeBase64Url } from '../../lib/base64url.ts'
import { copyBytes, encodeUtf8 } from '../../lib/bytes.ts'

/** The least size of an HS256 secret: the size of its output (RFC 7518 section 3.2). */
const LEAST_SECRET_BYTES = 32

/** Prints a good secret. */
export const MAKE_SECRET = `node -p "require('node:crypto').randomBytes(32).toString('base64url')"`

/**
 * Reads an HS256 secret. Answers a text that says what is wrong when it is none.
 *
 * Refuses everything that is, or may be, some other kind of key: a public key taken for a secret is known to the attacker
 * (RFC 8725 section 2.1), and several libraries have let that happen by guessing what a string is.
 */
export function readSecret(secret: unknown, acceptShort: boolean): Uint8Array | string {
  const bytes =
    typeof secret === 'string' ? encodeUtf8(secret) : secret instanceof Uint8Array ? copyBytes(secret) : undefined
  if (bytes === undefined) return `a secret must be a string or a Uint8Array, found ${typeName(secret)}`
  if (bytes.length === 0) return 'a secret must not be empty'
  const other = otherKeyFormat(bytes)
  if (other !== undefined) {
    return `the secret is ${other}. Give an asymmetric key as a KeyObject, CryptoKey or JWK in \`publicKey\`, \`privateKey\` or \`jwk\``
  }
  if (bytes.length < LEAST_SECRET_BYTES && !acceptShort) {
    return `a secret must have at least ${LEAST_SECRET_BYTES} bytes, found ${bytes.length}. Make one with: ${MAKE_SECRET}`
  }
  return bytes
}

// Keys are passed on in base64 or hex to get them through an environment variable, sometimes twice.
const MOST_LAYERS = 2

function otherKeyFormat(bytes: Uint8Array, layers: number = MOST_LAYERS): string | undefined {
  if (isDer(bytes)) return 'a key or certificate in DER'
  // Without NUL and byte order mark, ASCII in UTF-16 is ASCII.
  const decoded = new TextDecoder('utf-8').decode(bytes.filter((byte) => byte !== 0))
  const text = decoded.replace(/^[\s\uFEFF\uFFFD]+/, '').trimEnd()
  if (/-{4,5} ?BEGIN [^-]*-{4,5}/.test(text)) return 'a key or certificate in PEM'
  if (/^(?:ssh-(?:rsa|dss|ed25519)|ecdsa-sha2-|sk-(?:ssh|ecdsa))/.test(text)) return 'an SSH public key'
  if (isJwk(text)) return 'a JWK'
  if (layers === 0) return undefined
  for (const inner of [fromBase64(text), fromHex(text)]) {
    const other = inner === null ? undefined : otherKeyFormat(inner, layers - 1)
    if (other !== undefined) return other
  }
  return undefined
}

function fromBase64(text: string): Uint8Array | null {
  return decodeBase64Url(text.replace(/\s+/g, '').replace(/=+$/, '').replaceAll('+', '-').replaceAll('/', '_'))
}

function fromHex(text: string): Uint8Array | null {
  const digits = text.replace(/[\s:]+/g, '')
  if (!/^(?:[0-9a-f]{2})+$/i.test(digits)) return null
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16))
}

function isJwk(text: string): boolean {
  if (!text.startsWith('{') && !text.startsWith('[')) return false
  try {
    const values: unknown = JSON.parse(text)
    return [values]
      .flat()
      .some((value) => typeof value === 'object' && value !== null && ('kty' in value || 'keys' in value))
  } catch {
    return false
  }
}

// Every key and certificate in DER is one SEQUENCE whose members fill it exactly. Random bytes are that about never. A file
// read as bytes often ends in a line break; so may the key itself, so where it ends is for its length to say.
function isDer(bytes: Uint8Array): boolean {
  const outer = readTlv(bytes, 0)
  if (outer === undefined || outer.tag !== 0x30 || outer.end > bytes.length) return false
  if (bytes.subarray(outer.end).some((byte) => ![0x0a, 0x0d, 0x20].includes(byte))) return false
  let at = outer.start
  let members = 0
  while (at < outer.end) {
    const inner = readTlv(bytes, at)
    if (inner === undefined || inner.end > outer.end) return false
    if (members === 0 && inner.tag !== 0x02 && inner.tag !== 0x30) return false
    at = inner.end
    members++
  }
  return members > 1
}

function readTlv(bytes: Uint8Array, at: number): { tag: number; start: number; end: number } | undefined {
  const tag = bytes[at]
  const first = bytes[at + 1]
  if (tag === undefined || first === undefined) return undefined
  if (first < 0x80) return { tag, start: at + 2, end: at + 2 + first }
  const count = first & 0x7f
  if (count === 0 || count > 4) return undefined
  let length = 0
  for (let i = 0; i < count; i++) {
    const byte = bytes[at + 2 + i]
    if (byte === undefined) return undefined
    length = length * 256 + byte
  }
  return { tag, start: at + 2 + count, end: at + 2 + count + length }
}

function typeName(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value
}
