import { assertNoProblems } from '../../lib/problems.ts'
import { type Jwks, parseJwks } from './jwks.ts'
import type { Keys } from './keys.ts'
import { type RemoteJwksOptions, RemoteKeys } from './remote-keys.ts'

/**
 * Public keys of another service, to verify its tokens with.
 *
 * A key set at hand gives `Keys`, which are synchronous. A URL gives `RemoteKeys`, which are fetched when first needed and
 * again when they are old or a token names a new key; with those use `loadAsync` and `verifyAsync`. Keys of kinds twopi does
 * not know are passed over, secrets are never taken.
 *
 * @param source - a key set (RFC 7517), or the `https:` URL of one
 * @param options - for a URL only: cool-down, greatest age, time-out, greatest size
 * @throws TypeError when the key set has no usable key, or one that is no point of its curve, or an option is wrong
 *
 * @example
 * ```ts
 * import { claim, loadJwks, ShortlivedTokenMixin } from 'twopi/token-auth'
 * import { z } from 'zod'
 *
 * export class PartnerToken extends ShortlivedTokenMixin(
 *   { userId: claim('user_id', z.string()) },
 *   { keys: loadJwks('https://partner.example/.well-known/jwks.json'), issuer: 'https://partner.example' },
 * ) {}
 *
 * export const whose = async (raw: string) => (await PartnerToken.loadAsync(raw))?.userId
 * ```
 */
export function loadJwks(source: string | URL, options?: RemoteJwksOptions): RemoteKeys
export function loadJwks(source: Jwks): Keys
export function loadJwks(source: string | URL | Jwks, options?: RemoteJwksOptions): RemoteKeys | Keys {
  if (typeof source === 'string' || source instanceof URL) return new RemoteKeys(source, options)
  const faults: string[] = []
  const keys = parseJwks(source, (fault) => faults.push(fault))
  assertNoProblems('loadJwks', faults)
  if (keys.size === 0) throw new TypeError('loadJwks: the key set has no key for ES256, EdDSA or RS256')
  return keys
}
