import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Broker, Delivery, ExchangeDeclaration, QueueDeclaration } from '../../src/celery/brokers/broker.ts'
import { message, numbered, sendAll, textOf, through, to, until } from '../conformance/brokers/bench.ts'
import { type Client, openRedis, RedisHandles } from '../conformance/brokers/redis-handles.ts'
import type { OwnService } from '../support/services/own-service.ts'
import { pythonCeleries } from '../support/services/python-celery.ts'
import { hasRedis, startRedis } from '../support/services/redis.ts'
import { PythonLines } from './python-lines.ts'

// What goes over Redis between us and the real kombu, on the same queues.

const pythons = await pythonCeleries()
if (!hasRedis() && process.env['CI']) throw new Error('install redis-server')
const script = fileURLToPath(new URL('./kombu-redis.py', import.meta.url))

/** What Python says of a message. */
interface Shown {
  readonly text: string
  readonly headers: Readonly<Record<string, unknown>>
  readonly redelivered: boolean
  readonly info: { readonly exchange: string; readonly routing_key: string }
  readonly properties: Readonly<Record<string, unknown>>
  readonly type: string
}

const priorities = [0, 9, 3, 5, 6, 0, 9, 1, 8, 3, 6, 0]

describe.skipIf(!hasRedis() || pythons.length === 0).each(pythons)(
  'Redis shared with kombu of Celery $version',
  ({ python: program, version }) => {
    const prefix = `shared-${randomUUID()}:`
    let redis: OwnService
    let client: Client
    let handles: RedisHandles
    let python: PythonLines
    let names = 0
    beforeAll(async () => {
      redis = await startRedis()
      client = await openRedis(redis.url)
      handles = new RedisHandles(redis.url, prefix)
      python = new PythonLines(program, [script, redis.url, prefix])
    }, 60_000)
    afterEach(() => handles.close())
    afterAll(async () => {
      python?.close()
      client?.destroy()
      await redis?.close()
    })

    const ask = <T = unknown>(name: string, words: object): Promise<T> => python.ask<T>(name, words)
    const open = (timeout?: number): Promise<Broker> =>
      handles.open(timeout === undefined ? {} : { transportOptions: { visibility_timeout: timeout } })

    function queue(change: Partial<QueueDeclaration> = {}): QueueDeclaration {
      const name = change.name ?? `queue${names++}`
      const exchange: ExchangeDeclaration = { name, type: 'direct', durable: true, autoDelete: false, arguments: {} }
      const rest = { durable: true, autoDelete: false, exclusive: false, arguments: {}, passive: false }
      return { name, exchange, routingKey: name, ...rest, ...change }
    }

    async function takeAll(broker: Broker, one: QueueDeclaration, count: number, ack = true): Promise<Delivery[]> {
      const taken: Delivery[] = []
      const consumer = await broker.consume([one], {
        prefetch: 1,
        onDelivery: (delivery) => {
          taken.push(delivery)
          if (ack) void delivery.ack()
        },
      })
      await until(
        () => taken.length >= count,
        () => `${count} messages, found ${taken.length}`,
      )
      await consumer.cancel()
      return taken
    }

    it('reads what Python sent: body, headers with all their digits, properties', async () => {
      const one = queue()
      const headers = { task: 'a', big: 2 ** 53 - 1, list: [300, null], 'ä 世界': 'ü', stamps: {} }
      await ask('send', { queue: one.name, texts: ['Grüße'], headers, priorities: { 0: 4 } })
      const [found] = await takeAll(await open(), one, 1)
      expect(textOf(found!)).toBe('Grüße')
      expect(found).toMatchObject({ exchange: '', routingKey: one.name, redelivered: false, malformed: undefined })
      expect(found!.message).toMatchObject({
        contentType: 'text/plain',
        contentEncoding: 'utf-8',
        headers,
        properties: { correlationId: 'c', replyTo: 'r', deliveryMode: 2, priority: 4 },
      })
    })

    it('is read by Python: body, headers with all their digits, properties', async () => {
      const broker = await open()
      const one = queue()
      await broker.declare(one)
      const headers = { task: 'a', big: 123456789012345678901234567890n, list: [300, null], 'ä 世界': 'ü', stamps: {} }
      const properties = { correlationId: 'c', replyTo: 'r', deliveryMode: 2, priority: 4 } as const
      await broker.publish(message('Grüße', { headers, properties }), to(one))
      const [found] = await ask<Shown[]>('take', { queues: [one.name], count: 1 })
      expect(found).toMatchObject({
        text: 'Grüße',
        headers: { ...headers, big: Number(headers.big) },
        redelivered: false,
        info: { exchange: '', routing_key: one.name },
        properties: { correlation_id: 'c', reply_to: 'r', delivery_mode: 2, priority: 4 },
        type: 'text/plain',
      })
    })

    it('serves in the order that Python does, by priority and queue', async () => {
      const broker = await open()
      const texts = priorities.map((priority, i) => `${i}-${priority}`)
      const words = { texts, priorities: Object.fromEntries(priorities.map((priority, i) => [i, priority])) }
      const [mine, theirs] = [queue(), queue()]
      for (const { name } of [mine, theirs]) await ask('send', { queue: name, ...words })
      const byUs = (await takeAll(broker, mine, texts.length)).map(textOf)
      const byPython = await ask<Shown[]>('take', { queues: [theirs.name], count: texts.length })
      expect(byUs).toEqual(byPython.map(({ text }) => text))
      expect(byUs[0]).toBe('0-0')
    })

    it('sorts into the same lists as Python', async () => {
      const broker = await open()
      const [mine, theirs] = [queue(), queue()]
      await broker.declare(mine)
      for (const [i, priority] of priorities.entries()) {
        await broker.publish(message(String(i), { properties: { priority } }), to(mine))
      }
      const words = { texts: priorities.map((_, i) => String(i)), priorities: { ...priorities } }
      await ask('send', { queue: theirs.name, ...words })
      const lengths = (name: string) =>
        Promise.all(['', '\x06\x163', '\x06\x166', '\x06\x169'].map((end) => client.lLen(prefix + name + end)))
      expect(await lengths(mine.name)).toEqual(await lengths(theirs.name))
      const [ours, python] = await Promise.all(
        [mine, theirs].map(({ name }) => client.sMembers(`${prefix}_kombu.binding.${name}`)),
      )
      expect(ours!.map((member) => member.replaceAll(mine.name, theirs.name))).toEqual(python)
    })

    it('gives again what Python held when it died, next, and in its step of priority', async () => {
      const one = queue()
      await ask('send', { queue: one.name, texts: ['a', 'b', 'c', 'd'], priorities: { 2: 6, 3: 6 } })
      const held = await ask<Shown[]>('hold', { queues: [one.name], count: 3 })
      expect(held.map(({ text }) => text)).toEqual(['a', 'b', 'c'])
      await until(async () => (await client.hLen(`${prefix}unacked`)) === 3, 'three in the table')
      await sleep(1100)
      const broker = await open(1)
      await broker.consume([queue()], { prefetch: 0, onDelivery: () => {} }) // restores, and takes nothing of it
      const lengths = () => Promise.all(['', '\x06\x166'].map((end) => client.lLen(prefix + one.name + end)))
      await until(async () => (await client.exists(`${prefix}unacked`)) === 0, 'an empty table')
      expect(await lengths()).toEqual([2, 2])
      const found: Delivery[] = []
      await broker.consume([one], { prefetch: 0, onDelivery: (delivery) => found.push(delivery) })
      await until(() => found.length === 4, 'all')
      const seen = found.map((delivery) => [textOf(delivery), delivery.redelivered])
      expect(seen.sort()).toEqual([
        ['a', true],
        ['b', true],
        ['c', true],
        ['d', false],
      ])
      const texts = found.map(textOf).filter((text) => text !== 'd')
      expect(texts).toEqual(['a', 'b', 'c'])
    })

    it('is restored by Python when it died: to the front, marked as delivered before', async () => {
      const broker = await open(1)
      const one = queue()
      await sendAll(broker, one, numbered(3))
      const taken: Delivery[] = []
      await broker.consume([one], { prefetch: 2, onDelivery: (delivery) => taken.push(delivery) })
      await until(() => taken.length === 2, 'two')
      handles.network(broker).refuse(true)
      handles.network(broker).cut()
      await sleep(1200)
      await ask('restore', { timeout: 1 })
      const found = await ask<Shown[]>('take', { queues: [one.name], count: 3 })
      expect(found.map(({ text, redelivered }) => [text, redelivered])).toEqual([
        ['m0', true],
        ['m1', true],
        ['m2', false],
      ])
    })

    it('is not robbed by Python while it lives, however short the time-out of Python is', async () => {
      const broker = await open(1)
      const one = queue()
      await sendAll(broker, one, numbered(10))
      const taken: Delivery[] = []
      await broker.consume([one], { prefetch: 10, onDelivery: (delivery) => taken.push(delivery) })
      await until(() => taken.length === 10, 'ten')
      for (let round = 0; round < 6; round++) {
        await sleep(500)
        await ask('restore', { timeout: 1 })
      }
      expect(await broker.size(one.name)).toBe(0)
      await Promise.all(taken.map((delivery) => delivery.ack()))
      expect(await client.exists([`${prefix}unacked`, `${prefix}unacked_index`])).toBe(0)
    })

    it('puts back at its end what Python then takes in the old order', async () => {
      const broker = await open()
      const one = queue()
      await sendAll(broker, one, numbered(5))
      const taken: Delivery[] = []
      await broker.consume([one], { prefetch: 3, onDelivery: (delivery) => taken.push(delivery) })
      await until(() => taken.length === 3, 'three')
      await broker.close()
      const found = await ask<Shown[]>('take', { queues: [one.name], count: 5 })
      expect(found.map(({ text }) => text)).toEqual(numbered(5))
      expect(found.map(({ redelivered }) => redelivered)).toEqual([true, true, true, false, false])
    })

    for (const [kind, key, binding] of [
      ['direct', 'mail', 'mail'],
      ['topic', 'a.b', 'a.*'],
    ] as const) {
      it(`routes by what Python bound to a ${kind} exchange, and the other way round`, async () => {
        const broker = await open()
        const exchange: ExchangeDeclaration = {
          ...{ name: `ex${names++}`, type: kind, durable: true, autoDelete: false, arguments: {} },
        }
        const [mine, theirs] = [queue({ exchange, routingKey: binding }), `queue${names++}`]
        await broker.declare(mine)
        await ask('bind', { name: theirs, exchange: exchange.name, kind, key: binding })
        await broker.publish(message('from us'), through(exchange, key))
        await ask('publish', { exchange: exchange.name, kind, key, text: 'from Python' })
        for (const name of [mine.name, theirs]) {
          const found = await takeAll(broker, queue({ name, exchange: undefined }), 2)
          expect(found.map(textOf)).toEqual(['from us', 'from Python'])
          expect(found[1]).toMatchObject({ exchange: exchange.name, routingKey: key })
        }
      })
    }

    it('hears what Python broadcasts, by pattern', async () => {
      const broker = await open()
      const exchange = {
        name: `fan${names++}`,
        type: 'fanout',
        durable: false,
        autoDelete: true,
        arguments: {},
      } as const
      const heard: string[] = []
      const rest = { exchange, autoDelete: true, durable: false }
      await broker.subscribe(exchange, {
        queue: queue({ routingKey: 'worker.#', ...rest }),
        onMessage: ({ body }, routingKey) => heard.push(`${routingKey} ${Buffer.from(body).toString()}`),
      })
      await ask('broadcast', { exchange: exchange.name, routing_key: 'task.sent', text: 'no' })
      await ask('broadcast', { exchange: exchange.name, routing_key: 'worker.online', text: 'yes' })
      await until(() => heard.length > 0, 'a broadcast')
      expect(heard).toEqual(['worker.online yes'])
    })

    it('is heard by Python when it broadcasts', async () => {
      const broker = await open()
      const exchange = {
        name: `fan${names++}`,
        type: 'fanout',
        durable: false,
        autoDelete: true,
        arguments: {},
      } as const
      await ask('listen', { exchange: exchange.name, pattern: 'worker.#', count: 1 })
      await until(
        () =>
          broker.publish(message('hello'), through(exchange, 'worker.online')).then(
            () => true,
            () => false,
          ),
        'somebody to listen',
      )
      const [found] = await ask<Shown[]>('heard', { exchange: exchange.name })
      expect(found).toMatchObject({ text: 'hello', info: { exchange: exchange.name, routing_key: 'worker.online' } })
    })

    it('shares a queue of 4,000 messages, from both sides to both sides, none lost and none doubled', async () => {
      const one = queue()
      const broker = await open()
      const [ours, theirs] = [numbered(2000, 'ts'), numbered(2000, 'py')]
      await broker.declare(one)
      await ask('send', { queue: one.name, texts: theirs })
      const byUs: string[] = []
      const working = ask<string[]>('work', { queue: one.name, seconds: 2 })
      await until(async () => (await broker.size(one.name)) < 1990, 'Python to work')
      const consumer = await broker.consume([one], {
        prefetch: 4,
        onDelivery: (delivery) => {
          byUs.push(textOf(delivery))
          setImmediate(() => void delivery.ack())
        },
      })
      for (let i = 0; i < ours.length; i += 100) await sendAll(broker, one, ours.slice(i, i + 100))
      const byPython = await working
      await consumer.cancel()
      console.log(`kombu of Celery ${version} took ${byPython.length}, we took ${byUs.length}`)
      expect([...byUs, ...byPython].sort()).toEqual([...ours, ...theirs].sort())
      expect(Math.min(byUs.length, byPython.length)).toBeGreaterThan(0)
      expect(await client.exists([`${prefix}unacked`, `${prefix}unacked_index`])).toBe(0)
    }, 60_000)
  },
)
