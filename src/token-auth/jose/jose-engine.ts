import { errors, FlattenedSign, flattenedVerify, importJWK } from 'jose'
import { decodeBase64Url, decodeBase64UrlText } from '../../lib/base64url.ts'
import type { JwsEngine } from '../engines/jws-engine.ts'
import type { Algorithm } from '../keys/algorithm.ts'
import { isCryptoKey, isKeyObject } from '../keys/asymmetric-key.ts'
import type { Jwk } from '../keys/jwk.ts'
import type { AsymmetricKey, TokenKey } from '../keys/token-key.ts'
import { UnusableKeyError } from '../keys/unusable-key-error.ts'

type JoseKey = Parameters<typeof flattenedVerify>[1] & Parameters<FlattenedSign['sign']>[0]

const verifyingKeys = new WeakMap<TokenKey, Promise<JoseKey>>()
const signingKeys = new WeakMap<TokenKey, Promise<JoseKey>>()

/**
 * The second engine: `jose` on the web's `crypto.subtle`, for runtimes without `node:crypto`. It is asynchronous, so a token
 * class with it has `loadAsync`, `verifyAsync` and `dumpAsync` only. `jose` is a peer dependency: install it beside twopi.
 *
 * @example
 * ```ts
 * import { claim, ShortlivedTokenMixin } from 'twopi/token-auth'
 * import { joseEngine } from 'twopi/token-auth/jose'
 * import { z } from 'zod'
 *
 * export class ShortlivedToken extends ShortlivedTokenMixin(
 *   { userId: claim('user_id', z.string()) },
 *   { engine: joseEngine },
 * ) {}
 * ```
 */
export const joseEngine: JwsEngine = {
  name: 'joseEngine',
  sync: false,

  async sign(input: string, key: TokenKey): Promise<string> {
    const [header = '', payload = ''] = input.split('.')
    const bytes = decodeBase64Url(payload)
    const parsed: unknown = JSON.parse(decodeBase64UrlText(header) ?? 'null')
    if (bytes === null || typeof parsed !== 'object' || parsed === null) throw new TypeError('Not a JWS signing input.')
    const signed = await new FlattenedSign(bytes)
      .setProtectedHeader({ ...parsed, alg: key.alg })
      .sign(await keyOf(signingKeys, key, 'sign'))
    // jose writes the header again; a different text would need a different signature.
    if (signed.protected !== header) throw new TypeError('jose wrote the header of the token in another way.')
    return signed.signature
  },

  async verify(input: string, signature: string, key: TokenKey): Promise<boolean> {
    // jose reads more spellings of the same bytes than one.
    if (decodeBase64Url(signature) === null) return false
    const [header = '', payload = ''] = input.split('.')
    const verifyingKey = await keyOf(verifyingKeys, key, 'verify')
    try {
      await flattenedVerify({ protected: header, payload, signature }, verifyingKey, { algorithms: [key.alg] })
      return true
    } catch (error) {
      if (error instanceof errors.JWSSignatureVerificationFailed || error instanceof errors.JWSInvalid) return false
      throw error
    }
  },

  prepare(key: TokenKey): Promise<void> {
    const material = key.material()
    // It would sign tokens that its own class cannot read.
    if (!('secret' in material) && material.publicKey === undefined && isCryptoKey(material.privateKey)) {
      throw new UnusableKeyError(key, ' to verify', { cause: new TypeError(NO_PUBLIC_PART) })
    }
    return keyOf(verifyingKeys, key, 'verify').then(() => undefined)
  },
}

const NO_PUBLIC_PART = 'the public part of a private CryptoKey cannot be derived; give it as `publicKey` too'

function keyOf(cache: WeakMap<TokenKey, Promise<JoseKey>>, key: TokenKey, use: 'sign' | 'verify'): Promise<JoseKey> {
  let ready = cache.get(key)
  if (ready === undefined) {
    ready = importKey(key, use).catch((cause: unknown) => {
      throw new UnusableKeyError(key, ` to ${use}`, { cause })
    })
    cache.set(key, ready)
  }
  return ready
}

async function importKey(key: TokenKey, use: 'sign' | 'verify'): Promise<JoseKey> {
  const { alg } = key
  const material = key.material()
  if ('secret' in material) {
    // As a CryptoKey made once: jose would import bytes again with each call.
    return crypto.subtle.importKey('raw', Uint8Array.from(material.secret), { name: 'HMAC', hash: 'SHA-256' }, false, [
      use,
    ])
  }
  const part = use === 'sign' ? material.privateKey : (material.publicKey ?? material.privateKey)
  if (part === undefined) throw new TypeError('it has no private part')
  return use === 'verify' && material.publicKey === undefined ? publicPart(part, alg) : toJoseKey(part, alg)
}

async function toJoseKey(key: AsymmetricKey, alg: Algorithm): Promise<JoseKey> {
  if (isCryptoKey(key) || isKeyObject(key)) return key as JoseKey
  return importJWK({ ...(key as Record<string, string>) }, alg)
}

async function publicPart(key: AsymmetricKey, alg: Algorithm): Promise<JoseKey> {
  if (isCryptoKey(key)) throw new TypeError(NO_PUBLIC_PART)
  const { kty, crv, x, y, n, e }: Jwk = isKeyObject(key) ? key.export({ format: 'jwk' }) : key
  const members = Object.entries({ kty, crv, x, y, n, e }).filter(([, value]) => value !== undefined)
  return importJWK(Object.fromEntries(members), alg)
}
