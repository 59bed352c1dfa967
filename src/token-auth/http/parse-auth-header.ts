import { describeStep } from '../../http/describe-step.ts'
import type { RequestContext } from '../../http/request-context.ts'
import { isPromiseLike, type MaybePromise } from '../../lib/maybe-promise.ts'
import { assertNoProblems } from '../../lib/problems.ts'
import { AuthError } from '../errors/auth-error.ts'
import { MOST_TOKEN_CHARACTERS, TokenError, type TokenErrorCode } from '../errors/token-error.ts'
import { type KeySource, toKeys } from '../keys/key-source.ts'
import { type AsyncKeys, Keys } from '../keys/keys.ts'
import { assertNotBypassed } from '../token/assert-not-bypassed.ts'
import { policyOf } from '../token/policy-of.ts'
import type { TokenClass, TokenOf, TokenVerifyOptions } from '../token/token-class.ts'
import { readAudience, readText } from '../token/token-options.ts'
import { challenge } from './challenge.ts'
import { describeToken } from './describe-auth.ts'
import {
  mayComeElsewhere,
  type ParseAuthHeaderOptions,
  PLACE_OPTIONS,
  placeProblems,
  tokenFinder,
} from './find-token.ts'
import { keepPrivate } from './keep-private.ts'
import { nameProblems } from './option-problems.ts'
import { asAddingStep } from './step-order.ts'

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
 * - Credentials of another scheme, such as `Basic`, are no token; nor is an empty parameter or cookie.
 * - The answer to a token that came in the URL or in a cookie says `cache-control: private`, unless the view says something
 *   else of caches or answers by the framework's own means (RFC 6750 section 2.3).
 *
 * @param Token - a class made with `ShortlivedTokenMixin`, or anything with `load(raw, secret)`
 * @param options - where to look (`authHeader` true, `queryString` false, `cookie` false), `secret` or `keys` (default:
 *   those of the class), `issuer`, `audience`, `headerWins` (false), `compat`, `realm` (`'api'`)
 * @returns the step; it is synchronous unless the token class is asynchronous
 * @throws TypeError for options that are not known or cannot work, all at once; found at set-up
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
  const { realm = 'api' } = options ?? {}
  const load = readOptions(Token, options, ignoreExpiry)
  const find = tokenFinder(options)
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
    const found = find(request)
    if (found.kind === 'none') return ABSENT
    if (found.kind === 'malformed') throw new AuthError('ERR_AUTH_REQUEST', { headers: refusals.malformed })
    const { token: rawToken } = found
    if (rawToken.length > MOST_TOKEN_CHARACTERS) return accept(rawToken, { ok: false, code: 'ERR_TOKEN_TOO_LARGE' })
    const result = attempt(() => load(rawToken))
    return isPromiseLike(result)
      ? result.then(
          (settled) => accept(rawToken, settled),
          (error: unknown) => accept(rawToken, refused(error)),
        )
      : accept(rawToken, result)
  }
  describeStep(asAddingStep(step), () => describeToken(options, isVerifying(Token)))
  if (!mayComeElsewhere(options)) return step
  return keepPrivate(step, ({ request }) => {
    const found = find(request)
    return found.kind === 'token' && found.from !== 'header'
  })
}

/** @throws TypeError that lists everything wrong with the options */
function readOptions(
  Token: VerifyingTokenClass | TokenLoader<object, never>,
  options: ParseTokenOptions & ParseWithLoaderOptions<unknown>,
  ignoreExpiry: boolean,
): (raw: string) => MaybePromise<LoadResult> {
  const isOurs = isVerifying(Token)
  const names = [...PLACE_OPTIONS, 'secret', ...(isOurs ? ['keys', 'issuer', 'audience'] : [])]
  const problems = [...nameProblems(options, names), ...placeProblems(options ?? {})]
  const load = isOurs
    ? verifier(Token, options ?? {}, ignoreExpiry, problems)
    : loader(Token, options?.secret, problems)
  assertNoProblems('parseAuthHeader', problems)
  return load
}

const ABSENT: AuthContext<never> = Object.freeze({ token: null, rawToken: null })

type LoadResult =
  | { readonly ok: true; readonly token: object }
  | { readonly ok: false; readonly code: TokenErrorCode; readonly error?: unknown }

function verifier(
  Token: VerifyingTokenClass,
  options: ParseTokenOptions,
  ignoreExpiry: boolean,
  problems: string[],
): (raw: string) => MaybePromise<LoadResult> {
  const { compat, secret } = options
  if (options.keys !== undefined && secret !== undefined) problems.push('give `secret` or `keys`, not both')
  const issuer = readText('issuer', options.issuer, problems)
  const audience = readAudience(options.audience, problems)
  const source = options.keys ?? secret
  const acceptShortSecrets = compat === 'twopi-flask' || policyOf(Token)?.acceptShortSecrets === true
  const keys = source === undefined ? undefined : readKeys(source, acceptShortSecrets, problems)
  const nothingSaid = keys === undefined && issuer === undefined && audience === undefined && !ignoreExpiry
  const verify: TokenVerifyOptions | undefined = nothingSaid ? undefined : { keys, issuer, audience, ignoreExpiry }
  const isSync = Token.isAsync !== true && (keys === undefined || keys instanceof Keys)
  assertNotBypassed(Token, isSync ? 'tryLoad' : 'tryLoadAsync')
  if (isSync) return (raw) => Token.tryLoad(raw, verify)
  const { tryLoadAsync } = Token
  if (tryLoadAsync === undefined) {
    problems.push('the token class is asynchronous, but has no `tryLoadAsync`')
    return unusable
  }
  return (raw) => tryLoadAsync.call(Token, raw, verify)
}

function readKeys(source: KeySource, acceptShortSecrets: boolean, problems: string[]): Keys | AsyncKeys | undefined {
  try {
    return toKeys(source, acceptShortSecrets)
  } catch (error) {
    problems.push((error as Error).message)
    return undefined
  }
}

/** In the place of what could not be made; the problems are thrown before anybody calls it. */
function unusable(): never {
  throw new TypeError('parseAuthHeader: the options cannot work')
}

function isVerifying(Token: VerifyingTokenClass | TokenLoader<object, never>): Token is VerifyingTokenClass {
  return typeof (Token as Partial<VerifyingTokenClass> | undefined)?.tryLoad === 'function'
}

function loader(
  Token: TokenLoader<object, never> | undefined,
  secret: unknown,
  problems: string[],
): (raw: string) => MaybePromise<LoadResult> {
  if (typeof Token?.load !== 'function') {
    problems.push('the first argument must be a token class, found something without `load`')
    return unusable
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
