import { randomUUID } from 'node:crypto'
import { afterAll, describe, it } from 'vitest'
import { createRedisBroker } from '../../../src/celery/brokers/redis/redis-broker.ts'
import { freePort } from '../../support/services/free-port.ts'
import { redisUrl } from '../../support/services/redis.ts'
import { describeBroker } from './cases.ts'
import { openRedis, RedisHandles, redisServer, removeKeys } from './redis-handles.ts'

const url = await redisUrl()

if (url === undefined) describe.skip('broker: Redis: install redis-server', () => it('is skipped', () => {}))
else {
  const prefix = `twopi-test:${randomUUID()}:`
  const handles = new RedisHandles(url, prefix)
  const client = await openRedis(url)
  afterAll(async () => {
    await handles.close()
    await removeKeys(client, prefix)
    await client.close()
  })

  describeBroker(
    'Redis',
    {
      kind: 'redis',
      capabilities: {
        abilities: { nativeDelay: false, adjustablePrefetch: true },
        priorityOrder: 'lowest-first',
        priorityArguments: {},
        knowsQueues: false,
        queueArguments: false,
        topicSubscriptions: false,
        visibilityTimeout: true,
        returnsWithin: 3,
      },
      secrets: ['the-secret'],
      open: ({ visibilityTimeout } = {}) =>
        handles.open(
          visibilityTimeout === undefined ? {} : { transportOptions: { visibility_timeout: visibilityTimeout } },
        ),
      unreachable: async () => {
        const server = redisServer(url, { port: await freePort(), password: 'the-secret' })
        return createRedisBroker({ address: { kind: 'redis', servers: [server], text: server.text }, maxRetries: 1 })
      },
      pokeRaw: async (queue, bytes) => {
        await client.lPush(prefix + queue, Buffer.from(bytes))
      },
      interrupt: async (broker) => handles.network(broker).cut(),
      abandon: async (broker) => {
        handles.network(broker).refuse(true)
        handles.network(broker).cut()
      },
    },
    {
      'reject the settling of a delivery of before with ERR_CELERY_DELIVERY_LOST, and give it again':
        'what is held stays ours on Redis when a connection is lost: redis-faults.test.ts has that case',
    },
  )
}
