import { decodeBase64Url, encodeBase64Url } from '../../lib/base64url.ts'
import { type HmacEngine, hmacEngine } from '../engines/hmac-engine.ts'
import type { Keys } from '../keys/keys.ts'
import type { TokenKey } from '../keys/token-key.ts'

// The text of a refresh token, 70 characters of base64url:
//
//   27 characters   the session's id (16 bytes) and the counter (4 bytes, big-endian)
//   43 characters   HMAC-SHA256 over "twopi refresh token " and the 27 characters before
//
// It is derived, so a store holds nothing from which it could be made without the key, and the same token can be given
// twice. The blank in the HMAC's input keeps it apart from every JWT, should somebody use one key for both.

const HEAD_CHARACTERS = 27
const CHARACTERS = 70
const ID_BYTES = 16
const CONTEXT = 'twopi refresh token '

/** What a genuine refresh token says. */
export interface RefreshTokenClaim {
  readonly id: string
  readonly counter: number
}

/** A new session id: 128 random bits, 22 characters. */
export function newSessionId(): string {
  return encodeBase64Url(crypto.getRandomValues(new Uint8Array(ID_BYTES)))
}

/** Makes and reads the texts of refresh tokens. */
export class RefreshTokenText {
  readonly #engine: HmacEngine
  readonly #keys: () => Keys | Promise<Keys>

  /**
   * @param keys - HS256 keys; the first that has not ended makes, every one that has not ended checks
   * @param engine - default: the fastest that the runtime has
   */
  constructor(keys: () => Keys | Promise<Keys>, engine: HmacEngine = hmacEngine()) {
    this.#engine = engine
    this.#keys = keys
  }

  /** @throws TypeError when every key has ended */
  async format({ id, counter }: RefreshTokenClaim, now: number): Promise<string> {
    const [key] = await this.#alive(now)
    if (key === undefined) throw new TypeError('No refresh token can be made: `notAfter` of every key has passed.')
    const bytes = new Uint8Array(ID_BYTES + 4)
    bytes.set(decodeBase64Url(id) ?? [])
    new DataView(bytes.buffer).setUint32(ID_BYTES, counter)
    const head = encodeBase64Url(bytes)
    return head + (await this.#engine.sign(CONTEXT + head, key))
  }

  /** What the token says, or null when it was not made with one of the keys. Nothing but the keys is asked. */
  async parse(text: unknown, now: number): Promise<RefreshTokenClaim | null> {
    if (typeof text !== 'string' || text.length !== CHARACTERS) return null
    const head = text.slice(0, HEAD_CHARACTERS)
    const mac = text.slice(HEAD_CHARACTERS)
    // Every key is tried, also after one fitted, so that the time tells nothing about the keys.
    let genuine = false
    for (const key of await this.#alive(now)) {
      if (await this.#engine.verify(CONTEXT + head, mac, key)) genuine = true
    }
    const bytes = decodeBase64Url(head)
    if (!genuine || bytes === null) return null
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    return { id: encodeBase64Url(bytes.subarray(0, ID_BYTES)), counter: view.getUint32(ID_BYTES) }
  }

  async #alive(now: number): Promise<TokenKey[]> {
    return [...(await this.#keys())].filter(({ notAfter }) => notAfter === undefined || now < notAfter)
  }
}
