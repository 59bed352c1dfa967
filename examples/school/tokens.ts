import {
  claim,
  createTokenAuth,
  MemoryRefreshTokenStore,
  type RefreshToken,
  ShortlivedTokenMixin,
} from 'twopi/token-auth'
import { z } from 'zod'
import { findUser } from './database.ts'
import { secretKey } from './settings.ts'

/** What a client shows with every request. It lives for 15 minutes; `renew` gives another one. */
export class ShortlivedToken extends ShortlivedTokenMixin(
  {
    refreshTokenId: claim('rfid', z.string()),
    userId: claim('user_id', z.string()),
    scopes: claim('scopes', z.array(z.string())),
  },
  { keys: secretKey },
) {
  static override fromRefreshToken({ id, userId, scopes }: RefreshToken): ShortlivedToken {
    return new this({ refreshTokenId: id, userId, scopes: [...scopes], expiresIn: '15 minutes' })
  }
}

/** Login, renew and logout. The demo user: test, with the password test. */
export const auth = createTokenAuth({
  token: ShortlivedToken,
  store: new MemoryRefreshTokenStore(),
  authenticate: ({ username, password }) => findUser(username, password),
})
