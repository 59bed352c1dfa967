import { describeStep } from '../../http/describe-step.ts'
import type { RequestContext } from '../../http/request-context.ts'
import { isPromiseLike, type MaybePromise } from '../../lib/maybe-promise.ts'
import { AuthError } from '../errors/auth-error.ts'
import { TokenError, type TokenErrorCode } from '../errors/token-error.ts'
import { type KeySource, toKeys } from '../keys/key-source.ts'
import { Keys } from '../keys/keys.ts'
import { policyOf } from '../token/policy-of.ts'
import type { TokenClass, TokenOf, TokenVerifyOptions } from '../token/token-class.ts'
import { challenge } from './challenge.ts'
import { describeToken } from './describe-auth.ts'
import { type ParseAuthHeaderOptions, tokenFinder } from './find-token.ts'

/** What {@link parseAuthHeader} adds to the context: both null when the request has no token. */
export interface AuthContext<Token> {
  readonly token: Token | null
  readonly rawToken: string | null
}

/** The step that {@link parseAuthHeader} makes; it returns no promise when the token class needs none. */
export type AuthHeaderStep<Token> = (context: RequestContext) => MaybePromise<AuthContext<Token>>

/** A token class of twopi: it says why a token is not valid. */
export type VerifyingTokenClass = TokenClass & Required<Pick<TokenClass, 'tryLoad'>>

/**
 * A token class of your own, as the original allowed it: `load` answers the token, or null when it is not valid. It may be
 * asynchronous. A `TokenError` that it throws refuses the token; anything else is a fault of the server.
 *
 * @typeParam Secret - what `load` takes as its second argument: the `secret` option
 */
export interface TokenLoader<Token extends object, Secret = unknown> {
  load(raw: string, secret: Secret): MaybePromise<Token | null>
}

/** {@link ParseAuthHeaderOptions} for a token class of twopi. */
export interface ParseTokenOptions extends ParseAuthHeaderOptions, Omit<TokenVerifyOptions, 'ignoreExpiry'> {
  /** The same as `keys`, by its name in the original. */
  readonly secret?: KeySource | undefined
}

/** {@link ParseAuthHeaderOptions} for a {@link TokenLoader}. */
export interface ParseWithLoaderOptions<Secret> extends ParseAuthHeaderOptions {
  /** Passed to `load` as it is. */
  readonly secret?: Secret | undefined
}

/**
 * A step that finds the request's token and adds `token` and `rawToken` to the context, or null for both when there is
 * none. Follow it with `authRequired()` where a token must be there; without that, the token is optional.
 *
 * - A token that is not valid: 401 "The provided token was invalid." with `error="invalid_token"`. The body's `code` is
 *   `ERR_TOKEN_EXPIRED` or, for every other reason, `ERR_TOKEN_INVALID`.
 * - A header that is not well-formed, or more than one token: 400 with `error="invalid_request"` (RFC 6750 section 3.1).
 * - Credentials of another scheme, such as `Basic`, are no token.
 *
 * @param Token - a class made with `ShortlivedTokenMixin`, or anything with `load(raw, secret)`
 * @param options - where to look (`authHeader` true, `queryString` false, `cookie` false), `secret` or `keys` (default:
 *   those of the class), `issuer`, `audience`, `headerWins` (false), `compat`, `realm` (`'api'`)
 * @returns the step; it is synchronous unless the token class is asynchronous
 * @throws TypeError for options that cannot work; found at set-up
 * @throws AuthError `ERR_TOKEN_EXPIRED`, `ERR_TOKEN_INVALID` (401), `ERR_AUTH_REQUEST` (400),
 *   `ERR_TOKEN_KEYS_UNAVAILABLE` (503) on a request
 *
 * @example
 * ```ts
 * import { pipeline } from 'twopi/http'
 * import { claim, parseAuthHeader, ShortlivedTokenMixin } from 'twopi/token-auth'
 * import { z } from 'zod'
 *
 * class ShortlivedToken extends ShortlivedTokenMixin({ userId: claim('user_id', z.string()) }) {}
 *
 * export const greet = pipeline(parseAuthHeader(ShortlivedToken), ({ token }) => `Hello, ${token?.userId ?? 'stranger'}`)
 * ```
 */
export function parseAuthHeader<Class extends VerifyingTokenClass>(
  Token: Class,
  options?: ParseTokenOptions,
): AuthHeaderStep<TokenOf<Class>>
export function parseAuthHeader<Token extends object, Secret = unknown>(
  Token: TokenLoader<Token, Secret>,
  options?: ParseWithLoaderOptions<Secret>,
): AuthHeaderStep<Token>
export function parseAuthHeader(
  Token: VerifyingTokenClass | TokenLoader<object, never>,
  options: ParseTokenOptions & ParseWithLoaderOptions<unknown> = {},
): AuthHeaderStep<object> {
  return authHeaderStep(Token, options, false)
}

/** {@link parseAuthHeader}, and for logout also with tokens whose life is over. */
export function authHeaderStep(
  Token: VerifyingTokenClass | TokenLoader<object, never>,
  options: ParseTokenOptions & ParseWithLoaderOptions<unknown>,
  ignoreExpiry: boolean,
): AuthHeaderStep<object> {
  const { realm = 'api' } = options
  const find = tokenFinder(options)
  const load = isVerifying(Token) ? verifier(Token, options, ignoreExpiry) : loader(Token, options.secret)
  const refusals = {
    malformed: refusal(realm, 'invalid_request', 'The token must be sent once and be well-formed.'),
    expired: refusal(realm, 'invalid_token', 'The token has expired.'),
    invalid: refusal(realm, 'invalid_token', 'The token is not valid.'),
  }

  function accept(rawToken: string, result: LoadResult): AuthContext<object> {
    if (result.ok) return { token: result.token, rawToken }
    const { code } = result
    if (code === 'ERR_TOKEN_KEYS_UNAVAILABLE') throw new AuthError(code, { cause: result.error })
    throw code === 'ERR_TOKEN_EXPIRED'
      ? new AuthError(code, { headers: refusals.expired, cause: result.error })
      : new AuthError('ERR_TOKEN_INVALID', { headers: refusals.invalid, cause: result.error })
  }

  const step = ({ request }: RequestContext) => {
    const rawToken = find(request)
    if (rawToken === null) return ABSENT
    if (rawToken === undefined) throw new AuthError('ERR_AUTH_REQUEST', { headers: refusals.malformed })
    if (rawToken.length > MOST_CHARACTERS) return accept(rawToken, { ok: false, code: 'ERR_TOKEN_TOO_LARGE' })
    const result = attempt(() => load(rawToken))
    return isPromiseLike(result)
      ? result.then(
          (settled) => accept(rawToken, settled),
          (error: unknown) => accept(rawToken, refused(error)),
        )
      : accept(rawToken, result)
  }
  return describeStep(step, () => describeToken(options, isVerifying(Token)))
}

/** What one token may have, wherever it comes from. */
const MOST_CHARACTERS = 8192

const ABSENT: AuthContext<never> = Object.freeze({ token: null, rawToken: null })

type LoadResult =
  | { readonly ok: true; readonly token: object }
  | { readonly ok: false; readonly code: TokenErrorCode; readonly error?: unknown }

function verifier(
  Token: VerifyingTokenClass,
  options: ParseTokenOptions,
  ignoreExpiry: boolean,
): (raw: string) => MaybePromise<LoadResult> {
  const { issuer, audience, compat, secret } = options
  if (options.keys !== undefined && secret !== undefined) {
    throw new TypeError('parseAuthHeader: give `secret` or `keys`, not both')
  }
  const source = options.keys ?? secret
  const acceptShortSecrets = compat === 'twopi-flask' || policyOf(Token)?.acceptShortSecrets === true
  const keys = source === undefined ? undefined : toKeys(source, acceptShortSecrets)
  const nothingSaid = keys === undefined && issuer === undefined && audience === undefined && !ignoreExpiry
  const verify: TokenVerifyOptions | undefined = nothingSaid ? undefined : { keys, issuer, audience, ignoreExpiry }
  if (Token.isAsync !== true && (keys === undefined || keys instanceof Keys)) return (raw) => Token.tryLoad(raw, verify)
  const { tryLoadAsync } = Token
  if (tryLoadAsync === undefined) {
    throw new TypeError('parseAuthHeader: the token class is asynchronous, but has no `tryLoadAsync`')
  }
  return (raw) => tryLoadAsync.call(Token, raw, verify)
}

function isVerifying(Token: VerifyingTokenClass | TokenLoader<object, never>): Token is VerifyingTokenClass {
  return typeof (Token as Partial<VerifyingTokenClass> | undefined)?.tryLoad === 'function'
}

function loader(
  Token: TokenLoader<object, never> | undefined,
  secret: unknown,
): (raw: string) => MaybePromise<LoadResult> {
  if (typeof Token?.load !== 'function') {
    throw new TypeError('parseAuthHeader: the first argument must be a token class, found something without `load`')
  }
  return (raw) => {
    const token = Token.load(raw, secret as never)
    return isPromiseLike(token) ? token.then(loaded) : loaded(token)
  }
}

function attempt(load: () => MaybePromise<LoadResult>): MaybePromise<LoadResult> {
  try {
    return load()
  } catch (error) {
    return refused(error)
  }
}

/** Keys that cannot be loaded, or a `load` that is a `verify`: an answer too. Anything else is a fault of the server. */
function refused(error: unknown): LoadResult {
  if (error instanceof TokenError) return { ok: false, code: error.code, error }
  throw error
}

function loaded(token: unknown): LoadResult {
  return typeof token === 'object' && token !== null ? { ok: true, token } : { ok: false, code: 'ERR_TOKEN_SIGNATURE' }
}

function refusal(
  realm: string,
  error: 'invalid_request' | 'invalid_token',
  description: string,
): { 'www-authenticate': string } {
  return { 'www-authenticate': challenge(realm, { error, description }) }
}
