import { inspect } from 'node:util'
import { type } from 'arktype'
import {
  claim,
  defineToken,
  Keys,
  ShortlivedTokenMixin,
  TokenClaimError,
  type TokenDumpOptions,
  TokenError,
  type TokenVerifyOptions,
} from 'twopi/token-auth'
import { joseEngine } from 'twopi/token-auth/jose'
import * as v from 'valibot'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { forge, GOOD_PAYLOAD, NOW, NOW_SECONDS, SECRET } from '../../support/forge-token.ts'

const claims = {
  refreshTokenId: claim('rfid', z.string()),
  userId: claim('user_id', z.string()),
  scopes: claim(z.array(z.string())),
}
let now = NOW
const clock = () => now
afterEach(() => {
  now = NOW
})

interface RefreshToken {
  readonly id: string
  readonly userId: string
  readonly scopes: string[]
}

class ShortlivedToken extends ShortlivedTokenMixin(claims, { keys: SECRET, clock }) {
  readonly label = `user ${this.userId}`

  get isAdmin(): boolean {
    return this.scopes.includes('admin')
  }

  static override fromRefreshToken(refreshToken: RefreshToken): ShortlivedToken {
    const { id, userId, scopes } = refreshToken
    return new this({ refreshTokenId: id, userId, scopes, expiresIn: '10 minutes' })
  }
}

const attributes = { refreshTokenId: 's', userId: '42', scopes: ['a'] }
const payloadOf = (raw: string) => JSON.parse(Buffer.from(raw.split('.')[1] ?? '', 'base64url').toString())
const withClaims = (extra: Record<string, unknown>) => forge({ payload: { ...GOOD_PAYLOAD, ...extra } })

describe('a token class', () => {
  it('writes attributes under their wire names and reads them back into an instance of the subclass', () => {
    const raw = ShortlivedToken.fromRefreshToken({ id: 's', userId: '42', scopes: ['admin'] }).dump()
    expect(payloadOf(raw)).toEqual({
      rfid: 's',
      user_id: '42',
      scopes: ['admin'],
      iat: NOW_SECONDS,
      exp: NOW_SECONDS + 600,
    })
    const token = ShortlivedToken.load(raw)
    expect(token).toBeInstanceOf(ShortlivedToken)
    expect(token).toMatchObject({
      refreshTokenId: 's',
      userId: '42',
      scopes: ['admin'],
      isAdmin: true,
      label: 'user 42',
    })
    expect(token?.expiry).toEqual(new Date(NOW + 600_000))
    expect(token?.issuedAt).toEqual(new Date(NOW))
  })

  it('lets a constructor of its own change the attributes, and keeps the times of the wire', () => {
    class Own extends ShortlivedTokenMixin(claims, { keys: SECRET, clock }) {
      constructor({ userId, refreshTokenId, scopes }: typeof attributes) {
        super({ userId: userId.toUpperCase(), refreshTokenId, scopes })
      }
    }
    const token = Own.verify(withClaims({ user_id: 'abc', exp: NOW_SECONDS + 60, sub: 'x' }))
    expect(token).toMatchObject({ userId: 'ABC', subject: 'x', expiry: new Date(NOW + 60_000) })
  })

  it('demands fromRefreshToken of its user', () => {
    class Forgetful extends ShortlivedTokenMixin(claims, { keys: SECRET }) {}
    // @ts-expect-error that is what the compiler says, too
    expect(() => Forgetful.fromRefreshToken(undefined as never)).toThrow(
      /`Forgetful\.fromRefreshToken` must be implemented/,
    )
  })

  it('can be made by defineToken and extended', () => {
    const Base = defineToken(claims, { keys: SECRET, clock })
    class Extended extends Base {}
    expect(Extended.load(new Extended(attributes).dump())).toBeInstanceOf(Extended)
  })

  it('mixes zod, valibot and arktype, and leaves out what is optional', () => {
    const Mixed = class extends ShortlivedTokenMixin(
      { a: claim(z.string().min(2)), b: claim('bb', v.optional(v.number())), c: claim(type('"x" | "y"')) },
      { keys: SECRET, clock },
    ) {}
    const raw = new Mixed({ a: 'aa', c: 'x' }).dump()
    expect(payloadOf(raw)).toEqual({ a: 'aa', c: 'x', iat: NOW_SECONDS, exp: NOW_SECONDS + 900 })
    expect({ ...Mixed.verify(raw) }).toEqual({ a: 'aa', c: 'x' })
    expect(new Mixed({ a: 'aa', b: 1, c: 'y' }).dump()).not.toBe(raw)
    expect(() => new Mixed({ a: 'a', c: 'x' }).dump()).toThrow('The "a" claim of the token is invalid.')
    expect(() => new Mixed({ a: 'aa', c: 'z' as 'x' }).dump()).toThrow('The "c" claim of the token is invalid.')
    expect(() => new Mixed({ a: 'aa', b: 'b' as never, c: 'x' }).dump()).toThrow(
      'The "bb" claim of the token is invalid.',
    )
  })

  it('writes a transformed claim by its `encode`, and refuses it without', () => {
    const toDate = z.iso.datetime().transform((text) => new Date(text))
    const Dated = class extends ShortlivedTokenMixin(
      { since: claim('snc', toDate, { encode: (date) => date.toISOString() }) },
      { keys: SECRET, clock },
    ) {}
    const raw = new Dated({ since: new Date(0) }).dump()
    expect(payloadOf(raw).snc).toBe('1970-01-01T00:00:00.000Z')
    expect(Dated.verify(raw).since).toEqual(new Date(0))
    const Undated = class extends ShortlivedTokenMixin({ since: claim(toDate) }, { keys: SECRET, clock }) {}
    expect(() => new Undated({ since: new Date(0) }).dump()).toThrow(TokenClaimError)
  })

  it.each([
    ['a Date', z.date(), new Date(0)],
    ['NaN', z.any(), Number.NaN],
    ['a bigint', z.bigint(), 1n],
    ['a Map', z.any(), new Map()],
    ['an array with a hole', z.any(), [undefined]],
    ['an object of a class', z.any(), new (class A {})()],
    ['an endless object', z.any(), endless()],
  ])('does not write %s, which would come back as something else', (_, schema, value) => {
    const Any = class extends ShortlivedTokenMixin({ value: claim(schema) }, { keys: SECRET, clock }) {}
    expect(() => new Any({ value }).dump()).toThrow(
      expect.objectContaining({ code: 'ERR_TOKEN_CLAIM', claim: 'value', reason: 'invalid' }),
    )
  })

  it('does not write what has a `toJSON`, which would go out as something the schema never saw', () => {
    for (const value of [Object.assign(['a'], { toJSON: () => ['admin'] }), { a: 1, toJSON: () => 2 }]) {
      const Any = class extends ShortlivedTokenMixin({ value: claim(z.any()) }, { keys: SECRET, clock }) {}
      expect(() => new Any({ value }).dump()).toThrow(expect.objectContaining({ claim: 'value', reason: 'invalid' }))
    }
  })

  it('writes what is 32 levels deep, and nothing deeper', () => {
    const Any = class extends ShortlivedTokenMixin({ value: claim(z.any()) }, { keys: SECRET, clock }) {}
    const deep = (levels: number) => JSON.parse('['.repeat(levels) + ']'.repeat(levels))
    expect(Any.load(new Any({ value: deep(32) }).dump())?.value).toEqual(deep(32))
    expect(() => new Any({ value: deep(33) }).dump()).toThrow(TokenClaimError)
  })

  it('finds an attribute that a subclass declares again, and says how to', () => {
    const Base = ShortlivedTokenMixin(
      { userId: claim(z.string()), nick: claim(z.string().optional()) },
      { keys: SECRET, clock },
    )
    class WithValue extends Base {
      override userId = ''
    }
    class WithoutValue extends Base {
      override readonly userId!: string
    }
    class Optional extends Base {
      override readonly nick = 'x'
    }
    class Declared extends Base {
      declare readonly userId: string
    }
    const raw = new Base({ userId: '1' }).dump()
    for (const [Class, name] of [
      [WithValue, 'userId'],
      [WithoutValue, 'userId'],
      [Optional, 'nick'],
    ] as const) {
      const message = new RegExp(`\`${name}\` of \`${Class.name}\` is not what .* \`declare readonly ${name}: …\``)
      expect(() => Class.load(raw)).toThrow(message)
      expect(() => new Class({ userId: '1' }).dump()).toThrow(message)
    }
    expect(Declared.load(new Declared({ userId: '1' }).dump())?.userId).toBe('1')
  })

  it('does not mind that what it was made from is used again', () => {
    const init = { ...attributes }
    const token = new ShortlivedToken(init)
    init.userId = 'changed'
    expect(payloadOf(token.dump()).user_id).toBe('42')
  })

  it('says of a missing attribute that it is missing', () => {
    const { userId: _, ...rest } = attributes
    expect(() => new ShortlivedToken(rest as typeof attributes).dump()).toThrow(
      'The "user_id" claim of the token is missing.',
    )
  })

  it('does not keep the text it was read from, so no log can show it', () => {
    const raw = forge()
    const token = ShortlivedToken.verify(raw)
    const printed = [String(token), JSON.stringify(token), inspect(token, { depth: 9, showHidden: true })].join()
    for (const part of raw.split('.')) expect(printed).not.toContain(part)
    expect(printed).not.toContain(SECRET)
  })
})

describe('the registered claims', () => {
  it('are attributes of every token', () => {
    const raw = new ShortlivedToken({
      ...attributes,
      issuer: 'me',
      subject: 'sub',
      audience: ['a', 'b'],
      tokenId: 'id',
      notBefore: new Date(NOW - 500),
      expiry: { epochMilliseconds: NOW + 1999 },
    }).dump()
    expect(payloadOf(raw)).toMatchObject({
      iss: 'me',
      sub: 'sub',
      aud: ['a', 'b'],
      jti: 'id',
      nbf: NOW_SECONDS - 1,
      exp: NOW_SECONDS + 1,
    })
    const token = ShortlivedToken.verify(raw, { audience: 'b', issuer: 'me' })
    expect(token).toMatchObject({
      issuer: 'me',
      subject: 'sub',
      audience: ['a', 'b'],
      tokenId: 'id',
      notBefore: new Date(NOW - 1000),
      expiry: new Date(NOW + 1000),
    })
    expect(new ShortlivedToken(attributes)).toMatchObject({
      issuer: undefined,
      subject: undefined,
      audience: undefined,
      tokenId: undefined,
      notBefore: undefined,
      issuedAt: undefined,
    })
  })

  it('are written anew by a second dump, with the time of that dump', () => {
    const token = new ShortlivedToken(attributes)
    token.dump()
    now += 5000
    expect(payloadOf(token.dump())).toMatchObject({ iat: NOW_SECONDS + 5, exp: NOW_SECONDS + 900 })
    expect(token.issuedAt).toEqual(new Date(NOW + 5000))
  })

  it('are refused by the constructor when they make no sense, all at once', () => {
    const make = () =>
      new ShortlivedToken({
        ...attributes,
        expiresIn: 1,
        expiry: new Date(NOW),
        issuer: '',
        audience: [],
        tokenId: 1 as never,
        notBefore: new Date(-1),
      })
    expect(make).toThrow(/6 problems|5 problems/)
    expect(make).toThrow(/`expiresIn` or `expiry`, not both/)
    expect(() => new ShortlivedToken({ ...attributes, expiresIn: 'soon' as never })).toThrow(TypeError)
  })

  it('iss is written, and demanded once it is configured', () => {
    const Issued = class extends ShortlivedTokenMixin(claims, { keys: SECRET, clock, issuer: 'us' }) {}
    expect(payloadOf(new Issued(attributes).dump()).iss).toBe('us')
    expect(Issued.load(new Issued(attributes).dump())?.issuer).toBe('us')
    expect(Issued.tryLoad(forge())).toMatchObject({ claim: 'iss', reason: 'missing' })
    expect(Issued.tryLoad(withClaims({ iss: 'them' }))).toMatchObject({ claim: 'iss', reason: 'rejected' })
    expect(Issued.tryLoad(withClaims({ iss: ['us'] }))).toMatchObject({ claim: 'iss', reason: 'invalid' })
    expect(Issued.load(withClaims({ iss: 'them' }), { issuer: 'them' })?.issuer).toBe('them')
  })

  it('aud is written, and one of the configured ones is demanded', () => {
    const Meant = class extends ShortlivedTokenMixin(claims, { keys: SECRET, clock, audience: ['api', 'admin'] }) {}
    expect(payloadOf(new Meant(attributes).dump()).aud).toEqual(['api', 'admin'])
    expect(Meant.load(withClaims({ aud: 'admin' }))?.audience).toBe('admin')
    expect(Meant.load(withClaims({ aud: ['x', 'api'] }))).not.toBeNull()
    expect(Meant.tryLoad(forge())).toMatchObject({ claim: 'aud', reason: 'missing' })
    expect(Meant.tryLoad(withClaims({ aud: ['x'] }))).toMatchObject({ claim: 'aud', reason: 'rejected' })
    expect(Meant.tryLoad(withClaims({ aud: ['api', 1] }))).toMatchObject({ claim: 'aud', reason: 'invalid' })
    expect(Meant.tryLoad(withClaims({ aud: [] }))).toMatchObject({ claim: 'aud', reason: 'rejected' })
    expect(Meant.load(withClaims({ aud: 'x' }), { audience: ['x'] })).not.toBeNull()
    const One = class extends ShortlivedTokenMixin(claims, { keys: SECRET, clock, audience: 'api' }) {}
    expect(payloadOf(new One(attributes).dump()).aud).toBe('api')
  })
})

describe('the audience of a token', () => {
  it('cannot be used to change that of its class', () => {
    const Meant = class extends ShortlivedTokenMixin(claims, { keys: SECRET, clock, audience: ['a', 'b'] }) {}
    const audience = new Meant(attributes).audience as string[]
    expect(() => audience.push('evil')).toThrow(TypeError)
    expect(Meant.tryLoad(withClaims({ aud: 'evil' }))).toMatchObject({ claim: 'aud', reason: 'rejected' })
  })
})

describe('the clock', () => {
  it('that gives no number lets nobody in, and makes no token', async () => {
    const nowhere = () => Number.NaN
    const Lost = class extends ShortlivedTokenMixin(claims, {
      keys: Keys.from([{ kid: 'k', secret: SECRET, notAfter: new Date(NOW + 1) }]),
      clock: nowhere,
      compat: 'twopi-flask',
    }) {}
    const Plain = class extends ShortlivedTokenMixin(claims, {
      keys: SECRET,
      clock: nowhere,
      acceptMissingIssuedAt: true,
    }) {}
    expect(Lost.tryLoad(forge())).toMatchObject({ code: 'ERR_TOKEN_UNKNOWN_KEY' })
    expect(Plain.tryLoad(forge())).toMatchObject({ code: 'ERR_TOKEN_NOT_YET_VALID' })
    for (const ignoreExpiry of [true, false]) {
      expect(Plain.load(withClaims({ iat: undefined }), { ignoreExpiry })).toBeNull()
      expect(Plain.load(withClaims({ iat: undefined, nbf: 1 }), { ignoreExpiry })).toBeNull()
    }
    const Endless = class extends ShortlivedTokenMixin(claims, {
      keys: SECRET,
      clock: nowhere,
      compat: 'twopi-flask',
    }) {}
    expect(Endless.load(withClaims({ iat: undefined }))).toBeNull()
    expect(Endless.load(withClaims({ iat: undefined, exp: undefined, nbf: 1 }))).toBeNull()
    expect(() => new Plain(attributes)).toThrow(/`clock` must give milliseconds/)
  })

  it('has an end: no time beyond that of a Date is written or read', () => {
    const Unlimited = class extends ShortlivedTokenMixin(claims, { keys: SECRET, clock, maxLifetime: 'unlimited' }) {}
    expect(() => new Unlimited({ ...attributes, expiresIn: 1e300 })).toThrow(/beyond the year 275760/)
    expect(() => new Unlimited({ ...attributes, expiry: { epochMilliseconds: 1e300 } })).toThrow(/`expiry` must be/)
    for (const claim of ['exp', 'nbf', 'iat']) {
      expect(Unlimited.tryLoad(withClaims({ [claim]: 8.64e12 + 1 }))).toMatchObject({ claim, reason: 'invalid' })
    }
    const last = Unlimited.verify(withClaims({ exp: 8.64e12 }))
    expect(last.expiry).toEqual(new Date(8.64e15))
    expect(payloadOf(new Unlimited({ ...attributes, expiry: new Date(8.64e15) }).dump()).exp).toBe(8.64e12)
  })

  it('ends a token after its last second and the tolerance', () => {
    const raw = new ShortlivedToken({ ...attributes, expiresIn: 60 }).dump()
    now = NOW + 64_999
    expect(ShortlivedToken.load(raw)).not.toBeNull()
    now = NOW + 65_000
    expect(ShortlivedToken.tryLoad(raw)).toMatchObject({ code: 'ERR_TOKEN_EXPIRED' })
  })

  it('can be held to without tolerance', () => {
    const Exact = class extends ShortlivedTokenMixin(claims, { keys: SECRET, clock, clockTolerance: 0 }) {}
    const raw = new Exact({ ...attributes, expiresIn: 60 }).dump()
    now = NOW + 59_999
    expect(Exact.load(raw)).not.toBeNull()
    now = NOW + 60_000
    expect(Exact.load(raw)).toBeNull()
    now = NOW - 1
    expect(Exact.tryLoad(raw)).toMatchObject({ code: 'ERR_TOKEN_NOT_YET_VALID' })
  })

  it('does not matter to a logout that ignores the end, and nothing else is ignored', () => {
    const raw = new ShortlivedToken({ ...attributes, expiresIn: 60 }).dump()
    now = NOW + 86_400_000
    expect(ShortlivedToken.verify(raw, { ignoreExpiry: true }).refreshTokenId).toBe('s')
    expect(ShortlivedToken.load(`${raw.slice(0, -2)}AA`, { ignoreExpiry: true })).toBeNull()
    for (const payload of [
      { exp: undefined },
      { exp: 'x' },
      { exp: NOW_SECONDS + 7200 },
      { nbf: NOW_SECONDS + 90_000 },
      { user_id: 1 },
    ]) {
      expect(ShortlivedToken.load(withClaims(payload), { ignoreExpiry: true })).toBeNull()
    }
  })

  it('gives a token without a stated life the one of the class', () => {
    const lives = (options: object) => {
      const Token = class extends ShortlivedTokenMixin(claims, { keys: SECRET, clock, ...options }) {}
      const { iat, exp } = payloadOf(new Token(attributes).dump())
      return exp - iat
    }
    expect(lives({})).toBe(900)
    expect(lives({ lifetime: '5 minutes' })).toBe(300)
    expect(lives({ maxLifetime: '10 minutes' })).toBe(600)
    expect(lives({ maxLifetime: '2 hours', lifetime: '2 hours' })).toBe(7200)
  })
})

describe('reading a token', () => {
  it('has three ways that tell the same', () => {
    const bad = withClaims({ user_id: 1 })
    expect(ShortlivedToken.load(bad)).toBeNull()
    const answer = ShortlivedToken.tryLoad(bad)
    expect(answer).toMatchObject({ ok: false, code: 'ERR_TOKEN_CLAIM', claim: 'user_id', reason: 'invalid' })
    expect(answer.ok ? undefined : answer.error).toBeInstanceOf(TokenClaimError)
    expect(() => ShortlivedToken.verify(bad)).toThrow(
      expect.objectContaining({ code: 'ERR_TOKEN_CLAIM', claim: 'user_id', reason: 'invalid' }),
    )
    const good = ShortlivedToken.tryLoad(forge())
    expect(good.ok && good.token).toBeInstanceOf(ShortlivedToken)
  })

  it('has errors with a constant text for each code', () => {
    for (const raw of [forge({ secret: 'other' }), forge({ secret: 'another' })]) {
      const error = expect.objectContaining({
        name: 'TokenError',
        code: 'ERR_TOKEN_SIGNATURE',
        message: 'The signature of the token is not valid.',
      })
      expect(() => ShortlivedToken.verify(raw)).toThrow(error)
      expect(() => ShortlivedToken.verify(raw)).toThrow(TokenError)
    }
  })

  it('takes other keys for one call, of every kind', () => {
    const other = `other-${SECRET}`
    const raw = forge({ secret: other })
    expect(ShortlivedToken.load(raw)).toBeNull()
    for (const keys of [other, Buffer.from(other), new TextEncoder().encode(other)]) {
      expect(ShortlivedToken.load(raw, { keys })?.userId).toBe('42')
      expect(ShortlivedToken.load(forge(), { keys })).toBeNull()
    }
    expect(ShortlivedToken.load(forge())).not.toBeNull()
    expect(ShortlivedToken.load(new ShortlivedToken(attributes).dump({ keys: other }), { keys: other })).not.toBeNull()
    expect(() => ShortlivedToken.load(raw, { keys: 'short' })).toThrow(/at least 32 bytes/)
  })

  it('looks at the bytes of a secret with each call', () => {
    const keys = Buffer.from(SECRET)
    expect(ShortlivedToken.load(forge(), { keys })).not.toBeNull()
    keys.fill('y')
    expect(ShortlivedToken.load(forge(), { keys })).toBeNull()
  })

  it('refuses options it does not know, and the secret as a second argument', () => {
    expect(() => ShortlivedToken.load(forge(), SECRET as TokenVerifyOptions)).toThrow(/`\{ keys: secret \}`/)
    expect(() => ShortlivedToken.load(forge(), { secret: SECRET } as TokenVerifyOptions)).toThrow(/no option `secret`/)
    expect(() => ShortlivedToken.load(forge(), { audience: [] })).toThrow(/`audience`/)
    expect(() => ShortlivedToken.load(forge(), { keys: {} as never })).toThrow(/Keys\.from or loadJwks/)
  })

  it('refuses the same of `dump`', async () => {
    const token = new ShortlivedToken(attributes)
    const keys = Keys.from([{ secret: `other-${SECRET}` }])
    for (const wrong of [SECRET, Buffer.from(SECRET), keys, [], null, 1]) {
      const message =
        'Options of this call: expected an object of options; keys or a secret are passed as `{ keys: secret }`'
      expect(() => token.dump(wrong as TokenDumpOptions)).toThrow(new TypeError(message))
      await expect(token.dumpAsync(wrong as TokenDumpOptions)).rejects.toThrow(new TypeError(message))
      expect(() => ShortlivedToken.load(forge(), wrong as TokenVerifyOptions)).toThrow(new TypeError(message))
    }
    expect(() => token.dump({ secret: SECRET } as TokenDumpOptions)).toThrow(/there is no option `secret`/)
    expect(token.dump({ keys: undefined })).toBe(token.dump({}))
  })

  it('refuses a schema that answers with a thenable of any kind', () => {
    const validate = (value: unknown) => (value === undefined ? { issues: [] } : thenable())
    const schema = { '~standard': { version: 1, vendor: 'own', validate } }
    const Late = class extends ShortlivedTokenMixin(
      { userId: claim('user_id', schema as never) },
      { keys: SECRET, clock },
    ) {}
    expect(() => Late.load(forge())).toThrow(/schema of `userId` is asynchronous/)
  })

  it('parses the header of the first sixteen kinds of good tokens once, and keeps no more', () => {
    class Spaced extends ShortlivedTokenMixin(claims, { keys: SECRET, clock }) {}
    const withBlanks = (count: number) => forge({ header: `{"alg":"HS256",${' '.repeat(count)}"typ":"at+jwt"}` })
    const raws = Array.from({ length: 20 }, (_, count) => withBlanks(count))
    for (const raw of [...raws.map((text) => `${text.slice(0, -2)}AA`), ...raws]) Spaced.load(raw)
    const parse = vi.spyOn(JSON, 'parse')
    const parsed = raws.map((raw) => {
      parse.mockClear()
      expect(Spaced.load(raw)).not.toBeNull()
      return parse.mock.calls.length
    })
    parse.mockRestore()
    expect(parsed).toEqual([...Array(16).fill(1), ...Array(4).fill(2)])
  })

  it('accepts undefined for every option', () => {
    expect(
      ShortlivedToken.load(forge(), {
        keys: undefined,
        issuer: undefined,
        audience: undefined,
        ignoreExpiry: undefined,
      }),
    ).not.toBeNull()
  })

  it('refuses a schema that turns out to be asynchronous', () => {
    const late = z.string().refine(async () => true)
    const Late = class extends ShortlivedTokenMixin({ userId: claim('user_id', late) }, { keys: SECRET, clock }) {}
    expect(() => Late.load(forge())).toThrow(/schema of `userId` is asynchronous/)
  })
})

describe('keys from the environment', () => {
  it('are read from SECRET_KEY on first use', () => {
    vi.stubEnv('SECRET_KEY', '')
    class FromEnvironment extends ShortlivedTokenMixin(claims, { clock }) {}
    expect(() => FromEnvironment.load(forge())).toThrow(/Set the environment variable SECRET_KEY.*node -p/)
    vi.stubEnv('SECRET_KEY', SECRET)
    expect(FromEnvironment.load(forge())?.userId).toBe('42')
    vi.stubEnv('SECRET_KEY', 'changed')
    expect(FromEnvironment.load(forge())?.userId).toBe('42')
  })

  it('must be as good as any other', () => {
    vi.stubEnv('SECRET_KEY', 'supersecret')
    class FromEnvironment extends ShortlivedTokenMixin(claims, { clock }) {}
    expect(() => FromEnvironment.load(forge())).toThrow(/at least 32 bytes/)
  })

  it('may come from a function instead, which is called once and late', () => {
    const keys = vi.fn(() => SECRET)
    class Lazy extends ShortlivedTokenMixin(claims, { clock, keys }) {}
    expect(keys).not.toHaveBeenCalled()
    expect(Lazy.load(forge())).not.toBeNull()
    expect(Lazy.load(forge())).not.toBeNull()
    expect(keys).toHaveBeenCalledTimes(1)
  })
})

describe('an asynchronous engine', () => {
  class Async extends ShortlivedTokenMixin(claims, { keys: SECRET, clock, engine: joseEngine }) {}

  it('makes the class asynchronous', async () => {
    expect(Async.isAsync).toBe(true)
    expect(ShortlivedToken.isAsync).toBe(false)
    const raw = await new Async(attributes).dumpAsync()
    expect(await Async.loadAsync(raw)).toMatchObject(attributes)
    expect(await Async.verifyAsync(raw)).toBeInstanceOf(Async)
    expect(await Async.tryLoadAsync(raw)).toMatchObject({ ok: true })
    expect(ShortlivedToken.load(raw)).toMatchObject(attributes)
    await expect(Async.verifyAsync(`${raw}x`)).rejects.toMatchObject({ code: 'ERR_TOKEN_SIGNATURE' })
    expect(await Async.loadAsync(`${raw}x`)).toBeNull()
  })

  it('makes the synchronous members say what to call', () => {
    expect(() => Async.load(forge())).toThrow(
      new TypeError(
        '`load()` cannot be used because the engine `joseEngine` is asynchronous. Call `await loadAsync()`.',
      ),
    )
    expect(() => Async.verify(forge())).toThrow(/`await verifyAsync\(\)`/)
    expect(() => Async.tryLoad(forge())).toThrow(/`await tryLoadAsync\(\)`/)
    expect(() => new Async(attributes).dump()).toThrow(/`await dumpAsync\(\)`/)
  })

  it('that claims to be synchronous and is not is found out', async () => {
    class Liar extends ShortlivedTokenMixin(claims, { keys: SECRET, clock, engine: { ...joseEngine, sync: true } }) {}
    expect(() => Liar.load(forge())).toThrow(/`joseEngine` says `sync: true` and answered a promise; set `sync: false`/)
    expect(() => new Liar(attributes).dump()).toThrow(/`joseEngine` says `sync: true` and answered a promise/)
    expect(await Liar.loadAsync(forge())).not.toBeNull()
  })

  it('of your own is given ASCII only, whatever the token holds', async () => {
    const seen: string[] = []
    const verify = (input: string) => {
      seen.push(input)
      return false
    }
    const [header = '', payload = '', signature = ''] = forge().split('.')
    for (const sync of [true, false]) {
      const engine = { name: 'own', sync, sign: () => '', verify }
      class Own extends ShortlivedTokenMixin(claims, { keys: SECRET, clock, engine }) {}
      const read = (raw: string) => (sync ? Own.tryLoad(raw) : Own.tryLoadAsync(raw))
      expect(await read(`${header}.${payload}é.${signature}`)).toMatchObject({ code: 'ERR_TOKEN_SIGNATURE' })
      expect(await read(`${header}.${payload}.${signature}`)).toMatchObject({ code: 'ERR_TOKEN_SIGNATURE' })
    }
    expect(seen).toEqual([`${header}.${payload}`, `${header}.${payload}`])
  })

  it('is not needed for the asynchronous members: they serve every class', async () => {
    expect(await ShortlivedToken.loadAsync(await new ShortlivedToken(attributes).dumpAsync())).toMatchObject(attributes)
  })
})

function endless(): object {
  const value: Record<string, unknown> = {}
  value.self = value
  return value
}

// biome-ignore lint/suspicious/noThenProperty: what is no Promise, but is awaited like one
const thenable = () => ({ then: (resolve: (value: object) => void) => resolve({ issues: [] }) })
