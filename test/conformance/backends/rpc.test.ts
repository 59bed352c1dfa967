import { randomUUID } from 'node:crypto'
import { afterAll, describe, it } from 'vitest'
import { createAmqpBroker } from '../../../src/celery/brokers/amqp/amqp-broker.ts'
import { createMemoryBroker } from '../../../src/celery/brokers/memory/memory-broker.ts'
import { createRedisBroker } from '../../../src/celery/brokers/redis/redis-broker.ts'
import { freePort } from '../../support/services/free-port.ts'
import { amqpUrl } from '../../support/services/rabbitmq.ts'
import { redisUrl } from '../../support/services/redis.ts'
import { AmqpHandles, amqpServer } from '../brokers/amqp-handles.ts'
import { openRedis, RedisHandles, redisServer, removeKeys } from '../brokers/redis-handles.ts'
import { describeBackend } from './cases.ts'
import { rpcVariant } from './rpc-variant.ts'

const name = randomUUID()
const memory = rpcVariant({
  open: () => createMemoryBroker({ address: { kind: 'memory', name, text: `memory://${name}` } }),
  interrupt: (broker) => broker.interrupt(),
})
afterAll(memory.close)
describeBackend('rpc over memory', memory.variant)

const url = await amqpUrl()

if (url === undefined)
  describe.skip('result store: rpc over RabbitMQ: install rabbitmq-server', () => it('is skipped', () => {}))
else {
  const handles = new AmqpHandles(url)
  const amqp = rpcVariant({
    open: () => handles.open(),
    unreachable: async () =>
      createAmqpBroker({
        address: {
          kind: 'amqp',
          servers: [amqpServer(url, { port: await freePort(), password: 'the-secret' })],
          text: 'amqp://guest:***@127.0.0.1//',
        },
        maxRetries: 1,
        transportOptions: { interval_start: 0.01 },
      }),
    interrupt: (broker) => handles.network(broker).cut(),
  })
  afterAll(async () => {
    await amqp.close()
    await handles.close()
  })
  describeBackend('rpc over RabbitMQ', amqp.variant)
}

const redis = await redisUrl()

if (redis === undefined)
  describe.skip('result store: rpc over Redis: install redis-server', () => it('is skipped', () => {}))
else {
  const prefix = `twopi-rpc:${name}:`
  const handles = new RedisHandles(redis, prefix)
  const client = await openRedis(redis)
  const overRedis = rpcVariant({
    open: () => handles.open(),
    unreachable: async () => {
      const server = redisServer(redis, { port: await freePort(), password: 'the-secret' })
      return createRedisBroker({
        address: { kind: 'redis', servers: [server], text: server.text },
        maxRetries: 1,
        transportOptions: {},
      })
    },
    interrupt: (broker) => handles.network(broker).cut(),
  })
  afterAll(async () => {
    await overRedis.close()
    await handles.close()
    await removeKeys(client, prefix)
    await client.close()
  })
  describeBackend('rpc over Redis', overRedis.variant)
}
