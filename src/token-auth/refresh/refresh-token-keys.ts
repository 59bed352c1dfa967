import { decodeBase64Url } from '../../lib/base64url.ts'
import { hmacEngine } from '../engines/hmac-engine.ts'
import { toKeys } from '../keys/key-source.ts'
import { type AsyncKeys, Keys } from '../keys/keys.ts'
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
    throw new TypeError('`refreshKeys` must be HS256 secrets')
  }
  return keys
}

/**
 * Keys for refresh tokens, derived from the HS256 keys that sign short-lived tokens: HKDF-Expand (RFC 5869 section 2.3), so
 * that a derived key tells nothing about the one it comes from. A derived key lasts as long as the other is in its set:
 * `notAfter` counts for short-lived tokens, which a refresh token has to outlive. Keys that a function gives are read on
 * first use, all others are looked at now.
 *
 * @throws TypeError when the class has no HS256 key, or one that is too short: now, or from the function that is answered
 */
export function derivedRefreshKeys(policy: TokenPolicy | undefined): () => Keys | Promise<Keys> {
  if (policy === undefined) {
    throw new TypeError('a `token` class not made by ShortlivedTokenMixin needs `refreshKeys`')
  }
  const { keys: source, acceptShortSecrets } = policy
  if (typeof source !== 'function') assertDerivable(source)
  else if (acceptShortSecrets) throw new TypeError(`the token class ${SHORT}`)
  let derived: Promise<Keys> | Keys | undefined
  return () => {
    derived ??= derive(source).then(
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

const SHORT =
  'accepts secrets of fewer than 32 bytes, which are too weak to derive the keys of refresh tokens from; pass `refreshKeys`.'

async function derive(source: TokenPolicy['keys']): Promise<Keys> {
  const secrets = assertDerivable(typeof source === 'function' ? toKeys(source(), false) : source)
  const entries = secrets.map(async (key) => ({ kid: key.kid, secret: await expand(key) }))
  return Keys.from(await Promise.all(entries))
}

/** The HS256 keys of a set, those that stay before those that end, so that a new session gets a key that will still be there. */
function assertDerivable(keys: Keys | AsyncKeys): readonly TokenKey[] {
  const secrets = keys instanceof Keys ? [...keys].filter(({ alg }) => alg === 'HS256') : []
  if (secrets.length === 0) {
    throw new TypeError(
      'the token class has no HS256 secret to derive the keys of refresh tokens from; pass `refreshKeys`.',
    )
  }
  if (secrets.some(isShort)) {
    throw new TypeError(`the token class ${SHORT}`)
  }
  const end = ({ notAfter = Number.POSITIVE_INFINITY }: TokenKey) => notAfter
  // Infinity minus infinity is no number, so equal ends are told apart first.
  return secrets.sort((a, b) => (end(a) === end(b) ? 0 : end(b) - end(a)))
}

function isShort(key: TokenKey): boolean {
  const material = key.material()
  return 'secret' in material && material.secret.length < 32
}

/** T(1) of HKDF-Expand: HMAC(key, info || 0x01), 32 bytes. */
async function expand(key: TokenKey): Promise<Uint8Array> {
  return decodeBase64Url(await hmacEngine().sign('twopi refresh token key\x01', key)) ?? new Uint8Array()
}
