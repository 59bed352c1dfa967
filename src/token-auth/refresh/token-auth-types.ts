import type { Reply } from '../../http/reply.ts'
import type { RequestContext } from '../../http/request-context.ts'
import type { Duration } from '../../lib/duration.ts'
import type { MaybePromise } from '../../lib/maybe-promise.ts'
import type { Credentials } from '../http/auth-fields.ts'
import type { VerifyingTokenClass } from '../http/parse-auth-header.ts'
import type { TokenOf } from '../token/token-class.ts'
import type { RefreshToken } from './refresh-token.ts'
import type { RefreshKeySource } from './refresh-token-keys.ts'
import type { RefreshTokenStore } from './refresh-token-store.ts'
import type { TokenAuthEvent } from './token-auth-event.ts'

/** A token class whose tokens can be made of a session: what `ShortlivedTokenMixin` gives, with `fromRefreshToken`. */
export interface RenewableTokenClass extends VerifyingTokenClass {
  fromRefreshToken(refreshToken: never): MaybePromise<DumpableToken | null>
}

/** A token that can be written. */
export interface DumpableToken {
  dump(): string
  dumpAsync?(): Promise<string>
}

type RefreshTokenArgument<Class extends RenewableTokenClass> = Parameters<Class['fromRefreshToken']>[0]

/** What `fromRefreshToken` of a class expects as `data` of its refresh token. */
export type DataOf<Class extends RenewableTokenClass> =
  RefreshTokenArgument<Class> extends { readonly data: infer Data } ? Data : unknown

/** Who logged in: what `authenticate` answers, and what a session is started with. */
export type Login<Data = unknown> = {
  /** 1 to 512 characters; no NUL. */
  readonly userId: string
  /** What the session may do. Default: none. */
  readonly scopes?: readonly string[] | undefined
  /** What a list of sessions shows the user, for instance the device. At most 512 characters; no NUL. */
  readonly label?: string | undefined
} & (unknown extends Data
  ? {
      /** Any JSON value, checked and copied; `fromRefreshToken` finds it at `refreshToken.data`. */
      readonly data?: Data
    }
  : { readonly data: Data })

/** Which session a token belongs to. Only needed when the token has no attribute `refreshTokenId`. */
export type SessionIdOption<Token> = Token extends { readonly refreshTokenId: string }
  ? { readonly sessionId?: ((token: Token) => string) | undefined }
  : { readonly sessionId: (token: Token) => string }

/** Makes a `fromRefreshToken` that wants what no session has a compile error, and a missing one too. */
type CheckedTokenClass<Class extends RenewableTokenClass> =
  RefreshToken<DataOf<Class>> extends RefreshTokenArgument<Class> ? unknown : { readonly fromRefreshToken: never }

/** The options of `createTokenAuth` that do not depend on its token class. */
export interface TokenAuthPolicy<Field extends string> {
  /** Where sessions are kept. */
  readonly store: RefreshTokenStore
  /** The fields that login takes from its body; a name that ends in `?` may be missing. Default `['username', 'password']`. */
  readonly fields?: readonly Field[] | undefined
  /**
   * Answer a new refresh token with every renewal and end the session when an old one comes again. Clients must then store
   * the `refreshToken` of each answer. Default false, because clients of the original expect `{"token"}` and keep their first.
   */
  readonly rotation?: boolean | undefined
  /** How long a replaced refresh token still answers the current one: 0 to 300 seconds. Default 30 seconds. */
  readonly grace?: Duration | undefined
  /** How long a session lives without being used. Default 14 days. */
  readonly idle?: Duration | undefined
  /** How long a session lives at most. Default 90 days. */
  readonly absolute?: Duration | undefined
  /**
   * The HS256 secrets that refresh tokens are made with: the first without `notAfter` makes, all check. Removing one ends the
   * sessions made with it. Default: derived from the HS256 keys of the token class, which must not accept short secrets.
   */
  readonly refreshKeys?: RefreshKeySource | undefined
  /** Told of logins, renewals, logouts and misuse. What it throws is ignored. Default: nobody is told. */
  readonly onEvent?: ((event: TokenAuthEvent, context: RequestContext | undefined) => void) | undefined
  /**
   * How many bytes the body of a login, a renewal or a logout may have; a smaller limit that a step before has set stays. It has
   * no effect on a body that the framework has parsed by itself. Default 16,384: 16 KiB.
   */
  readonly bodyLimit?: number | undefined
  /** Named in the `WWW-Authenticate` challenge. Default `'api'`. */
  readonly realm?: string | undefined
  /** `'twopi-flask'` lets logout take its token from `?token=` too, as the original did. */
  readonly compat?: 'twopi-flask' | undefined
  /** The present in milliseconds since 1970, for tests. Default `Date.now`. */
  readonly clock?: (() => number) | undefined
}

/** Options of `createTokenAuth`. */
export type TokenAuthOptions<
  Class extends RenewableTokenClass,
  Field extends string,
  Context extends RequestContext,
> = TokenAuthPolicy<Field> &
  SessionIdOption<TokenOf<Class>> & {
    /** The class of the short-lived tokens. Its `fromRefreshToken` runs at login and at every renewal. */
    readonly token: Class & CheckedTokenClass<Class>
    /**
     * Checks credentials. Do the same work whether the user exists or not: compare the password with some hash in any case.
     *
     * @returns who logged in, or null when the credentials are wrong
     */
    readonly authenticate: (
      credentials: Credentials<Field>,
      context: Context,
    ) => MaybePromise<Login<DataOf<Class>> | null>
  }

/** What login answers. */
export interface LoginTokens {
  readonly token: string
  readonly refreshToken: string
}

/** What renewing answers; `refreshToken` with `rotation`, or when it is another than the one that came. */
export interface RenewTokens {
  readonly token: string
  readonly refreshToken?: string
}

/** What logout answers. */
export interface LogoutStatus {
  readonly status: 'success'
}

/** What `createTokenAuth` makes. */
export interface TokenAuth<Data, Context extends RequestContext> {
  /** `POST /login`: the credentials as JSON or form; answers `{"token", "refreshToken"}`. */
  readonly login: (context: Context) => Promise<Reply<LoginTokens>>
  /** `POST /renew`: `refreshToken` as JSON or form; answers `{"token"}`. */
  readonly renew: (context: RequestContext) => Promise<Reply<RenewTokens>>
  /** `POST /logout`: the short-lived token in the header, or `refreshToken` in the body; answers `{"status": "success"}`. */
  readonly logout: (context: RequestContext) => Promise<Reply<LogoutStatus>>
  /** The same as steps, for views with an answer of their own. Send such an answer with `cache-control: no-store`. */
  readonly steps: {
    readonly login: (context: Context) => Promise<{ tokens: LoginTokens; session: RefreshToken<Data> }>
    readonly renew: (context: RequestContext) => Promise<{ tokens: RenewTokens; session: RefreshToken<Data> }>
    readonly logout: (context: RequestContext) => Promise<{ sessionId: string }>
  }
  /** Starts a session without credentials: after a registration, or a login by other means. */
  start(login: Login<Data>): Promise<{ tokens: LoginTokens; session: RefreshToken<Data> }>
  /** The sessions of a user that are alive, the newest first. */
  sessions(userId: string): Promise<readonly RefreshToken<Data>[]>
  /**
   * Ends a session. With `userId` only if it is that user's: pass it when the id comes from a request.
   *
   * @returns whether this call ended it
   * @throws TypeError when a second argument is given, but its `userId` is not a string
   */
  revoke(sessionId: string, owner?: { readonly userId: string }): Promise<boolean>
  /**
   * Ends all sessions of a user, but for the one with the id `except`.
   *
   * @returns how many were ended
   */
  revokeAll(userId: string, options?: { readonly except?: string | undefined }): Promise<number>
}
