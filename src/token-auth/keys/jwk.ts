import { decodeBase64Url } from '../../lib/base64url.ts'
import type { Algorithm } from './algorithm.ts'
import { isOnP256 } from './p256.ts'

/** A JSON Web Key (RFC 7517). The members of the key types twopi knows; others are ignored. */
export interface Jwk {
  readonly kty?: string | undefined
  readonly alg?: string | undefined
  readonly kid?: string | undefined
  readonly use?: string | undefined
  readonly key_ops?: readonly string[] | undefined
  readonly crv?: string | undefined
  readonly x?: string | undefined
  readonly y?: string | undefined
  readonly n?: string | undefined
  readonly e?: string | undefined
  readonly d?: string | undefined
  readonly p?: string | undefined
  readonly q?: string | undefined
  readonly dp?: string | undefined
  readonly dq?: string | undefined
  readonly qi?: string | undefined
  readonly k?: string | undefined
}

/** A JWK whose parts were checked: only the members that make up the key, nothing else the caller's object held. */
export interface ParsedJwk {
  readonly alg: Exclude<Algorithm, 'HS256'>
  readonly publicKey: Jwk
  readonly privateKey: Jwk | undefined
  readonly modulusBits: number | undefined
}

/** RSA keys from 2048 bits (RFC 7518 section 3.3) up to a size that one verification cannot be made to take long with. */
export const RSA_BITS: { readonly least: number; readonly most: number } = { least: 2048, most: 8192 }

/** What is wrong with an EC key whose point is none of P-256. No engine can do anything with it. */
export const OFF_CURVE = '`x` and `y` are not a point on the curve P-256'

const rsaPrivateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi'] as const

/** Reads an asymmetric JWK. Answers a text that says what is wrong when it is not one twopi can use. */
export function parseJwk(jwk: Jwk): ParsedJwk | string {
  const members = readKeyType(jwk)
  if (typeof members === 'string') return members
  if (jwk.alg !== undefined && jwk.alg !== members.alg) {
    return `a ${describe(jwk)} key signs with ${members.alg}, but its \`alg\` is another`
  }
  if (jwk.use !== undefined && jwk.use !== 'sig') return "its `use` is not 'sig'"
  const operations: unknown = jwk.key_ops
  if (operations !== undefined && !Array.isArray(operations)) return 'its `key_ops` must be an array'
  if (operations?.some((operation) => operation === 'sign' || operation === 'verify') === false) {
    return "its `key_ops` have neither 'sign' nor 'verify'"
  }
  return members
}

function readKeyType(jwk: Jwk): ParsedJwk | string {
  const { kty, crv, x, y, n, e, d } = jwk
  if (kty === 'EC' && crv === 'P-256') {
    if (!hasBytes(x, 32) || !hasBytes(y, 32)) return '`x` and `y` must be 32 bytes each in base64url'
    if (d !== undefined && !hasBytes(d, 32)) return '`d` must be 32 bytes in base64url'
    if (!isOnP256(x, y)) return OFF_CURVE
    const publicKey = { kty, crv, x, y }
    return {
      alg: 'ES256',
      publicKey,
      privateKey: d === undefined ? undefined : { ...publicKey, d },
      modulusBits: undefined,
    }
  }
  if (kty === 'OKP' && crv === 'Ed25519') {
    if (!hasBytes(x, 32)) return '`x` must be 32 bytes in base64url'
    if (d !== undefined && !hasBytes(d, 32)) return '`d` must be 32 bytes in base64url'
    const publicKey = { kty, crv, x }
    return {
      alg: 'EdDSA',
      publicKey,
      privateKey: d === undefined ? undefined : { ...publicKey, d },
      modulusBits: undefined,
    }
  }
  if (kty === 'RSA') {
    const modulus = typeof n === 'string' ? decodeBase64Url(n) : null
    if (modulus === null || !hasBytes(e)) return '`n` and `e` must be base64url'
    const modulusBits = bitLength(modulus)
    if (modulusBits < RSA_BITS.least || modulusBits > RSA_BITS.most) return rsaSizeProblem(modulusBits)
    const publicKey = { kty, n, e }
    if (d === undefined) return { alg: 'RS256', publicKey, privateKey: undefined, modulusBits }
    if ('oth' in jwk) return 'RSA keys of more than two primes are not supported'
    if (!rsaPrivateMembers.every((member) => hasBytes(jwk[member]))) {
      return `an RSA private key needs ${rsaPrivateMembers.map((member) => `\`${member}\``).join(', ')} in base64url`
    }
    const { p, q, dp, dq, qi } = jwk
    return { alg: 'RS256', publicKey, privateKey: { ...publicKey, d, p, q, dp, dq, qi }, modulusBits }
  }
  return `expected an EC key on P-256, an OKP key on Ed25519 or an RSA key, found ${describe(jwk)}`
}

export function rsaSizeProblem(bits: number): string {
  return `an RSA key must have ${RSA_BITS.least} to ${RSA_BITS.most} bits, found ${bits}`
}

function hasBytes(value: unknown, length?: number): value is string {
  if (typeof value !== 'string') return false
  const bytes = decodeBase64Url(value)
  return bytes !== null && (length === undefined ? bytes.length > 0 : bytes.length === length)
}

function bitLength(bytes: Uint8Array): number {
  const first = bytes.findIndex((byte) => byte !== 0)
  return first < 0 ? 0 : (bytes.length - first) * 8 - (Math.clz32(bytes[first] ?? 0) - 24)
}

const knownTypes = new Set(['EC', 'OKP', 'RSA', 'oct'])
const knownCurves = new Set(['P-256', 'P-384', 'P-521', 'secp256k1', 'Ed25519', 'Ed448', 'X25519', 'X448'])

// Only words known to be harmless are repeated: a key put into the wrong member must not be printed.
function describe({ kty, crv }: Jwk): string {
  const type = knownTypes.has(kty ?? '') ? kty : 'unknown'
  return crv === undefined ? `\`kty\` ${type}` : `\`kty\` ${type}, \`crv\` ${knownCurves.has(crv) ? crv : 'unknown'}`
}
