import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Broker, ExchangeDeclaration, QueueDeclaration } from '../../../src/celery/brokers/broker.ts'
import { Fence } from '../../../src/celery/brokers/redis/fence.ts'
import { takeScript } from '../../../src/celery/brokers/redis/take-script.ts'
import type { Message } from '../../../src/celery/protocol/message.ts'
import { openNodeRedis } from '../../../src/celery/redis/node-redis.ts'
import { redisScript } from '../../../src/celery/redis/redis-script.ts'
import type { OwnService } from '../../support/services/own-service.ts'
import { hasRedis, startRedis } from '../../support/services/redis.ts'
import { until } from './bench.ts'
import { type Client, openRedis, RedisHandles, redisServer } from './redis-handles.ts'

const exchange = (name: string, type: ExchangeDeclaration['type']): ExchangeDeclaration => ({
  ...{ name, type, durable: true, autoDelete: false, arguments: {} },
})

const queue = (name: string, bound?: ExchangeDeclaration, routingKey = name): QueueDeclaration => ({
  ...{ name, exchange: bound, routingKey, durable: true, autoDelete: false },
  ...{ exclusive: false, arguments: {}, passive: false },
})

const message = (text: string, headers: Message['headers'] = {}): Message => ({
  ...{ contentType: 'text/plain', contentEncoding: 'utf-8', headers, properties: {} },
  body: Buffer.from(text),
})

describe.skipIf(!hasRedis() && !process.env['CI'])('what Redis or a network loses (needs redis-server)', () => {
  let redis: OwnService
  let handles: RedisHandles
  let client: Client

  beforeAll(async () => {
    redis = await startRedis({ persistent: false })
    handles = new RedisHandles(redis.url, '')
    client = await openRedis(redis.url)
  })
  beforeEach(async () => {
    await client.flushAll()
  })
  afterAll(async () => {
    await handles?.close()
    client?.destroy()
    await redis?.close()
  })

  const take = async (broker: Broker, from: QueueDeclaration, acks: boolean): Promise<string[]> => {
    const texts: string[] = []
    await broker.consume([from], {
      prefetch: 0,
      onDelivery: (delivery) => {
        texts.push(Buffer.from(delivery.message.body).toString())
        if (acks) void delivery.ack()
      },
    })
    return texts
  }

  it('takes nothing for a connection that is given up, when its last command comes late', async () => {
    const connection = await openNodeRedis(redisServer(redis.url), { connectTimeout: 4, commandTimeout: 4 })
    const fence = new Fence((id) => `late.${id}`, 'taker')
    await fence.open(connection, '')
    await client.lPush('late', '{"properties": {"delivery_tag": "one"}}')
    await fence.close(connection) // as the next connection does
    const keys = [fence.key, 'unacked', 'unacked_index', 'malformed', 'late']
    expect(await connection.eval(takeScript, keys, ['10', '1000000', '60', '1', '1', ', "", "late"]'])).toBeNull()
    expect(await client.lLen('late')).toBe(1)
    connection.close()
  })

  it('gives again what a dead worker held, also with characters that stand for broken text', async () => {
    const options = { transportOptions: { visibility_timeout: 1 } }
    const [dead, heir] = [await handles.open(options), await handles.open(options)]
    const target = { exchange: '', exchangeType: 'direct', routingKey: 'broken' } as const
    await dead.publish(message('first', { argsrepr: "('caf\ufffd',)" }), target)
    await dead.publish(message('second', { argsrepr: "('café',)" }), target)
    const held = await take(dead, queue('broken'), false)
    await until(() => held.length === 2, 'both to be held')
    handles.network(dead).refuse(true)
    handles.network(dead).cut()
    const found = await take(heir, queue('broken'), true)
    await until(() => found.length >= 2, 'both to come again', 10_000)
    expect(found.sort()).toEqual(['first', 'second'])
    await until(async () => (await client.hLen('unacked')) === 0, 'the table to be empty')
    handles.network(dead).refuse(false)
  })

  it('binds again what it has bound, when the server has lost that', async () => {
    const topic = exchange('lost', 'topic')
    const [broker, taker] = [await handles.open(), await handles.open()]
    const bound = queue('lost', topic, 'mail.#')
    const send = (text: string) =>
      broker.publish(message(text), { exchange: topic.name, exchangeType: 'topic', routingKey: 'mail.new' })
    await broker.declare(bound)
    const found = await take(taker, bound, true)
    await client.flushAll()
    await send('flushed')
    await until(() => found.length === 1, 'the first')
    await redis.restart()
    await until(async () => (await client.exists('_kombu.binding.lost')) === 1, 'the binding', 10_000)
    await send('restarted')
    await until(() => found.length === 2, 'the second', 10_000)
    expect(found).toEqual(['flushed', 'restarted'])
  })

  it('goes on to listen to broadcasts, though the tries to connect were used up meanwhile', async () => {
    const fanout = exchange('patient', 'fanout')
    const [listener, sender] = [await handles.open({ maxRetries: 0 }), await handles.open()]
    const heard: string[] = []
    const options = { queue: queue('patient', fanout, ''), onMessage: ({ body }: Message) => heard.push(`${body}`) }
    const subscription = await listener.subscribe(fanout, options)
    handles.network(listener).refuse(true)
    handles.network(listener).cut()
    await until(async () => (await client.pubSubNumPat()) === 0, 'the end of the connection')
    // By now each of its connections has tried, and given up.
    for (let i = 0; i < 2; i++) await expect(listener.ping()).rejects.toThrow()
    handles.network(listener).refuse(false)
    await until(async () => (await client.pubSubNumPat()) === 1, 'another connection', 10_000)
    await sender.publish(message('hello'), { exchange: 'patient', exchangeType: 'fanout', routingKey: '' })
    await until(() => heard.length === 1, 'the broadcast')
    await subscription.close()
  })

  it('says what a user may not do in a script, and of a database that is not there', async () => {
    await client.sendCommand(['ACL', 'SETUSER', 'silent', 'on', '>x', '~*', '+@all', '-zadd'])
    const options = { connectTimeout: 4, commandTimeout: 4 }
    const silent = redisServer(redis.url, { username: 'silent', password: 'x' })
    const connection = await openNodeRedis(silent, options)
    const run = (source: string) => connection.eval(redisScript(source), [], [])
    await expect(run(`return redis.call('PUBLISH', 'a', 'b')`)).rejects.toThrow('may not publish to this channel')
    await expect(run(`return redis.call('ZADD', 'a', 1, 'b')`)).rejects.toThrow('may not run this command')
    connection.close()
    await expect(openNodeRedis(redisServer(redis.url, { db: 99 }), options)).rejects.toThrow('no database of this')
  })
})
