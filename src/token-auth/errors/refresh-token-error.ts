import { HttpError, type HttpErrorOptions } from '../../http/http-error.ts'
import { brand } from '../../lib/brand.ts'

/**
 * Why a refresh token was refused, always with 401:
 * it was not made here or its session is not known; its session was ended; its session was idle or old for too long;
 * it had been replaced before, which ended its session.
 */
export type RefreshTokenErrorCode =
  | 'ERR_REFRESH_TOKEN_EXPIRED'
  | 'ERR_REFRESH_TOKEN_INVALID'
  | 'ERR_REFRESH_TOKEN_REUSED'
  | 'ERR_REFRESH_TOKEN_REVOKED'

const MESSAGES: Readonly<Record<RefreshTokenErrorCode, string>> = {
  ERR_REFRESH_TOKEN_EXPIRED: 'The session has expired.',
  ERR_REFRESH_TOKEN_INVALID: 'The provided refresh token was invalid.',
  ERR_REFRESH_TOKEN_REUSED: 'The provided refresh token was used before; the session was ended.',
  ERR_REFRESH_TOKEN_REVOKED: 'The session was ended.',
}

/** Thrown when a refresh token is refused: the user has to log in again. Its text is constant for each code. */
export class RefreshTokenError extends HttpError {
  declare readonly code: RefreshTokenErrorCode

  constructor(code: RefreshTokenErrorCode, options: Pick<HttpErrorOptions, 'headers' | 'cause'> = {}) {
    super(401, MESSAGES[code], { ...options, code })
  }

  static {
    brand(this, 'RefreshTokenError')
  }
}
