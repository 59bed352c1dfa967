/** The part of `node:crypto` that is called. Structural, so that this folder has no Node types. */
interface NodeCrypto {
  createHmac(algorithm: 'sha256', key: Uint8Array): { update(data: string): { digest(): Uint8Array } }
  timingSafeEqual(a: Uint8Array, b: Uint8Array): boolean
}

let found: NodeCrypto | undefined

/** Looked up on first use, so that importing this module works in every runtime. */
function nodeCrypto(): NodeCrypto {
  if (found !== undefined) return found
  const { process } = globalThis as { process?: { getBuiltinModule?: (id: string) => unknown } }
  found = process?.getBuiltinModule?.('node:crypto') as NodeCrypto | undefined
  if (found === undefined) {
    throw new TypeError(
      'This runtime has no `node:crypto`, which cursors need. Switch on the compatibility with Node (`nodejs_compat` on Workers).',
    )
  }
  return found
}

/** HMAC with SHA-256 (RFC 2104), of the UTF-8 bytes of a text. */
export function hmac(key: Uint8Array, text: string): Uint8Array {
  return nodeCrypto().createHmac('sha256', key).update(text).digest()
}

/** Compares in a time that does not tell where two codes differ. */
export function sameCode(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && nodeCrypto().timingSafeEqual(a, b)
}
