import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Broker } from '../../../src/celery/brokers/broker.ts'
import { createRedisBroker } from '../../../src/celery/brokers/redis/redis-broker.ts'
import type { OwnService } from '../../support/services/own-service.ts'
import { hasRedis, startRedis } from '../../support/services/redis.ts'
import { type Client, openRedis, redisServer } from './redis-handles.ts'

const QUEUE = 'mail'

describe.skipIf(!hasRedis() && !process.env['CI'])(
  'publishing to a Redis that loses its data (needs redis-server)',
  () => {
    let redis: OwnService
    let client: Client
    let broker: Broker

    beforeAll(async () => {
      redis = await startRedis()
      client = await openRedis(redis.url)
      const server = redisServer(redis.url)
      broker = createRedisBroker({ address: { kind: 'redis', servers: [server], text: server.text } })
      await broker.connect()
    })
    afterAll(async () => {
      await broker?.close()
      client?.destroy()
      await redis?.close()
    })

    const publish = (body: string, retry = true) => {
      const labels = { contentType: 'application/json', contentEncoding: 'utf-8', headers: {} }
      const message = { ...labels, properties: { deliveryMode: 2 as const }, body: Buffer.from(body) }
      return broker.publish(message, { exchange: '', exchangeType: 'direct', routingKey: QUEUE, retry })
    }
    const stored = async () =>
      (await client.lRange(QUEUE, 0, -1)).map((text) => atob((JSON.parse(text) as { body: string }).body)).reverse()
    const connections = async () => (await client.sendCommand(['CLIENT', 'LIST', 'TYPE', 'normal'])) as string

    it('stores what was refused for want of the fence, once and in its order, over the same connection', async () => {
      await publish('first')
      const before = (await connections()).match(/^id=\d+/gm)
      await client.flushAll()
      // Many calls, some of them under way when the first is refused.
      const bodies = Array.from({ length: 2500 }, (_, i) => `n${i}`)
      await Promise.all(bodies.map((body) => publish(body)))
      expect(await stored()).toEqual(bodies)
      expect((await connections()).match(/^id=\d+/gm)).toEqual(before)
    })

    it('stores also what shall not be sent again after a lost connection: none was lost', async () => {
      await client.flushAll()
      await publish('once', false)
      expect(await stored()).toEqual(['once'])
    })

    it('does so when only the fence was evicted', async () => {
      await client.flushAll()
      await publish('a')
      const fences = await client.keys('_twopi.publisher.*')
      expect(await client.unlink(fences)).toBe(1)
      await Promise.all([publish('b'), publish('c')])
      expect(await stored()).toEqual(['a', 'b', 'c'])
    })
  },
)
