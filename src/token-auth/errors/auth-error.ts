import { HttpError } from '../../http/http-error.ts'
import type { HeaderValues } from '../../http/reply.ts'
import { brand } from '../../lib/brand.ts'

/**
 * Why a request was refused by a step or a view of token auth. Clients see it as `code` beside `_errors`. Of a token they
 * learn only whether it has expired; the detailed `TokenError` is the `cause` and stays on the server.
 */
export type AuthErrorCode =
  | 'ERR_AUTH_CREDENTIALS'
  | 'ERR_AUTH_FIELDS'
  | 'ERR_AUTH_REQUEST'
  | 'ERR_AUTH_REQUIRED'
  | 'ERR_AUTH_SCOPE'
  | 'ERR_TOKEN_EXPIRED'
  | 'ERR_TOKEN_INVALID'
  | 'ERR_TOKEN_KEYS_UNAVAILABLE'

const ANSWERS: Readonly<Record<AuthErrorCode, readonly [status: number, message: string]>> = {
  ERR_AUTH_CREDENTIALS: [401, 'The credentials are wrong.'],
  ERR_AUTH_FIELDS: [422, 'The fields of the body are not the ones expected.'],
  ERR_AUTH_REQUEST: [400, 'The token must be sent once, as `Authorization: Bearer <token>`.'],
  ERR_AUTH_REQUIRED: [401, 'A valid token is required to access this resource'],
  ERR_AUTH_SCOPE: [403, 'The token does not have the scopes that this resource needs.'],
  ERR_TOKEN_EXPIRED: [401, 'The provided token was invalid.'],
  ERR_TOKEN_INVALID: [401, 'The provided token was invalid.'],
  ERR_TOKEN_KEYS_UNAVAILABLE: [503, 'Tokens cannot be verified at the moment.'],
}

/** What an {@link AuthError} may carry. */
export interface AuthErrorOptions extends ErrorOptions {
  readonly headers?: HeaderValues | undefined
  /** Instead of the constant text of the code. */
  readonly messages?: readonly string[] | undefined
}

/**
 * Thrown by `parseAuthHeader`, `authRequired` and the views of `createTokenAuth` when they refuse a request. Its status and
 * text are constant for each {@link AuthErrorCode}.
 */
export class AuthError extends HttpError {
  declare readonly code: AuthErrorCode

  constructor(code: AuthErrorCode, options: AuthErrorOptions = {}) {
    const [status, message] = ANSWERS[code]
    super(status, options.messages ?? message, { code, headers: options.headers, cause: options.cause })
  }

  static {
    brand(this, 'AuthError')
  }
}
