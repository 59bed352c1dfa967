import type { Jwk } from '../keys/jwk.ts'
import type { CryptoKeyLike, KeyObjectLike } from '../keys/token-key.ts'

/** The part of `node:crypto` that is called. Structural, so that this folder has no Node types. */
export interface NodeCrypto {
  createHmac(
    algorithm: 'sha256',
    key: KeyObjectLike,
  ): { update(data: string): { digest(encoding: 'base64url'): string } }
  timingSafeEqual(a: Uint8Array, b: Uint8Array): boolean
  createSecretKey(bytes: Uint8Array): KeyObjectLike
  createPrivateKey(key: { key: Jwk; format: 'jwk' }): KeyObjectLike
  createPublicKey(key: { key: Jwk; format: 'jwk' } | KeyObjectLike): KeyObjectLike
  sign(algorithm: 'sha256' | null, data: Uint8Array, key: KeyObjectLike): Uint8Array
  verify(algorithm: 'sha256' | null, data: Uint8Array, key: KeyObjectLike, signature: Uint8Array): boolean
  readonly KeyObject: { from(key: CryptoKeyLike): KeyObjectLike }
}

let found: NodeCrypto | undefined

/**
 * `node:crypto`, looked up on first use, so that importing this module works in every runtime and needs no bundler's help.
 *
 * @throws TypeError where the runtime has none
 */
export function nodeCrypto(): NodeCrypto {
  if (found !== undefined) return found
  const { process } = globalThis as { process?: { getBuiltinModule?: (id: string) => unknown } }
  found = process?.getBuiltinModule?.('node:crypto') as NodeCrypto | undefined
  if (found === undefined) {
    throw new TypeError(
      'This runtime has no `node:crypto`, which `nodeEngine` needs. Pass `engine: joseEngine` from `twopi/token-auth/jose`, or switch on the compatibility with Node (`nodejs_compat` on Workers).',
    )
  }
  return found
}
