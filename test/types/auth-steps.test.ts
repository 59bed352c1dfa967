import { pipeline, type RequestContext } from 'twopi/http'
import {
  authRequired,
  claim,
  createTokenAuth,
  MemoryRefreshTokenStore,
  parseAuthHeader,
  type RefreshToken,
  ShortlivedTokenMixin,
  type TokenResult,
} from 'twopi/token-auth'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'

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
    expect(() => pipeline(authRequired(), ({ token }) => token)).toThrow(TypeError)
    // @ts-expect-error the wrong way round
    expect(() => pipeline(authRequired(), parseAuthHeader(Plain), ({ token }) => token)).toThrow(TypeError)
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
    expect(() => parseAuthHeader(Plain, { querystring: true })).toThrow(TypeError)
    // @ts-expect-error expired tokens are for logout only
    expect(() => parseAuthHeader(Plain, { ignoreExpiry: true })).toThrow(TypeError)
    // @ts-expect-error misspelt
    expect(() => authRequired({ scope: ['a'] })).toThrow(TypeError)
    // @ts-expect-error scopes that are not there must not let everybody pass
    expect(() => authRequired({ scopes: undefined })).toThrow(TypeError)
    // @ts-expect-error a name is needed
    expect(() => parseAuthHeader(Plain, { cookie: true })).toThrow(TypeError)
  })
})

const keys = 'a secret of more than thirty-two bytes'
const store = new MemoryRefreshTokenStore()

class ShortlivedToken extends ShortlivedTokenMixin(
  {
    refreshTokenId: claim('rfid', z.string()),
    userId: claim('user_id', z.string()),
    scopes: claim('scopes', z.array(z.string())),
  },
  { keys },
) {
  static override fromRefreshToken(refreshToken: RefreshToken) {
    const { id, userId, scopes } = refreshToken
    return new this({ refreshTokenId: id, userId, scopes, expiresIn: '15 minutes' })
  }

  greeting(): string {
    return `Welcome, ${this.userId}`
  }
}

describe('types with a class of the mixin', () => {
  it('the view has the attributes and methods of the class, without a cast', () => {
    pipeline(parseAuthHeader(ShortlivedToken), ({ token }) => {
      expectTypeOf(token).toEqualTypeOf<ShortlivedToken | null>()
    })
    pipeline(parseAuthHeader(ShortlivedToken), authRequired({ scopes: ['a'] }), ({ token }) => {
      expectTypeOf(token).toEqualTypeOf<ShortlivedToken>()
      expectTypeOf(token.userId).toEqualTypeOf<string>()
      expectTypeOf(token.greeting()).toEqualTypeOf<string>()
      // @ts-expect-error the name on the wire is no attribute
      token.rfid
    })
  })

  it('scopes do not compile when the class declares none', () => {
    class NoScopes extends ShortlivedTokenMixin({ userId: claim(z.string()) }, { keys }) {}
    pipeline(parseAuthHeader(NoScopes), authRequired(), ({ token }) => {
      expectTypeOf(token).toEqualTypeOf<NoScopes>()
    })
    // @ts-expect-error NoScopes has no `scopes`
    pipeline(parseAuthHeader(NoScopes), authRequired({ scopes: ['a'] }), ({ token }) => token)
  })
})

describe('types of createTokenAuth', () => {
  it('credentials are the default fields, or those asked for', () => {
    createTokenAuth({
      token: ShortlivedToken,
      store,
      authenticate: (credentials, context) => {
        expectTypeOf(credentials.username).toEqualTypeOf<string>()
        expectTypeOf(credentials.password).toEqualTypeOf<string>()
        expectTypeOf(context).toEqualTypeOf<RequestContext>()
        // @ts-expect-error not asked for
        credentials.email
        return null
      },
    })
    createTokenAuth({
      token: ShortlivedToken,
      store,
      fields: ['email', 'otp?'],
      authenticate: async ({ email, otp }) => {
        expectTypeOf(email).toEqualTypeOf<string>()
        expectTypeOf(otp).toEqualTypeOf<string | undefined>()
        return { userId: email }
      },
    })
  })

  it('login runs behind the steps that authenticate needs, and only there', () => {
    const auth = createTokenAuth({
      token: ShortlivedToken,
      store,
      authenticate: (_credentials, { users }: RequestContext & { readonly users: readonly string[] }) => {
        expectTypeOf(users).toEqualTypeOf<readonly string[]>()
        return null
      },
    })
    pipeline(() => ({ users: [''] }), auth.login)
    // @ts-expect-error nothing adds `users`
    pipeline(auth.login)
    pipeline(auth.renew)
    pipeline(auth.logout)
    pipeline(
      () => ({ users: [''] }),
      auth.steps.login,
      ({ tokens, session }) => {
        expectTypeOf(tokens).toEqualTypeOf<{ readonly token: string; readonly refreshToken: string }>()
        expectTypeOf(session).toEqualTypeOf<RefreshToken>()
      },
    )
  })

  it('data goes from authenticate to fromRefreshToken with its type', () => {
    class Tenant extends ShortlivedTokenMixin(
      { refreshTokenId: claim(z.string()), tenant: claim(z.string()) },
      { keys },
    ) {
      static override fromRefreshToken({ id, data }: RefreshToken<{ readonly tenant: string }>) {
        return new this({ refreshTokenId: id, tenant: data.tenant })
      }
    }
    const auth = createTokenAuth({
      token: Tenant,
      store,
      authenticate: () => ({ userId: 'a', data: { tenant: 't' } }),
    })
    expectTypeOf(auth.sessions).returns.resolves.toEqualTypeOf<readonly RefreshToken<{ readonly tenant: string }>[]>()
    // @ts-expect-error data is needed
    createTokenAuth({ token: Tenant, store, authenticate: () => ({ userId: 'a' }) })
    // @ts-expect-error data of another type
    createTokenAuth({ token: Tenant, store, authenticate: () => ({ userId: 'a', data: { tenant: 1 } }) })
  })

  it('fromRefreshToken may name only what it needs, be asynchronous and answer null', () => {
    class Small extends ShortlivedTokenMixin({ refreshTokenId: claim(z.string()) }, { keys }) {
      static override async fromRefreshToken({ id }: { readonly id: string }) {
        return id === '' ? null : new this({ refreshTokenId: id })
      }
    }
    createTokenAuth({ token: Small, store, authenticate: () => ({ userId: 'a', data: 1 }) })
  })

  it('a fromRefreshToken that wants more than a session has does not compile, nor one that is missing', () => {
    class Greedy extends ShortlivedTokenMixin({ refreshTokenId: claim(z.string()) }, { keys }) {
      static override fromRefreshToken({ id }: { readonly id: string; readonly email: string }) {
        return new this({ refreshTokenId: id })
      }
    }
    // @ts-expect-error sessions have no `email`
    createTokenAuth({ token: Greedy, store, authenticate: () => null })
    class Missing extends ShortlivedTokenMixin({ refreshTokenId: claim(z.string()) }, { keys }) {}
    // @ts-expect-error fromRefreshToken is not implemented
    createTokenAuth({ token: Missing, store, authenticate: () => null })
  })

  it('a token without refreshTokenId needs sessionId', () => {
    class Named extends ShortlivedTokenMixin({ session: claim(z.string()) }, { keys }) {
      static override fromRefreshToken({ id }: RefreshToken) {
        return new this({ session: id })
      }
    }
    createTokenAuth({ token: Named, store, authenticate: () => null, sessionId: (token) => token.session })
    // @ts-expect-error which session is it
    createTokenAuth({ token: Named, store, authenticate: () => null })
  })

  it('revoke() does not take a user that may be missing', async () => {
    const auth = createTokenAuth({ token: ShortlivedToken, store, authenticate: () => null })
    const requester: { readonly id?: string } = {}
    // @ts-expect-error it would end anybody's session
    await expect(auth.revoke('id', { userId: requester.id })).rejects.toThrow(TypeError)
    // @ts-expect-error the user is missing
    await expect(auth.revoke('id', {})).rejects.toThrow(TypeError)
    expectTypeOf(auth.revoke('id', { userId: 'a' })).resolves.toEqualTypeOf<boolean>()
    expectTypeOf(auth.revoke('id')).resolves.toEqualTypeOf<boolean>()
  })

  it('options may be undefined, as from the environment', () => {
    createTokenAuth({
      token: ShortlivedToken,
      store,
      authenticate: () => null,
      refreshKeys: process.env['REFRESH_SECRET'],
      rotation: undefined,
      idle: undefined,
      sessionId: undefined,
      onEvent: undefined,
    })
  })
})
