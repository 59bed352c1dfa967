import type { Algorithm } from './algorithm.ts'
import { parseJwk, RSA_BITS, rsaSizeProblem } from './jwk.ts'
import type { AsymmetricKey, CryptoKeyLike, KeyObjectLike } from './token-key.ts'

/** What was learnt about an asymmetric key: its one algorithm, and its public and private part as far as it has them. */
export interface ReadKey {
  readonly alg: Exclude<Algorithm, 'HS256'>
  readonly publicKey: AsymmetricKey | undefined
  readonly privateKey: AsymmetricKey | undefined
  readonly modulusBits: number | undefined
}

/** Reads an asymmetric key. Answers a text that says what is wrong when it is none that twopi can use. */
export function readAsymmetricKey(key: unknown): ReadKey | string {
  if (typeof key === 'string' || key instanceof Uint8Array) {
    return 'an asymmetric key must be a KeyObject, a CryptoKey or a JWK, never text or bytes. In Node make one with `createPrivateKey(pem)` or `createPublicKey(pem)` of node:crypto'
  }
  if (typeof key !== 'object' || key === null) return `expected a KeyObject, a CryptoKey or a JWK, found ${typeof key}`
  if (isCryptoKey(key)) return readCryptoKey(key)
  if (isKeyObject(key)) return readKeyObject(key)
  return parseJwk(key)
}

export function isKeyObject(key: object): key is KeyObjectLike {
  return typeof (key as Partial<KeyObjectLike>).export === 'function'
}

export function isCryptoKey(key: object): key is CryptoKeyLike {
  const { algorithm, usages } = key as Partial<CryptoKeyLike>
  return typeof algorithm === 'object' && Array.isArray(usages)
}

function readKeyObject(key: KeyObjectLike): ReadKey | string {
  if (key.type !== 'private' && key.type !== 'public')
    return 'a secret KeyObject is not an asymmetric key; use `secret`'
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {}
  switch (key.asymmetricKeyType) {
    case 'ec':
      return namedCurve === 'prime256v1' ? parts('ES256', key) : 'an EC key must be on the curve P-256'
    case 'ed25519':
      return parts('EdDSA', key)
    case 'rsa':
      return readRsa(key, modulusLength)
    default:
      return 'expected a key of type ec, ed25519 or rsa'
  }
}

function readCryptoKey(key: CryptoKeyLike): ReadKey | string {
  if (key.type !== 'private' && key.type !== 'public')
    return 'a secret CryptoKey is not an asymmetric key; use `secret`'
  const { name, namedCurve, modulusLength, hash } = key.algorithm as {
    name: string
    namedCurve?: string
    modulusLength?: number
    hash?: { name?: string }
  }
  switch (name) {
    case 'ECDSA':
      return namedCurve === 'P-256' ? parts('ES256', key) : 'an EC key must be on the curve P-256'
    case 'Ed25519':
      return parts('EdDSA', key)
    case 'RSASSA-PKCS1-v1_5':
      return hash?.name === 'SHA-256' ? readRsa(key, modulusLength) : 'an RSA CryptoKey must be for SHA-256'
    default:
      return 'expected a CryptoKey for ECDSA, Ed25519 or RSASSA-PKCS1-v1_5'
  }
}

function readRsa(key: KeyObjectLike | CryptoKeyLike, bits: number | undefined): ReadKey | string {
  if (bits === undefined) return 'the size of the RSA key cannot be read; give it as a JWK'
  return bits < RSA_BITS.least || bits > RSA_BITS.most ? rsaSizeProblem(bits) : parts('RS256', key, bits)
}

function parts(alg: ReadKey['alg'], key: KeyObjectLike | CryptoKeyLike, modulusBits?: number): ReadKey {
  return key.type === 'private'
    ? { alg, publicKey: undefined, privateKey: key, modulusBits }
    : { alg, publicKey: key, privateKey: undefined, modulusBits }
}
