import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Fence } from '../../../src/celery/brokers/redis/fence.ts'
import { publishScript } from '../../../src/celery/brokers/redis/publish-script.ts'
import { ackScript } from '../../../src/celery/brokers/redis/settle-scripts.ts'
import { takeScript } from '../../../src/celery/brokers/redis/take-script.ts'
import { readRecord, readTaken } from '../../../src/celery/brokers/redis/taken.ts'
import { openNodeRedis } from '../../../src/celery/redis/node-redis.ts'
import type { RedisConnection } from '../../../src/celery/redis/redis-commands.ts'
import { redisUrl } from '../../support/services/redis.ts'
import { type Client, openRedis, redisServer, removeKeys } from './redis-handles.ts'

const url = await redisUrl()

describe.skipIf(url === undefined)('the scripts of the Redis broker (needs redis-server)', () => {
  const prefix = `twopi-test:${randomUUID()}:`
  const unacked = `${prefix}unacked`
  const index = `${prefix}unacked_index`
  let old: RedisConnection
  let next: RedisConnection
  let client: Client
  let fence: Fence
  let list: string

  beforeAll(async () => {
    const options = { connectTimeout: 4, commandTimeout: 10 }
    const server = redisServer(url ?? '')
    old = await openNodeRedis(server, options)
    next = await openNodeRedis(server, options)
    client = await openRedis(url ?? '')
  })
  beforeEach(async () => {
    list = `${prefix}${randomUUID()}`
    fence = new Fence((id) => prefix + id, 'publisher')
    await fence.open(old, '0')
    await client.unlink([unacked, index])
  })
  afterAll(async () => {
    await removeKeys(client, prefix)
    old.close()
    next.close()
    client.destroy()
  })

  const publish = (before: number, text: string) =>
    old.eval(publishScript, [fence.key, list], [String(before), String(before + 1), '60', '1', '1', text])
  const take = async (count = 10) => {
    const keys = [fence.key, unacked, index, `${prefix}malformed`, list]
    return await old.eval(takeScript, keys, [String(count), '1000000', '60', '1', '1', ', "", "q"]'])
  }
  const envelope = (tag: string) => `{"properties": {"delivery_tag": "${tag}"}}`

  it('store a batch once, and none after one that did not come', async () => {
    expect(await publish(0, 'a')).toEqual([])
    expect(await publish(0, 'a')).toBe(-1)
    expect(await publish(2, 'c')).toBe(-1)
    expect(await publish(1, 'b')).toEqual([])
    expect(await client.lRange(list, 0, -1)).toEqual(['b', 'a'])
  })

  it('store nothing that comes late, through a connection that was given up', async () => {
    await publish(0, 'a')
    expect(await fence.close(next)).toBe('1')
    expect(await publish(1, 'late')).toBe(-1)
    expect(await client.lLen(list)).toBe(1)
  })

  it('say again how far the connection came, when the answer was lost', async () => {
    await publish(0, 'a')
    expect([await fence.close(next), await fence.close(next)]).toEqual(['1', '1'])
    await client.unlink(fence.key)
    expect(await fence.close(next)).toBeUndefined()
  })

  it('take nothing for a connection that was given up', async () => {
    await client.lPush(list, envelope('a'))
    await fence.close(next)
    await client.unlink(fence.key)
    expect(await take()).toBeNull()
    expect([await client.lLen(list), await client.exists([unacked, index])]).toEqual([1, 0])
  })

  it('leave with the fence what they took', async () => {
    await client.lPush(list, [envelope('a'), 'no message', envelope('b')])
    const taken = readTaken(await take(), ['q'])
    const record = readRecord(await fence.close(next), ['q'])
    expect(record).toEqual({ ...taken, items: taken.items.map((item) => ({ ...item, text: '' })) })
    expect(taken.items.map(({ malformed, text }) => [malformed, text])).toEqual([
      [false, envelope('a')],
      [true, 'no message'],
      [false, envelope('b')],
    ])
  })

  it('keep the text as it came, and scores in the order of taking', async () => {
    const texts = [
      '{"headers": {"big": 123456789012345678901234567890, "e": {}, "l": [], "x": NaN}, "properties": {"delivery_tag": "t1"}}',
      ' {"properties":{"delivery_tag"\t:\n"t2"},"headers":{"delivery_tag":"not this"}}',
      '{"properties": {"delivery_tag": "t \\u00e4\\"3"}}',
    ]
    await client.lPush(list, texts)
    const { items } = readTaken(await take(), ['q'])
    expect(items.map(({ tag }) => tag)).toEqual(['t1', 't2', 't ä"3'])
    expect(await client.hmGet(unacked, ['t1', 't2', 't ä"3'])).toEqual(texts.map((text) => `[${text}, "", "q"]`))
    expect(await client.zRange(index, 0, -1)).toEqual(['t1', 't2', 't ä"3'])
    const scores = await client.zRangeWithScores(index, 0, -1)
    expect(scores.map(({ score }) => score)).toEqual(items.map(({ score }) => Number(score)))
  })

  it('keep two messages with one tag apart', async () => {
    await client.lPush(list, [envelope('same'), envelope('same')])
    const { items } = readTaken(await take(), ['q'])
    const [one, two] = items
    expect([one!.tag === 'same', two!.tag === 'same']).toEqual([true, false])
    expect(await client.hLen(unacked)).toBe(2)
    expect(await old.eval(ackScript, [unacked, index], [one!.tag, one!.score, one!.score])).toEqual([])
    expect(await client.hKeys(unacked)).toEqual([two!.tag])
  })

  it('put a message back when it cannot be held', async () => {
    await client.lPush(list, envelope('a'))
    await client.set(unacked, 'not a hash')
    await expect(take()).rejects.toMatchObject({ reply: 'WRONGTYPE' })
    expect(await client.lRange(list, 0, -1)).toEqual([envelope('a')])
  })

  it('take no more than so many bytes, beyond the message that exceeds them', async () => {
    await client.lPush(
      list,
      ['a', 'b', 'c'].map((tag) => envelope(tag).padEnd(600_000)),
    )
    expect(readTaken(await take(), ['q']).items).toHaveLength(2)
  })
})
