import { ShortlivedTokenMixin } from './shortlived-token.ts'

/**
 * The same as {@link ShortlivedTokenMixin}, as a value with a name: for code that is compiled with `isolatedDeclarations`,
 * where a class cannot extend a call and every export needs its type written out.
 *
 * @param claims - attributes and their claims
 * @param options - keys, issuer, audience, life times
 * @returns a class to use or to extend
 * @throws TypeError that lists everything wrong with claims and options
 *
 * @example
 * ```ts
 * import { claim, defineToken, type ShortlivedTokenClass } from 'twopi/token-auth'
 * import { z } from 'zod'
 *
 * const Base: ShortlivedTokenClass<{ userId: string; scopes: string[] }> = defineToken({
 *   userId: claim('user_id', z.string()),
 *   scopes: claim(z.array(z.string())),
 * })
 *
 * export class ShortlivedToken extends Base {}
 * ```
 */
export const defineToken: typeof ShortlivedTokenMixin = ShortlivedTokenMixin
