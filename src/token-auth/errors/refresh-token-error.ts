import { HttpError, type HttpErrorOptions } from '../../http/http-error.ts'
import { brand } from '../../lib/brand.ts'

/**
 * Why a refresh token was refused, with 401: it was not made here or its session is not known; its session was ended; its
 * session was idle or old for too long; it had been replaced before, which ended its session. With 503, and only for now: the
 * store contradicts itself (`ERR_REFRESH_TOKEN_UNAVAILABLE`).
 */
export type RefreshTokenErrorCode =
  | 'ERR_REFRESH_TOKEN_EXPIRED'
  | 'ERR_REFRESH_TOKEN_INVALID'
  | 'ERR_REFRESH_TOKEN_REUSED'
  | 'ERR_REFRESH_TOKEN_REVOKED'
  | 'ERR_REFRESH_TOKEN_UNAVAILABLE'

const ANSWERS: Readonly<Record<RefreshTokenErrorCode, readonly [status: number, message: string]>> = {
  ERR_REFRESH_TOKEN_EXPIRED: [401, 'The session has expired.'],
  ERR_REFRESH_TOKEN_INVALID: [401, 'The provided refresh token was invalid.'],
  ERR_REFRESH_TOKEN_REUSED: [401, 'The provided refresh token was used before; the session was ended.'],
  ERR_REFRESH_TOKEN_REVOKED: [401, 'The session was ended.'],
  ERR_REFRESH_TOKEN_UNAVAILABLE: [503, 'Refresh tokens cannot be checked at the moment.'],
}

/**
 * Thrown when a refresh token is refused. The user has to log in again, unless the status is 503: then the client tries again
 * later. Its status and text are constant for each code.
 */
export class RefreshTokenError extends HttpError {
  declare readonly code: RefreshTokenErrorCode

  constructor(code: RefreshTokenErrorCode, options: Pick<HttpErrorOptions, 'headers' | 'cause'> = {}) {
    const [status, message] = ANSWERS[code]
    super(status, message, { ...options, code })
  }

  static {
    brand(this, 'RefreshTokenError')
  }
}
