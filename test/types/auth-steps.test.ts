import { pipeline, type RequestContext } from 'twopi/http'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { authRequired } from '../../src/token-auth/auth-required.ts'
import { parseAuthHeader } from '../../src/token-auth/parse-auth-header.ts'
import type { TokenResult } from '../../src/token-auth/token-rejection.ts'

class Plain {
  readonly userId: string = ''
  static load(): Plain | null {
    return null
  }
  static tryLoad(): TokenResult<Plain> {
    return { ok: true, token: new Plain() }
  }
}

class Scoped extends Plain {
  readonly scopes: string[] = []
  static override load(): Scoped | null {
    return null
  }
  static override tryLoad(): TokenResult<Scoped> {
    return { ok: true, token: new Scoped() }
  }
}

class OAuthToken extends Plain {
  readonly scopes: string | undefined = ''
  static override load(): OAuthToken | null {
    return null
  }
  static override tryLoad(): TokenResult<OAuthToken> {
    return { ok: true, token: new OAuthToken() }
  }
}

describe('types of the auth steps', () => {
  it('gives the view the token of the class, or null', () => {
    pipeline(parseAuthHeader(Plain), ({ token, rawToken }) => {
      expectTypeOf(token).toEqualTypeOf<Plain | null>()
      expectTypeOf(rawToken).toEqualTypeOf<string | null>()
    })
  })

  it('takes null away after authRequired()', () => {
    pipeline(parseAuthHeader(Plain), authRequired(), ({ token, rawToken, request }) => {
      expectTypeOf(token).toEqualTypeOf<Plain>()
      expectTypeOf(token.userId).toEqualTypeOf<string>()
      expectTypeOf(rawToken).toEqualTypeOf<string | null>()
      expectTypeOf(request).toEqualTypeOf<RequestContext['request']>()
    })
  })

  it('keeps the type through scopes, and through a second authRequired()', () => {
    pipeline(parseAuthHeader(Scoped), authRequired(), authRequired({ scopes: ['a'] }), ({ token }) => {
      expectTypeOf(token).toEqualTypeOf<Scoped>()
    })
    pipeline(parseAuthHeader(OAuthToken), authRequired({ scopes: ['a'], realm: 'x' }), ({ token }) => {
      expectTypeOf(token).toEqualTypeOf<OAuthToken>()
    })
  })

  it('keeps what other steps add before and after', () => {
    pipeline(
      () => ({ before: 1 }),
      parseAuthHeader(Plain),
      () => ({ between: '' }),
      authRequired(),
      ({ token }) => ({ user: token.userId }),
      (context) => {
        expectTypeOf(context.before).toEqualTypeOf<number>()
        expectTypeOf(context.between).toEqualTypeOf<string>()
        expectTypeOf(context.user).toEqualTypeOf<string>()
        expectTypeOf(context.token).toEqualTypeOf<Plain>()
      },
    )
  })

  it('does not compile authRequired() where no step adds a token', () => {
    // @ts-expect-error nothing adds `token`
    pipeline(authRequired(), ({ token }) => token)
    // @ts-expect-error the wrong way round
    pipeline(authRequired(), parseAuthHeader(Plain), ({ token }) => token)
  })

  it('does not compile scopes for a token class that has none', () => {
    // @ts-expect-error Plain has no `scopes`
    pipeline(parseAuthHeader(Plain), authRequired({ scopes: ['a'] }), ({ token }) => token)
  })

  it("takes the type from a loader's own load, synchronous or not, and gives it its secret", () => {
    const sync = { load: (raw: string, secret: Uint8Array | undefined) => (secret === undefined ? null : { sub: raw }) }
    pipeline(parseAuthHeader(sync, { secret: new Uint8Array(1) }), authRequired(), ({ token }) => {
      expectTypeOf(token).toEqualTypeOf<{ sub: string }>()
    })
    const async = { load: async (raw: string): Promise<{ sub: string } | null> => ({ sub: raw }) }
    pipeline(parseAuthHeader(async), ({ token }) => {
      expectTypeOf(token).toEqualTypeOf<{ sub: string } | null>()
    })
    class Foreign {
      static load(_raw: string, _secret?: string): { ok: true } | null {
        return null
      }
    }
    pipeline(parseAuthHeader(Foreign, { secret: 's' }), ({ token }) => {
      expectTypeOf(token).toEqualTypeOf<{ ok: true } | null>()
    })
    // @ts-expect-error the secret is bytes
    parseAuthHeader(sync, { secret: 1 })
  })

  it('does not compile options that are not known', () => {
    // @ts-expect-error misspelt
    parseAuthHeader(Plain, { querystring: true })
    // @ts-expect-error expired tokens are for logout only
    parseAuthHeader(Plain, { ignoreExpiry: true })
    // @ts-expect-error a name is needed
    expect(() => parseAuthHeader(Plain, { cookie: true })).toThrow(TypeError)
  })
})
