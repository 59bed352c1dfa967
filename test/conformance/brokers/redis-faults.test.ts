import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Broker, Delivery, QueueDeclaration } from '../../../src/celery/brokers/broker.ts'
import { createRedisBroker } from '../../../src/celery/brokers/redis/redis-broker.ts'
import { freePort } from '../../support/services/free-port.ts'
import type { OwnService } from '../../support/services/own-service.ts'
import { hasRedis, startRedis } from '../../support/services/redis.ts'
import { Load, type LoadCounts } from './amqp-load.ts'
import { message, numbered, send, sendAll, textOf, to, until } from './bench.ts'
import { type Client, type HandleOptions, openRedis, RedisHandles, redisServer } from './redis-handles.ts'

if (!hasRedis() && process.env['CI']) throw new Error('install redis-server')

/** Redis misbehaves, is mistreated, and comes back. Private servers. */
describe.skipIf(!hasRedis())('Redis under faults (needs redis-server)', () => {
  let redis: OwnService
  let client: Client
  let handles: RedisHandles
  beforeAll(async () => {
    redis = await startRedis()
    client = await openRedis(redis.url)
  }, 60_000)
  afterAll(async () => {
    client.destroy()
    await redis.close()
  })
  beforeEach(() => {
    handles = new RedisHandles(redis.url, `${randomUUID()}:`)
  })
  afterEach(() => handles.close())

  async function load(options: HandleOptions = {}): Promise<Load & { sender: Broker; taker: Broker }> {
    const [sender, taker] = [await handles.open(options), await handles.open(options)]
    const running = new Load(sender, taker, queue())
    await running.start()
    return Object.assign(running, { sender, taker })
  }

  function report(what: string, counts: LoadCounts): void {
    console.log(`${what}: ${JSON.stringify(counts)}`)
    expect(counts).toMatchObject({ lost: 0, rejected: 0, doubled: 0 })
    expect(counts.accepted).toBeGreaterThan(500)
  }

  const brief = { transportOptions: { socket_timeout: 0.5 } }

  it('loses and doubles nothing when the server is stopped and started under load', async () => {
    const running = await load()
    await redis.stop()
    await sleep(300)
    await redis.start()
    await running.goesOn()
    report('stopped and started', await running.stop())
    expect(running.told).toEqual(['interrupted', 'resumed'])
  }, 90_000)

  it('loses and doubles nothing when the server is killed and started under load', async () => {
    const running = await load()
    for (let round = 0; round < 3; round++) {
      await redis.kill()
      await redis.start()
      await running.goesOn()
    }
    report('killed and started three times', await running.stop())
  }, 90_000)

  it('loses and doubles nothing when an operator kills all connections, again and again', async () => {
    const running = await load()
    for (let round = 0; round < 10; round++) {
      await client.sendCommand(['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'])
      await running.goesOn(100)
    }
    report('connections killed ten times', await running.stop())
  }, 90_000)

  it('loses and doubles nothing when the server is frozen for longer than a command may take', async () => {
    const running = await load(brief)
    redis.freeze()
    await until(() => running.told.includes('interrupted'), 'the consumer to notice')
    await sleep(1000)
    redis.thaw()
    await running.goesOn()
    report('frozen', await running.stop())
  }, 90_000)

  it('loses and doubles nothing when the network is cut again and again', async () => {
    const running = await load()
    for (let round = 0; round < 10; round++) {
      handles.network(running.sender).cut()
      if (round % 2 === 0) handles.network(running.taker).cut()
      await running.goesOn(100)
    }
    report('cut ten times', await running.stop())
  }, 90_000)

  for (const direction of ['answers', 'everything'] as const) {
    it(`loses and doubles nothing in a network that swallows ${direction}`, async () => {
      const running = await load(brief)
      handles.network(running.sender).swallow(direction)
      handles.network(running.taker).swallow(direction)
      await running.goesOn()
      report(`swallowed ${direction}`, await running.stop())
      expect(running.told).toEqual(['interrupted', 'resumed'])
    }, 90_000)
  }

  it('knows of messages whose confirmation was lost that they are stored, once', async () => {
    const [sender, reader] = [await handles.open(), await handles.open()]
    const one = await declared(sender)
    await send(sender, one, 'before')
    handles.network(sender).swallow('answers')
    const stored = sendAll(sender, one, numbered(20))
    await until(async () => (await reader.size(one.name)) === 21, 'all to be stored')
    handles.network(sender).cut()
    await stored
    expect(await reader.size(one.name)).toBe(21)
  })

  it('sends what was lost on the way, in its order', async () => {
    const [sender, reader] = [await handles.open(), await handles.open()]
    const one = await declared(sender)
    await send(sender, one, 'before')
    handles.network(sender).swallow('everything')
    const stored = sendAll(sender, one, numbered(500))
    await sleep(50)
    expect(await reader.size(one.name)).toBe(1)
    handles.network(sender).cut()
    await stored
    expect(await bodies(reader, one, 501)).toEqual(['before', ...numbered(500)])
  })

  it('does not send again what shall not be, and says that it was not stored', async () => {
    const sender = await handles.open()
    const one = await declared(sender)
    await send(sender, one, 'before')
    handles.network(sender).swallow('everything')
    const sent = sender.publish(message('a'), to(one, { retry: false }))
    await sleep(50)
    handles.network(sender).cut()
    await expect(sent).rejects.toMatchObject({ code: 'ERR_CELERY_CONNECTION' })
    expect(await sender.size(one.name)).toBe(1)
  })

  it('gives up a message when no connection comes in time: unsent, or unknown', async () => {
    const sender = await handles.open({ transportOptions: { confirm_timeout: 0.5 } })
    const one = await declared(sender)
    await send(sender, one, 'before')
    handles.network(sender).swallow('answers')
    const sent = sender.publish(message('a'), to(one))
    await sleep(50)
    handles.network(sender).refuse(true)
    handles.network(sender).cut()
    const unsent = sender.publish(message('b'), to(one))
    await expect(sent).rejects.toMatchObject({ code: 'ERR_CELERY_PUBLISH_UNKNOWN' })
    await expect(unsent).rejects.toMatchObject({ code: 'ERR_CELERY_CONNECTION' })
  })

  it('keeps what is held over a lost connection: it can still be settled, and is not given again', async () => {
    const [broker, other] = [await handles.open(), await handles.open()]
    const one = await declared(broker)
    await send(other, one, ...numbered(4))
    const held: Delivery[] = []
    await broker.consume([one], { prefetch: 4, onDelivery: (delivery) => held.push(delivery) })
    await until(() => held.length === 4, 'four')
    handles.network(broker).cut()
    const [a, b, c] = held
    await Promise.all([a!.ack(), b!.reject({ requeue: false }), c!.release()])
    await until(() => held.length === 5, 'the one that was released')
    expect(held.map(textOf)).toEqual(['m0', 'm1', 'm2', 'm3', 'm2'])
    expect(await other.size(one.name)).toBe(0)
  })

  it('acknowledges once when the answer to that is lost', async () => {
    const [broker, other] = [await handles.open(brief), await handles.open()]
    const one = await declared(broker)
    await send(other, one, ...numbered(10))
    const held: Delivery[] = []
    const consumer = await broker.consume([one], { prefetch: 10, onDelivery: (delivery) => held.push(delivery) })
    await until(() => held.length === 10, 'ten')
    await consumer.cancel()
    handles.network(broker).swallow('answers')
    await Promise.all(held.map((delivery, i) => (i < 8 ? delivery.ack() : delivery.release())))
    expect(await bodies(other, one, 2)).toEqual(['m8', 'm9'])
  })

  it('tells with ERR_CELERY_DELIVERY_LOST when another worker took it for dead', async () => {
    const options = { transportOptions: { visibility_timeout: 0.5, socket_timeout: 5 } }
    const [broker, other] = [await handles.open(options), await handles.open(options)]
    const one = await declared(broker)
    await send(other, one, 'a')
    const held: Delivery[] = []
    await broker.consume([one], { prefetch: 1, onDelivery: (delivery) => held.push(delivery) })
    await until(() => held.length === 1, 'it')
    handles.network(broker).refuse(true)
    handles.network(broker).cut()
    const heir: Delivery[] = []
    await other.consume([one], { prefetch: 1, onDelivery: (delivery) => heir.push(delivery) })
    await until(() => heir.length === 1, 'the heir')
    handles.network(broker).refuse(false)
    await expect(held[0]!.ack()).rejects.toMatchObject({ code: 'ERR_CELERY_DELIVERY_LOST' })
    await heir[0]!.ack() // it is still the heir's
    expect(heir[0]!.redelivered).toBe(true)
  })

  it('is lost when the server does not come back, and serves again when it does', async () => {
    const broker = await handles.open({ maxRetries: 2 })
    const one = await declared(broker)
    const consumer = await broker.consume([one], { prefetch: 1, onDelivery: () => {} })
    handles.network(broker).refuse(true)
    handles.network(broker).cut()
    expect(await consumer.done).toMatchObject({ code: 'ERR_CELERY_CONNECTION' })
    await expect(broker.ping()).rejects.toMatchObject({ code: 'ERR_CELERY_CONNECTION' })
    handles.network(broker).refuse(false)
    await broker.ping()
  })

  it('is lost at once when it shall not connect again', async () => {
    const broker = await handles.open({ connectionRetry: false })
    const consumer = await broker.consume([await declared(broker)], { prefetch: 1, onDelivery: () => {} })
    handles.network(broker).cut()
    expect(await consumer.done).toMatchObject({ code: 'ERR_CELERY_CONNECTION' })
  })

  it('tells of a queue whose name is that of something else', async () => {
    const prefix = `${randomUUID()}:`
    const broker = await handles.open({ transportOptions: { global_keyprefix: prefix } })
    await client.set(`${prefix}text`, 'x')
    const one = queue('text')
    await expect(broker.declare(one)).rejects.toMatchObject({ code: 'ERR_CELERY_DECLARATION' })
    await expect(broker.consume([one], { prefetch: 1, onDelivery: () => {} })).rejects.toMatchObject({
      code: 'ERR_CELERY_DECLARATION',
    })
    const [bad, good] = [broker.publish(message('a'), to(one)), broker.publish(message('b'), to('list'))]
    await expect(bad).rejects.toThrow('the name of the queue is that of another key')
    await good
  })

  it('goes on taking when a list becomes something else under it', async () => {
    const prefix = `${randomUUID()}:`
    const broker = await handles.open({ transportOptions: { global_keyprefix: prefix } })
    const [one, two] = [await declared(broker), await declared(broker)]
    const seen: string[] = []
    await broker.consume([one, two], {
      prefetch: 1,
      onDelivery: (delivery) => {
        seen.push(textOf(delivery))
        void delivery.ack()
      },
    })
    await client.set(prefix + one.name, 'x')
    await send(broker, two, 'a', 'b')
    await until(() => seen.length === 2, 'both')
  })

  it('puts what is rejected for good into a list, when one is named', async () => {
    const prefix = `${randomUUID()}:`
    const broker = await handles.open({ transportOptions: { global_keyprefix: prefix, dead_letter_list: 'dead' } })
    const one = await declared(broker)
    await send(broker, one, 'a')
    await client.lPush(prefix + one.name, 'no message')
    await broker.consume([one], {
      prefetch: 2,
      onDelivery: (delivery) => void delivery.reject({ requeue: false }),
    })
    await until(async () => (await client.lLen(`${prefix}dead`)) === 2, 'both')
    const [bad, good] = await client.lRange(`${prefix}dead`, 0, -1)
    expect(bad).toBe('no message') // the last one stands first
    expect(JSON.parse(good!)).toMatchObject({ body: Buffer.from('a').toString('base64') })
    expect(await client.exists([`${prefix}unacked`, `${prefix}_twopi.malformed`])).toBe(0)
  })

  describe('of a server that keeps nothing', () => {
    let forgetful: OwnService
    beforeAll(async () => {
      forgetful = await startRedis({ persistent: false })
    }, 60_000)
    afterAll(() => forgetful.close())

    it('goes on, doubles nothing, and tells of what was held that it is lost', async () => {
      const own = new RedisHandles(forgetful.url, '')
      const [sender, taker] = [await own.open(), await own.open()]
      const one = await declared(sender)
      const held: Delivery[] = []
      await taker.consume([one], { prefetch: 5, onDelivery: (delivery) => held.push(delivery) })
      await send(sender, one, 'a', 'b')
      await until(() => held.length === 2, 'both')
      await forgetful.restart()
      await sender.ping().catch(() => undefined) // it knows then that its connection is lost
      await send(sender, one, 'c')
      await until(() => held.length === 3, 'what was sent then')
      await expect(held[0]!.ack()).rejects.toMatchObject({ code: 'ERR_CELERY_DELIVERY_LOST' })
      await held[2]!.ack()
      await own.close()
    })
  })

  describe('of a server with little memory', () => {
    it('rejects a message as not stored, and goes on taking', async () => {
      const broker = await handles.open()
      const one = await declared(broker)
      await sendAll(broker, one, numbered(20))
      await client.configSet('maxmemory', '1')
      try {
        const error: unknown = await broker.publish(message('full'), to(one)).catch((caught: unknown) => caught)
        expect(error).toMatchObject({ code: 'ERR_CELERY_CONNECTION' })
        expect(String(error)).toContain('memory is full')
        const other = await handles.open({ transportOptions: { global_keyprefix: handles.prefix } })
        expect(await bodies(other, one, 20)).toEqual(numbered(20))
      } finally {
        await client.configSet('maxmemory', '0')
      }
      await broker.publish(message('after'), to(one))
      expect(await broker.size(one.name)).toBe(1)
    })
  })

  describe('of several servers', () => {
    it('connects to the first that is there and is no replica, and to another when that is lost', async () => {
      const [replica, second] = [await startRedis(), await startRedis()]
      try {
        const setup = await openRedis(replica.url)
        await setup.sendCommand(['REPLICAOF', '127.0.0.1', String(redis.port)])
        setup.destroy()
        const gone = redisServer(redis.url, { port: await freePort() })
        const servers = [gone, redisServer(replica.url), redisServer(second.url), redisServer(redis.url)]
        const broker = createRedisBroker({ address: { kind: 'redis', servers, text: 'redis://a;redis://b' } })
        const one = await declared(broker)
        await send(broker, one, 'a')
        const look = await openRedis(second.url)
        expect(await look.lLen(one.name)).toBe(1)
        look.destroy()
        await second.kill()
        await broker.ping().catch(() => undefined) // it knows then that its connection is lost
        await send(broker, one, 'b')
        expect(await client.lLen(one.name)).toBe(1)
        await broker.close()
      } finally {
        await Promise.all([replica.close(), second.close()])
      }
    }, 60_000)

    it('leaves a server that has become a replica', async () => {
      const [one, two] = [await startRedis(), await startRedis()]
      try {
        const servers = [redisServer(one.url), redisServer(two.url)]
        const broker = createRedisBroker({ address: { kind: 'redis', servers, text: 'redis://a;redis://b' } })
        const names = await declared(broker)
        const seen: string[] = []
        await broker.consume([names], {
          prefetch: 5,
          onDelivery: (delivery) => {
            seen.push(textOf(delivery))
            delivery.ack().catch(() => undefined)
          },
        })
        await send(broker, names, 'a')
        await until(() => seen.length === 1, 'the first')
        const setup = await openRedis(one.url)
        await setup.sendCommand(['REPLICAOF', '127.0.0.1', String(two.port)])
        setup.destroy()
        await send(broker, names, 'b')
        await until(() => seen.length === 2, 'the second, by the other server')
        await broker.close()
      } finally {
        await Promise.all([one.close(), two.close()])
      }
    }, 60_000)
  })

  describe('of a server with users', () => {
    let guarded: OwnService
    beforeAll(async () => {
      guarded = await startRedis({ settings: ['--requirepass', 'the-secret'] })
      const admin = await openRedis(guarded.url.replace('//', '//:the-secret@'))
      const rules = ['on', '>p@ss', '~*', '&*', '+@all', '-client|tracking']
      await admin.sendCommand(['ACL', 'SETUSER', 'app', ...rules])
      await admin.sendCommand(['ACL', 'SETUSER', 'reader', 'on', '>p', '~*', '&*', '+@all', '-evalsha', '-eval'])
      admin.destroy()
    }, 60_000)
    afterAll(() => guarded.close())

    const refusals: readonly (readonly [what: string, change: object, text: string])[] = [
      ['no password', {}, 'it wants a password'],
      ['a wrong password', { password: 'the-wrong' }, 'user name or password are wrong'],
      ['a user who may not run scripts', { username: 'reader', password: 'p' }, 'the user may not run this command'],
    ]
    for (const [what, change, text] of refusals) {
      it(`tells at once of ${what}, without it`, async () => {
        const server = redisServer(guarded.url, change)
        const broker = createRedisBroker({ address: { kind: 'redis', servers: [server], text: 'redis://x' } })
        const error: unknown = await broker.connect().catch((caught: unknown) => caught)
        expect(error).toMatchObject({ code: 'ERR_CELERY_CONNECTION' })
        expect(String(error)).toContain(text)
        expect(String(error)).not.toContain('the-wrong')
        await broker.close()
      })
    }

    it('takes without being told of changes, when the user may not ask for that', async () => {
      const server = redisServer(guarded.url, { username: 'app', password: 'p@ss' })
      const broker = createRedisBroker({ address: { kind: 'redis', servers: [server], text: 'redis://x' } })
      const one = await declared(broker)
      const seen: string[] = []
      await broker.consume([one], {
        prefetch: 1,
        onDelivery: (delivery) => {
          seen.push(textOf(delivery))
          void delivery.ack()
        },
      })
      for (const [i, text] of numbered(5).entries()) {
        await send(broker, one, text)
        await until(() => seen.length === i + 1, text)
      }
      await broker.close()
    })
  })

  async function declared(broker: Broker): Promise<QueueDeclaration> {
    const one = queue()
    await broker.declare(one)
    return one
  }
})

let names = 0

function queue(name = `faults.${names++}`): QueueDeclaration {
  return {
    name,
    exchange: undefined,
    routingKey: name,
    durable: true,
    autoDelete: false,
    exclusive: false,
    arguments: {},
    passive: false,
  }
}

/** Takes and acknowledges so many messages. */
async function bodies(broker: Broker, one: QueueDeclaration, count: number): Promise<string[]> {
  const taken: Delivery[] = []
  const consumer = await broker.consume([one], { prefetch: 0, onDelivery: (delivery) => taken.push(delivery) })
  await until(
    () => taken.length >= count,
    () => `${count} messages, found ${taken.length}`,
  )
  await consumer.cancel()
  await Promise.all(taken.map((delivery) => delivery.ack()))
  return taken.map(textOf)
}
