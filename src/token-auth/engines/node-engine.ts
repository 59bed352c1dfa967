import { decodeBase64Url, encodeBase64Url } from '../../lib/base64url.ts'
import { encodeUtf8, NativeBuffer } from '../../lib/bytes.ts'
import { isCryptoKey, isKeyObject } from '../keys/asymmetric-key.ts'
import type { AsymmetricKey, KeyObjectLike, TokenKey } from '../keys/token-key.ts'
import { UnusableKeyError } from '../keys/unusable-key-error.ts'
import { fromDer, toDer } from './ecdsa-signature.ts'
import type { JwsEngine } from './jws-engine.ts'
import { type NodeCrypto, nodeCrypto } from './node-crypto.ts'

interface ImportedKey {
  readonly verifying: KeyObjectLike
  readonly signing: KeyObjectLike | undefined
}

const imported = new WeakMap<TokenKey, ImportedKey>()

/**
 * The default engine: `node:crypto` on key objects, synchronous. Node, Bun, Deno, and Workers with `nodejs_compat` have it.
 */
export const nodeEngine: JwsEngine = {
  name: 'nodeEngine',
  sync: true,

  sign(input: string, key: TokenKey): string {
    const crypto = nodeCrypto()
    const { signing } = importKey(crypto, key)
    if (signing === undefined) throw new TypeError('The key cannot sign: it is public.')
    if (key.alg === 'HS256') return crypto.createHmac('sha256', signing).update(input).digest('base64url')
    const signature = crypto.sign(key.alg === 'EdDSA' ? null : 'sha256', toBytes(input), signing)
    if (key.alg !== 'ES256') return encodeBase64Url(signature)
    const converted = fromDer(signature)
    if (converted === null) throw new TypeError('node:crypto gave an ECDSA signature that is not DER.')
    return encodeBase64Url(converted)
  },

  verify(input: string, signature: string, key: TokenKey): boolean {
    const crypto = nodeCrypto()
    const { verifying } = importKey(crypto, key)
    if (key.alg === 'HS256') {
      return equalText(crypto, signature, crypto.createHmac('sha256', verifying).update(input).digest('base64url'))
    }
    const bytes = decodeBase64Url(signature)
    if (bytes === null) return false
    const hash = key.alg === 'EdDSA' ? null : 'sha256'
    return crypto.verify(hash, toBytes(input), verifying, key.alg === 'ES256' ? toDer(bytes) : bytes)
  },

  prepare(key: TokenKey): void {
    importKey(nodeCrypto(), key)
  },
}

// From Buffer's pool where there is one: cheaper than memory of its own for each token.
function toBytes(input: string): Uint8Array {
  return NativeBuffer === undefined ? encodeUtf8(input) : NativeBuffer.from(input, 'utf8')
}

function importKey(crypto: NodeCrypto, key: TokenKey): ImportedKey {
  let ready = imported.get(key)
  if (ready === undefined) {
    ready = makeKey(crypto, key)
    imported.set(key, ready)
  }
  return ready
}

function makeKey(crypto: NodeCrypto, key: TokenKey): ImportedKey {
  const material = key.material()
  if ('secret' in material) {
    const secret = crypto.createSecretKey(material.secret)
    return { verifying: secret, signing: secret }
  }
  try {
    const signing = material.privateKey && toKeyObject(crypto, material.privateKey, 'private')
    const verifying =
      material.publicKey === undefined
        ? crypto.createPublicKey(signing as KeyObjectLike)
        : toKeyObject(crypto, material.publicKey, 'public')
    // A pair that does not belong together would sign tokens that nobody accepts.
    if (signing !== undefined && !isPair(crypto, key, signing, verifying)) {
      throw new TypeError('the public and the private part do not belong together')
    }
    return { verifying, signing }
  } catch (cause) {
    // OpenSSL's own words name the fault and hold no key.
    throw new UnusableKeyError(key, '', { cause })
  }
}

function toKeyObject(crypto: NodeCrypto, key: AsymmetricKey, type: 'private' | 'public'): KeyObjectLike {
  if (isCryptoKey(key)) return crypto.KeyObject.from(key)
  if (isKeyObject(key)) return key
  const input = { key, format: 'jwk' } as const
  return type === 'private' ? crypto.createPrivateKey(input) : crypto.createPublicKey(input)
}

function isPair(crypto: NodeCrypto, key: TokenKey, signing: KeyObjectLike, verifying: KeyObjectLike): boolean {
  const hash = key.alg === 'EdDSA' ? null : 'sha256'
  const probe = encodeUtf8('twopi')
  return crypto.verify(hash, probe, verifying, crypto.sign(hash, probe, signing))
}

// Exactly as long as what is compared: nothing can be left behind the end.
const HS256_CHARACTERS = 43
const given = NativeBuffer?.from(new ArrayBuffer(HS256_CHARACTERS), 0, HS256_CHARACTERS)
const computed = NativeBuffer?.from(new ArrayBuffer(HS256_CHARACTERS), 0, HS256_CHARACTERS)

// Compares two HS256 signatures without telling by time where they differ. As texts, because that also refuses every other way of
// writing the same bytes. As UTF-8, so that no character outside ASCII can be cut down to one inside.
function equalText(crypto: NodeCrypto, text: string, expected: string): boolean {
  if (given === undefined || computed === undefined) {
    const bytes = encodeUtf8(text)
    return bytes.length === expected.length && crypto.timingSafeEqual(bytes, encodeUtf8(expected))
  }
  // A shorter write would leave the end of an earlier signature in place.
  if (given.write(text, 'utf8') !== HS256_CHARACTERS) return false
  computed.write(expected, 'utf8')
  return text.length === HS256_CHARACTERS && crypto.timingSafeEqual(given, computed)
}
