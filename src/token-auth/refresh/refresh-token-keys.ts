import { decodeBase64Url } from '../../lib/base64url.ts'
import { hmacEngine } from '../engines/hmac-engine.ts'
import { toKeys } from '../keys/key-source.ts'
import { Keys } from '../keys/keys.ts'
import type { TokenKey } from '../keys/token-key.ts'
import type { TokenPolicy } from '../token/token-options.ts'

/** The keys given for refresh tokens: HS256 only. */
export type RefreshKeySource = Keys | string | Uint8Array

/**
 * Checks keys that were given for refresh tokens.
 *
 * @throws TypeError when they are not HS256 keys
 */
export function readRefreshKeys(source: RefreshKeySource): Keys {
  const keys = toKeys(source, false)
  if (!(keys instanceof Keys) || [...keys].some(({ alg }) => alg !== 'HS256')) {
    throw new TypeError('createTokenAuth: `refreshKeys` must be HS256 secrets')
  }
  return keys
}

/**
 * Keys for refresh tokens, derived from the HS256 keys that sign short-lived tokens: HKDF-Expand (RFC 5869 section 2.3), so
 * that a derived key tells nothing about the one it comes from. It is done on first use, as the keys are read then.
 *
 * @throws TypeError when the class has no HS256 key
 */
export function derivedRefreshKeys(policy: TokenPolicy | undefined): () => Keys | Promise<Keys> {
  if (policy === undefined) {
    throw new TypeError('createTokenAuth: a `token` class not made by ShortlivedTokenMixin needs `refreshKeys`')
  }
  let derived: Promise<Keys> | Keys | undefined
  return () => {
    derived ??= derive(policy).then(
      (keys) => {
        derived = keys
        return keys
      },
      (error: unknown) => {
        // Not kept: the environment variable may be there the next time.
        derived = undefined
        throw error
      },
    )
    return derived
  }
}

async function derive({ keys: source, acceptShortSecrets }: TokenPolicy): Promise<Keys> {
  const keys = toKeys(typeof source === 'function' ? source() : source, acceptShortSecrets)
  const secrets = keys instanceof Keys ? [...keys].filter(({ alg }) => alg === 'HS256') : []
  if (secrets.length === 0) {
    throw new TypeError(
      'createTokenAuth: the token class has no HS256 secret to derive the keys of refresh tokens from; pass `refreshKeys`.',
    )
  }
  const entries = secrets.map(async (key) => ({
    kid: key.kid,
    secret: await expand(key),
    notAfter: key.notAfter === undefined ? undefined : new Date(key.notAfter),
  }))
  return Keys.from(await Promise.all(entries))
}

/** T(1) of HKDF-Expand: HMAC(key, info || 0x01), 32 bytes. */
async function expand(key: TokenKey): Promise<Uint8Array> {
  return decodeBase64Url(await hmacEngine().sign('twopi refresh token key\x01', key)) ?? new Uint8Array()
}
