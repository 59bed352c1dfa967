import type { Algorithm } from './algorithm.ts'
import { readAsymmetricKey } from './asymmetric-key.ts'
import { readSecret } from './hmac-key.ts'
import type { Jwk } from './jwk.ts'
import { type Moment, toEpochMilliseconds } from './moment.ts'
import { type AsymmetricKey, type KeyMaterial, TokenKey } from './token-key.ts'

interface KeyEntryBase {
  /** The key's name in the header of tokens: 1 to 64 printable ASCII characters, no blank. Needed when there are several keys. */
  readonly kid?: string | undefined
  /** The moment from which this key verifies nothing any more. It signs only tokens that end before. Default: never. */
  readonly notAfter?: Moment | undefined
  /** The algorithm, for the reader: it follows from the key, and another one is an error. */
  readonly alg?: Algorithm | undefined
}

/** An HS256 secret: at least 32 bytes. A string stands for its UTF-8 bytes. */
export interface SecretEntry extends KeyEntryBase {
  readonly secret: string | Uint8Array
  readonly jwk?: undefined
  readonly privateKey?: undefined
  readonly publicKey?: undefined
}

/** An asymmetric key as JWK; with its private members it also signs. */
export interface JwkEntry extends KeyEntryBase {
  readonly jwk: Jwk
  readonly secret?: undefined
  readonly privateKey?: undefined
  readonly publicKey?: undefined
}

/** An asymmetric key that signs. The public part is derived from the private one where the engine can. */
export interface PrivateKeyEntry extends KeyEntryBase {
  readonly privateKey: AsymmetricKey
  readonly publicKey?: AsymmetricKey | undefined
  readonly secret?: undefined
  readonly jwk?: undefined
}

/** An asymmetric key that only verifies. */
export interface PublicKeyEntry extends KeyEntryBase {
  readonly publicKey: AsymmetricKey
  readonly privateKey?: undefined
  readonly secret?: undefined
  readonly jwk?: undefined
}

/** One key for `Keys.from`. */
export type KeyEntry = SecretEntry | JwkEntry | PrivateKeyEntry | PublicKeyEntry

/**
 * What a `kid` may look like: printable ASCII without blanks, safe in a log line. Others name their keys by base64 or by a URN, so
 * `+`, `/`, `=` and `:` belong to it; that is harmless as long as the name is only ever looked up in a Map.
 */
export const KID: RegExp = /^[!-~]{1,64}$/

/** What is passed on to a `find` that may do anything with it, such as making a path or a query of it. */
export const PLAIN_KID: RegExp = /^[A-Za-z0-9._~-]{1,64}$/

// 32 and 64 bytes in base64url.
const SIGNATURE_LENGTHS = { HS256: 43, ES256: 86, EdDSA: 86 } as const

/** Makes a key of an entry. Answers the problems when there are any. */
export function readKeyEntry(entry: unknown, acceptShortSecrets: boolean): TokenKey | string[] {
  if (typeof entry !== 'object' || entry === null) return [`expected an object, found ${typeof entry}`]
  const { secret, jwk, privateKey, publicKey, alg, notAfter } = entry as Record<string, unknown>
  const kid = (entry as { kid?: unknown }).kid ?? (jwk as Jwk | null | undefined)?.kid
  const problems: string[] = []
  if (kid !== undefined && (typeof kid !== 'string' || !KID.test(kid))) {
    problems.push('`kid` must be 1 to 64 printable ASCII characters without blanks')
  }
  const end = notAfter === undefined ? undefined : toEpochMilliseconds(notAfter)
  if (Number.isNaN(end)) problems.push('`notAfter` must be a valid Date or Temporal.Instant')

  const given = [secret, jwk, privateKey ?? publicKey].filter((part) => part !== undefined)
  const read =
    given.length !== 1
      ? 'give exactly one of `secret`, `jwk`, `privateKey` (with or without `publicKey`) and `publicKey`'
      : secret === undefined
        ? readPair(jwk ?? privateKey, jwk === undefined ? publicKey : undefined, jwk === undefined)
        : readSymmetric(secret, acceptShortSecrets)
  if (typeof read === 'string') return [...problems, read]
  if (alg !== undefined && alg !== read.alg) problems.push(`\`alg\` must be ${read.alg} for this key, or be left out`)
  return problems.length > 0 ? problems : new TokenKey({ ...read, kid: kid as string | undefined, notAfter: end })
}

interface ReadEntry {
  readonly alg: Algorithm
  readonly material: KeyMaterial
  readonly signatureLength: number
}

function readSymmetric(secret: unknown, acceptShort: boolean): ReadEntry | string {
  const bytes = readSecret(secret, acceptShort)
  if (typeof bytes === 'string') return bytes
  return { alg: 'HS256', material: { secret: bytes }, signatureLength: SIGNATURE_LENGTHS.HS256 }
}

function readPair(main: unknown, other: unknown, named: boolean): ReadEntry | string {
  const first = readAsymmetricKey(main ?? other)
  if (typeof first === 'string') return first
  if (named && main !== undefined && first.privateKey === undefined) return '`privateKey` has no private part'
  if (named && main === undefined && first.privateKey !== undefined) {
    return '`publicKey` holds a private key; give it as `privateKey`, or only its public part'
  }
  let publicKey = first.publicKey
  if (main !== undefined && other !== undefined) {
    const second = readAsymmetricKey(other)
    if (typeof second === 'string') return second
    if (second.privateKey !== undefined) return '`publicKey` holds a private key; give only its public part'
    if (second.alg !== first.alg || second.modulusBits !== first.modulusBits) {
      return '`publicKey` does not belong to `privateKey`'
    }
    publicKey = second.publicKey
  }
  const { alg, privateKey, modulusBits } = first
  const material = publicKey === undefined ? { privateKey: privateKey as AsymmetricKey } : { publicKey, privateKey }
  // n bytes take ceil(n * 4 / 3) characters without padding.
  const signatureLength =
    alg === 'RS256' ? Math.ceil((Math.ceil((modulusBits ?? 0) / 8) * 4) / 3) : SIGNATURE_LENGTHS[alg]
  return { alg, material, signatureLength }
}
