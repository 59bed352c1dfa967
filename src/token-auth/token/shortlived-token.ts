import type { MaybePromise } from '../../lib/maybe-promise.ts'
import type { ClaimDefinitions, ReservedAttribute, TokenAttributes } from './claim.ts'
import type { Payload } from './claims-codec.ts'
import { adoptRegistered, DEFINITION, type RegisteredInit, ShortlivedTokenBase } from './shortlived-token-base.ts'
import type { TokenVerifyOptions } from './token-class.ts'
import { TokenDefinition } from './token-definition.ts'
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
  /** Makes a token from one of your refresh tokens. To be overridden: only you know what a refresh token of yours looks like. */
  fromRefreshToken(refreshToken: never): MaybePromise<ShortlivedTokenBase | null>
}

/** Makes reserved names compile errors. */
export type CheckedClaims<Claims extends ClaimDefinitions> = {
  readonly [Attribute in keyof Claims]: Attribute extends ReservedAttribute ? never : unknown
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
      return definition.isAsync
    }

    static load(raw: string, options?: TokenVerifyOptions): Token | null {
      const token = make(this, definition.open(raw, options, 'load'))
      return token instanceof TokenRejection ? null : token
    }

    static verify(raw: string, options?: TokenVerifyOptions): Token {
      return orThrow(make(this, definition.open(raw, options, 'verify')))
    }

    static tryLoad(raw: string, options?: TokenVerifyOptions): TokenResult<Token> {
      return toResult(make(this, definition.open(raw, options, 'tryLoad')))
    }

    static async loadAsync(raw: string, options?: TokenVerifyOptions): Promise<Token | null> {
      const token = make(this, await definition.openAsync(raw, options))
      return token instanceof TokenRejection ? null : token
    }

    static async verifyAsync(raw: string, options?: TokenVerifyOptions): Promise<Token> {
      return orThrow(make(this, await definition.openAsync(raw, options)))
    }

    static async tryLoadAsync(raw: string, options?: TokenVerifyOptions): Promise<TokenResult<Token>> {
      return toResult(make(this, await definition.openAsync(raw, options)))
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

  return Token as unknown as ShortlivedTokenClass<TokenAttributes<Claims>>
}

function orThrow<Token>(token: Token | TokenRejection): Token {
  if (token instanceof TokenRejection) throw token.error
  return token
}

function toResult<Token>(token: Token | TokenRejection): TokenResult<Token> {
  return token instanceof TokenRejection ? token : { ok: true, token }
}
