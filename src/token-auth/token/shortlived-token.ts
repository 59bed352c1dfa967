import { forget, isPromiseLike, type MaybePromise } from '../../lib/maybe-promise.ts'
import type { ClaimDefinitions, ReservedAttribute, TokenAttributes } from './claim.ts'
import type { Payload } from './claims-codec.ts'
import { REFUSED } from './rejections.ts'
import { adoptRegistered, DEFINITION, type RegisteredInit, ShortlivedTokenBase } from './shortlived-token-base.ts'
import type { TokenVerifyOptions } from './token-class.ts'
import { asyncOnly, TokenDefinition } from './token-definition.ts'
import type { TokenOptions } from './token-options.ts'
import { TokenRejection, type TokenResult } from './token-rejection.ts'

/** What the constructor of a token takes: its attributes, and what every token may have. */
export type TokenInit<Attributes extends object> = Readonly<Attributes> & RegisteredInit

/** A class that `load` and its kin may be called on. */
export type TokenConstructor<Attributes extends object> = new (init: TokenInit<Attributes>) => object

/**
 * The class that `ShortlivedTokenMixin` and `defineToken` make, by its attributes. Write it out where
 * `isolatedDeclarations` wants a type.
 */
export interface ShortlivedTokenClass<Attributes extends object> {
  new (init: TokenInit<Attributes>): ShortlivedTokenBase & Readonly<Attributes>
  /** True when only the `…Async` members can be used: the engine or the key set is asynchronous. */
  readonly isAsync: boolean
  /**
   * Reads the text of a token.
   *
   * @returns the token, or null when it is not valid
   * @throws TypeError when no keys are set, or engine or keys are asynchronous
   */
  load<Class extends TokenConstructor<Attributes>>(
    this: Class,
    raw: string,
    options?: TokenVerifyOptions,
  ): InstanceType<Class> | null
  /** The same as `load`, but throws a `TokenError` whose `code` says what is wrong. */
  verify<Class extends TokenConstructor<Attributes>>(
    this: Class,
    raw: string,
    options?: TokenVerifyOptions,
  ): InstanceType<Class>
  /** The same as `load`, but answers `{ ok: true, token }` or `{ ok: false, code, error }`. */
  tryLoad<Class extends TokenConstructor<Attributes>>(
    this: Class,
    raw: string,
    options?: TokenVerifyOptions,
  ): TokenResult<InstanceType<Class>>
  /** `load` for every engine and every kind of keys. */
  loadAsync<Class extends TokenConstructor<Attributes>>(
    this: Class,
    raw: string,
    options?: TokenVerifyOptions,
  ): Promise<InstanceType<Class> | null>
  /** `verify` for every engine and every kind of keys. */
  verifyAsync<Class extends TokenConstructor<Attributes>>(
    this: Class,
    raw: string,
    options?: TokenVerifyOptions,
  ): Promise<InstanceType<Class>>
  /** `tryLoad` for every engine and every kind of keys. */
  tryLoadAsync<Class extends TokenConstructor<Attributes>>(
    this: Class,
    raw: string,
    options?: TokenVerifyOptions,
  ): Promise<TokenResult<InstanceType<Class>>>
  /**
   * Asked for every token that is valid in all other ways, by all six members above and so by `parseAuthHeader`: the one place for
   * a look at a list of revoked sessions. Anything but `true` refuses the token with `ERR_TOKEN_REFUSED`. An `async` one makes the
   * class asynchronous. To be overridden; by default every token is accepted.
   *
   * @param token - write the type of your own class: `static override accepts(token: MyToken)`
   */
  accepts(token: ShortlivedTokenBase & Readonly<Attributes>): MaybePromise<boolean>
  /** Makes a token from one of your refresh tokens. To be overridden: only you know what a refresh token of yours looks like. */
  fromRefreshToken(this: FromRefreshTokenIsMissing, refreshToken: never): MaybePromise<ShortlivedTokenBase | null>
}

/** What a compiler says of a call of `fromRefreshToken` that nobody wrote. */
export type FromRefreshTokenIsMissing = 'write `static override fromRefreshToken(refreshToken) { … }` in the class'

/** Makes reserved names compile errors. */
export type CheckedClaims<Claims extends ClaimDefinitions> = {
  readonly [Attribute in keyof Claims]: Attribute extends ReservedAttribute
    ? `the attribute '${Attribute}' is reserved; choose another name`
    : unknown
}

/**
 * Makes the base class of a short-lived token from its claims: what a subclass reads from a token's text it has as typed
 * attributes, and what it writes passes the same schemas.
 *
 * @param claims - attributes and their claims, see {@link claim}
 * @param options - keys, issuer, audience, life times; see {@link TokenOptions}
 * @returns a class to extend
 * @throws TypeError that lists everything wrong with claims and options
 *
 * @example
 * ```ts
 * import { claim, ShortlivedTokenMixin } from 'twopi/token-auth'
 * import { z } from 'zod'
 *
 * interface RefreshToken {
 *   readonly id: string
 *   readonly userId: string
 *   readonly scopes: string[]
 * }
 *
 * export class ShortlivedToken extends ShortlivedTokenMixin({
 *   refreshTokenId: claim('rfid', z.string()),
 *   userId: claim('user_id', z.string()),
 *   scopes: claim('scopes', z.array(z.string())),
 * }) {
 *   static override fromRefreshToken({ id, userId, scopes }: RefreshToken): ShortlivedToken {
 *     return new this({ refreshTokenId: id, userId, scopes, expiresIn: '15 minutes' })
 *   }
 * }
 * ```
 */
export function ShortlivedTokenMixin<const Claims extends ClaimDefinitions>(
  claims: Claims & CheckedClaims<Claims>,
  options: TokenOptions = {},
): ShortlivedTokenClass<TokenAttributes<Claims>> {
  const definition = new TokenDefinition(claims, options)

  // The public type above is exact about subclasses; in here a token is a token.
  class Token extends ShortlivedTokenBase {
    static readonly [DEFINITION] = definition

    static get isAsync(): boolean {
      return definition.isAsync || isAsyncFunction(this.accepts)
    }

    static load(raw: string, options?: TokenVerifyOptions): Token | null {
      const token = admit(this, definition.open(raw, options, 'load'), 'load')
      return token instanceof TokenRejection ? null : token
    }

    static verify(raw: string, options?: TokenVerifyOptions): Token {
      return orThrow(admit(this, definition.open(raw, options, 'verify'), 'verify'))
    }

    static tryLoad(raw: string, options?: TokenVerifyOptions): TokenResult<Token> {
      return toResult(admit(this, definition.open(raw, options, 'tryLoad'), 'tryLoad'))
    }

    static async loadAsync(raw: string, options?: TokenVerifyOptions): Promise<Token | null> {
      const token = await admitAsync(this, definition.openAsync(raw, options))
      return token instanceof TokenRejection ? null : token
    }

    static async verifyAsync(raw: string, options?: TokenVerifyOptions): Promise<Token> {
      return orThrow(await admitAsync(this, definition.openAsync(raw, options)))
    }

    static async tryLoadAsync(raw: string, options?: TokenVerifyOptions): Promise<TokenResult<Token>> {
      return toResult(await admitAsync(this, definition.openAsync(raw, options)))
    }

    static accepts(_token: Token): MaybePromise<boolean> {
      return true
    }

    static fromRefreshToken(): never {
      throw new TypeError(
        `\`${this.name}.fromRefreshToken\` must be implemented: add \`static override fromRefreshToken(refreshToken) { return new this({ … }) }\`.`,
      )
    }
  }

  function make(Class: typeof Token, payload: Payload | TokenRejection): Token | TokenRejection {
    if (payload instanceof TokenRejection) return payload
    const init: Payload = {}
    const rejection = definition.claims.decode(payload, init)
    if (rejection !== null) return rejection
    const token = new Class(init)
    adoptRegistered(token, payload)
    return token
  }

  // Every way of reading a token ends in one of these two.
  function admit(Class: typeof Token, payload: Payload | TokenRejection, method: string): Token | TokenRejection {
    const token = make(Class, payload)
    if (token instanceof TokenRejection) return token
    const accepted = Class.accepts(token)
    if (accepted === true) return token
    if (!isPromiseLike(accepted)) return REFUSED
    forget(accepted)
    throw asyncOnly(method, '`accepts()`')
  }

  async function admitAsync(
    Class: typeof Token,
    payload: Promise<Payload | TokenRejection>,
  ): Promise<Token | TokenRejection> {
    const token = make(Class, await payload)
    return token instanceof TokenRejection || (await Class.accepts(token)) === true ? token : REFUSED
  }

  return Token as unknown as ShortlivedTokenClass<TokenAttributes<Claims>>
}

// What a promise would tell only after the call.
function isAsyncFunction(value: unknown): boolean {
  return Object.prototype.toString.call(value) === '[object AsyncFunction]'
}

function orThrow<Token>(token: Token | TokenRejection): Token {
  if (token instanceof TokenRejection) throw token.error
  return token
}

function toResult<Token>(token: Token | TokenRejection): TokenResult<Token> {
  return token instanceof TokenRejection ? token : { ok: true, token }
}
