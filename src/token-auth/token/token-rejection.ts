import { TokenClaimError, type TokenClaimReason, TokenError, type TokenErrorCode } from '../errors/token-error.ts'

/**
 * The answer of `tryLoad()` for a token that is not valid. The error with its stack is made only when it is read, so that
 * refusing a flood of forged tokens stays cheap.
 */
export class TokenRejection {
  readonly ok = false as const
  readonly code: TokenErrorCode
  /** The claim's name on the wire, when the code is `ERR_TOKEN_CLAIM`. */
  readonly claim: string | undefined
  readonly reason: TokenClaimReason | undefined

  constructor(code: Exclude<TokenErrorCode, 'ERR_TOKEN_CLAIM'>)
  constructor(code: 'ERR_TOKEN_CLAIM', claim: string, reason: TokenClaimReason)
  constructor(code: TokenErrorCode, claim?: string, reason?: TokenClaimReason) {
    this.code = code
    this.claim = claim
    this.reason = reason
  }

  /** The same as an error: what `verify()` throws. */
  get error(): TokenError {
    return this.code === 'ERR_TOKEN_CLAIM'
      ? new TokenClaimError(this.claim ?? '', this.reason ?? 'invalid')
      : new TokenError(this.code)
  }
}

/** What `tryLoad()` answers: a valid token, or why there is none. */
export type TokenResult<Token> = { readonly ok: true; readonly token: Token } | TokenRejection
