/** Why a session ended before its time. */
export type RevokeReason =
  /** The user logged out. */
  | 'logout'
  /** A refresh token came that had been replaced before: it, or its successor, is in the wrong hands. */
  | 'reuse'
  /** `fromRefreshToken` answered null: the user is gone, or may not come in any more. Also when the counter has come to its end. */
  | 'refused'
  /** The application ended it, with `revoke` or `revokeAll`. */
  | 'revoked'

/**
 * A session: what a login starts, renewals keep alive, and logout ends. It is what `fromRefreshToken` makes short-lived
 * tokens of. All times are milliseconds since 1970.
 *
 * @typeParam Data - what `authenticate` gave as `data`
 *
 * @example
 * ```ts
 * import { claim, type RefreshToken, ShortlivedTokenMixin } from 'twopi/token-auth'
 * import { z } from 'zod'
 *
 * export class ShortlivedToken extends ShortlivedTokenMixin({
 *   refreshTokenId: claim('rfid', z.string()),
 *   userId: claim('user_id', z.string()),
 *   scopes: claim('scopes', z.array(z.string())),
 * }) {
 *   static override fromRefreshToken(refreshToken: RefreshToken) {
 *     const { id, userId, scopes } = refreshToken
 *     return new this({ refreshTokenId: id, userId, scopes, expiresIn: '15 minutes' })
 *   }
 * }
 * ```
 */
export interface RefreshToken<Data = unknown> {
  /** 22 characters of base64url, random. It stays the same over all renewals. */
  readonly id: string
  /** 1 to 512 characters. */
  readonly userId: string
  /** What the session may do. The list is the reader's own copy. */
  readonly scopes: string[]
  /** A JSON value of the application's, for instance the tenant; null when none was given. */
  readonly data: Data
  /** What a list of sessions shows the user, for instance the device; null when none was given. At most 512 characters. */
  readonly label: string | null
  /** How often the refresh token was replaced: from 0 to 2,147,483,647. */
  readonly counter: number
  readonly createdAt: number
  readonly lastUsedAt: number
  /** When the refresh token was last replaced; null when it never was. */
  readonly rotatedAt: number | null
  /** The session ends then unless it is used before. */
  readonly idleExpiresAt: number
  /** The session ends then in any case. */
  readonly expiresAt: number
  readonly revokedAt: number | null
  readonly revokeReason: RevokeReason | null
}

/**
 * What a `RefreshTokenStore` stores: one record per session, however often its token is renewed.
 *
 * The refresh token itself is not in here. It is derived from `id`, `counter`, `salt` and a key that is not in the store, so
 * that neither a copy of the store nor the key alone is enough to make one.
 */
export interface StoredRefreshToken extends RefreshToken {
  /** 22 characters of base64url, random. Nobody but the store and `createTokenAuth` needs it: do not hand it out. */
  readonly salt: string
}
