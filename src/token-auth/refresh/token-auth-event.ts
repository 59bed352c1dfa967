import type { RevokeReason } from './refresh-token.ts'

/** What happened to a session. Events never hold a token or a credential. */
export type TokenAuthEvent =
  | { readonly type: 'login'; readonly sessionId: string; readonly userId: string }
  | { readonly type: 'login_failed' }
  | { readonly type: 'renew'; readonly sessionId: string; readonly userId: string; readonly rotated: boolean }
  | { readonly type: 'logout'; readonly sessionId: string; readonly userId: string }
  /** A replaced refresh token came again, outside of the grace: its session was ended. Tell the user. */
  | { readonly type: 'refresh_reuse'; readonly sessionId: string; readonly userId: string }
  /** `fromRefreshToken` answered null, or the application ended the session. */
  | {
      readonly type: 'revoke'
      readonly sessionId: string
      readonly userId: string
      readonly reason: Exclude<RevokeReason, 'logout' | 'reuse'>
    }
  /** The application ended all sessions of a user, or all but one. */
  | { readonly type: 'revoke_all'; readonly userId: string; readonly count: number }
