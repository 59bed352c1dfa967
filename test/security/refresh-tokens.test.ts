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
import { testContext } from '../support/test-request.ts'

// The refresh table of the attack list, row by row.

const SECOND = 1000
const DAY = 86_400 * SECOND
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
    { keys: 'a secret of more than thirty-two bytes', clock },
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

  it('a store that refuses without a reason is a fault of the server, not an endless loop', async () => {
    const { login, renew } = setUp({
      wrap: (store) =>
        new Proxy(store, { get: (target, name) => (name === 'rotate' ? () => false : Reflect.get(target, name)) }),
    })
    const { refreshToken } = await login()
    expect(await renew(refreshToken)).toMatchObject({ status: 500 })
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
      refreshToken.slice(0, 27) + 'A'.repeat(43),
      'A'.repeat(70),
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

  it('from before a store was set back, whose counter is ahead of it, change nothing', async () => {
    const { login, renew, memory, row } = setUp()
    const { refreshToken } = await login()
    const backup = row()
    const { refreshToken: ahead } = await renew(refreshToken)
    if (backup !== null) memory.create(backup)
    expect(await renew(ahead)).toMatchObject(REFUSED('INVALID'))
    expect(row()).toEqual(backup)
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
    const session = row()
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
