import { type as arktype } from 'arktype'
import {
  type CheckedClaims,
  type Claim,
  claim,
  defineToken,
  type FromRefreshTokenIsMissing,
  type Jwk,
  Keys,
  loadJwks,
  type RemoteKeys,
  type ShortlivedTokenBase,
  type ShortlivedTokenClass,
  ShortlivedTokenMixin,
  type TokenClass,
  type TokenOf,
  type TokenResult,
} from 'twopi/token-auth'
import * as v from 'valibot'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { SECRET } from '../support/forge-token.ts'

interface RefreshToken {
  readonly id: string
  readonly userId: string
}

class ShortlivedToken extends ShortlivedTokenMixin(
  {
    refreshTokenId: claim('rfid', z.string()),
    userId: claim('user_id', z.string()),
    scopes: claim(v.array(v.string())),
    tenant: claim(v.optional(v.number())),
    role: claim('r', arktype('"admin" | "user"')),
    since: claim(
      'snc',
      z.iso.datetime().transform((text) => new Date(text)),
      { encode: (date) => date.toISOString() },
    ),
  },
  { keys: SECRET },
) {
  get isAdmin(): boolean {
    return this.role === 'admin'
  }

  static override fromRefreshToken(refreshToken: RefreshToken): ShortlivedToken {
    return new this({ ...attributes, refreshTokenId: refreshToken.id, expiresIn: '5 minutes' })
  }
}

const attributes: {
  readonly refreshTokenId: string
  readonly userId: string
  readonly scopes: string[]
  readonly role: 'admin' | 'user'
  readonly since: Date
} = { refreshTokenId: 's', userId: '42', scopes: ['a'], role: 'user', since: new Date(0) }

/** Compiled, never run: what must not compile stands here under `@ts-expect-error`. */
const compileOnly = (_: () => void): void => undefined

describe('the types of a token class', () => {
  it('give the subclass back from every way of reading', () => {
    expectTypeOf(ShortlivedToken.load('')).toEqualTypeOf<ShortlivedToken | null>()
    expectTypeOf(ShortlivedToken.tryLoad('')).toEqualTypeOf<TokenResult<ShortlivedToken>>()
    expectTypeOf<ReturnType<typeof ShortlivedToken.fromRefreshToken>>().toEqualTypeOf<ShortlivedToken>()
    compileOnly(() => {
      expectTypeOf(ShortlivedToken.verify('')).toEqualTypeOf<ShortlivedToken>()
      expectTypeOf(ShortlivedToken.loadAsync('')).toEqualTypeOf<Promise<ShortlivedToken | null>>()
      expectTypeOf(ShortlivedToken.verifyAsync('')).toEqualTypeOf<Promise<ShortlivedToken>>()
      expectTypeOf(ShortlivedToken.tryLoadAsync('')).toEqualTypeOf<Promise<TokenResult<ShortlivedToken>>>()
    })
  })

  it('have the attributes of the schemas of three libraries, read-only, and the methods of the subclass', () => {
    const token = new ShortlivedToken(attributes)
    expectTypeOf(token.refreshTokenId).toEqualTypeOf<string>()
    expectTypeOf(token.scopes).toEqualTypeOf<string[]>()
    expectTypeOf(token.tenant).toEqualTypeOf<number | undefined>()
    expectTypeOf(token.role).toEqualTypeOf<'admin' | 'user'>()
    expectTypeOf(token.since).toEqualTypeOf<Date>()
    expectTypeOf(token.isAdmin).toEqualTypeOf<boolean>()
    expectTypeOf(token.expiry).toEqualTypeOf<Date | undefined>()
    expectTypeOf(token.dump()).toEqualTypeOf<string>()
    compileOnly(() => {
      // @ts-expect-error read-only
      token.userId = 'x'
      // @ts-expect-error read-only
      token.expiry = new Date()
      // @ts-expect-error the name on the wire is no attribute
      token.user_id
      // @ts-expect-error nobody declared it
      token.email
    })
    expect(ShortlivedToken.load(token.dump())).toMatchObject(attributes)
  })

  it('refuse missing, mistyped and wire-named attributes', () => {
    compileOnly(() => {
      const { userId: _, ...rest } = attributes
      // @ts-expect-error userId is missing
      new ShortlivedToken(rest)
      // @ts-expect-error userId is a string
      new ShortlivedToken({ ...attributes, userId: 42 })
      // @ts-expect-error user_id is the name on the wire
      new ShortlivedToken({ ...rest, user_id: '42' })
      // @ts-expect-error role is one of two
      new ShortlivedToken({ ...attributes, role: 'owner' })
      // @ts-expect-error a unit that does not exist
      new ShortlivedToken({ ...attributes, expiresIn: '1 fortnight' })
    })
    expect(new ShortlivedToken({ ...attributes, tenant: 1 }).tenant).toBe(1)
  })

  it('refuse registered names as claims and reserved names as attributes', () => {
    compileOnly(() => {
      // @ts-expect-error twopi writes `exp` itself
      claim('exp', z.number())
      // @ts-expect-error twopi writes `sub` itself
      claim('sub', z.string())
      // @ts-expect-error reserved
      ShortlivedTokenMixin({ expiry: claim('e', z.number()) })
      // @ts-expect-error reserved
      ShortlivedTokenMixin({ iat: claim(z.number()) })
      // @ts-expect-error reserved
      defineToken({ dump: claim('d', z.number()) })
      // @ts-expect-error no claim
      ShortlivedTokenMixin({ userId: z.string() })
      // @ts-expect-error encode takes what the schema gives
      claim('snc', z.date(), { encode: (value: string) => value })
    })
    expect(claim('ex', z.number()).name).toBe('ex')
  })

  it('say what is wrong in words, where a compiler would say `never`', () => {
    expectTypeOf<CheckedClaims<{ expiry: Claim; userId: Claim }>>().toEqualTypeOf<{
      readonly expiry: "the attribute 'expiry' is reserved; choose another name"
      readonly userId: unknown
    }>()
    const sub: Parameters<typeof claim<'sub', z.ZodString>>[0] = "twopi reads and writes the claim 'sub' itself"
    expectTypeOf<ThisParameterType<typeof Unwritten.fromRefreshToken>>().toEqualTypeOf<FromRefreshTokenIsMissing>()
    class Unwritten extends ShortlivedTokenMixin({ userId: claim(z.string()) }, { keys: SECRET }) {}
    expect(sub).toMatch(/'sub'/)
  })

  it('let `accepts` see the subclass, and nothing else', () => {
    class Token extends ShortlivedTokenMixin({ userId: claim(z.string()) }, { keys: SECRET }) {
      readonly late = false
      static override accepts(token: Token): boolean {
        return !token.late && token.userId !== ''
      }
    }
    class Later extends ShortlivedTokenMixin({ userId: claim(z.string()) }, { keys: SECRET }) {
      static override async accepts(token: Later): Promise<boolean> {
        return token.userId !== ''
      }
    }
    // @ts-expect-error a token is no text
    class Wrong extends ShortlivedTokenMixin({ userId: claim(z.string()) }, { keys: SECRET }) {
      static override accepts(token: string): boolean {
        return token !== ''
      }
    }
    expectTypeOf(Token.load('')).toEqualTypeOf<Token | null>()
    expect([Token.isAsync, Wrong.isAsync, Later.isAsync]).toEqual([false, false, true])
  })

  it('do not decay to any', () => {
    expectTypeOf(ShortlivedToken.load).not.toBeAny()
    expectTypeOf(new ShortlivedToken(attributes)).not.toBeAny()
    expectTypeOf(claim('x', z.string())).toEqualTypeOf<Claim<string, 'x'>>()
    expectTypeOf(claim(z.string())).toEqualTypeOf<Claim<string, undefined>>()
  })

  it('refuse to read on a class whose constructor takes something else', () => {
    class Positional extends ShortlivedTokenMixin({ userId: claim(z.string()) }, { keys: SECRET }) {
      constructor(userId: string, _more: number) {
        super({ userId })
      }
    }
    compileOnly(() => {
      // @ts-expect-error `load` could not make an instance
      Positional.load('')
    })
    expect(new Positional('1', 2).userId).toBe('1')
  })

  it('can be written out, for isolatedDeclarations', () => {
    const Base: ShortlivedTokenClass<{ userId: string; tenant?: number | undefined }> = defineToken(
      { userId: claim('user_id', z.string()), tenant: claim(z.number().optional()) },
      { keys: SECRET },
    )
    class Token extends Base {}
    expectTypeOf(new Token({ userId: '1' }).tenant).toEqualTypeOf<number | undefined>()
    expectTypeOf(Token.load('')).toEqualTypeOf<Token | null>()
    expect(Token.load(new Token({ userId: '1' }).dump())?.userId).toBe('1')
  })

  it('fit what parseAuthHeader needs', () => {
    const accept = <Class extends TokenClass>(Class: Class): Class => Class
    expectTypeOf<TokenOf<typeof ShortlivedToken>>().toEqualTypeOf<ShortlivedToken>()
    const own = { load: (raw: string) => (raw === '' ? null : { raw }) }
    expectTypeOf<TokenOf<typeof own>>().toEqualTypeOf<{ raw: string }>()
    expect(accept(ShortlivedToken)).toBe(ShortlivedToken)
    expect(accept(own)).toBe(own)
  })

  it('make a token from a refresh token only where that was written', () => {
    class Plain extends ShortlivedTokenMixin({ userId: claim(z.string()) }, { keys: SECRET }) {}
    compileOnly(() => {
      // @ts-expect-error not overridden: there is nothing it could be called with
      Plain.fromRefreshToken({ id: '1' })
    })
    expectTypeOf<Parameters<typeof Plain.fromRefreshToken>>().toEqualTypeOf<[refreshToken: never]>()
    expectTypeOf(ShortlivedToken.fromRefreshToken({ id: '1', userId: '2' })).toExtend<ShortlivedTokenBase>()
  })
})

describe('the types of keys', () => {
  it('take exactly one kind of key per entry', () => {
    compileOnly(() => {
      // @ts-expect-error a secret is no asymmetric key
      Keys.from([{ publicKey: 'pem' }])
      // @ts-expect-error one of both
      Keys.from([{ secret: SECRET, jwk: {} }])
      // @ts-expect-error nothing to verify with
      Keys.from([{ kid: 'a' }])
      // @ts-expect-error an algorithm nobody offers
      Keys.from([{ secret: SECRET, alg: 'HS512' }])
    })
    expect(Keys.from([{ secret: SECRET, alg: 'HS256', kid: undefined, notAfter: undefined }]).size).toBe(1)
  })

  it('tell a key set at hand from one behind a URL', () => {
    const jwk: Jwk = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }
    expectTypeOf(loadJwks({ keys: [jwk] })).toEqualTypeOf<Keys>()
    expectTypeOf(loadJwks('https://a.example')).toEqualTypeOf<RemoteKeys>()
  })
})
