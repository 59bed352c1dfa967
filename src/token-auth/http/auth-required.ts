import { describeStep } from '../../http/describe-step.ts'
import { assertNoProblems } from '../../lib/problems.ts'
import { AuthError } from '../errors/auth-error.ts'
import { challenge, challengeProblems } from './challenge.ts'
import { describeRequired } from './describe-auth.ts'
import { nameProblems } from './option-problems.ts'
import { asRequiringStep } from './step-order.ts'

/** The step of {@link authRequired} without scopes: after it, `token` is never null. */
export type AuthRequiredStep = <Token>(context: { readonly token: Token | null }) => { token: Token }

/** The step of {@link authRequired} with scopes. Tokens whose class has no `scopes` attribute do not compile. */
export type ScopesRequiredStep = <Token extends TokenWithScopes>(context: {
  readonly token: Token | null
}) => {
  token: Token
}

/** A token that says what it may be used for: a list of scopes, or one text with spaces between them as OAuth has it. */
export interface TokenWithScopes {
  readonly scopes: readonly string[] | string | undefined
}

/** How {@link authRequired} answers. */
export interface AuthRequiredOptions {
  /** The scopes the token must have, all of them. Default, when it is left out: none are asked for. `undefined` is refused. */
  readonly scopes?: readonly string[]
  /** Named in the `WWW-Authenticate` challenge. Default `'api'`. */
  readonly realm?: string | undefined
}

/**
 * A step that lets only requests with a valid token pass. It stands after `parseAuthHeader`, which adds the token; from
 * here on `token` is the token and not null.
 *
 * Without a token it answers 401 "A valid token is required to access this resource" with a challenge that has no `error`,
 * and when a scope is missing 403 with `error="insufficient_scope"` and the scopes that are needed (RFC 6750 section 3.1).
 *
 * @param options - `scopes` the token must have (default none), `realm` (default `'api'`)
 * @throws TypeError at set-up: for options that are not known or cannot work, all at once, and from the pipeline when no
 *   `parseAuthHeader` stands before it
 * @throws AuthError `ERR_AUTH_REQUIRED` (401), `ERR_AUTH_SCOPE` (403) on a request
 *
 * @example
 * ```ts
 * import { pipeline } from 'twopi/http'
 * import { authRequired, claim, parseAuthHeader, ShortlivedTokenMixin } from 'twopi/token-auth'
 * import { z } from 'zod'
 *
 * class ShortlivedToken extends ShortlivedTokenMixin({
 *   userId: claim('user_id', z.string()),
 *   scopes: claim('scopes', z.array(z.string())),
 * }) {}
 *
 * export const greet = pipeline(
 *   parseAuthHeader(ShortlivedToken),
 *   authRequired({ scopes: ['greet'] }),
 *   ({ token }) => `Welcome, ${token.userId}`,
 * )
 * ```
 */
export function authRequired(options: AuthRequiredOptions & { readonly scopes: readonly string[] }): ScopesRequiredStep
export function authRequired(options?: AuthRequiredOptions): AuthRequiredStep
export function authRequired(options: AuthRequiredOptions = {}): AuthRequiredStep {
  const { realm = 'api' } = options ?? {}
  // Scopes that somebody meant to ask for and that are not there must not let everybody pass.
  const scopes = Object.hasOwn(options ?? {}, 'scopes') ? options.scopes : []
  assertNoProblems('authRequired', [
    ...nameProblems(options, ['scopes', 'realm']),
    ...challengeProblems(realm, scopes ?? null),
  ])
  const needed = [...(scopes ?? [])]
  const unauthorized = { 'www-authenticate': challenge(realm) }
  const forbidden = {
    'www-authenticate': challenge(realm, {
      error: 'insufficient_scope',
      description: 'The token does not have the scopes that this resource needs.',
      scope: needed.join(' '),
    }),
  }

  const step: AuthRequiredStep = (context) => {
    const { token } = context
    if (token === null) throw new AuthError('ERR_AUTH_REQUIRED', { headers: unauthorized })
    if (token === undefined) {
      throw new TypeError(NO_TOKEN)
    }
    if (needed.length > 0 && !hasScopes(token, needed)) throw new AuthError('ERR_AUTH_SCOPE', { headers: forbidden })
    return { token }
  }
  return describeStep(asRequiringStep(step, NO_TOKEN), () => describeRequired(needed))
}

const NO_TOKEN = 'authRequired() found no `token` in the context; put parseAuthHeader(Token) before it.'

function hasScopes(token: object | unknown, needed: readonly string[]): boolean {
  const scopes: unknown = typeof token === 'object' && token !== null && 'scopes' in token ? token.scopes : undefined
  const granted: unknown = typeof scopes === 'string' ? scopes.split(' ') : scopes
  return Array.isArray(granted) && needed.every((scope) => granted.includes(scope))
}
