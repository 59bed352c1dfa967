import { randomBytes, randomUUID } from 'node:crypto'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRedisBackend } from '../../../src/celery/backends/redis/create-redis-backend.ts'
import type { ResultBackend } from '../../../src/celery/backends/result-backend.ts'
import type { RedisAddress } from '../../../src/celery/brokers/broker-address.ts'
import { parseBrokerUrl } from '../../../src/celery/settings/parse-broker-url.ts'
import type { OwnService } from '../../support/services/own-service.ts'
import { hasRedis, startRedis } from '../../support/services/redis.ts'
import { failure, success, until } from './bench.ts'

// What goes over the wire: commands are counted, so the server is one of our own.
describe.skipIf(!hasRedis())('results on the wire of Redis (install redis-server)', () => {
  const prefix = randomBytes(4).toString('hex')
  let redis: OwnService
  let backend: ResultBackend
  let admin: ReturnType<typeof createClient>

  beforeAll(async () => {
    redis = await startRedis({ persistent: false })
    admin = createClient({ url: redis.url })
    await admin.connect()
    const address = parseBrokerUrl(redis.url, { role: 'result' }) as RedisAddress
    backend = createRedisBackend({ address, resultExpires: 600, transportOptions: { global_keyprefix: prefix } })
  })
  afterAll(async () => {
    await backend.close()
    await admin.close()
    await redis.close()
  })

  const keyOf = (id: string) => `${prefix}_celery-task-meta-${id}`

  /** How often each command was run while `during` ran. */
  const countCommands = async (during: () => Promise<void>): Promise<Record<string, number>> => {
    await admin.sendCommand(['CONFIG', 'RESETSTAT'])
    await during()
    const info = String(await admin.sendCommand(['INFO', 'commandstats']))
    return Object.fromEntries(
      [...info.matchAll(/cmdstat_([a-z|]+):calls=(\d+)/g)].map(([, name, calls]) => [name, Number(calls)]),
    )
  }

  it('writes and publishes by one script', async () => {
    await backend.ping()
    const commands = await countCommands(() => backend.store(success(randomUUID())))
    expect(commands).toMatchObject({ evalsha: 1, setex: 1, publish: 1 })
    expect(commands['set']).toBeUndefined()
  })

  it('asks for all that is awaited in one tick by one SUBSCRIBE and one MGET, and ends it by one UNSUBSCRIBE', async () => {
    const warm = await backend.watch(randomUUID(), { onMeta: () => {}, onError: () => {} })
    await warm()
    const ids = Array.from({ length: 300 }, () => randomUUID())
    const commands = await countCommands(async () => {
      const stops = await Promise.all(ids.map((id) => backend.watch(id, { onMeta: () => {}, onError: () => {} })))
      await Promise.all(stops.map((stop) => stop()))
    })
    expect(commands).toMatchObject({ subscribe: 1, mget: 1, unsubscribe: 1 })
  })

  it('ends the subscription to a result by itself when it is there', async () => {
    const id = randomUUID()
    let told = 0
    await backend.watch(id, { onMeta: () => told++, onError: () => {} })
    const listeners = async () => ((await admin.sendCommand(['PUBSUB', 'NUMSUB', keyOf(id)])) as unknown[])[1]
    expect(await listeners()).toBe(1)
    await backend.store(success(id))
    await until(async () => (await listeners()) === 0, 'no subscription')
    expect(told).toBe(1)
  })

  it.each([
    ['as Python writes it', (id: string) => `{"status": "SUCCESS", "result": 1, "task_id": "${id}"}`],
    ['without spaces', (id: string) => `{"status":"SUCCESS","result":1,"task_id":"${id}"}`],
    ['over several lines', (id: string) => `\n{\n  "status" :\t"SUCCESS",\n  "result": 1,\n  "task_id": "${id}"\n}`],
    ['with its status at the end', (id: string) => `{"result": 1, "task_id": "${id}", "status": "SUCCESS"}`],
    ['with an escaped status', (id: string) => `{"status": "SUCC\\u0045SS", "result": 1, "task_id": "${id}"}`],
    [
      'behind a long result',
      (id: string) => `{"result": "${'x'.repeat(5000)}", "status": "SUCCESS", "task_id": "${id}"}`,
    ],
    ['without the id', () => '{"result": 1, "status": "SUCCESS"}'],
  ])('leaves a SUCCESS alone that is written %s', async (_, textOf) => {
    const id = randomUUID()
    await admin.set(keyOf(id), textOf(id))
    await backend.store(failure(id))
    expect(await admin.get(keyOf(id))).toBe(textOf(id))
  })

  it.each([
    ['a failure whose result says SUCCESS', '{"status": "FAILURE", "result": "status: SUCCESS"}'],
    [
      'a failure with members in another order',
      '{"result": {"status": "SUCCESS"}, "status": "FAILURE", "task_id": "x"}',
    ],
    ['what is no result', 'SUCCESS'],
    ['an empty text', ''],
    ['bytes that are no UTF-8', Buffer.from([0xff, 0xfe, 0x80])],
  ])('overwrites %s', async (_, text) => {
    const id = randomUUID()
    await admin.set(keyOf(id), text)
    await backend.store(success(id, 'new'))
    expect((await backend.get(id))?.result).toBe('new')
  })

  it('says whose key is of another type', async () => {
    const id = randomUUID()
    await admin.lPush(keyOf(id), 'a')
    await expect(backend.store(success(id))).rejects.toMatchObject({ code: 'ERR_CELERY_BACKEND_CONNECTION' })
  })

  it('says so when others keep the parts of a chord in another way', async () => {
    const groupId = randomUUID()
    await admin.rPush(`${prefix}_celery-taskset-meta-${groupId}.j`, '[1, "a", "SUCCESS", 1]')
    const part = { groupId, groupIndex: 0, taskId: 'b', state: 'SUCCESS', result: 1 } as const
    await expect(backend.addChordPart(part)).rejects.toMatchObject({
      code: 'ERR_CELERY_BACKEND_DATA',
      message: expect.stringContaining('result_chord_ordered'),
    })
  })

  it('counts parts that were added to a chord later', async () => {
    const groupId = randomUUID()
    await backend.setChordSize(groupId, 1)
    await admin.incr(`${prefix}_celery-taskset-meta-${groupId}.t`)
    const part = (i: number) => ({ groupId, groupIndex: i, taskId: `t${i}`, state: 'SUCCESS', result: i }) as const
    expect(await backend.addChordPart(part(0))).toEqual({ kind: 'incomplete' })
    expect(await backend.addChordPart(part(1))).toEqual({ kind: 'complete', results: [0, 1] })
    await backend.forgetChord(groupId)
    expect(await admin.keys(`*${groupId}*`)).toEqual([])
  })

  it('works after the server has forgotten its scripts', async () => {
    await admin.sendCommand(['SCRIPT', 'FLUSH'])
    const id = randomUUID()
    await backend.store(success(id))
    expect((await backend.get(id))?.result).toBe(5)
  })
})
