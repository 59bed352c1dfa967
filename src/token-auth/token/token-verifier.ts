import { decodeBase64Url } from '../../lib/base64url.ts'
import type { JwsEngine } from '../engines/jws-engine.ts'
import { nodeEngine } from '../engines/node-engine.ts'
import { notSynchronous } from '../engines/not-synchronous.ts'
import { MOST_TOKEN_CHARACTERS } from '../errors/token-error.ts'
import { PLAIN_KID } from '../keys/key-entry.ts'
import { type AsyncKeys, Keys } from '../keys/keys.ts'
import { RemoteKeys } from '../keys/remote-keys.ts'
import type { TokenKey } from '../keys/token-key.ts'
import { UnusableKeyError } from '../keys/unusable-key-error.ts'
import type { Payload } from './claims-codec.ts'
import { type JwsHeader, parseHeader, parseObject } from './jws-header.ts'
import { checkRegisteredClaims, type Expectations } from './registered-claims.ts'
import { BAD_ALGORITHM, BAD_SIGNATURE, MALFORMED, TOO_LARGE, UNKNOWN_KEY } from './rejections.ts'
import type { TokenPolicy } from './token-options.ts'
import { TokenRejection } from './token-rejection.ts'

// The order of the checks is part of the design: what costs the least comes first, nothing of the payload but its spelling is looked
// at before its signature was found good, and every step but the signature itself is the same for each engine.

// An application has one or two headers in use (one per key). Only headers of tokens with a good signature get in.
const MOST_KNOWN_HEADERS = 16

interface TokenParts {
  readonly headerText: string
  readonly header: JwsHeader
  /** The JWS signing input. */
  readonly input: string
  readonly payload: string
  readonly signature: string
}

/** Verifies the text of tokens by one policy. */
export class TokenVerifier {
  readonly #policy: TokenPolicy
  readonly #knownHeaders = new Map<string, JwsHeader>()
  // Keys of fetched sets that the engine cannot import: tried once, not with each token that names them.
  readonly #unusable = new WeakSet<TokenKey>()

  constructor(policy: TokenPolicy) {
    this.#policy = policy
  }

  /** The payload of a valid token, or why there is none. The engine must be synchronous. */
  verify(raw: unknown, keys: Keys, expected: Expectations): Payload | TokenRejection {
    const parts = this.#split(raw)
    if (parts instanceof TokenRejection) return parts
    const { kid, alg } = parts.header
    const now = this.#policy.clock()
    const key = checkKey(keys.find(kid, now, alg), parts)
    if (key instanceof TokenRejection) return key
    const { engine } = this.#policy
    const payload = payloadFor(engine, parts)
    if (payload === null) return BAD_SIGNATURE
    const good: unknown = engine.verify(parts.input, parts.signature, key)
    if (good === true) return this.#accept(parts, payload, expected, now)
    if (good === false) return BAD_SIGNATURE
    throw notSynchronous(engine, good)
  }

  /** The same for engines and keys that must be waited for. */
  async verifyAsync(raw: unknown, keys: Keys | AsyncKeys, expected: Expectations): Promise<Payload | TokenRejection> {
    const parts = this.#split(raw)
    if (parts instanceof TokenRejection) return parts
    const { kid, alg } = parts.header
    const { engine, clock } = this.#policy
    const fetched = keys instanceof RemoteKeys
    // A `find` of the user's own may do more with a name than look it up.
    if (kid !== undefined && !fetched && !(keys instanceof Keys) && !PLAIN_KID.test(kid)) return UNKNOWN_KEY
    const key = checkKey(await keys.find(kid, clock(), alg), parts)
    if (key instanceof TokenRejection) return key
    const payload = payloadFor(engine, parts)
    if (payload === null) return BAD_SIGNATURE
    if (fetched && !(await this.#isUsable(key))) return UNKNOWN_KEY
    return (await engine.verify(parts.input, parts.signature, key)) === true
      ? this.#accept(parts, payload, expected, clock())
      : BAD_SIGNATURE
  }

  // A faulty key of a partner is no fault of this server.
  async #isUsable(key: TokenKey): Promise<boolean> {
    if (this.#unusable.has(key)) return false
    try {
      await this.#policy.engine.prepare?.(key)
      return true
    } catch (error) {
      if (!(error instanceof UnusableKeyError)) throw error
      this.#unusable.add(key)
      return false
    }
  }

  #split(raw: unknown): TokenParts | TokenRejection {
    if (typeof raw !== 'string') return MALFORMED
    if (raw.length > MOST_TOKEN_CHARACTERS) return TOO_LARGE
    const headerEnd = raw.indexOf('.')
    const payloadEnd = raw.indexOf('.', headerEnd + 1)
    // Exactly two dots, with something before the first and between them.
    if (headerEnd < 1 || payloadEnd < headerEnd + 2 || raw.indexOf('.', payloadEnd + 1) !== -1) return MALFORMED
    const headerText = raw.slice(0, headerEnd)
    const header =
      this.#knownHeaders.get(headerText) ?? parseHeader(headerText, this.#policy.type, this.#policy.acceptUntyped)
    if (header instanceof TokenRejection) return header
    return {
      headerText,
      header,
      input: raw.slice(0, payloadEnd),
      payload: raw.slice(headerEnd + 1, payloadEnd),
      signature: raw.slice(payloadEnd + 1),
    }
  }

  #accept(
    { headerText, header, payload }: TokenParts,
    decoded: Uint8Array | undefined,
    expected: Expectations,
    now: number,
  ): Payload | TokenRejection {
    if (this.#knownHeaders.size < MOST_KNOWN_HEADERS) this.#knownHeaders.set(headerText, header)
    const bytes = decoded ?? decodeBase64Url(payload)
    const claims = bytes === null ? null : parseObject(bytes)
    if (claims === null) return MALFORMED
    return checkRegisteredClaims(claims, this.#policy, expected, now / 1000) ?? claims
  }
}

// An engine may count on ASCII: some versions of jose throw an error of their own at anything else. `nodeEngine` takes every text, so
// with it the payload is decoded once the signature was found good, and not for whoever sends 8 KB of nothing. A payload in another
// spelling counts as not signed: nothing that signs tokens writes it.
function payloadFor(engine: JwsEngine, { payload }: TokenParts): Uint8Array | null | undefined {
  return engine === nodeEngine ? undefined : decodeBase64Url(payload)
}

function checkKey(key: TokenKey | undefined, { header, signature }: TokenParts): TokenKey | TokenRejection {
  if (key === undefined) return UNKNOWN_KEY
  if (header.alg !== key.alg) return BAD_ALGORITHM
  return signature.length === key.signatureLength ? key : BAD_SIGNATURE
}
