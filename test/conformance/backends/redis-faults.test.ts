import { randomUUID } from 'node:crypto'
import { createClient } from 'redis'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createRedisBackend } from '../../../src/celery/backends/redis/create-redis-backend.ts'
import type { ResultBackend } from '../../../src/celery/backends/result-backend.ts'
import type { RedisAddress } from '../../../src/celery/brokers/broker-address.ts'
import { AsyncResult } from '../../../src/celery/results/async-result.ts'
import { createResultContext } from '../../../src/celery/results/create-result-context.ts'
import { parseBrokerUrl } from '../../../src/celery/settings/parse-broker-url.ts'
import type { OwnService } from '../../support/services/own-service.ts'
import { hasRedis, startRedis } from '../../support/services/redis.ts'
import { state, success, until } from './bench.ts'

describe.skipIf(!hasRedis())('results in a Redis that fails (install redis-server)', () => {
  let redis: OwnService
  let admin: ReturnType<typeof createClient>
  const handles: ResultBackend[] = []

  beforeAll(async () => {
    redis = await startRedis()
    admin = createClient({ url: redis.url })
    admin.on('error', () => {}) // it comes back
    await admin.connect()
  })
  afterEach(async () => {
    await Promise.all(handles.splice(0).map((handle) => handle.close()))
  })
  afterAll(async () => {
    admin.destroy()
    await redis.close()
  })

  const open = (maxRetries = 20): ResultBackend => {
    const address = parseBrokerUrl(redis.url, { role: 'result' }) as RedisAddress
    const backend = createRedisBackend({ address, resultExpires: 600, maxRetries, connectionTimeout: 5 })
    handles.push(backend)
    return backend
  }

  /** Waits for results as users do, and counts how often each comes. */
  const await500 = (backend: ResultBackend) => {
    const context = createResultContext({ backend, isInsideTask: () => false, revoke: async () => undefined })
    const ids = Array.from({ length: 500 }, () => randomUUID())
    const seen = new Map<string, number>()
    const results = ids.map(async (id) => {
      const result = await new AsyncResult<number>(id, context).get({ timeout: '15 seconds' })
      seen.set(id, (seen.get(id) ?? 0) + 1)
      return result
    })
    const all = Promise.all(results)
    all.catch(() => undefined) // it is awaited later
    return { ids, seen, all }
  }

  const numberOfChannels = async () => ((await admin.sendCommand(['PUBSUB', 'CHANNELS'])) as unknown[]).length
  const killClients = (type: string) => admin.sendCommand(['CLIENT', 'KILL', 'TYPE', type, 'SKIPME', 'yes'])

  const expectAll = async ({ ids, seen, all }: ReturnType<typeof await500>) => {
    expect(await all).toEqual(ids.map((_, i) => i))
    expect([...seen.values()].every((count) => count === 1)).toBe(true)
    await until(async () => (await numberOfChannels()) === 0, 'no subscription')
  }

  it('gives 500 results that are stored while all connections are killed again and again', async () => {
    const [client, worker] = [open(), open()]
    const awaited = await500(client)
    let killed = 0
    for (const [i, id] of awaited.ids.entries()) {
      if (i % 50 === 25) {
        for (const type of ['pubsub', 'normal']) killed += Number(await killClients(type))
      }
      await worker.store(success(id, i))
    }
    expect(killed).toBeGreaterThan(20)
    await expectAll(awaited)
  })

  it('gives 500 results that were stored while nobody could listen', async () => {
    const [client, worker] = [open(), open()]
    const awaited = await500(client)
    await until(async () => (await numberOfChannels()) === 500, '500 subscriptions')
    await worker.ping()
    // Of the four connections the one that listens is not let in again: nobody hears what is published.
    await admin.sendCommand(['CONFIG', 'SET', 'maxclients', '3'])
    await killClients('pubsub')
    await Promise.all(awaited.ids.map((id, i) => worker.store(success(id, i))))
    expect(awaited.seen.size).toBe(0)
    await admin.sendCommand(['CONFIG', 'SET', 'maxclients', '1000'])
    await expectAll(awaited)
  })

  it('gives 500 results over a restart of the server', async () => {
    const [client, worker] = [open(), open()]
    const awaited = await500(client)
    await until(async () => (await numberOfChannels()) === 500, '500 subscriptions')
    await redis.kill()
    const stored = Promise.all(awaited.ids.map((id, i) => worker.store(success(id, i))))
    await redis.start()
    await stored
    await until(() => admin.isReady, 'the admin')
    await expectAll(awaited)
  })

  it('gives 500 results of a server that was frozen', async () => {
    const [client, worker] = [open(), open()]
    const awaited = await500(client)
    await until(async () => (await numberOfChannels()) === 500, '500 subscriptions')
    redis.freeze()
    const stored = Promise.all(awaited.ids.map((id, i) => worker.store(success(id, i))))
    setTimeout(() => redis.thaw(), 1500)
    await stored
    await expectAll(awaited)
  })

  it('ends waiting by its time-out while the server is frozen', async () => {
    const client = open()
    const context = createResultContext({ backend: client, isInsideTask: () => false, revoke: async () => undefined })
    await client.ping()
    redis.freeze()
    try {
      await expect(new AsyncResult(randomUUID(), context).get({ timeout: 0.2 })).rejects.toMatchObject({
        code: 'ERR_CELERY_TIMEOUT',
      })
    } finally {
      redis.thaw()
    }
    await until(async () => (await numberOfChannels()) === 0, 'no subscription')
  })

  it('tells everybody who waits when the server does not come back, and works again when it does', async () => {
    const client = open(2)
    const awaited = await500(client)
    await until(async () => (await numberOfChannels()) === 500, '500 subscriptions')
    await redis.stop()
    await expect(awaited.all).rejects.toMatchObject({ code: 'ERR_CELERY_BACKEND_CONNECTION' })
    await redis.start()
    await until(() => admin.isReady, 'the admin')
    const again = await500(client)
    await until(async () => (await numberOfChannels()) === 500, '500 subscriptions')
    const worker = open()
    await Promise.all(again.ids.map((id, i) => worker.store(success(id, i))))
    await expectAll(again)
  })

  it('leaves no subscription of those who stopped waiting in the midst of a reconnect', async () => {
    const [client, worker] = [open(), open()]
    const ids = Array.from({ length: 200 }, () => randomUUID())
    const told: string[] = []
    const stops = await Promise.all(
      ids.map((id) => client.watch(id, { onMeta: ({ taskId }) => told.push(taskId), onError: () => {} })),
    )
    await killClients('pubsub')
    await Promise.all(stops.filter((_, i) => i % 2 === 0).map((stop) => stop()))
    await until(async () => (await numberOfChannels()) === 100, 'half of the subscriptions')
    await Promise.all(ids.map((id) => worker.store(state(id, 'PROGRESS', 1))))
    await until(() => told.length === 100, '100 states')
    await Promise.all(stops.map((stop) => stop()))
    expect(await numberOfChannels()).toBe(0)
    expect(new Set(told)).toEqual(new Set(ids.filter((_, i) => i % 2 === 1)))
  })

  it('stores nothing twice and overwrites no SUCCESS when the worker is cut off in the midst of storing', async () => {
    const [client, worker] = [open(), open()]
    const ids = Array.from({ length: 2000 }, () => randomUUID())
    const stored = ids.map((id, i) => worker.store(success(id, i)))
    for (let kills = 0; kills < 5; kills++) await killClients('normal')
    await Promise.all(stored)
    const found = await Promise.all(ids.map((id) => client.get(id)))
    expect(found.map((meta) => meta?.result)).toEqual(ids.map((_, i) => i))
  })
})
