import { decodeBase64Url, encodeBase64Url } from '../../lib/base64url.ts'
import { encodeUtf8 } from '../../lib/bytes.ts'
import type { TokenKey } from '../keys/token-key.ts'
import type { JwsEngine } from './jws-engine.ts'
import { nodeCrypto } from './node-crypto.ts'
import { nodeEngine } from './node-engine.ts'

/** Makes and checks HMAC-SHA256 over any text. An engine may refuse what is no JWS signing input; this does not. */
export type HmacEngine = Pick<JwsEngine, 'sign' | 'verify'>

type WebKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>

const imported = new WeakMap<TokenKey, Promise<WebKey>>()

/** On `crypto.subtle`, for runtimes without `node:crypto`. */
export const webHmacEngine: HmacEngine = {
  async sign(input: string, key: TokenKey): Promise<string> {
    const signature = await crypto.subtle.sign('HMAC', await importKey(key), new Uint8Array(encodeUtf8(input)))
    return encodeBase64Url(new Uint8Array(signature))
  },

  async verify(input: string, signature: string, key: TokenKey): Promise<boolean> {
    const bytes = decodeBase64Url(signature)
    if (bytes === null) return false
    const data = new Uint8Array(encodeUtf8(input))
    return crypto.subtle.verify('HMAC', await importKey(key), new Uint8Array(bytes), data)
  },
}

/** The fastest engine this runtime has. */
export function hmacEngine(): HmacEngine {
  try {
    nodeCrypto()
    return nodeEngine
  } catch {
    return webHmacEngine
  }
}

function importKey(key: TokenKey): Promise<WebKey> {
  let ready = imported.get(key)
  if (ready === undefined) {
    const material = key.material()
    if (!('secret' in material)) throw new TypeError('HMAC needs an HS256 secret.')
    const algorithm = { name: 'HMAC', hash: 'SHA-256' }
    ready = crypto.subtle.importKey('raw', new Uint8Array(material.secret), algorithm, false, ['sign', 'verify'])
    imported.set(key, ready)
  }
  return ready
}
