import { createHmac } from 'node:crypto'
import { errorResponse, type Reply } from 'twopi/http'
import {
  claim,
  createTokenAuth,
  Keys,
  MemoryRefreshTokenStore,
  type RefreshToken,
  type RefreshTokenStore,
  ShortlivedTokenMixin,
  type TokenAuthEvent,
} from 'twopi/token-auth'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { RefreshTokenText } from '../../src/token-auth/refresh/refresh-token-text.ts'
import { testContext } from '../support/test-request.ts'

// The refresh table of the attack list, row by row.

const SECOND = 1000
const DAY = 86_400 * SECOND
const SECRET = 'a secret of more than thirty-two bytes'
const START = Date.UTC(2026, 0, 1)

interface Answer {
  readonly status: number
  readonly code: unknown
  readonly token: string
  readonly refreshToken: string
}

function setUp({ rotation = true, grace = 30, wrap = (store: RefreshTokenStore) => store } = {}) {
  let now = START
  const clock = () => now
  class ShortlivedToken extends ShortlivedTokenMixin(
    { refreshTokenId: claim('rfid', z.string()), userId: claim('user_id', z.string()) },
    { keys: SECRET, clock },
  ) {
    static override async fromRefreshToken({ id, userId }: RefreshToken) {
      await during()
      return new this({ refreshTokenId: id, userId })
    }
  }
  let during = async () => {}
  const memory = new MemoryRefreshTokenStore()
  const calls: string[] = []
  const store = wrap(
    new Proxy(memory, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name)
        if (typeof member !== 'function') return member
        return (...parameters: unknown[]) => {
          calls.push(String(name))
          return Reflect.apply(member, target, parameters)
        }
      },
    }),
  )
  const events: TokenAuthEvent[] = []
  const auth = createTokenAuth({
    token: ShortlivedToken,
    store,
    clock,
    rotation,
    grace,
    authenticate: ({ username }) => ({ userId: username }),
    onEvent: (event) => events.push(event),
  })
  async function answer(run: () => Promise<Reply>): Promise<Answer> {
    try {
      const { status, data } = await run()
      return { status, code: undefined, ...(data as { token: string; refreshToken: string }) }
    } catch (error) {
      const { status, body } = errorResponse(error, { method: 'POST', path: '/' }, { onError: () => {} })
      return { status, code: (JSON.parse(String(body)) as { code: unknown }).code, token: '', refreshToken: '' }
    }
  }
  return {
    auth,
    calls,
    events,
    memory,
    ShortlivedToken,
    row: () => memory.list('ada', 0)[0] ?? null,
    pass: (milliseconds: number) => {
      now += milliseconds
    },
    whileRenewing: (run: () => Promise<unknown>) => {
      during = async () => {
        during = async () => {}
        await run()
      }
    },
    login: () => answer(() => auth.login(testContext({ json: { username: 'ada', password: '' } }))),
    renew: (refreshToken: string) => answer(() => auth.renew(testContext({ json: { refreshToken } }))),
    logout: (token: string) =>
      answer(() => auth.logout(testContext({ headers: { authorization: `Bearer ${token}` } }))),
  }
}

const REFUSED = (code: string) => ({ status: 401, code: `ERR_REFRESH_TOKEN_${code}` })

describe('replay of a replaced refresh token', () => {
  it('after the grace ends the session, for the thief and the user, and says so', async () => {
    const { login, renew, pass, events, row, auth } = setUp()
    const first = await login()
    const second = await renew(first.refreshToken)
    pass(30 * SECOND + 1)
    expect(await renew(first.refreshToken)).toMatchObject(REFUSED('REUSED'))
    expect(row()).toBeNull()
    expect(await auth.sessions('ada')).toEqual([])
    expect(await renew(second.refreshToken)).toMatchObject(REFUSED('REVOKED'))
    expect(await renew(first.refreshToken)).toMatchObject(REFUSED('REVOKED'))
    const reuse = events.filter(({ type }) => type === 'refresh_reuse')
    expect(reuse).toEqual([{ type: 'refresh_reuse', sessionId: expect.any(String), userId: 'ada' }])
  })

  it('of two renewals ago ends the session even within the grace', async () => {
    const { login, renew } = setUp()
    const first = await login()
    const second = await renew(first.refreshToken)
    const third = await renew(second.refreshToken)
    expect(await renew(first.refreshToken)).toMatchObject(REFUSED('REUSED'))
    expect(await renew(third.refreshToken)).toMatchObject(REFUSED('REVOKED'))
  })

  it('without a grace ends the session at once', async () => {
    const { login, renew, pass } = setUp({ grace: 0 })
    const first = await login()
    await renew(first.refreshToken)
    pass(1)
    expect(await renew(first.refreshToken)).toMatchObject(REFUSED('REUSED'))
  })
})

describe('the grace', () => {
  it('answers thief and user the same successor, so that they collide at the next renewal', async () => {
    const { login, renew, pass } = setUp()
    const first = await login()
    const user = await renew(first.refreshToken)
    pass(30 * SECOND)
    const thief = await renew(first.refreshToken)
    expect(thief.refreshToken).toBe(user.refreshToken)
    const next = await renew(thief.refreshToken)
    pass(31 * SECOND)
    expect(await renew(user.refreshToken)).toMatchObject(REFUSED('REUSED'))
    expect(await renew(next.refreshToken)).toMatchObject(REFUSED('REVOKED'))
  })

  it('changes nothing in the store, and so extends neither itself nor the session', async () => {
    const { login, renew, pass, row } = setUp()
    const { refreshToken } = await login()
    await renew(refreshToken)
    const before = row()
    for (let i = 0; i < 3; i++) {
      pass(10 * SECOND)
      expect(await renew(refreshToken)).toMatchObject({ status: 200 })
    }
    expect(row()).toEqual(before)
    pass(1)
    expect(await renew(refreshToken)).toMatchObject(REFUSED('REUSED'))
  })

  it('never wins over a revocation', async () => {
    const { login, renew, logout } = setUp()
    const { token, refreshToken } = await login()
    const second = await renew(refreshToken)
    await logout(token)
    expect(await renew(refreshToken)).toMatchObject(REFUSED('REVOKED'))
    expect(await renew(second.refreshToken)).toMatchObject(REFUSED('REVOKED'))
  })
})

describe('renewals at the same time', () => {
  it('are one rotation and equal answers', async () => {
    const { login, renew, row } = setUp()
    const { refreshToken } = await login()
    const answers = await Promise.all(Array.from({ length: 50 }, () => renew(refreshToken)))
    expect(new Set(answers.map((answer) => answer.refreshToken)).size).toBe(1)
    expect(answers.every(({ status }) => status === 200)).toBe(true)
    expect(row()?.counter).toBe(1)
  })

  it('a slow one whose token was current when it came is no reuse, however many came in between', async () => {
    const { login, renew, whileRenewing, row, pass } = setUp()
    const { refreshToken } = await login()
    let latest = refreshToken
    whileRenewing(async () => {
      for (let i = 0; i < 4; i++) {
        latest = (await renew(latest)).refreshToken
        pass(60 * SECOND)
      }
    })
    const slow = await renew(refreshToken)
    expect(slow).toMatchObject({ status: 200, refreshToken: latest })
    expect(row()?.counter).toBe(4)
  })

  it('a renewal that a logout overtakes is refused and does not bring the session back', async () => {
    for (const rotation of [true, false]) {
      const { login, renew, logout, whileRenewing, auth } = setUp({ rotation })
      const { token, refreshToken } = await login()
      whileRenewing(() => logout(token))
      expect(await renew(refreshToken)).toMatchObject(REFUSED('REVOKED'))
      expect(await auth.sessions('ada')).toEqual([])
    }
  })

  it('a store that refuses without a reason is not to be believed: 503, no endless loop, and nobody is logged out', async () => {
    const { login, renew } = setUp({
      wrap: (store) =>
        new Proxy(store, { get: (target, name) => (name === 'rotate' ? () => false : Reflect.get(target, name)) }),
    })
    const { refreshToken } = await login()
    expect(await renew(refreshToken)).toMatchObject({ status: 503, code: 'ERR_REFRESH_TOKEN_UNAVAILABLE' })
  })
})

describe('a token within the grace whose renewal is slow', () => {
  /** A session that was renewed once, so that its first token is within the grace. */
  async function inGrace() {
    const parts = setUp()
    const first = await parts.login()
    const second = await parts.renew(first.refreshToken)
    return { ...parts, first, second }
  }

  it('is refused when a logout overtakes it', async () => {
    const { first, second, renew, logout, whileRenewing, pass, events } = await inGrace()
    whileRenewing(async () => {
      await logout(second.token)
      pass(300 * SECOND)
    })
    expect(await renew(first.refreshToken)).toMatchObject(REFUSED('REVOKED'))
    expect(events.map(({ type }) => type)).toEqual(['login', 'renew', 'logout'])
  })

  it('is refused when the session ends of age meanwhile', async () => {
    const { first, renew, whileRenewing, pass } = await inGrace()
    whileRenewing(async () => pass(14 * DAY))
    expect(await renew(first.refreshToken)).toMatchObject(REFUSED('EXPIRED'))
  })

  it('answers the token that is current when it is done, and is no reuse, however long it took', async () => {
    const { first, second, renew, whileRenewing, pass, row } = await inGrace()
    let latest = second.refreshToken
    whileRenewing(async () => {
      for (let i = 0; i < 2; i++) {
        latest = (await renew(latest)).refreshToken
        pass(31 * SECOND)
      }
    })
    const slow = await renew(first.refreshToken)
    expect(slow).toMatchObject({ status: 200, refreshToken: latest })
    expect(await renew(slow.refreshToken)).toMatchObject({ status: 200 })
    expect(row()?.counter).toBe(4)
  })
})

describe('a store that does not keep its contract', () => {
  /** Its `find` shows what was there when `lag` was called; it writes to the primary. */
  function lagging() {
    let old: RefreshTokenStore | undefined
    const wrap = (store: RefreshTokenStore) =>
      new Proxy(store, {
        get: (target, name) => (name === 'find' ? (id: string) => (old ?? target).find(id) : Reflect.get(target, name)),
      })
    const parts = setUp({ wrap })
    const lag = () => {
      old = new MemoryRefreshTokenStore()
      const stored = parts.memory.find(parts.row()?.id ?? '')
      if (stored !== null) old.create(stored)
    }
    const recover = () => {
      old = undefined
    }
    return { ...parts, lag, recover }
  }

  it('and reads from a replica that lags: a token newer than what it reads is renewed all the same', async () => {
    const { login, renew, lag, row } = lagging()
    const first = await login()
    lag()
    const second = await renew(first.refreshToken)
    const third = await renew(second.refreshToken)
    expect(third).toMatchObject({ status: 200 })
    expect(row()?.counter).toBe(2)
  })

  it('and reads from a replica that lags: what it cannot tell is 503, and the token is good again later', async () => {
    const { login, renew, lag, recover, pass } = lagging()
    const first = await login()
    lag()
    const second = await renew(first.refreshToken)
    await renew(second.refreshToken)
    pass(SECOND)
    expect(await renew(second.refreshToken)).toMatchObject({ status: 503 })
    recover()
    expect(await renew(second.refreshToken)).toMatchObject({ status: 200 })
  })

  it('and has forgotten a logout when it is read: the logout still wins over the renewal', async () => {
    const { login, renew, logout, lag, memory, row } = lagging()
    const { token, refreshToken } = await login()
    const id = row()?.id ?? ''
    await renew(refreshToken)
    lag()
    await logout(token)
    const before = memory.find(id)
    expect(before?.revokeReason).toBe('logout')
    const second = await renew(refreshToken)
    expect(second.status).toBe(200)
    // That was the grace, which writes nothing: only a reading from the primary can tell. The next renewal writes.
    expect(await renew(second.refreshToken)).toMatchObject({ status: 503 })
    expect(memory.find(id)).toEqual(before)
  })
})

describe('the counter', () => {
  it('ends the session when it comes to the most that a database can hold', async () => {
    const { login, renew, memory, row, auth } = setUp()
    await login()
    const stored = memory.find(row()?.id ?? '')
    if (stored === null) throw new Error('no session')
    const key = Keys.from([{ secret: createHmac('sha256', SECRET).update('twopi refresh token key\x01').digest() }])
    const text = new RefreshTokenText(() => key)
    memory.create({ ...stored, counter: 2_147_483_646 })
    const last = await renew(await text.format({ ...stored, counter: 2_147_483_646 }, START))
    expect(last).toMatchObject({ status: 200 })
    expect(row()?.counter).toBe(2_147_483_647)
    expect(await renew(last.refreshToken)).toMatchObject(REFUSED('EXPIRED'))
    expect(await auth.sessions('ada')).toEqual([])
  })
})

describe('forged and foreign refresh tokens', () => {
  it('do not even reach the store, and change nothing', async () => {
    const { login, renew, calls, row, events } = setUp()
    const { refreshToken } = await login()
    const before = row()
    calls.length = 0
    events.length = 0
    const bytes = Buffer.from(refreshToken.slice(0, 27), 'base64url')
    const forgedCounter = Buffer.concat([bytes.subarray(0, 16), Buffer.from([0, 0, 0, 9])]).toString('base64url')
    const forged = [
      forgedCounter + refreshToken.slice(27),
      refreshToken.slice(0, 27) + 'A'.repeat(43) + refreshToken.slice(70),
      refreshToken.slice(0, 27) + 'A'.repeat(86),
      refreshToken.slice(0, 70),
      'A'.repeat(113),
      refreshToken.toLowerCase(),
      `${refreshToken}A`,
      '',
    ]
    for (const token of forged) expect(await renew(token)).toMatchObject(REFUSED('INVALID'))
    expect(calls).toEqual([])
    expect(events).toEqual([])
    expect(row()).toEqual(before)
    expect(await renew(refreshToken)).toMatchObject({ status: 200 })
  })

  it('of another service, with other keys, are refused', async () => {
    const { ShortlivedToken, memory, renew } = setUp()
    const other = createTokenAuth({
      token: ShortlivedToken,
      store: memory,
      refreshKeys: 'another secret of more than thirty-two bytes',
      authenticate: () => null,
    })
    const { tokens } = await other.start({ userId: 'ada' })
    expect(memory.size).toBe(1)
    expect(await renew(tokens.refreshToken)).toMatchObject(REFUSED('INVALID'))
  })

  it('made with the key alone, of the session id that every short-lived token says, are refused and change nothing', async () => {
    const { login, renew, row, ShortlivedToken, memory, auth } = setUp()
    const { token, refreshToken } = await login()
    const before = row()
    const key = createHmac('sha256', SECRET).update('twopi refresh token key\x01').digest()
    const mac = (input: string) => createHmac('sha256', key).update(`twopi refresh token ${input}`).digest('base64url')
    const id = Buffer.from(ShortlivedToken.verify(token).refreshTokenId, 'base64url')
    const head = Buffer.concat([id, Buffer.alloc(4)]).toString('base64url')
    const salt = memory.find(ShortlivedToken.verify(token).refreshTokenId)?.salt
    // With the salt it would do: the forgery is right in all else.
    expect(head + mac(head) + mac(`${head} ${salt}`)).toBe(refreshToken)
    const forged = [head + mac(head) + mac(`${head} `), head + mac(head) + mac(head), head + mac(head) + 'A'.repeat(43)]
    for (const attempt of forged) {
      expect(await renew(attempt)).toMatchObject(REFUSED('INVALID'))
      await expect(auth.logout(testContext({ json: { refreshToken: attempt } }))).rejects.toMatchObject(
        REFUSED('INVALID'),
      )
    }
    expect(row()).toEqual(before)
    expect(await renew(refreshToken)).toMatchObject({ status: 200 })
  })

  it('from before a store was set back, whose counter is ahead of it, change nothing and log nobody out', async () => {
    const { login, renew, memory, row } = setUp()
    const { refreshToken } = await login()
    const backup = memory.find(row()?.id ?? '')
    const { refreshToken: ahead } = await renew(refreshToken)
    if (backup !== null) memory.create(backup)
    expect(await renew(ahead)).toMatchObject({ status: 503, code: 'ERR_REFRESH_TOKEN_UNAVAILABLE' })
    expect(memory.find(row()?.id ?? '')).toEqual(backup)
  })

  it('a short-lived token is no refresh token, and a refresh token no short-lived one', async () => {
    const { login, renew, logout } = setUp()
    const { token, refreshToken } = await login()
    expect(await renew(token)).toMatchObject(REFUSED('INVALID'))
    expect(await logout(refreshToken)).toMatchObject({ status: 401, code: 'ERR_TOKEN_INVALID' })
  })

  it('a session that is not known is refused like a forged one', async () => {
    const { login, renew, memory } = setUp()
    const { refreshToken } = await login()
    memory.deleteExpired(START + 365 * DAY)
    expect(await renew(refreshToken)).toMatchObject(REFUSED('INVALID'))
  })
})

describe('a copy of the store', () => {
  it('holds nothing a refresh token could be made of: no part of one but the id, and no key', async () => {
    const { login, row } = setUp()
    const { refreshToken } = await login()
    const stored = row()
    const text = JSON.stringify(stored)
    expect(text).not.toContain(refreshToken)
    expect(text).not.toContain(refreshToken.slice(27))
    expect(text).not.toContain('secret')
    const id = Buffer.from(String(stored?.id), 'base64url')
    expect(id).toEqual(Buffer.from(refreshToken, 'base64url').subarray(0, 16))
  })
})

describe('the end of a session', () => {
  it.each([true, false])('comes after 14 days without use, and each use puts it off; rotation %j', async (rotation) => {
    const { login, renew, pass } = setUp({ rotation })
    let { refreshToken } = await login()
    for (let i = 0; i < 3; i++) {
      pass(14 * DAY - 1)
      const answer = await renew(refreshToken)
      expect(answer.status).toBe(200)
      refreshToken = answer.refreshToken ?? refreshToken
    }
    pass(14 * DAY)
    expect(await renew(refreshToken)).toMatchObject(REFUSED('EXPIRED'))
  })

  it.each([true, false])('comes after 90 days however much it is used; rotation %j', async (rotation) => {
    const { login, renew, pass } = setUp({ rotation })
    let { refreshToken } = await login()
    for (let day = 10; day < 90; day += 10) {
      pass(10 * DAY)
      const answer = await renew(refreshToken)
      expect(answer.status).toBe(200)
      refreshToken = answer.refreshToken ?? refreshToken
    }
    pass(10 * DAY)
    expect(await renew(refreshToken)).toMatchObject(REFUSED('EXPIRED'))
  })

  it('is never put off beyond 90 days by a use shortly before', async () => {
    const { login, renew, pass, row } = setUp({ rotation: false })
    const { refreshToken } = await login()
    for (let day = 8; day <= 88; day += 8) {
      pass(8 * DAY)
      expect(await renew(refreshToken)).toMatchObject({ status: 200 })
    }
    expect(row()).toMatchObject({ idleExpiresAt: START + 90 * DAY, expiresAt: START + 90 * DAY })
  })

  it('counts even when a store has a longer idle time for it', async () => {
    const { login, renew, pass, row, memory } = setUp()
    const { refreshToken } = await login()
    const session = memory.find(row()?.id ?? '')
    if (session !== null) memory.create({ ...session, idleExpiresAt: START + 200 * DAY })
    pass(90 * DAY)
    expect(await renew(refreshToken)).toMatchObject(REFUSED('EXPIRED'))
  })

  it('an expired token that was replaced is only expired: nothing is left to end', async () => {
    const { login, renew, pass, events } = setUp()
    const { refreshToken } = await login()
    await renew(refreshToken)
    pass(15 * DAY)
    expect(await renew(refreshToken)).toMatchObject(REFUSED('EXPIRED'))
    expect(events.some(({ type }) => type === 'refresh_reuse')).toBe(false)
  })
})

describe('the session id', () => {
  it('is a new one for each login, and stays the same over renewals', async () => {
    const { login, renew, ShortlivedToken } = setUp()
    const [one, two] = [await login(), await login()]
    const id = ({ token }: Answer) => ShortlivedToken.verify(token).refreshTokenId
    expect(id(one)).not.toBe(id(two))
    expect(id(await renew(one.refreshToken))).toBe(id(one))
  })
})

describe('a change of settings', () => {
  it('from rotation to none and back keeps sessions alive', async () => {
    const { ShortlivedToken, memory, login, renew } = setUp()
    const still = createTokenAuth({
      token: ShortlivedToken,
      store: memory,
      clock: () => START,
      rotation: false,
      authenticate: () => null,
    })
    const first = await login()
    const second = await renew(first.refreshToken)
    await expect(still.renew(testContext({ json: { refreshToken: second.refreshToken } }))).resolves.toBeDefined()
    expect(await renew(second.refreshToken)).toMatchObject({ status: 200 })
  })

  it('from rotation to none tells a client within the grace its current refresh token', async () => {
    const { ShortlivedToken, memory, login, renew } = setUp()
    let now = START
    const still = createTokenAuth({ token: ShortlivedToken, store: memory, clock: () => now, authenticate: () => null })
    const first = await login()
    // The answer is lost, and the setting is changed.
    const lost = await renew(first.refreshToken)
    const later = async (refreshToken: string | undefined) =>
      (await still.renew(testContext({ json: { refreshToken } }))).data
    const answer = await later(first.refreshToken)
    expect(answer).toEqual({ token: expect.any(String), refreshToken: lost.refreshToken })
    now += 31 * SECOND
    expect(Object.keys(await later(answer.refreshToken))).toEqual(['token'])
  })

  it('a key of short-lived tokens that is on its way out makes no refresh token, and still checks those it made', async () => {
    let now = START
    const store = new MemoryRefreshTokenStore()
    const old = { kid: 'old', secret: 'the old secret of more than thirty-two bytes' }
    const ending = { ...old, notAfter: new Date(START + 7_200 * SECOND) }
    const fresh = { kid: 'new', secret: 'the new secret of more than thirty-two bytes' }
    const authWith = (...entries: { kid: string; secret: string; notAfter?: Date }[]) => {
      const clock = () => now
      class Token extends ShortlivedTokenMixin(
        { refreshTokenId: claim(z.string()) },
        { keys: Keys.from(entries), clock },
      ) {
        static override fromRefreshToken({ id }: RefreshToken) {
          return new this({ refreshTokenId: id })
        }
      }
      return createTokenAuth({ token: Token, store, clock, authenticate: () => null })
    }
    const before = await authWith(old).start({ userId: 'ada' })
    // The documented rotation, and the other order.
    const one = await authWith(fresh, ending).start({ userId: 'ada' })
    const two = await authWith(ending, fresh).start({ userId: 'ada' })
    now += 10_800 * SECOND
    const renew = (refreshToken: string, ...entries: Parameters<typeof authWith>) =>
      authWith(...entries).renew(testContext({ json: { refreshToken } }))
    await expect(renew(before.tokens.refreshToken, fresh, ending)).resolves.toBeDefined()
    for (const { tokens } of [one, two]) await expect(renew(tokens.refreshToken, fresh)).resolves.toBeDefined()
    await expect(renew(before.tokens.refreshToken, fresh)).rejects.toMatchObject(REFUSED('INVALID'))
  })

  it('a new key first, the old one kept, keeps sessions alive; dropping the old one ends them', async () => {
    const { ShortlivedToken, memory } = setUp()
    const old = { kid: 'old', secret: 'the old secret of more than thirty-two bytes' }
    const fresh = { kid: 'new', secret: 'the new secret of more than thirty-two bytes' }
    const authWith = (refreshKeys: Keys) =>
      createTokenAuth({
        token: ShortlivedToken,
        store: memory,
        clock: () => START,
        refreshKeys,
        authenticate: () => null,
      })
    const { tokens } = await authWith(Keys.from([old])).start({ userId: 'ada' })
    const context = () => testContext({ json: { refreshToken: tokens.refreshToken } })
    await expect(authWith(Keys.from([fresh, old])).renew(context())).resolves.toBeDefined()
    await expect(authWith(Keys.from([fresh])).renew(context())).rejects.toMatchObject(REFUSED('INVALID'))
  })
})
