import { brand } from '../../lib/brand.ts'
import { TwopiError } from '../../lib/twopi-error.ts'

/** Why a token was refused. Stable; `docs/errors.md` explains each. */
export type TokenErrorCode =
  | 'ERR_TOKEN_ALGORITHM'
  | 'ERR_TOKEN_CLAIM'
  | 'ERR_TOKEN_EXPIRED'
  | 'ERR_TOKEN_HEADER'
  | 'ERR_TOKEN_KEYS_UNAVAILABLE'
  | 'ERR_TOKEN_MALFORMED'
  | 'ERR_TOKEN_NOT_YET_VALID'
  | 'ERR_TOKEN_REFUSED'
  | 'ERR_TOKEN_SIGNATURE'
  | 'ERR_TOKEN_TOO_LARGE'
  | 'ERR_TOKEN_TYPE'
  | 'ERR_TOKEN_UNKNOWN_KEY'

/** The most characters a token may have, wherever it comes from and whenever it is made. */
export const MOST_TOKEN_CHARACTERS = 8192

// One constant text per code: a message never repeats any part of the token.
const messages: Record<Exclude<TokenErrorCode, 'ERR_TOKEN_CLAIM'>, string> = {
  ERR_TOKEN_ALGORITHM: 'The token was not signed with the algorithm of its key.',
  ERR_TOKEN_EXPIRED: 'The token has expired.',
  ERR_TOKEN_HEADER: 'The header of the token asks for something that is not supported.',
  ERR_TOKEN_KEYS_UNAVAILABLE: 'The key set that verifies the token could not be loaded.',
  ERR_TOKEN_MALFORMED: 'The token is not a well-formed signed JWT.',
  ERR_TOKEN_NOT_YET_VALID: 'The token is not valid yet.',
  ERR_TOKEN_REFUSED: 'The token is valid, but its class does not accept it.',
  ERR_TOKEN_SIGNATURE: 'The signature of the token is not valid.',
  ERR_TOKEN_TOO_LARGE: `The token is larger than ${MOST_TOKEN_CHARACTERS} characters.`,
  ERR_TOKEN_TYPE: 'The token is not of the expected type.',
  ERR_TOKEN_UNKNOWN_KEY: 'The token names a key that is not known.',
}

/**
 * A token was refused by `verify()`, or could not be made by `dump()`. Tell the reasons apart by {@link TokenError.code}.
 * The message is constant for each code and holds no part of the token.
 *
 * @example
 * ```ts
 * import { TokenError } from 'twopi/token-auth'
 *
 * export function mustRenew(error: unknown): boolean {
 *   return error instanceof TokenError && error.code === 'ERR_TOKEN_EXPIRED'
 * }
 * ```
 */
export class TokenError extends TwopiError {
  override readonly code: TokenErrorCode

  constructor(code: Exclude<TokenErrorCode, 'ERR_TOKEN_CLAIM'>, options?: ErrorOptions)
  constructor(code: 'ERR_TOKEN_CLAIM', options: ErrorOptions | undefined, message: string)
  constructor(code: TokenErrorCode, options?: ErrorOptions, message?: string) {
    super(code === 'ERR_TOKEN_CLAIM' ? (message ?? 'A claim of the token is not valid.') : messages[code], options)
    this.code = code
  }

  static {
    brand(this, 'TokenError')
  }
}

/**
 * How a claim failed: it is `missing`; it is `invalid` (of the wrong type, or its schema refuses it); or it is well-formed
 * and `rejected` (another issuer, another audience, a life that is too long).
 */
export type TokenClaimReason = 'missing' | 'invalid' | 'rejected'

/** A claim is absent or not acceptable. Its code is `ERR_TOKEN_CLAIM`; the claim's value is in no message. */
export class TokenClaimError extends TokenError {
  /** The claim's name on the wire. */
  readonly claim: string
  readonly reason: TokenClaimReason

  constructor(claim: string, reason: TokenClaimReason, options?: ErrorOptions) {
    super('ERR_TOKEN_CLAIM', options, `The "${claim}" claim of the token is ${reason}.`)
    this.claim = claim
    this.reason = reason
  }

  static {
    brand(this, 'TokenClaimError')
  }
}
