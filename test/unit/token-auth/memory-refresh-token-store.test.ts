import { MemoryRefreshTokenStore, type StoredRefreshToken } from 'twopi/token-auth'
import { describe, expect, it } from 'vitest'

function session(id: number, createdAt: number, life: number): StoredRefreshToken {
  return {
    id: String(id),
    salt: 'salt',
    userId: `user-${id % 7}`,
    scopes: [],
    data: null,
    label: null,
    counter: 0,
    createdAt,
    lastUsedAt: createdAt,
    rotatedAt: null,
    idleExpiresAt: createdAt + life,
    expiresAt: createdAt + life,
    revokedAt: null,
    revokeReason: null,
  }
}

describe('MemoryRefreshTokenStore', () => {
  it('does not grow without bound while logins go on, without a timer', () => {
    const store = new MemoryRefreshTokenStore()
    // One login each millisecond, each session alive for 1000 milliseconds.
    let most = 0
    for (let now = 0; now < 50_000; now++) {
      store.create(session(now, now, 1000))
      most = Math.max(most, store.size)
    }
    expect(most).toBeLessThanOrEqual(2100)
    expect(store.list('user-0', 49_999).length).toBeGreaterThan(0)
  })

  it('forgets users whose sessions are gone', () => {
    const store = new MemoryRefreshTokenStore()
    for (let i = 0; i < 7; i++) store.create(session(i, 0, 10))
    expect(store.deleteExpired(10)).toBe(7)
    expect(store.size).toBe(0)
    expect(store.list('user-0', 0)).toEqual([])
    store.create(session(7, 20, 10))
    expect(store.list('user-0', 20)).toHaveLength(1)
  })

  it('keeps of each user only the twenty sessions that were ended last', () => {
    const store = new MemoryRefreshTokenStore()
    const started = (id: number) => ({ ...session(id, 0, 10), userId: 'ada' })
    const alive = [started(1000), started(1001)]
    for (const created of alive) store.create(created)
    for (let i = 0; i < 100; i++) {
      store.create(started(i))
      expect(store.revoke(String(i), { now: 1, reason: 'logout' })).toBe(true)
    }
    expect(store.size).toBe(22)
    expect(store.find('79')).toBeNull()
    expect(store.find('80')).toMatchObject({ revokeReason: 'logout' })
    for (const created of alive) expect(store.find(created.id)).toEqual(created)
    expect(store.deleteExpired(10)).toBe(22)
  })

  it('passes data through JSON, as every other store does', () => {
    const store = new MemoryRefreshTokenStore()
    store.create({ ...session(1, 0, 10), data: { at: new Date(0), gone: undefined } })
    expect(store.find('1')?.data).toEqual({ at: '1970-01-01T00:00:00.000Z' })
    expect(Object.hasOwn(store.find('1')?.data as object, 'gone')).toBe(false)
  })
})
