import { isKeyObject } from './asymmetric-key.ts'
import { type Jwk, OFF_CURVE } from './jwk.ts'
import { KID, readKeyEntry } from './key-entry.ts'
import { Keys } from './keys.ts'
import { TokenKey } from './token-key.ts'

/** A JSON Web Key Set (RFC 7517 section 5). */
export interface Jwks {
  readonly keys: readonly Jwk[]
}

// More keys than anybody publishes; each costs an import.
const MOST_KEYS = 100

/**
 * Reads a key set that may hold anything: keys that twopi cannot use are passed over, as RFC 7517 section 5 asks, secrets
 * and private parts are dropped. Several keys of one name are kept when their algorithms differ; of one algorithm the first counts.
 *
 * @param onFault - told of a key of a kind that twopi knows but that can be no key
 * @throws TypeError when it is no key set at all
 */
export function parseJwks(set: unknown, onFault?: (fault: string) => void): Keys {
  const keys = typeof set === 'object' && set !== null ? (set as { keys?: unknown }).keys : undefined
  if (!Array.isArray(keys) || keys.length > MOST_KEYS) {
    throw new TypeError(`a key set must be an object whose \`keys\` is an array of at most ${MOST_KEYS} keys`)
  }
  const list: TokenKey[] = []
  for (const jwk of keys) {
    const key = readPublicKey(jwk)
    if (key instanceof TokenKey) {
      if (!list.some(({ kid, alg }) => kid === key.kid && alg === key.alg)) list.push(key)
    } else if (key?.includes(OFF_CURVE)) {
      const { kid } = jwk as Jwk
      onFault?.(`the key${kid === undefined ? '' : ` '${kid}'`}: ${OFF_CURVE}`)
    }
  }
  return Keys.of(list)
}

function readPublicKey(jwk: unknown): TokenKey | string[] | undefined {
  if (typeof jwk !== 'object' || jwk === null) return undefined
  const { kid } = jwk as Jwk
  if (kid !== undefined && (typeof kid !== 'string' || !KID.test(kid))) return undefined
  const { d: _, ...rest } = jwk as Jwk
  return readKeyEntry({ jwk: rest }, false)
}

const publicMembers = ['kty', 'crv', 'x', 'y', 'n', 'e'] as const

/** The public members of a key, and only those; undefined for a secret. */
export function toPublicJwk(key: TokenKey): Jwk | undefined {
  const material = key.material()
  if ('secret' in material) return undefined
  const source = material.publicKey ?? material.privateKey
  const jwk: Jwk = isKeyObject(source) ? source.export({ format: 'jwk' }) : (source as Jwk)
  if (typeof jwk.kty !== 'string') {
    throw new TypeError(
      `The key${key.kid === undefined ? '' : ` '${key.kid}'`} is a CryptoKey, which cannot be published synchronously. Give its public part to Keys.from as a JWK or a KeyObject.`,
    )
  }
  const copy: Record<string, string> = {}
  for (const member of publicMembers) {
    const value = jwk[member]
    if (value !== undefined) copy[member] = value
  }
  return { ...copy, ...(key.kid === undefined ? {} : { kid: key.kid }), use: 'sig', alg: key.alg }
}
