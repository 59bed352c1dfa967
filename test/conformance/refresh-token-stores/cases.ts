import fc from 'fast-check'
import {
  claim,
  createTokenAuth,
  type RefreshToken,
  type RefreshTokenStore,
  ShortlivedTokenMixin,
  type StoredRefreshToken,
} from 'twopi/token-auth'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { testContext } from '../../support/test-request.ts'

/** What a variant of the suite brings. */
export interface StoreVariant {
  /** A store without sessions. */
  readonly open: () => Promise<RefreshTokenStore> | RefreshTokenStore
  readonly close?: (store: RefreshTokenStore) => Promise<void> | void
}

const NOW = 1_767_225_600_000
const DAY = 86_400_000

let count = 0

function session(change: Partial<StoredRefreshToken> = {}): StoredRefreshToken {
  count += 1
  return {
    id: `session-${String(count).padStart(14, '0')}`,
    salt: `Salt_of-${String(count).padStart(14, '0')}`,
    userId: 'ada',
    scopes: ['read', 'write'],
    data: { tenant: 't1', nested: [1, null, 'ä'] },
    label: 'Firefox on Linux',
    counter: 0,
    createdAt: NOW,
    lastUsedAt: NOW,
    rotatedAt: null,
    idleExpiresAt: NOW + 14 * DAY,
    expiresAt: NOW + 90 * DAY,
    revokedAt: null,
    revokeReason: null,
    ...change,
  }
}

const use = (now: number) => ({ now, idleExpiresAt: now + 14 * DAY })
const logout = { now: NOW + 5, reason: 'logout' } as const

/** Sessions that are not alive at NOW, by why. */
const DEAD: Readonly<Record<string, Partial<RefreshToken>>> = {
  'that was revoked': { revokedAt: NOW - 1, revokeReason: 'logout' },
  'that ends at this very moment': { expiresAt: NOW },
  'that ended': { expiresAt: NOW - DAY },
  'whose idle time ends at this very moment': { idleExpiresAt: NOW },
  'that was idle for too long': { idleExpiresAt: NOW - DAY },
}

/** Runs the contract of {@link RefreshTokenStore} on one store. */
export function describeRefreshTokenStore(name: string, variant: StoreVariant): void {
  describe(`refresh-token store: ${name}`, () => {
    let store: RefreshTokenStore

    beforeEach(async () => {
      store = await variant.open()
    })
    afterEach(() => variant.close?.(store))

    async function stored(change?: Partial<StoredRefreshToken>): Promise<StoredRefreshToken> {
      const created = session(change)
      await store.create(created)
      return created
    }

    describe('create and find', () => {
      it.each([
        ['with everything', {}],
        ['without scopes, data and label', { scopes: [], data: null, label: null }],
        [
          'with texts of every kind',
          { userId: 'o\'brien; DROP \\ "x" 😀', scopes: ['a b', "'", ''], label: '%\n_ 😀' },
        ],
        ['with the longest texts', { userId: 'ä'.repeat(512), label: '😀'.repeat(256) }],
        ['with members of data in their order', { data: { b: 1, a: { 10: 'x', '': '\u0000' } } }],
        ['with data that is a text', { data: 'text' }],
        ['with data that is a number', { data: 0 }],
        ['with data that is false', { data: false }],
        [
          'that was rotated and revoked',
          { counter: 2_147_483_647, rotatedAt: NOW, revokedAt: NOW, revokeReason: 'reuse' },
        ],
      ] satisfies [string, Partial<StoredRefreshToken>][])('gives back a session %s', async (_title, change) => {
        const created = await stored(change)
        expect(await store.find(created.id)).toEqual(created)
      })

      it('finds nothing for an id that is not known, whatever it looks like', async () => {
        const { id } = await stored()
        for (const other of [
          '',
          'unknown',
          `${id} `,
          id.toUpperCase(),
          '__proto__',
          'constructor',
          "' OR 1=1 --",
          '%',
        ]) {
          expect(await store.find(other)).toBeNull()
        }
      })

      it('keeps its own copy, and gives the reader his', async () => {
        const created = await stored()
        const expected = structuredClone(created)
        created.scopes.push('admin')
        Object.assign(created.data as object, { tenant: 't2' })
        const read = await store.find(created.id)
        expect(read).toEqual(expected)
        read?.scopes.push('admin')
        Object.assign(read?.data as object, { tenant: 't3' })
        expect(await store.find(created.id)).toEqual(expected)
        const [listed] = await store.list('ada', NOW)
        listed?.scopes.push('admin')
        expect(await store.find(created.id)).toEqual(expected)
      })
    })

    describe('rotate', () => {
      it('adds one to the counter, writes the times and nothing else', async () => {
        const created = await stored({ counter: 3 })
        expect(await store.rotate(created.id, 3, use(NOW + 60))).toBe(true)
        expect(await store.find(created.id)).toEqual({
          ...created,
          counter: 4,
          rotatedAt: NOW + 60,
          lastUsedAt: NOW + 60,
          idleExpiresAt: NOW + 60 + 14 * DAY,
        })
      })

      it('is done by one of many at the same time', async () => {
        const { id } = await stored()
        const won = await Promise.all(Array.from({ length: 20 }, async () => store.rotate(id, 0, use(NOW + 1))))
        expect(won.filter(Boolean)).toHaveLength(1)
        expect((await store.find(id))?.counter).toBe(1)
      })

      it('never comes after a revocation, whichever is first', async () => {
        for (let i = 0; i < 20; i++) {
          const { id } = await stored()
          await Promise.all([
            store.rotate(id, 0, use(NOW + 1)),
            store.revoke(id, logout),
            store.rotate(id, 1, use(NOW + 2)),
          ])
          expect((await store.find(id))?.revokedAt).toBe(logout.now)
          expect(await store.rotate(id, 0, use(NOW + 3))).toBe(false)
          expect(await store.rotate(id, 1, use(NOW + 3))).toBe(false)
          expect(await store.rotate(id, 2, use(NOW + 3))).toBe(false)
        }
      })
    })

    it('touch writes the times and nothing else', async () => {
      const created = await stored({ counter: 3, rotatedAt: NOW - 1 })
      expect(await store.touch(created.id, 3, use(NOW + 60))).toBe(true)
      expect(await store.find(created.id)).toEqual({
        ...created,
        lastUsedAt: NOW + 60,
        idleExpiresAt: NOW + 60 + 14 * DAY,
      })
    })

    it('touch answers true again when it writes what is there already: matched counts, not changed', async () => {
      const { id } = await stored()
      for (let i = 0; i < 3; i++) expect(await store.touch(id, 0, use(NOW + 60))).toBe(true)
      // The same as when it was created.
      expect(await store.touch(id, 0, use(NOW + 60))).toBe(true)
      const fresh = await stored()
      expect(await store.touch(fresh.id, 0, use(NOW))).toBe(true)
    })

    it('shows each change to a find that comes after its answer, whatever goes on beside', async () => {
      const { id } = await stored()
      const others = Array.from({ length: 10 }, async (_, i) => store.touch((await stored()).id, 0, use(NOW + i)))
      for (let counter = 0; counter < 10; counter++) {
        expect(await store.rotate(id, counter, use(NOW + counter))).toBe(true)
        expect((await store.find(id))?.counter).toBe(counter + 1)
      }
      await store.revoke(id, logout)
      expect((await store.find(id))?.revokedAt).toBe(logout.now)
      await Promise.all(others)
    })

    it('calls at the same time end as they would in some order', async () => {
      for (let round = 0; round < 20; round++) {
        const { id, userId } = await stored({ userId: `user-${count}` })
        const [rotated, again, touched, revoked, all] = await Promise.all([
          store.rotate(id, 0, use(NOW + 1)),
          store.rotate(id, 1, use(NOW + 2)),
          store.touch(id, 0, use(NOW + 3)),
          store.revoke(id, logout),
          store.revokeAll(userId, { now: NOW + 6, reason: 'revoked' }),
        ])
        const row = await store.find(id)
        expect(row?.counter).toBe(Number(rotated) + Number(again))
        // The second rotation needs the first.
        expect(again && !rotated).toBe(false)
        expect(Number(revoked) + all).toBe(1)
        expect(row).toMatchObject(
          revoked ? { revokedAt: NOW + 5, revokeReason: 'logout' } : { revokedAt: NOW + 6, revokeReason: 'revoked' },
        )
        const uses = [NOW, ...(rotated ? [NOW + 1] : []), ...(again ? [NOW + 2] : []), ...(touched ? [NOW + 3] : [])]
        expect(uses).toContain(row?.lastUsedAt)
        expect(row?.rotatedAt).toBe(again ? NOW + 2 : rotated ? NOW + 1 : null)
      }
    })

    describe.each(['rotate', 'touch'] as const)('%s changes nothing', (method) => {
      it.each([
        ['below', 2],
        ['above', 4],
      ])('when the given counter is %s the stored one', async (_title, counter) => {
        const created = await stored({ counter: 3 })
        expect(await store[method](created.id, counter, use(NOW))).toBe(false)
        expect(await store.find(created.id)).toEqual(created)
      })

      it.each(Object.entries(DEAD))('of a session %s', async (_title, change) => {
        const created = await stored(change)
        expect(await store[method](created.id, 0, use(NOW))).toBe(false)
        expect(await store.find(created.id)).toEqual(created)
      })

      it('for an id that is not known', async () => {
        expect(await store[method]('unknown', 0, use(NOW))).toBe(false)
        expect(await store.find('unknown')).toBeNull()
      })
    })

    describe('revoke', () => {
      it('ends a session once, and keeps the first time and reason', async () => {
        const created = await stored()
        expect(await store.revoke(created.id, logout)).toBe(true)
        expect(await store.revoke(created.id, { now: NOW + 9, reason: 'reuse' })).toBe(false)
        expect(await store.find(created.id)).toEqual({ ...created, revokedAt: NOW + 5, revokeReason: 'logout' })
      })

      it('is done by one of many at the same time', async () => {
        const { id } = await stored()
        const won = await Promise.all(Array.from({ length: 20 }, async () => store.revoke(id, logout)))
        expect(won.filter(Boolean)).toHaveLength(1)
      })

      it('does nothing for an id that is not known', async () => {
        expect(await store.revoke('unknown', logout)).toBe(false)
      })
    })

    describe('revokeAll', () => {
      it('ends the sessions of one user that are alive, and counts them', async () => {
        const mine = [await stored(), await stored()]
        const ended = await stored({ revokedAt: NOW - 1, revokeReason: 'reuse' })
        const other = await stored({ userId: 'ad' })
        const expired = await stored({ expiresAt: NOW })
        expect(await store.revokeAll('ada', { now: NOW + 5, reason: 'revoked' })).toBe(2)
        for (const { id } of mine)
          expect(await store.find(id)).toMatchObject({ revokedAt: NOW + 5, revokeReason: 'revoked' })
        for (const left of [ended, expired, other]) expect(await store.find(left.id)).toEqual(left)
      })

      it('leaves one out', async () => {
        const [kept, ended] = [await stored(), await stored()]
        expect(await store.revokeAll('ada', { ...logout, except: kept.id })).toBe(1)
        expect(await store.find(kept.id)).toEqual(kept)
        expect((await store.find(ended.id))?.revokedAt).toBe(logout.now)
      })

      it('ends nothing for a user that is not known', async () => {
        await stored()
        expect(await store.revokeAll('nobody', logout)).toBe(0)
      })
    })

    it('list gives the sessions of one user that are alive, the newest first', async () => {
      const old = await stored({ createdAt: NOW - 10 })
      const young = await stored({ createdAt: NOW - 1 })
      const middle = await stored({ createdAt: NOW - 5 })
      await stored({ userId: 'bob' })
      for (const change of Object.values(DEAD)) await stored(change)
      expect(await store.list('ada', NOW)).toEqual([young, middle, old])
      expect(await store.list('nobody', NOW)).toEqual([])
    })

    it('deleteExpired removes what has expired, revoked or not, and nothing else', async () => {
      const kept = [await stored(), await stored({ revokedAt: NOW, revokeReason: 'reuse' })]
      const gone = [
        await stored({ createdAt: NOW - DAY, expiresAt: NOW }),
        await stored({ createdAt: NOW - DAY, idleExpiresAt: NOW }),
        await stored({
          createdAt: NOW - DAY,
          expiresAt: NOW,
          revokedAt: NOW - 5,
          revokeReason: 'logout',
          userId: 'bob',
        }),
      ]
      expect(await store.deleteExpired(NOW - 1)).toBe(0)
      expect(await store.deleteExpired(NOW)).toBe(3)
      for (const left of kept) expect(await store.find(left.id)).toEqual(left)
      for (const { id } of gone) expect(await store.find(id)).toBeNull()
      expect(await store.deleteExpired(NOW)).toBe(0)
    })

    it('behaves as a list of records would, over any row of calls', async () => {
      const call = fc.record({
        at: fc.integer({ min: 0, max: 40 }),
        which: fc.integer({ min: 0, max: 2 }),
        counter: fc.integer({ min: 0, max: 3 }),
        kind: fc.constantFrom('rotate', 'touch', 'revoke', 'revokeAll', 'deleteExpired'),
      })
      await fc.assert(
        fc.asyncProperty(fc.array(call, { maxLength: 25 }), async (calls) => {
          const model = new Map<string, StoredRefreshToken>()
          for (let i = 0; i < 3; i++) {
            const created = await stored({ userId: `user-${count}`, idleExpiresAt: NOW + 15, expiresAt: NOW + 30 })
            model.set(created.id, created)
          }
          const ids = [...model.keys()]
          const users = [...model.values()].map(({ userId }) => userId)
          for (const { at, which, counter, kind } of calls) {
            const [id = '', userId = '', now] = [ids[which], users[which], NOW + at]
            const row = model.get(id)
            const alive = row !== undefined && row.revokedAt === null && row.idleExpiresAt > now && row.expiresAt > now
            const next = { now, idleExpiresAt: now + 15 }
            if (kind === 'rotate' || kind === 'touch') {
              const hits = alive && row.counter === counter
              expect(await store[kind](id, counter, next)).toBe(hits)
              if (hits) {
                const rotated = kind === 'rotate' ? { counter: counter + 1, rotatedAt: now } : {}
                model.set(id, { ...row, ...rotated, lastUsedAt: now, idleExpiresAt: next.idleExpiresAt })
              }
            } else if (kind === 'revoke') {
              const hits = row !== undefined && row.revokedAt === null
              expect(await store.revoke(id, { now, reason: 'logout' })).toBe(hits)
              if (hits) model.set(id, { ...row, revokedAt: now, revokeReason: 'logout' })
            } else if (kind === 'revokeAll') {
              expect(await store.revokeAll(userId, { now, reason: 'revoked' })).toBe(alive ? 1 : 0)
              if (alive) model.set(id, { ...row, revokedAt: now, revokeReason: 'revoked' })
            } else {
              await store.deleteExpired(now)
              for (const [key, value] of model) {
                if (value.idleExpiresAt <= now || value.expiresAt <= now) model.delete(key)
              }
            }
            for (const key of ids) expect(await store.find(key)).toEqual(model.get(key) ?? null)
          }
        }),
        { numRuns: 40 },
      )
    })

    describe('under createTokenAuth', () => {
      /** Renews with rotation; `during` runs while a token is being made. */
      function setUp() {
        let during = async () => {}
        class ShortlivedToken extends ShortlivedTokenMixin(
          { refreshTokenId: claim('rfid', z.string()) },
          { keys: 'a secret of more than thirty-two bytes', clock: () => NOW },
        ) {
          static override async fromRefreshToken({ id }: RefreshToken) {
            const run = during
            during = async () => {}
            await run()
            return new this({ refreshTokenId: id })
          }
        }
        const auth = createTokenAuth({
          token: ShortlivedToken,
          store,
          rotation: true,
          clock: () => NOW,
          authenticate: () => ({ userId: 'ada' }),
        })
        return {
          auth,
          renew: async (refreshToken: string | undefined) =>
            (await auth.renew(testContext({ json: { refreshToken } }))).data.refreshToken,
          whileRenewing: (run: () => Promise<unknown>) => {
            during = async () => {
              await run()
            }
          },
        }
      }

      it('many renewals of one token at the same time are one rotation and equal answers', async () => {
        const { auth, renew } = setUp()
        const { tokens, session: started } = await auth.start({ userId: 'ada' })
        let current: string | undefined = tokens.refreshToken
        for (let round = 1; round <= 3; round++) {
          const answers: (string | undefined)[] = await Promise.all(Array.from({ length: 25 }, () => renew(current)))
          expect(new Set(answers).size).toBe(1)
          expect((await store.find(started.id))?.counter).toBe(round)
          current = answers[0]
        }
      })

      it.each(['current', 'replaced, within the grace'])(
        'a logout wins over a slow renewal with a token that is %s',
        async (kind) => {
          const { auth, renew, whileRenewing } = setUp()
          const { tokens, session: started } = await auth.start({ userId: 'ada' })
          if (kind !== 'current') await renew(tokens.refreshToken)
          whileRenewing(() => auth.revoke(started.id))
          await expect(renew(tokens.refreshToken)).rejects.toMatchObject({ code: 'ERR_REFRESH_TOKEN_REVOKED' })
        },
      )

      it.each(['current', 'replaced, within the grace'])(
        'a slow renewal with a token that is %s answers the one that is current when it is done',
        async (kind) => {
          const { auth, renew, whileRenewing } = setUp()
          const { tokens } = await auth.start({ userId: 'ada' })
          let latest: string | undefined = tokens.refreshToken
          if (kind !== 'current') latest = await renew(latest)
          whileRenewing(async () => {
            for (let i = 0; i < 3; i++) latest = await renew(latest)
          })
          expect(await renew(tokens.refreshToken)).toBe(latest)
        },
      )
    })
  })
}
