import type { AsyncKeys, Keys } from '../keys/keys.ts'
import type { TokenKey } from '../keys/token-key.ts'
import type { Payload } from './claims-codec.ts'
import { type JwsHeader, parseHeader, parseObject } from './jws-header.ts'
import { checkRegisteredClaims, type Expectations } from './registered-claims.ts'
import { BAD_ALGORITHM, BAD_SIGNATURE, MALFORMED, TOO_LARGE, UNKNOWN_KEY } from './rejections.ts'
import type { TokenPolicy } from './token-options.ts'
import { TokenRejection } from './token-rejection.ts'

// The order of the checks is part of the design: what costs the least comes first, nothing of the payload is looked at before its
// signature was found good, and every step but the signature itself is the same for each engine.

/** The most characters a token may have, checked before anything else is done with it. */
export const MOST_TOKEN_CHARACTERS = 8192

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

  constructor(policy: TokenPolicy) {
    this.#policy = policy
  }

  /** The payload of a valid token, or why there is none. The engine must be synchronous. */
  verify(raw: unknown, keys: Keys, expected: Expectations): Payload | TokenRejection {
    const parts = this.#split(raw)
    if (parts instanceof TokenRejection) return parts
    const now = this.#policy.clock()
    const key = checkKey(keys.find(parts.header.kid, now), parts)
    if (key instanceof TokenRejection) return key
    // `=== true`: a promise is not a yes.
    return this.#policy.engine.verify(parts.input, parts.signature, key) === true
      ? this.#accept(parts, expected, now)
      : BAD_SIGNATURE
  }

  /** The same for engines and keys that must be waited for. */
  async verifyAsync(raw: unknown, keys: Keys | AsyncKeys, expected: Expectations): Promise<Payload | TokenRejection> {
    const parts = this.#split(raw)
    if (parts instanceof TokenRejection) return parts
    const key = checkKey(await keys.find(parts.header.kid, this.#policy.clock()), parts)
    if (key instanceof TokenRejection) return key
    return (await this.#policy.engine.verify(parts.input, parts.signature, key)) === true
      ? this.#accept(parts, expected, this.#policy.clock())
      : BAD_SIGNATURE
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

  #accept({ headerText, header, payload }: TokenParts, expected: Expectations, now: number): Payload | TokenRejection {
    if (this.#knownHeaders.size < MOST_KNOWN_HEADERS) this.#knownHeaders.set(headerText, header)
    const claims = parseObject(payload)
    if (claims === null) return MALFORMED
    return checkRegisteredClaims(claims, this.#policy, expected, now / 1000) ?? claims
  }
}

function checkKey(key: TokenKey | undefined, { header, signature }: TokenParts): TokenKey | TokenRejection {
  if (key === undefined) return UNKNOWN_KEY
  if (header.alg !== key.alg) return BAD_ALGORITHM
  return signature.length === key.signatureLength ? key : BAD_SIGNATURE
}
