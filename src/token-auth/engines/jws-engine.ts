import type { MaybePromise } from '../../lib/maybe-promise.ts'
import type { TokenKey } from '../keys/token-key.ts'

/**
 * Makes and checks signatures, and nothing else: parsing, header rules and claims are above it and the same for every
 * engine.
 */
export interface JwsEngine {
  /** For messages, such as `nodeEngine`. */
  readonly name: string
  /** True when `sign` and `verify` never return a promise. Only then `load`, `verify` and `dump` of a token can be called. */
  readonly sync: boolean
  /**
   * Signs with the key's algorithm.
   *
   * @param input - the JWS signing input (RFC 7515 section 5.1): `header.payload`, ASCII
   * @returns the signature in base64url without padding
   */
  sign(input: string, key: TokenKey): string | Promise<string>
  /**
   * Checks a signature with the key's algorithm. Called only with a signature of exactly `key.signatureLength` characters.
   *
   * @returns true only when `signature` is the canonical base64url text of a valid signature
   */
  verify(input: string, signature: string, key: TokenKey): boolean | Promise<boolean>
  /**
   * Imports a key ahead of its first use. Throws a TypeError when the key is unusable; what it can only learn later may come as a
   * rejected promise. Optional.
   */
  prepare?(key: TokenKey): MaybePromise<void>
}
