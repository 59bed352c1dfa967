import { describe, expect, it } from 'vitest'
import type { Engine, EngineConnection } from '../../../src/db/engine.ts'
import { Pool, type PoolOptions } from '../../../src/db/pool.ts'

/** A database that does nothing, and writes down what was opened and closed. */
class Paper implements Engine {
  readonly name = 'postgres'
  readonly place = 'postgresql://user:***@paper/x'
  serverIdleMs: number | undefined
  opened = 0
  closed = 0
  failing: Error | undefined
  pings: boolean | 'never' = true

  async open(): Promise<EngineConnection> {
    await Promise.resolve()
    if (this.failing !== undefined) throw this.failing
    this.opened++
    return {
      bare: this.opened,
      dead: false,
      query: async () => ({ rows: [] }),
      begin: async () => undefined,
      commit: async () => true,
      rollback: async () => undefined,
      ping: async () => {
        if (this.pings === 'never') await new Promise(() => {})
        if (!this.pings) throw new Error('gone')
      },
      aftermath: () => 'open',
      keepAlive: () => undefined,
      close: async () => {
        this.closed++
      },
    }
  }
}

const settings: PoolOptions = { max: 2, acquireMs: 1000, recycle: undefined, prePing: false, idleMs: undefined }
const holder = { name: 'test' }

describe('a pool', () => {
  it('uses one connection again and again, and opens others only when they are needed', async () => {
    const engine = new Paper()
    const pool = new Pool(engine, settings)
    for (let i = 0; i < 10; i++) pool.release(await pool.acquire(holder))
    expect(engine.opened).toBe(1)
    const both = await Promise.all([pool.acquire(holder), pool.acquire(holder)])
    expect(engine.opened).toBe(2)
    expect(pool.stats).toEqual({ size: 2, idle: 0, held: 2, waiting: 0 })
    for (const each of both) pool.release(each)
    await pool.close(0)
    expect(engine.closed).toBe(2)
  })

  it('serves those who wait in the order of arrival', async () => {
    const pool = new Pool(new Paper(), { ...settings, max: 1 })
    const order: number[] = []
    const first = await pool.acquire(holder)
    const rest = [1, 2, 3].map(async (i) => {
      const pooled = await pool.acquire(holder)
      order.push(i)
      pool.release(pooled)
    })
    pool.release(first)
    await Promise.all(rest)
    expect(order).toEqual([1, 2, 3])
    await pool.close(0)
  })

  it('opens a new connection for a broken one, also for who waits', async () => {
    const engine = new Paper()
    const pool = new Pool(engine, { ...settings, max: 1 })
    const first = await pool.acquire(holder)
    const second = pool.acquire(holder)
    pool.release(first, { broken: true })
    pool.release(await second)
    expect([engine.opened, engine.closed]).toEqual([2, 1])
    await pool.close(0)
  })

  it('gives a connection back only once', async () => {
    const pool = new Pool(new Paper(), { ...settings, max: 1 })
    const pooled = await pool.acquire(holder)
    pool.release(pooled)
    pool.release(pooled)
    expect(pool.stats).toMatchObject({ size: 1, idle: 1 })
    await pool.close(0)
  })

  it('tells each that waits when none can be opened, and recovers', async () => {
    const engine = new Paper()
    const pool = new Pool(engine, settings)
    engine.failing = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
    const settled = await Promise.allSettled([1, 2, 3, 4, 5].map(() => pool.acquire(holder)))
    expect(settled).toHaveLength(5)
    for (const each of settled) {
      expect(each).toMatchObject({
        reason: {
          code: 'ERR_DB_CONNECT',
          message: 'The database at postgresql://user:***@paper/x could not be reached: ECONNREFUSED.',
        },
      })
    }
    expect(pool.stats).toEqual({ size: 0, idle: 0, held: 0, waiting: 0 })
    engine.failing = undefined
    pool.release(await pool.acquire(holder))
    await pool.close(0)
  })

  it('asks a connection that was used before whether it works, when it is told to', async () => {
    const engine = new Paper()
    const pool = new Pool(engine, { ...settings, prePing: true })
    engine.pings = false
    pool.release(await pool.acquire(holder))
    expect(engine.opened).toBe(1)
    pool.release(await pool.acquire(holder))
    expect([engine.opened, engine.closed]).toEqual([2, 1])
    await pool.close(0)
  })

  it('throws away what is too old when it is asked for, without asking anybody', async () => {
    const engine = new Paper()
    const pool = new Pool(engine, { ...settings, recycle: 3600 })
    const pooled = await pool.acquire(holder)
    pool.release(pooled)
    pooled.usedAt -= 4_000_000
    pool.release(await pool.acquire(holder))
    expect([engine.opened, engine.closed]).toEqual([2, 1])
    await pool.close(0)
  })

  it('obeys the patience of a server that is known only after the first connection', async () => {
    const engine = new Paper()
    const pool = new Pool(engine, settings)
    const pooled = await pool.acquire(holder)
    pool.release(pooled)
    engine.serverIdleMs = 3000
    pooled.usedAt -= 1500
    pool.release(await pool.acquire(holder))
    expect(engine.opened).toBe(2)
    await pool.close(0)
  })

  it('closes what nobody needs', async () => {
    const engine = new Paper()
    const pool = new Pool(engine, { ...settings, idleMs: 5 })
    pool.release(await pool.acquire(holder))
    while (pool.stats.size > 0) await new Promise((resolve) => setTimeout(resolve, 1))
    expect(engine.closed).toBe(1)
    await pool.close(0)
  })

  it('refuses those who wait when it is closed', async () => {
    const pool = new Pool(new Paper(), { ...settings, max: 1 })
    const pooled = await pool.acquire(holder)
    const waiting = pool.acquire(holder)
    const closed = pool.close(1000)
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_DB_CLOSED' })
    pool.release(pooled)
    await closed
    expect(pool.stats).toEqual({ size: 0, idle: 0, held: 0, waiting: 0 })
    await expect(pool.acquire(holder)).rejects.toMatchObject({ code: 'ERR_DB_CLOSED' })
  })

  it('does not ask a connection for longer than its user would wait', async () => {
    const engine = new Paper()
    const pool = new Pool(engine, { ...settings, acquireMs: 40, prePing: true })
    engine.pings = 'never'
    pool.release(await pool.acquire(holder))
    pool.release(await pool.acquire(holder))
    expect([engine.opened, engine.closed]).toEqual([2, 1])
    await pool.close(0)
  })
})
