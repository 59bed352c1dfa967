import { describeStep } from '../../http/describe-step.ts'
import { reply } from '../../http/reply.ts'
import type { RequestContext } from '../../http/request-context.ts'
import { isPromiseLike } from '../../lib/maybe-promise.ts'
import { AuthError } from '../errors/auth-error.ts'
import { pickFields, readFields, readOptionalFields } from '../http/auth-fields.ts'
import { challenge } from '../http/challenge.ts'
import { describeLogin, describeLogout, describeRenew } from '../http/describe-auth.ts'
import { authHeaderStep } from '../http/parse-auth-header.ts'
import { RefreshSessions, type SessionStart } from './refresh-sessions.ts'
import type { RefreshToken, StoredRefreshToken } from './refresh-token.ts'
import { RefreshTokenText } from './refresh-token-text.ts'
import type { TokenAuthEvent } from './token-auth-event.ts'
import { readTokenAuthOptions } from './token-auth-options.ts'
import type {
  DataOf,
  DumpableToken,
  Login,
  LoginTokens,
  RenewableTokenClass,
  TokenAuth,
  TokenAuthOptions,
} from './token-auth-types.ts'

const REFRESH_TOKEN = ['refreshToken'] as const
const NO_STORE = { 'cache-control': 'no-store' }

/**
 * Makes the views of a login, a renewal and a logout, to be routed on any server.
 *
 * A login starts a session and answers a short-lived token and a refresh token; the refresh token gets further short-lived
 * tokens until the session ends: by logout, by `revoke`, after `idle` without use, or at the age `absolute`.
 *
 * The views throw `AuthError`: `ERR_AUTH_CREDENTIALS` (401), `ERR_AUTH_FIELDS` (422), for logout also those of
 * `parseAuthHeader` and `ERR_AUTH_REQUIRED` (401); `RefreshTokenError` (401); and `BodyError`.
 *
 * @param options - `token`, `store` and `authenticate`; see {@link TokenAuthOptions} for the rest and its defaults
 * @returns the views `login`, `renew` and `logout`, the same as `steps`, and functions to list and end sessions
 * @throws TypeError that lists everything wrong with the options
 *
 * @example
 * ```ts
 * import { claim, createTokenAuth, MemoryRefreshTokenStore, type RefreshToken, ShortlivedTokenMixin } from 'twopi/token-auth'
 * import { z } from 'zod'
 *
 * class ShortlivedToken extends ShortlivedTokenMixin({
 *   refreshTokenId: claim('rfid', z.string()),
 *   userId: claim('user_id', z.string()),
 * }) {
 *   static override fromRefreshToken({ id, userId }: RefreshToken) {
 *     return new this({ refreshTokenId: id, userId, expiresIn: '15 minutes' })
 *   }
 * }
 *
 * export const auth = createTokenAuth({
 *   token: ShortlivedToken,
 *   store: new MemoryRefreshTokenStore(),
 *   authenticate: ({ username, password }) =>
 *     username === 'test' && password === 'test' ? { userId: username } : null,
 * })
 * // app.post('/login', view(auth.login)); app.post('/renew', view(auth.renew)); app.post('/logout', view(auth.logout))
 * ```
 */
export function createTokenAuth<
  Class extends RenewableTokenClass,
  const Field extends string = 'username' | 'password',
  Context extends RequestContext = RequestContext,
>(options: TokenAuthOptions<Class, Field, Context>): TokenAuth<DataOf<Class>, Context> {
  type Data = DataOf<Class>
  const { token: Token, store, authenticate, sessionId, onEvent, compat } = options
  const { fields, realm, clock, policy, bodyLimit, keys } = readTokenAuthOptions(options)
  const unauthorized = { ...NO_STORE, 'www-authenticate': challenge(realm) }
  const sessions = new RefreshSessions(store, new RefreshTokenText(keys), { ...policy, clock, headers: unauthorized })
  const tokenOfHeader = authHeaderStep(Token, { realm, compat }, true)

  const emitFor = (context?: RequestContext) => (event: TokenAuthEvent) => {
    try {
      const told: unknown = onEvent?.(event, context)
      if (isPromiseLike(told)) told.then(undefined, () => {})
    } catch {
      // A failing log must not take the response with it.
    }
  }

  /** The text of a short-lived token; null when the user may not come in. Everything that can fail in it is done here. */
  async function makeToken(session: StoredRefreshToken): Promise<string | null> {
    // What `authenticate` gave as data is what comes back here.
    const token: DumpableToken | null = await Token.fromRefreshToken(withoutSalt(session) as never)
    if (token === null) return null
    if (typeof token?.dump !== 'function') {
      throw new TypeError(
        `\`fromRefreshToken\` must answer a token, or null to end the session; found ${typeof token}.`,
      )
    }
    return Token.isAsync === true && token.dumpAsync !== undefined ? token.dumpAsync() : token.dump()
  }

  async function start(
    login: Login<Data>,
    context?: RequestContext,
  ): Promise<{ tokens: LoginTokens; session: RefreshToken<Data> }> {
    const session = sessions.prepare(readLogin(login))
    const token = await makeToken(session)
    if (token === null) throw wrongCredentials(context)
    const refreshToken = await sessions.store(session)
    emitFor(context)({ type: 'login', sessionId: session.id, userId: session.userId })
    return { tokens: { token, refreshToken }, session: shown(session) }
  }

  function wrongCredentials(context?: RequestContext): AuthError {
    emitFor(context)({ type: 'login_failed' })
    return new AuthError('ERR_AUTH_CREDENTIALS', { headers: unauthorized })
  }

  /** Ends the session that a request names, and gives its id. */
  async function endSession(context: RequestContext): Promise<string> {
    const body = await readOptionalFields(context.request, REFRESH_TOKEN, bodyLimit)
    if (Object.hasOwn(body, 'refreshToken')) {
      const { refreshToken } = pickFields(body, REFRESH_TOKEN)
      return sessions.endByToken(refreshToken, 'logout', emitFor(context))
    }
    const { token } = await tokenOfHeader(context)
    if (token === null) throw new AuthError('ERR_AUTH_REQUIRED', { headers: unauthorized })
    // The option's type follows from the class; in here a token is a token.
    const id: unknown = sessionId === undefined ? Reflect.get(token, 'refreshTokenId') : sessionId(token as never)
    if (typeof id !== 'string') {
      throw new TypeError(
        'createTokenAuth: `sessionId` must give a string; by default it reads `token.refreshTokenId`.',
      )
    }
    await sessions.end(id, 'logout', emitFor(context))
    return id
  }

  // The data of a session is what its login gave.
  const shown = (session: StoredRefreshToken) => withoutSalt(session) as RefreshToken<Data>

  const steps: TokenAuth<Data, Context>['steps'] = {
    async login(context) {
      const credentials = pickFields(await readFields(context.request, fields, bodyLimit), fields)
      const login = await authenticate(credentials, context)
      if (login === null) throw wrongCredentials(context)
      return start(login, context)
    },

    async renew(context) {
      const { refreshToken } = pickFields(await readFields(context.request, REFRESH_TOKEN, bodyLimit), REFRESH_TOKEN)
      const renewal = await sessions.renew(refreshToken, makeToken, emitFor(context))
      const { token, refreshToken: current, isReplaced } = renewal
      // Also without rotation a client may have the old one still: of the time before it was switched off.
      const tokens = policy.rotation || isReplaced ? { token, refreshToken: current } : { token }
      return { tokens, session: shown(renewal.session) }
    },

    async logout(context) {
      return { sessionId: await endSession(context) }
    },
  }

  return {
    steps,
    login: describeStep(
      async (context: Context) => reply((await steps.login(context)).tokens, 200, NO_STORE),
      () => ({ ...describeLogin(fields), bodyLimit }),
    ),
    renew: describeStep(
      async (context: RequestContext) => reply((await steps.renew(context)).tokens, 200, NO_STORE),
      () => ({ ...describeRenew(policy.rotation), bodyLimit }),
    ),
    logout: describeStep(
      async (context: RequestContext) => {
        await steps.logout(context)
        return reply({ status: 'success' } as const, 200, NO_STORE)
      },
      () => ({ ...describeLogout(compat), bodyLimit }),
    ),
    start: (login) => start(login),
    sessions: async (userId) =>
      (await store.list(userId, clock())).map((session) => shown(session as StoredRefreshToken)),
    async revoke(id, owner) {
      if (owner !== undefined) {
        assertUser('revoke', owner?.userId)
        if ((await store.find(id))?.userId !== owner.userId) return false
      }
      return sessions.end(id, 'revoked', emitFor())
    },
    async revokeAll(userId, { except } = {}) {
      assertUser('revokeAll', userId)
      const count = await store.revokeAll(userId, { now: clock(), reason: 'revoked', except })
      emitFor()({ type: 'revoke_all', userId, count })
      return count
    },
  }
}

/** What is shown to anybody but the store. */
function withoutSalt({ salt: _, ...session }: StoredRefreshToken): RefreshToken {
  return session
}

/** @throws TypeError when a user is meant, but there is none: nothing must then be ended in somebody else's name */
function assertUser(method: string, userId: unknown): void {
  if (typeof userId === 'string') return
  throw new TypeError(`${method}: \`userId\` must be a string, found ${userId === null ? 'null' : typeof userId}.`)
}

/** @throws TypeError when `authenticate` answered something that no session can be made of */
function readLogin(login: Login): SessionStart {
  const { userId, scopes = [], data, label } = (login ?? {}) as Partial<Login>
  if (typeof userId !== 'string' || userId === '') {
    throw new TypeError('createTokenAuth: `authenticate` must answer null or an object with `userId`, a string.')
  }
  if (!Array.isArray(scopes) || !scopes.every((scope) => typeof scope === 'string')) {
    throw new TypeError('createTokenAuth: `scopes` that `authenticate` answers must be an array of strings.')
  }
  if (label !== undefined && label !== null && typeof label !== 'string') {
    throw new TypeError('createTokenAuth: `label` that `authenticate` answers must be a string.')
  }
  return { userId, scopes, data: data ?? null, label: label ?? null }
}
