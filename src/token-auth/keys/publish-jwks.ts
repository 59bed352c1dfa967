import { type Jwks, toPublicJwk } from './jwks.ts'
import type { Keys } from './keys.ts'

/**
 * The key set to serve under `/.well-known/jwks.json`, so that other services can verify your tokens. Holds the public
 * parts of keys that have not ended. Secrets are left out: they can never be published.
 *
 * @param keys - your keys
 * @param now - milliseconds since 1970; default: the present
 * @returns a plain object for a JSON response
 * @throws TypeError when a key is a `CryptoKey` (its public part can only be read asynchronously)
 *
 * @example
 * ```ts
 * import { type Jwks, type Keys, publishJwks } from 'twopi/token-auth'
 *
 * export function wellKnown(keys: Keys): Jwks {
 *   return publishJwks(keys)
 * }
 * ```
 */
export function publishJwks(keys: Keys, now: number = Date.now()): Jwks {
  const published = [...keys].filter((key) => key.notAfter === undefined || now < key.notAfter)
  return { keys: published.map(toPublicJwk).filter((jwk) => jwk !== undefined) }
}
