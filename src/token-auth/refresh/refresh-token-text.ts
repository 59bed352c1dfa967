import { decodeBase64Url, encodeBase64Url } from '../../lib/base64url.ts'
import { type HmacEngine, hmacEngine } from '../engines/hmac-engine.ts'
import type { Keys } from '../keys/keys.ts'
import type { TokenKey } from '../keys/token-key.ts'
import type { StoredRefreshToken } from './refresh-token.ts'

// The text of a refresh token, 113 characters of base64url:
//
//   27 characters   the session's id (16 bytes) and the counter (4 bytes, big-endian)
//   43 characters   HMAC-SHA256 over "twopi refresh token " and the 27 characters
//   43 characters   HMAC-SHA256 over "twopi refresh token ", the 27 characters, " " and the session's salt
//
// It is derived, so a store holds nothing from which it could be made without the key, and the same token can be given
// twice. The first HMAC lets forged tokens be refused before a store is asked. The second needs the salt, which only the
// store has: whoever has the key alone cannot make the refresh token of a session whose id he read in a short-lived one.
// The blanks in the HMACs' input keep it apart from every JWT, should somebody use one key for both.

const HEAD_CHARACTERS = 27
const MAC_CHARACTERS = 43
const CHARACTERS = HEAD_CHARACTERS + 2 * MAC_CHARACTERS
const ID_BYTES = 16
const CONTEXT = 'twopi refresh token '

/** What a refresh token that was made with one of the keys says. */
export interface RefreshTokenClaim {
  readonly id: string
  readonly counter: number
  /** Whether it is one of the session that has this salt. To be asked before anything it says is believed. */
  belongsTo(salt: string): Promise<boolean>
}

/** 128 random bits, 22 characters: an id, or a salt. */
export function newSessionId(): string {
  return encodeBase64Url(crypto.getRandomValues(new Uint8Array(ID_BYTES)))
}

/** Makes and reads the texts of refresh tokens. */
export class RefreshTokenText {
  readonly #engine: HmacEngine
  readonly #keys: () => Keys | Promise<Keys>

  /**
   * @param keys - HS256 keys; one that outlives the session makes, every one that has not ended checks
   * @param engine - default: the fastest that the runtime has
   */
  constructor(keys: () => Keys | Promise<Keys>, engine: HmacEngine = hmacEngine()) {
    this.#engine = engine
    this.#keys = keys
  }

  /** @throws TypeError when every key has ended */
  async format(
    { id, counter, salt, expiresAt }: Pick<StoredRefreshToken, 'id' | 'counter' | 'salt' | 'expiresAt'>,
    now: number,
  ): Promise<string> {
    const key = chooseKey(await this.#alive(now), expiresAt)
    if (key === undefined) throw new TypeError('No refresh token can be made: `notAfter` of every key has passed.')
    const bytes = new Uint8Array(ID_BYTES + 4)
    bytes.set(decodeBase64Url(id) ?? [])
    new DataView(bytes.buffer).setUint32(ID_BYTES, counter)
    const head = encodeBase64Url(bytes)
    return head + (await this.#engine.sign(CONTEXT + head, key)) + (await this.#engine.sign(salted(head, salt), key))
  }

  /** What the token says, or null when it was not made with one of the keys. Nothing but the keys is asked. */
  async parse(text: unknown, now: number): Promise<RefreshTokenClaim | null> {
    if (typeof text !== 'string' || text.length !== CHARACTERS) return null
    const head = text.slice(0, HEAD_CHARACTERS)
    const mac = text.slice(HEAD_CHARACTERS, -MAC_CHARACTERS)
    // Every key is tried, also after one fitted, so that the time tells nothing about the keys.
    let maker: TokenKey | undefined
    for (const key of await this.#alive(now)) {
      if (await this.#engine.verify(CONTEXT + head, mac, key)) maker ??= key
    }
    const bytes = decodeBase64Url(head)
    if (maker === undefined || bytes === null) return null
    const key = maker
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    return {
      id: encodeBase64Url(bytes.subarray(0, ID_BYTES)),
      counter: view.getUint32(ID_BYTES),
      belongsTo: async (salt) => this.#engine.verify(salted(head, salt), text.slice(-MAC_CHARACTERS), key),
    }
  }

  async #alive(now: number): Promise<TokenKey[]> {
    return [...(await this.#keys())].filter(({ notAfter }) => notAfter === undefined || now < notAfter)
  }
}

function salted(head: string, salt: string): string {
  return `${CONTEXT}${head} ${salt}`
}

/** The first key without an end; else the first that outlives the session; else the one that lives longest. */
function chooseKey(keys: readonly TokenKey[], expiresAt: number): TokenKey | undefined {
  const end = (key: TokenKey) => key.notAfter ?? Number.POSITIVE_INFINITY
  return (
    keys.find(({ notAfter }) => notAfter === undefined) ??
    keys.find((key) => end(key) >= expiresAt) ??
    [...keys].sort((a, b) => end(b) - end(a))[0]
  )
}
