import type { KeySource } from '../keys/key-source.ts'
import type { TokenResult } from './token-rejection.ts'

/** What a caller of `load`, `verify` and `tryLoad` may say for this one call, over the options of the class. */
export interface TokenVerifyOptions {
  /** The keys to verify with. A string or bytes is one HS256 secret. Default: those of the class. */
  readonly keys?: KeySource | undefined
  /** The token must carry exactly this `iss`. Default: that of the class. */
  readonly issuer?: string | undefined
  /** The token must carry at least one of these in `aud`. Default: that of the class. */
  readonly audience?: string | readonly string[] | undefined
  /**
   * Accept a token whose life is over; everything else is still checked. **For logout only**: it lets a user whose token
   * has just expired still end the session that token names. Default: false.
   */
  readonly ignoreExpiry?: boolean | undefined
}

/**
 * The least that `parseAuthHeader` needs of a token class. Every class made by `ShortlivedTokenMixin` is one, and so is
 * any object of your own with a `load`.
 */
export interface TokenClass<Token extends object = object> {
  /** True when only the `…Async` members may be called: the engine or the key set is asynchronous. Absent means false. */
  readonly isAsync?: boolean | undefined
  /** The token, or null when it is not valid. */
  load(raw: string, options?: TokenVerifyOptions): Token | null
  /** The token; throws a `TokenError` that says why there is none. */
  verify?(raw: string, options?: TokenVerifyOptions): Token
  /** The token or the reason, without an exception: the cheapest way to learn the code. */
  tryLoad?(raw: string, options?: TokenVerifyOptions): TokenResult<Token>
  loadAsync?(raw: string, options?: TokenVerifyOptions): Promise<Token | null>
  verifyAsync?(raw: string, options?: TokenVerifyOptions): Promise<Token>
  tryLoadAsync?(raw: string, options?: TokenVerifyOptions): Promise<TokenResult<Token>>
}

/**
 * What `load` of a token class gives, without the null: the instance type of a class, else what its own `load` returns.
 *
 * @example
 * ```ts
 * import { claim, ShortlivedTokenMixin, type TokenOf } from 'twopi/token-auth'
 * import { z } from 'zod'
 *
 * class ShortlivedToken extends ShortlivedTokenMixin({ userId: claim('user_id', z.string()) }) {}
 *
 * export function whose(token: TokenOf<typeof ShortlivedToken>): string {
 *   return token.userId
 * }
 * ```
 */
export type TokenOf<Class extends TokenClass> = Class extends abstract new (
  ...args: never
) => infer Instance
  ? Instance
  : Class extends TokenClass<infer Token>
    ? Token
    : never
