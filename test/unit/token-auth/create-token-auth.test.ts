import { generateKeyPairSync } from 'node:crypto'
import { errorResponse, type HttpResponse, pipeline, type Reply, type RequestContext } from 'twopi/http'
import {
  authRequired,
  claim,
  createTokenAuth,
  type KeySource,
  Keys,
  loadJwks,
  MemoryRefreshTokenStore,
  parseAuthHeader,
  type RefreshToken,
  ShortlivedTokenMixin,
  type TokenAuthEvent,
} from 'twopi/token-auth'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { joseEngine } from '../../../src/token-auth/jose/index.ts'
import { type TestRequestInit, testContext } from '../../support/test-request.ts'

const SECRET = 'a secret of more than thirty-two bytes'
const MINUTE = 60_000
const DAY = 86_400_000

const circle: Record<string, unknown> = {}
circle['self'] = circle

/** A server's token auth with a clock of its own and a list of what happened. */
function setUp(options: { rotation?: boolean; engine?: typeof joseEngine; compat?: 'twopi-flask' } = {}) {
  let now = Date.UTC(2026, 0, 1)
  const clock = () => now
  const keys = Keys.from([{ secret: SECRET }])
  class ShortlivedToken extends ShortlivedTokenMixin(
    {
      refreshTokenId: claim('rfid', z.string()),
      userId: claim('user_id', z.string()),
      scopes: claim('scopes', z.array(z.string())),
    },
    { keys, clock, engine: options.engine },
  ) {
    static override fromRefreshToken({ id, userId, scopes }: RefreshToken) {
      return banned.has(userId) ? null : new this({ refreshTokenId: id, userId, scopes, expiresIn: '15 minutes' })
    }
  }
  const banned = new Set<string>()
  const events: TokenAuthEvent[] = []
  const store = new MemoryRefreshTokenStore()
  const auth = createTokenAuth({
    token: ShortlivedToken,
    store,
    clock,
    rotation: options.rotation,
    compat: options.compat,
    authenticate: async ({ username, password }) =>
      password === 'test' ? { userId: username, scopes: ['360noscope'] } : null,
    onEvent: (event) => events.push(event),
  })
  return {
    auth,
    banned,
    events,
    store,
    ShortlivedToken,
    pass: (milliseconds: number) => {
      now += milliseconds
    },
    async login(userId = 'test') {
      const { data } = await auth.login(testContext({ form: { username: userId, password: 'test' } }))
      return data
    },
    renew: (refreshToken: unknown) => answer(auth.renew, { json: { refreshToken } }),
    logout: (token: string) => answer(auth.logout, { headers: { authorization: `Bearer ${token}` } }),
  }
}

async function answer(
  view: (context: RequestContext) => Promise<Reply>,
  init: TestRequestInit,
): Promise<{ status: number; headers: Readonly<Record<string, unknown>>; body: Record<string, unknown> }> {
  try {
    const { status, headers, data } = await view(testContext(init))
    return { status, headers, body: data as Record<string, unknown> }
  } catch (error) {
    const { status, headers, body }: HttpResponse = errorResponse(error, { method: 'POST', path: '/' })
    return { status, headers, body: JSON.parse(String(body)) as Record<string, unknown> }
  }
}

describe('login', () => {
  it.each([
    ['JSON', { json: { username: 'test', password: 'test' } }],
    ['a form', { form: { username: 'test', password: 'test' } }],
    [
      'JSON of another media type, with a charset',
      {
        headers: { 'content-type': 'application/vnd.api+json; charset=utf-8' },
        body: '{"username":"test","password":"test","more":[1]}',
      },
    ],
  ])('takes credentials as %s and answers exactly the two tokens', async (_title, init) => {
    const { auth, ShortlivedToken } = setUp()
    const { status, headers, body } = await answer(auth.login, init)
    expect({ status, cache: headers['cache-control'], keys: Object.keys(body) }).toEqual({
      status: 200,
      cache: 'no-store',
      keys: ['token', 'refreshToken'],
    })
    expect(body['refreshToken']).toMatch(/^[A-Za-z0-9_-]{113}$/)
    const token = ShortlivedToken.verify(String(body['token']))
    expect(token).toMatchObject({ userId: 'test', scopes: ['360noscope'] })
  })

  it('answers wrong credentials with 401 in the envelope and tells nobody which part is wrong', async () => {
    const { auth, events, store } = setUp()
    const result = await answer(auth.login, { json: { username: 'test', password: 'wrong' } })
    expect(result).toEqual({
      status: 401,
      headers: {
        'cache-control': 'no-store',
        'content-type': 'application/json',
        'www-authenticate': 'Bearer realm="api"',
      },
      body: { _errors: ['The credentials are wrong.'], code: 'ERR_AUTH_CREDENTIALS' },
    })
    expect(events).toEqual([{ type: 'login_failed' }])
    expect(store.size).toBe(0)
  })

  it.each([
    ['nothing', { json: {} }, ['`username` is required.', '`password` is required.']],
    ['one field', { json: { username: 'test' } }, ['`password` is required.']],
    ['a number', { json: { username: 1, password: 'test' } }, ['`username` must be one string.']],
    ['null', { json: { username: null, password: 'test' } }, ['`username` must be one string.']],
    ['an object', { json: { username: { $ne: null }, password: 'test' } }, ['`username` must be one string.']],
    ['a list', { json: { username: ['test'], password: 'test' } }, ['`username` must be one string.']],
    [
      'a field that came twice',
      {
        form: [
          ['username', 'test'],
          ['username', 'admin'],
          ['password', 'test'],
        ] as const,
      },
      ['`username` must be one string.'],
    ],
    [
      'a field that is too long',
      { json: { username: 'test', password: 'a'.repeat(1025) } },
      ['`password` must not be longer than 1024 characters.'],
    ],
    ['a list as body', { json: ['test', 'test'] }, ['The body must be a JSON object.']],
    ['null as body', { json: null }, ['The body must be a JSON object.']],
  ])('answers %s with 422 and every problem', async (_title, init, errors) => {
    const { auth } = setUp()
    expect(await answer(auth.login, init)).toMatchObject({
      status: 422,
      body: { _errors: errors, code: 'ERR_AUTH_FIELDS' },
    })
  })

  it('does not take credentials from the prototype of the body', async () => {
    const { auth } = setUp()
    const body = '{"__proto__":{"username":"test","password":"test"},"constructor":{"username":"test"}}'
    expect(await answer(auth.login, { headers: { 'content-type': 'application/json' }, body })).toMatchObject({
      status: 422,
    })
  })

  it('does not find a field in what every object inherits', async () => {
    const { ShortlivedToken } = setUp()
    const auth = createTokenAuth({
      token: ShortlivedToken,
      store: new MemoryRefreshTokenStore(),
      fields: ['constructor'],
      authenticate: () => null,
    })
    expect(await answer(auth.login, { json: {} })).toMatchObject({ body: { _errors: ['`constructor` is required.'] } })
  })

  it('answers another type of body with 415 that names both', async () => {
    const { auth } = setUp()
    expect(await answer(auth.login, { headers: { 'content-type': 'text/plain' }, body: 'x' })).toMatchObject({
      status: 415,
      body: { code: 'ERR_BODY_CONTENT_TYPE', _errors: [expect.stringContaining('or a form')] },
    })
  })

  it('gives the fields that are asked for, optional ones included, and the context', async () => {
    const { ShortlivedToken } = setUp()
    const seen: unknown[] = []
    const auth = createTokenAuth({
      token: ShortlivedToken,
      store: new MemoryRefreshTokenStore(),
      fields: ['email', 'otp?'],
      authenticate: ({ email, otp }, { request }) => {
        seen.push(email, otp, request.url)
        return { userId: email }
      },
    })
    await auth.login(testContext({ url: '/login', json: { email: 'a@b', otp: '123456' } }))
    await auth.login(testContext({ url: '/login', json: { email: 'a@b' } }))
    expect(seen).toEqual(['a@b', '123456', '/login', 'a@b', undefined, '/login'])
    expect(await answer(auth.login, { json: { email: 'a@b', otp: 1 } })).toMatchObject({ status: 422 })
  })

  it('refuses a user for whom fromRefreshToken answers null, and stores nothing', async () => {
    const { auth, banned, store } = setUp()
    banned.add('test')
    const result = await answer(auth.login, { json: { username: 'test', password: 'test' } })
    expect(result.body['code']).toBe('ERR_AUTH_CREDENTIALS')
    expect(store.size).toBe(0)
  })

  it.each([
    [undefined, /`authenticate` must answer null or an object with `userId`/],
    [{}, /`userId`/],
    [{ userId: '' }, /`userId`/],
    [{ userId: 1 }, /`userId`/],
    [{ userId: 'a\0' }, /`userId` of a login must be a text of at most 512 characters without NUL, found a NUL/],
    [{ userId: 'a'.repeat(513) }, /`userId` of a login .* found 513/],
    [{ userId: 'a', scopes: 'a b' }, /`scopes`/],
    [{ userId: 'a', label: 1 }, /`label`/],
    [{ userId: 'a', label: '\0' }, /`label` of a login/],
    [{ userId: 'a', label: '\ud800' }, /`label` of a login .* half a surrogate pair/],
    [{ userId: 'a', data: { since: new Date(0) } }, /`data.since` must be a JSON value .* found an instance of Date/],
    [{ userId: 'a', data: [{ ids: new Map() }] }, /`data\[0\].ids` must be a JSON value .* an instance of Map/],
    [{ userId: 'a', data: 10n }, /`data` must be a JSON value .* found bigint/],
    [{ userId: 'a', data: { n: Number.NaN } }, /`data.n` .* found NaN/],
    [{ userId: 'a', data: [undefined] }, /`data\[0\]` .* found undefined/],
    [{ userId: 'a', data: { toJSON: () => 1 } }, /`data.toJSON` .* found function/],
    [{ userId: 'a', data: circle }, /`data.self` .* found an object that contains it/],
  ])('is a fault of the server when authenticate answers what is no login: %#', async (login, message) => {
    const { ShortlivedToken } = setUp()
    const auth = createTokenAuth({
      token: ShortlivedToken,
      store: new MemoryRefreshTokenStore(),
      authenticate: () => login as unknown as { userId: string },
    })
    const result = auth.login(testContext({ json: { username: 'a', password: 'b' } }))
    await expect(result).rejects.toThrow(TypeError)
    await expect(result).rejects.toThrow(message)
  })
})

describe('renew', () => {
  it.each([
    ['JSON', (refreshToken: string) => ({ json: { refreshToken } })],
    ['a form', (refreshToken: string) => ({ form: { refreshToken } })],
  ])('takes the refresh token as %s and answers exactly a token, as the original', async (_title, init) => {
    const { auth, login, ShortlivedToken } = setUp()
    const { refreshToken } = await login()
    for (let i = 0; i < 3; i++) {
      const { status, headers, body } = await answer(auth.renew, init(refreshToken))
      expect({ status, cache: headers['cache-control'], keys: Object.keys(body) }).toEqual({
        status: 200,
        cache: 'no-store',
        keys: ['token'],
      })
      expect(ShortlivedToken.verify(String(body['token'])).userId).toBe('test')
    }
  })

  it('answers a new refresh token with rotation, each of one use, for one session', async () => {
    const { login, renew, ShortlivedToken, events, pass } = setUp({ rotation: true })
    const first = await login()
    const id = ShortlivedToken.verify(first.token).refreshTokenId
    const seen = new Set([first.refreshToken])
    let refreshToken: unknown = first.refreshToken
    for (let i = 0; i < 5; i++) {
      pass(10 * MINUTE)
      const { body } = await renew(refreshToken)
      expect(Object.keys(body)).toEqual(['token', 'refreshToken'])
      expect(ShortlivedToken.verify(String(body['token'])).refreshTokenId).toBe(id)
      refreshToken = body['refreshToken']
      seen.add(String(refreshToken))
    }
    expect(seen.size).toBe(6)
    expect(events.filter(({ type }) => type === 'renew')).toEqual(
      Array.from({ length: 5 }, () => ({ type: 'renew', sessionId: id, userId: 'test', rotated: true })),
    )
  })

  it('runs fromRefreshToken each time, and its null ends the session', async () => {
    const { login, renew, banned, events, store, ShortlivedToken } = setUp()
    const { token, refreshToken } = await login()
    const id = ShortlivedToken.verify(token).refreshTokenId
    banned.add('test')
    expect(await renew(refreshToken)).toMatchObject({ status: 401, body: { code: 'ERR_REFRESH_TOKEN_REVOKED' } })
    banned.delete('test')
    expect(await renew(refreshToken)).toMatchObject({ status: 401, body: { code: 'ERR_REFRESH_TOKEN_REVOKED' } })
    expect(events.at(-1)).toEqual({ type: 'revoke', sessionId: id, userId: 'test', reason: 'refused' })
    expect(store.find(id)).toMatchObject({ revokeReason: 'refused' })
  })

  it.each([true, false])('a fault in fromRefreshToken changes nothing, with rotation %j', async (rotation) => {
    let fail = false
    class Fragile extends ShortlivedTokenMixin({ refreshTokenId: claim('rfid', z.string()) }, { keys: SECRET }) {
      static override async fromRefreshToken({ id }: RefreshToken) {
        if (fail) throw new Error('the database is away')
        return new this({ refreshTokenId: id })
      }
    }
    const store = new MemoryRefreshTokenStore()
    const auth = createTokenAuth({ token: Fragile, store, rotation, authenticate: () => ({ userId: 'a' }) })
    const { data } = await auth.login(testContext({ json: { username: '', password: '' } }))
    const before = store.list('a', Date.now())
    fail = true
    await expect(auth.renew(testContext({ json: { refreshToken: data.refreshToken } }))).rejects.toThrow('away')
    expect(store.list('a', Date.now())).toEqual(before)
    fail = false
    await expect(auth.renew(testContext({ json: { refreshToken: data.refreshToken } }))).resolves.toBeDefined()
  })

  it('fromRefreshToken runs once per renewal, and what is neither a token nor null is a fault of the server', async () => {
    let runs = 0
    let answers: 'token' | undefined = 'token'
    class Counting extends ShortlivedTokenMixin({ refreshTokenId: claim('rfid', z.string()) }, { keys: SECRET }) {
      static override async fromRefreshToken({ id }: RefreshToken) {
        runs += 1
        await Promise.resolve()
        return answers === undefined ? (undefined as unknown as null) : new this({ refreshTokenId: id })
      }
    }
    const store = new MemoryRefreshTokenStore()
    const auth = createTokenAuth({ token: Counting, store, rotation: true, authenticate: () => null })
    const { tokens } = await auth.start({ userId: 'a' })
    const renew = () => auth.renew(testContext({ json: { refreshToken: tokens.refreshToken } }))
    runs = 0
    // Of these all but one lose the race and decide again, or are within the grace and look again.
    await Promise.all(Array.from({ length: 10 }, renew))
    expect(runs).toBe(10)
    const before = await auth.sessions('a')
    answers = undefined
    const text = '`fromRefreshToken` must answer a token, or null to end the session; found undefined.'
    await expect(renew()).rejects.toThrow(text)
    await expect(auth.start({ userId: 'b' })).rejects.toThrow(text)
    expect(await auth.sessions('a')).toEqual(before)
  })

  it('gives fromRefreshToken the same data at login and at renewal, a copy of the JSON value', async () => {
    const seen: unknown[] = []
    class Seeing extends ShortlivedTokenMixin({ refreshTokenId: claim('rfid', z.string()) }, { keys: SECRET }) {
      static override fromRefreshToken({ id, ...rest }: RefreshToken) {
        seen.push(rest.data)
        expect(Object.keys(rest)).not.toContain('salt')
        return new this({ refreshTokenId: id })
      }
    }
    const auth = createTokenAuth({ token: Seeing, store: new MemoryRefreshTokenStore(), authenticate: () => null })
    const data = { tenant: 't1', gone: undefined, list: [1, null, { a: 'ä' }], bare: Object.create(null) as object }
    const { tokens } = await auth.start({ userId: 'a', data })
    data.list.push(2)
    await auth.renew(testContext({ json: { refreshToken: tokens.refreshToken } }))
    const expected = { tenant: 't1', list: [1, null, { a: 'ä' }], bare: {} }
    for (const value of seen) {
      expect(value).toEqual(expected)
      expect(Object.keys(value as object)).toEqual(['tenant', 'list', 'bare'])
    }
    expect(seen).toHaveLength(2)
  })

  it('the step gives the session as it is after the renewal, and no salt', async () => {
    const { auth, login, store, pass } = setUp({ rotation: true })
    const { refreshToken } = await login()
    pass(5000)
    const renew = () => auth.steps.renew(testContext({ json: { refreshToken } }))
    const { session } = await renew()
    const { salt, ...stored } = { ...store.find(session.id), salt: '' }
    expect(session).toEqual(stored)
    expect(session).toMatchObject({ counter: 1, lastUsedAt: stored.lastUsedAt, rotatedAt: stored.lastUsedAt })
    pass(5000)
    expect((await renew()).session).toEqual(stored)
    for (const shown of [session, ...(await auth.sessions('test'))]) expect(shown).not.toHaveProperty('salt')
  })

  it.each([[{}], [{ refreshToken: 1 }], [{ refreshToken: ['a'] }]])('answers 422 to %j', async (json) => {
    const { auth } = setUp()
    expect(await answer(auth.renew, { json })).toMatchObject({ status: 422, body: { code: 'ERR_AUTH_FIELDS' } })
  })

  it('does not take the refresh token from the URL', async () => {
    const { auth, login } = setUp()
    const { refreshToken } = await login()
    const result = await answer(auth.renew, { url: `/renew?refreshToken=${refreshToken}`, json: {} })
    expect(result.status).toBe(422)
  })

  it('works on the asynchronous engine, from login to logout', async () => {
    const { login, renew, logout } = setUp({ engine: joseEngine, rotation: true })
    const { refreshToken } = await login()
    const { body } = await renew(refreshToken)
    expect(await logout(String(body['token']))).toMatchObject({ status: 200 })
    expect(await renew(body['refreshToken'])).toMatchObject({ body: { code: 'ERR_REFRESH_TOKEN_REVOKED' } })
  })
})

describe('logout', () => {
  it('ends the session of the token in the header and answers as the original', async () => {
    const { login, logout, renew, events, ShortlivedToken } = setUp()
    const { token, refreshToken } = await login()
    expect(await logout(token)).toEqual({
      status: 200,
      headers: { 'cache-control': 'no-store' },
      body: { status: 'success' },
    })
    expect(events.at(-1)).toEqual({
      type: 'logout',
      sessionId: ShortlivedToken.verify(token).refreshTokenId,
      userId: 'test',
    })
    expect(await renew(refreshToken)).toMatchObject({ status: 401, body: { code: 'ERR_REFRESH_TOKEN_REVOKED' } })
  })

  it('works with a token whose life is over, which nothing else accepts', async () => {
    const { login, logout, renew, pass, ShortlivedToken } = setUp()
    const { token, refreshToken } = await login()
    pass(2 * DAY)
    const view = pipeline(parseAuthHeader(ShortlivedToken), authRequired(), () => null)
    expect(() => view(testContext({ headers: { authorization: `Bearer ${token}` } }))).toThrow(
      expect.objectContaining({ code: 'ERR_TOKEN_EXPIRED' }),
    )
    expect(await logout(token)).toMatchObject({ status: 200 })
    expect(await renew(refreshToken)).toMatchObject({ body: { code: 'ERR_REFRESH_TOKEN_REVOKED' } })
  })

  it('still checks the signature', async () => {
    const { login, logout, renew } = setUp()
    const { token, refreshToken } = await login()
    const forged = `${token.slice(0, -43)}${'A'.repeat(43)}`
    expect(await logout(forged)).toMatchObject({ status: 401, body: { code: 'ERR_TOKEN_INVALID' } })
    expect(await renew(refreshToken)).toMatchObject({ status: 200 })
  })

  it('answers success again when the session has ended or is not known any more, and tells only of the first', async () => {
    const { login, logout, events, store, pass } = setUp()
    const { token } = await login()
    await logout(token)
    expect(await logout(token)).toMatchObject({ status: 200 })
    pass(91 * DAY)
    store.deleteExpired(Date.UTC(2027, 0, 1))
    expect(await logout(token)).toMatchObject({ status: 200 })
    expect(events.filter(({ type }) => type === 'logout')).toHaveLength(1)
  })

  it('works after a rotation with the token from before it', async () => {
    const { login, renew, logout } = setUp({ rotation: true })
    const { token, refreshToken } = await login()
    const { body } = await renew(refreshToken)
    await logout(token)
    expect(await renew(body['refreshToken'])).toMatchObject({ body: { code: 'ERR_REFRESH_TOKEN_REVOKED' } })
  })

  it('takes the refresh token of the body instead', async () => {
    const { auth, login, renew } = setUp()
    const { refreshToken } = await login()
    expect(await answer(auth.logout, { json: { refreshToken } })).toMatchObject({ body: { status: 'success' } })
    expect(await renew(refreshToken)).toMatchObject({ body: { code: 'ERR_REFRESH_TOKEN_REVOKED' } })
    expect(await answer(auth.logout, { form: { refreshToken } })).toMatchObject({ body: { status: 'success' } })
    expect(await answer(auth.logout, { json: { refreshToken: 'x' } })).toMatchObject({
      status: 401,
      body: { code: 'ERR_REFRESH_TOKEN_INVALID' },
    })
  })

  it.each([
    ['no body', {}],
    ['an empty body of type JSON', { headers: { 'content-type': 'application/json' } }],
    ['an empty object', { json: {} }],
    ['a body of another type', { headers: { 'content-type': 'text/plain' }, body: 'x' }],
  ])('without a token answers 401 to %s', async (_title, init: TestRequestInit) => {
    const { auth } = setUp()
    expect(await answer(auth.logout, init)).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'Bearer realm="api"', 'cache-control': 'no-store' },
      body: { code: 'ERR_AUTH_REQUIRED' },
    })
  })

  it('takes the token from the URL only for compatibility', async () => {
    const strict = setUp()
    const { token } = await strict.login()
    expect(await answer(strict.auth.logout, { url: `/?token=${token}` })).toMatchObject({ status: 401 })
    const relaxed = setUp({ compat: 'twopi-flask' })
    const second = await relaxed.login()
    expect(await answer(relaxed.auth.logout, { url: `/?token=${second.token}` })).toMatchObject({ status: 200 })
  })
})

describe('the parts around the views', () => {
  it('gives steps for views with an answer of their own', async () => {
    const { auth } = setUp()
    const view = pipeline(auth.steps.login, ({ tokens, session }) => ({ ...tokens, user: session.userId }))
    const { data } = (await view(testContext({ json: { username: 'ada', password: 'test' } }))) as Reply
    expect(data).toEqual({ token: expect.any(String), refreshToken: expect.any(String), user: 'ada' })
  })

  it('starts a session without credentials, with data and a label', async () => {
    class Tenant extends ShortlivedTokenMixin(
      { refreshTokenId: claim('rfid', z.string()), tenant: claim('tnt', z.string()) },
      { keys: SECRET },
    ) {
      static override fromRefreshToken({ id, data }: RefreshToken<{ tenant: string }>) {
        return new this({ refreshTokenId: id, tenant: data.tenant })
      }
    }
    const auth = createTokenAuth({
      token: Tenant,
      store: new MemoryRefreshTokenStore(),
      authenticate: () => null,
    })
    const { tokens, session } = await auth.start({ userId: 'a', data: { tenant: 't1' }, label: 'Firefox' })
    expect(Tenant.verify(tokens.token).tenant).toBe('t1')
    expect(session).toMatchObject({ label: 'Firefox', data: { tenant: 't1' }, scopes: [] })
    expect(await auth.sessions('a')).toEqual([session])
  })

  it('lists the sessions of a user and ends one, the others, or all', async () => {
    const { auth, login, pass, events, renew, ShortlivedToken } = setUp()
    const tokens = []
    for (let i = 0; i < 3; i++) {
      tokens.push(await login('ada'))
      pass(1000)
    }
    const other = await login('bob')
    const ids = tokens.map(({ token }) => ShortlivedToken.verify(token).refreshTokenId)
    const alive = async () => (await auth.sessions('ada')).map(({ id }) => id)
    expect(await alive()).toEqual([...ids].reverse())
    expect(await auth.revoke(String(ids[0]), { userId: 'bob' })).toBe(false)
    expect(await auth.revoke(String(ids[0]), { userId: 'ada' })).toBe(true)
    expect(await auth.revoke(String(ids[0]))).toBe(false)
    expect(await alive()).toEqual([ids[2], ids[1]])
    expect(await auth.revokeAll('ada', { except: String(ids[2]) })).toBe(1)
    expect(await alive()).toEqual([ids[2]])
    expect(await auth.revokeAll('ada')).toBe(1)
    expect(await renew(tokens[2]?.refreshToken)).toMatchObject({ body: { code: 'ERR_REFRESH_TOKEN_REVOKED' } })
    expect(await renew(other.refreshToken)).toMatchObject({ status: 200 })
    expect(events.filter(({ type }) => type.startsWith('revoke'))).toEqual([
      { type: 'revoke', sessionId: ids[0], userId: 'ada', reason: 'revoked' },
      { type: 'revoke_all', userId: 'ada', count: 1 },
      { type: 'revoke_all', userId: 'ada', count: 1 },
    ])
  })

  it('ends nothing in the name of a user that is not there', async () => {
    const { auth, login, ShortlivedToken } = setUp()
    const { token } = await login('victim')
    const id = ShortlivedToken.verify(token).refreshTokenId
    for (const owner of [{ userId: undefined }, { userId: null }, { userId: 1 }, {}, { user: 'victim' }, null]) {
      await expect(auth.revoke(id, owner as unknown as { userId: string })).rejects.toThrow(
        /^revoke: `userId` must be a string, found/,
      )
    }
    await expect(auth.revokeAll(undefined as unknown as string)).rejects.toThrow(
      /^revokeAll: `userId` must be a string/,
    )
    expect(await auth.sessions('victim')).toHaveLength(1)
    expect(await auth.revoke(id, undefined)).toBe(true)
  })

  it('no event holds a token or a password', async () => {
    const { auth, login, renew, logout, events } = setUp({ rotation: true })
    await answer(auth.login, { json: { username: 'test', password: 'hunter2' } })
    const { token, refreshToken } = await login()
    const { body } = await renew(refreshToken)
    await logout(token)
    const text = JSON.stringify(events)
    for (const secret of ['hunter2', token, refreshToken, String(body['token']), String(body['refreshToken'])]) {
      expect(text).not.toContain(secret)
    }
    expect(events.map(({ type }) => type)).toEqual(['login_failed', 'login', 'renew', 'logout'])
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('log')
      },
    ],
    ['rejects', () => Promise.reject(new Error('log'))],
  ])('an onEvent that %s does not disturb the answer', async (_title, onEvent) => {
    const { ShortlivedToken } = setUp()
    const auth = createTokenAuth({
      token: ShortlivedToken,
      store: new MemoryRefreshTokenStore(),
      authenticate: () => ({ userId: 'a' }),
      onEvent,
    })
    expect(await answer(auth.login, { json: { username: '', password: '' } })).toMatchObject({ status: 200 })
  })

  it('lists everything wrong with its options at once', () => {
    const { ShortlivedToken } = setUp()
    const wrong = {
      token: ShortlivedToken,
      store: {},
      fields: [''],
      authenticate: undefined,
      grace: '10 minutes',
      idle: 0,
      absolute: -1,
      rotate: true,
      rotation: 'yes',
      compat: 'flask',
      realm: 'a\nb',
      onEvent: 'log',
      sessionId: 'id',
      refreshKeys: 'short',
      bodyLimit: '1 KiB',
    }
    expect(() => createTokenAuth(wrong as unknown as Parameters<typeof createTokenAuth>[0])).toThrow(
      [
        'createTokenAuth: 14 problems',
        '  - there is no option `rotate`; there are token, store, authenticate, fields, rotation, grace, idle, absolute, refreshKeys, sessionId, onEvent, bodyLimit, realm, compat, clock',
        '  - `store` must be a RefreshTokenStore; it lacks create, find, rotate, touch, revoke, revokeAll, list, deleteExpired',
        '  - `authenticate` must be a function',
        "  - `fields` must be a list of names, such as ['username', 'password', 'otp?']",
        "  - `absolute` must be a number of seconds or a text such as '15 minutes', found -1",
        '  - `idle` must be more than 0',
        '  - `grace` must be from 0 to 300 seconds, found 600',
        '  - `bodyLimit` must be a whole number of bytes from 1, found 1 KiB',
        '  - `rotation` must be true or false',
        "  - `compat` must be 'twopi-flask'",
        '  - `realm` must be a string of printable ASCII characters',
        '  - `sessionId` must be a function',
        '  - `onEvent` must be a function',
      ].join('\n'),
    )
    expect(() => createTokenAuth(wrong as unknown as Parameters<typeof createTokenAuth>[0])).toThrow(/32 bytes/)
  })

  it('finds at set-up that no keys of refresh tokens can be derived', () => {
    const authOf = (keys: KeySource, compat?: 'twopi-flask') => {
      class Token extends ShortlivedTokenMixin({ refreshTokenId: claim('rfid', z.string()) }, { keys, compat }) {
        static override fromRefreshToken({ id }: RefreshToken) {
          return new this({ refreshTokenId: id })
        }
      }
      const options = { token: Token, store: new MemoryRefreshTokenStore(), authenticate: () => null }
      createTokenAuth({ ...options, refreshKeys: SECRET })
      return createTokenAuth(options)
    }
    const { privateKey } = generateKeyPairSync('ed25519')
    expect(() => authOf(Keys.from([{ privateKey }]))).toThrow(/^createTokenAuth: the token class has no HS256 secret/)
    expect(() => authOf(loadJwks('https://partner.example/jwks.json'))).toThrow(/pass `refreshKeys`/)
    expect(() => authOf('supersecret', 'twopi-flask')).toThrow(
      /^createTokenAuth: the token class accepts secrets of fewer/,
    )
  })
})
