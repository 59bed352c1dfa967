import { pipeline, type Reply } from 'twopi/http'
import {
  AuthError,
  claim,
  Keys,
  parseAuthHeader,
  ShortlivedTokenMixin,
  TokenError,
  type VerifyingTokenClass,
} from 'twopi/token-auth'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { joseEngine } from '../../../src/token-auth/jose/index.ts'
import { testContext } from '../../support/test-request.ts'

const SECRET = 'a secret of more than thirty-two bytes'
const OTHER = 'another secret of more than thirty-two bytes'
let now = Date.UTC(2026, 0, 1)
const clock = () => now
const claims = { userId: claim('user_id', z.string()) }

class ShortlivedToken extends ShortlivedTokenMixin(claims, { keys: SECRET, clock }) {}
class JoseToken extends ShortlivedTokenMixin(claims, { keys: SECRET, clock, engine: joseEngine }) {}

const bearer = (token: string) => testContext({ headers: { authorization: `Bearer ${token}` } })
const good = () => new ShortlivedToken({ userId: 'ada' }).dump()

function thrown(run: () => unknown): AuthError {
  try {
    run()
  } catch (error) {
    if (error instanceof AuthError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('parseAuthHeader', () => {
  it('adds the token and its text, without a promise', () => {
    const raw = good()
    const added = parseAuthHeader(ShortlivedToken)(bearer(raw))
    expect(added).toEqual({ token: expect.any(ShortlivedToken), rawToken: raw })
    expect(added).toMatchObject({ token: { userId: 'ada' } })
  })

  it('adds null for both when there is no token', () => {
    expect(parseAuthHeader(ShortlivedToken)(testContext())).toEqual({ token: null, rawToken: null })
  })

  it('gives a promise for an asynchronous engine, and the same answers', async () => {
    const step = parseAuthHeader(JoseToken)
    const raw = good()
    const added = step(bearer(raw))
    expect(added).toBeInstanceOf(Promise)
    expect(await added).toEqual({ token: expect.any(JoseToken), rawToken: raw })
    await expect(step(bearer(`${raw.slice(0, -1)}_`))).rejects.toMatchObject({ status: 401, code: 'ERR_TOKEN_INVALID' })
    expect(step(testContext())).toEqual({ token: null, rawToken: null })
  })

  it('tells an expired token from an invalid one, and keeps the detailed reason as the cause', () => {
    const step = parseAuthHeader(ShortlivedToken)
    const raw = good()
    const forged = thrown(() => step(bearer(`${raw.slice(0, -3)}AAA`)))
    expect(forged).toMatchObject({
      status: 401,
      code: 'ERR_TOKEN_INVALID',
      messages: ['The provided token was invalid.'],
    })
    expect(forged.cause).toBeInstanceOf(TokenError)
    expect(forged.cause).toMatchObject({ code: 'ERR_TOKEN_SIGNATURE' })
    now += 3_600_000
    const expired = thrown(() => step(bearer(raw)))
    expect(expired).toMatchObject({
      status: 401,
      code: 'ERR_TOKEN_EXPIRED',
      messages: ['The provided token was invalid.'],
      headers: {
        'www-authenticate': 'Bearer realm="api", error="invalid_token", error_description="The token has expired."',
      },
    })
    expect(expired.cause).toMatchObject({ code: 'ERR_TOKEN_EXPIRED' })
  })

  it('does not say that a forged token has expired', () => {
    const old = good()
    now += 3_600_000
    const error = thrown(() => parseAuthHeader(ShortlivedToken)(bearer(`${old.slice(0, -3)}AAA`)))
    expect(error.code).toBe('ERR_TOKEN_INVALID')
  })

  it.each([['secret'], ['keys']])('verifies with the %s of the step instead of those of the class', (option) => {
    const step = parseAuthHeader(ShortlivedToken, { [option]: OTHER })
    const raw = new ShortlivedToken({ userId: 'ada' }).dump({ keys: OTHER })
    expect(step(bearer(raw))).toMatchObject({ token: { userId: 'ada' } })
    expect(thrown(() => step(bearer(good()))).code).toBe('ERR_TOKEN_INVALID')
  })

  it('checks issuer and audience when asked', () => {
    const make = (issuer: string, audience: string) => new ShortlivedToken({ userId: 'ada', issuer, audience }).dump()
    const step = parseAuthHeader(ShortlivedToken, { issuer: 'me', audience: ['you', 'them'] })
    expect(step(bearer(make('me', 'you')))).toMatchObject({ token: { issuer: 'me' } })
    expect(thrown(() => step(bearer(make('other', 'you')))).code).toBe('ERR_TOKEN_INVALID')
    expect(thrown(() => step(bearer(make('me', 'other')))).code).toBe('ERR_TOKEN_INVALID')
  })

  it('waits for keys that must be waited for, and answers 503 when they cannot be loaded', async () => {
    const [key] = Keys.from([{ secret: SECRET }])
    const available = parseAuthHeader(ShortlivedToken, { keys: { find: async () => key } })
    await expect(available(bearer(good()))).resolves.toMatchObject({ token: { userId: 'ada' } })
    const away = parseAuthHeader(ShortlivedToken, {
      keys: { find: () => Promise.reject(new TokenError('ERR_TOKEN_KEYS_UNAVAILABLE')) },
    })
    await expect(away(bearer(good()))).rejects.toMatchObject({
      status: 503,
      code: 'ERR_TOKEN_KEYS_UNAVAILABLE',
      cause: { code: 'ERR_TOKEN_KEYS_UNAVAILABLE' },
    })
  })

  it('takes short secrets only for compatibility', () => {
    expect(() => parseAuthHeader(ShortlivedToken, { secret: 'supersecret' })).toThrow(/at least 32 bytes/)
    expect(() => parseAuthHeader(ShortlivedToken, { secret: 'supersecret', compat: 'twopi-flask' })).not.toThrow()
    class Relaxed extends ShortlivedTokenMixin(claims, { keys: SECRET, acceptShortSecrets: true }) {}
    expect(() => parseAuthHeader(Relaxed, { secret: 'supersecret' })).not.toThrow()
  })

  it('gives a subclass its own instances', () => {
    class Sub extends ShortlivedToken {
      hello(): string {
        return `Hello, ${this.userId}`
      }
    }
    const view = pipeline(parseAuthHeader(Sub), ({ token }) => token?.hello())
    expect((view(bearer(good())) as Reply).data).toBe('Hello, ada')
  })

  describe('with a class of your own that has load(raw, secret)', () => {
    it('passes text and secret, and takes a promise', async () => {
      const calls: unknown[][] = []
      class Foreign {
        readonly raw: string
        constructor(raw: string) {
          this.raw = raw
        }
        static load(raw: string, secret?: string) {
          calls.push([raw, secret])
          return raw === 'good' ? new Foreign(raw) : null
        }
        static async loadLater(raw: string, secret?: string) {
          return Foreign.load(raw, secret)
        }
      }
      const step = parseAuthHeader(Foreign, { secret: 's' })
      expect(step(bearer('good'))).toEqual({ token: new Foreign('good'), rawToken: 'good' })
      expect(calls).toEqual([['good', 's']])
      expect(thrown(() => step(bearer('bad')))).toMatchObject({ code: 'ERR_TOKEN_INVALID' })
      const later = parseAuthHeader({ load: Foreign.loadLater })
      expect(await later(bearer('good'))).toEqual({ token: new Foreign('good'), rawToken: 'good' })
      await expect(later(bearer('bad'))).rejects.toMatchObject({ code: 'ERR_TOKEN_INVALID' })
    })

    it('takes anything but an object for an invalid token', () => {
      for (const answer of [undefined, '', 0, true, 'token']) {
        const step = parseAuthHeader({ load: () => answer as unknown as object })
        expect(thrown(() => step(bearer('x'))).code).toBe('ERR_TOKEN_INVALID')
      }
    })

    it('takes a TokenError that it throws for an answer', async () => {
      const strict = parseAuthHeader({ load: (raw: string) => ShortlivedToken.verify(raw) })
      const later = parseAuthHeader({ load: async (raw: string) => ShortlivedToken.verify(raw) })
      const raw = good()
      now += 3_600_000
      expect(thrown(() => strict(bearer(raw))).code).toBe('ERR_TOKEN_EXPIRED')
      await expect(later(bearer(raw))).rejects.toMatchObject({ status: 401, code: 'ERR_TOKEN_EXPIRED' })
    })

    it('lets anything else that it throws through, as a fault of the server', () => {
      const step = parseAuthHeader({
        load: (): object => {
          throw new RangeError('bug')
        },
      })
      expect(() => step(bearer('x'))).toThrow(RangeError)
    })
  })

  it.each([
    ['no place to look', { authHeader: false }, /no token can come in/],
    ['an empty parameter', { queryString: '' }, /`queryString`/],
    ['an empty cookie name', { cookie: '' }, /`cookie`/],
    ['secret and keys', { secret: SECRET, keys: SECRET }, /not both/],
    ['keys of another kind', { keys: 1 as unknown as string }, /`keys`/],
  ])('is a TypeError at set-up with %s', (_title, options, message) => {
    expect(() => parseAuthHeader(ShortlivedToken, options)).toThrow(TypeError)
    expect(() => parseAuthHeader(ShortlivedToken, options)).toThrow(message)
  })

  it('is a TypeError at set-up with something that is no token class', () => {
    for (const other of [undefined, null, {}, 'Token', () => null]) {
      expect(() => parseAuthHeader(other as { load(): null })).toThrow(/found something without `load`/)
    }
    const half = { isAsync: true, tryLoad: () => null, load: () => null } as unknown as VerifyingTokenClass
    expect(() => parseAuthHeader(half)).toThrow(/has no `tryLoadAsync`/)
  })

  it('reads an option that is undefined as not given', () => {
    const step = parseAuthHeader(ShortlivedToken, {
      secret: undefined,
      keys: undefined,
      realm: undefined,
      queryString: undefined,
      cookie: undefined,
      compat: undefined,
    })
    expect(step(bearer(good()))).toMatchObject({ token: { userId: 'ada' } })
  })
})
