/**
 * The asynchronous engine on `jose` and WebCrypto, for runtimes without `node:crypto`.
 *
 * @module twopi/token-auth/jose
 */
export { joseEngine } from './jose-engine.ts'
