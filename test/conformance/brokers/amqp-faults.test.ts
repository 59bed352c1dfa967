import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createAmqpBroker } from '../../../src/celery/brokers/amqp/amqp-broker.ts'
import type { Broker, QueueDeclaration } from '../../../src/celery/brokers/broker.ts'
import { freePort } from '../../support/services/free-port.ts'
import { hasRabbitmq, type OwnRabbitmq, startRabbitmq } from '../../support/services/rabbitmq.ts'
import { AmqpHandles, amqpServer, type HandleOptions } from './amqp-handles.ts'
import { Load, type LoadCounts } from './amqp-load.ts'
import { message, numbered, send, sendAll, stays, textOf, to, until } from './bench.ts'

if (!hasRabbitmq() && process.env['CI']) throw new Error('install rabbitmq-server')

/** RabbitMQ misbehaves, is mistreated, and comes back. One private node for all of it. */
describe.skipIf(!hasRabbitmq())('RabbitMQ under faults (needs rabbitmq-server)', () => {
  let node: OwnRabbitmq
  let handles: AmqpHandles
  let names = 0
  beforeAll(async () => {
    node = await startRabbitmq()
  }, 60_000)
  afterAll(() => node.close())
  beforeEach(() => {
    handles = new AmqpHandles(node.url)
  })
  afterEach(() => handles.close())

  const open = (options?: HandleOptions): Promise<Broker> => handles.open(options)

  function queue(change: Partial<QueueDeclaration> = {}): QueueDeclaration {
    const name = change.name ?? `faults.${names++}`
    return {
      name,
      exchange: undefined,
      routingKey: name,
      durable: true,
      autoDelete: false,
      exclusive: false,
      arguments: {},
      passive: false,
      ...change,
    }
  }

  async function load(options: HandleOptions = {}): Promise<Load & { sender: Broker; taker: Broker }> {
    const [sender, taker] = [await open(options), await open(options)]
    const running = new Load(sender, taker, queue())
    await running.start()
    return Object.assign(running, { sender, taker })
  }

  function report(what: string, counts: LoadCounts): void {
    console.log(`${what}: ${JSON.stringify(counts)}`)
    expect(counts).toMatchObject({ lost: 0, rejected: 0 })
    expect(counts.accepted).toBeGreaterThan(500)
  }

  it('loses nothing when the server is stopped and started under load', async () => {
    const running = await load()
    await node.stop()
    await sleep(300)
    await node.start()
    await running.goesOn()
    report('stopped and started', await running.stop())
    expect(running.told).toEqual(['interrupted', 'resumed'])
  }, 90_000)

  it('loses nothing when the server is killed and started under load', async () => {
    const running = await load()
    await node.kill()
    await node.start()
    await running.goesOn()
    report('killed and started', await running.stop())
  }, 90_000)

  it('loses nothing when an operator closes all connections, again and again', async () => {
    const running = await load()
    for (let round = 0; round < 3; round++) {
      await node.ctl('close_all_connections', 'a test')
      await running.goesOn()
    }
    report('connections closed three times', await running.stop())
  }, 90_000)

  it('loses nothing when the server is frozen for longer than two heartbeats', async () => {
    const running = await load({ heartbeat: 1, connectionTimeout: 1 })
    node.freeze()
    await until(() => running.told.includes('interrupted'), 'the consumer to notice', 20_000)
    node.thaw()
    await running.goesOn()
    report('frozen', await running.stop())
  }, 90_000)

  it('loses nothing when the network is cut again and again', async () => {
    const running = await load()
    for (let round = 0; round < 10; round++) {
      handles.network(running.sender).cut()
      if (round % 2 === 0) handles.network(running.taker).cut()
      await running.goesOn(100)
    }
    report('cut ten times', await running.stop())
  }, 90_000)

  it('sends again what was stored and not confirmed: then it is there twice, with one message id', async () => {
    const [sender, reader] = [await open({ heartbeat: 1 }), await open()]
    const one = queue()
    await sender.declare(one)
    await send(sender, one, 'before')
    handles.network(sender).swallow('answers')
    const stored = sendAll(sender, one, numbered(20))
    await until(async () => (await reader.size(one.name)) === 21, 'all to be stored')
    handles.network(sender).cut()
    await stored
    await until(async () => (await reader.size(one.name)) === 41, 'all to be stored twice')
  }, 60_000)

  it('notices a network that swallows everything, and loses nothing', async () => {
    const running = await load({ heartbeat: 1 })
    handles.network(running.sender).swallow('everything')
    handles.network(running.taker).swallow('everything')
    await running.goesOn()
    report('swallowed', await running.stop())
    expect(running.told).toEqual(['interrupted', 'resumed'])
  }, 90_000)

  it('takes again from a queue that is deleted under it, and from the others without a break', async () => {
    const [broker, other] = [await open(), await open()]
    const [one, two] = [queue(), queue()]
    const seen: string[] = []
    const consumer = await broker.consume([one, two], {
      prefetch: 10,
      onInterrupted: () => seen.push('interrupted'),
      onDelivery: (delivery) => {
        seen.push(textOf(delivery))
        void delivery.ack()
      },
    })
    for (let round = 0; round < 3; round++) {
      await other.deleteQueue(one.name)
      await until(
        () =>
          other.publish(message(`one-${round}`), to(one)).then(
            () => true,
            () => false,
          ),
        'the queue to be back',
      )
      await send(other, two, `two-${round}`)
      await until(() => seen.length === 2 * (round + 1), 'both')
    }
    expect(seen).not.toContain('interrupted')
    expect(seen).toHaveLength(6)
    await consumer.cancel()
  })

  it('is lost when its queue is gone and was only to be looked for', async () => {
    const broker = await open()
    const one = queue()
    await broker.declare(one)
    const consumer = await broker.consume([{ ...one, passive: true }], { prefetch: 1, onDelivery: () => {} })
    await broker.deleteQueue(one.name)
    expect(await consumer.done).toMatchObject({ code: 'ERR_CELERY_DECLARATION' })
  }, 60_000)

  it('is lost when the server does not come back', async () => {
    const broker = await open({ maxRetries: 2 })
    const consumer = await broker.consume([queue()], { prefetch: 1, onDelivery: () => {} })
    handles.network(broker).refuse(true)
    handles.network(broker).cut()
    expect(await consumer.done).toMatchObject({ code: 'ERR_CELERY_CONNECTION' })
    await expect(broker.ping()).rejects.toMatchObject({ code: 'ERR_CELERY_CONNECTION' })
    handles.network(broker).refuse(false)
    await broker.ping()
  })

  it('is lost at once when it shall not connect again', async () => {
    const broker = await open({ connectionRetry: false })
    const consumer = await broker.consume([queue()], { prefetch: 1, onDelivery: () => {} })
    handles.network(broker).cut()
    expect(await consumer.done).toMatchObject({ code: 'ERR_CELERY_CONNECTION' })
  })

  it('goes on consuming while the server takes no messages for want of memory, and publishes afterwards', async () => {
    const [sender, patient] = [await open({ transportOptions: { confirm_timeout: 1 } }), await open()]
    const one = queue()
    await sender.declare(one)
    await sendAll(sender, one, numbered(20))
    await patient.connect()
    await node.ctl('set_vm_memory_high_watermark', '0.0001')
    try {
      // The one that tells RabbitMQ that this connection publishes may be read or not; the next is not even written.
      await until(
        () =>
          sender.publish(message('refused'), to(one)).then(
            () => false,
            (error: Error) => error.message.includes('it blocks publishers: '),
          ),
        'an error that says why',
      )
      const waiting = patient.publish(message('patient'), to(one))
      const seen: string[] = []
      const consumer = await sender.consume([one], {
        prefetch: 5,
        onDelivery: (delivery) => {
          seen.push(textOf(delivery))
          void delivery.ack()
        },
      })
      await until(() => numbered(20).every((text) => seen.includes(text)), 'what waited')
      expect(seen).not.toContain('patient')
      await node.ctl('set_vm_memory_high_watermark', '0.6')
      await waiting
      await until(() => seen.includes('patient'), 'the patient one')
      await sender.publish(message('after'), to(one))
      await consumer.cancel()
    } finally {
      await node.ctl('set_vm_memory_high_watermark', '0.6')
    }
  }, 60_000)

  it('connects to the next server when one is gone, and names its connections', async () => {
    const gone = amqpServer(node.url, { port: await freePort() })
    const broker = createAmqpBroker({
      address: { kind: 'amqp', servers: [gone, amqpServer(node.url), gone], text: 'amqp://a;amqp://b' },
      connectionName: 'celery@here',
      maxRetries: 0,
    })
    const one = queue()
    await broker.declare(one)
    await broker.consume([one], { prefetch: 1, onDelivery: () => {} })
    const properties = await node.ctl('list_connections', 'client_properties')
    expect(properties).toContain('"celery@here (publish)"')
    expect(properties).toContain('"celery@here (consume)"')
    expect(properties).toContain('{"product","twopi"}')
    await broker.close()
  })

  it('goes to another server when its own is lost', async () => {
    const broker = await open({ others: [amqpServer(node.url)] })
    const one = queue()
    await send(broker, await declared(broker, one), 'a')
    handles.network(broker).refuse(true)
    handles.network(broker).cut()
    await send(broker, one, 'b')
    expect(await broker.size(one.name)).toBe(2)
  })

  async function declared(broker: Broker, one: QueueDeclaration): Promise<QueueDeclaration> {
    await broker.declare(one)
    return one
  }

  const refusals: readonly (readonly [what: string, change: object, text: string])[] = [
    ['a wrong password', { password: 'the-secret' }, 'the user name or the password is wrong'],
    ['an unknown virtual host', { virtualHost: 'no such host' }, 'the virtual host `no such host` does not exist'],
  ]
  for (const [what, change, text] of refusals) {
    it(`is not tried again with ${what}`, async () => {
      const broker = createAmqpBroker({
        address: { kind: 'amqp', servers: [amqpServer(node.url, change)], text: 'amqp://guest:***@127.0.0.1' },
      })
      const error: unknown = await broker.connect().catch((caught: unknown) => caught)
      expect(error).toMatchObject({ code: 'ERR_CELERY_CONNECTION' })
      expect(String(error)).toContain(text)
      expect(String(error)).not.toContain('the-secret')
      await broker.close()
    })
  }

  it('takes names and passwords with any character', async () => {
    const [user, password, host] = ['ü@:/', 'p:%2F@/ß', 'a/b %2f']
    await node.ctl('add_user', user, password)
    await node.ctl('add_vhost', host)
    await node.ctl('set_permissions', '-p', host, user, '.*', '.*', '.*')
    const server = amqpServer(node.url, { username: user, password, virtualHost: host })
    const broker = createAmqpBroker({ address: { kind: 'amqp', servers: [server], text: 'amqp://x' } })
    await broker.connect()
    await broker.close()
  }, 60_000)

  it('knows what was refused for want of permission, also by the default exchange', async () => {
    await node.ctl('add_user', 'reader', 'reader')
    await node.ctl('set_permissions', '-p', '/', 'reader', '', '', '.*')
    const server = amqpServer(node.url, { username: 'reader', password: 'reader' })
    const broker = createAmqpBroker({ address: { kind: 'amqp', servers: [server], text: 'amqp://x' } })
    const refused = { code: 'ERR_CELERY_NOT_ROUTED', message: expect.stringContaining('ACCESS_REFUSED') }
    await expect(broker.publish(message('a'), to('anything'))).rejects.toMatchObject(refused)
    await broker.close()
  }, 60_000)

  describe('quorum queues', () => {
    const quorum = { 'x-queue-type': 'quorum' }

    it('are consumed with a prefetch each, beside classic ones and when they are added later', async () => {
      const broker = await open()
      const [classic, one] = [queue(), queue({ arguments: quorum })]
      await sendAll(broker, await declared(broker, classic), numbered(6, 'classic'))
      const seen: string[] = []
      const consumer = await broker.consume([classic], {
        prefetch: 2,
        onInterrupted: () => seen.push('interrupted'),
        onDelivery: (delivery) => seen.push(textOf(delivery)),
      })
      await until(() => seen.length === 2, 'two')
      await consumer.addQueue(one)
      await sendAll(broker, one, numbered(6, 'quorum'))
      await until(() => seen.filter((text) => text.startsWith('quorum')).length === 2, 'two of the other')
      await stays(() => seen.filter((text) => text.startsWith('quorum')).length, 2)
      expect(seen).not.toContain('interrupted')
      expect(broker.abilities.adjustablePrefetch).toBe(false)
    })

    it('keep messages until their time, in queues of the server, for exchanges that know patterns', async () => {
      const broker = await open()
      const exchange = { name: 'later', type: 'topic', durable: true, autoDelete: false, arguments: {} } as const
      const one = queue({ exchange, routingKey: 'mail.*', arguments: quorum })
      await broker.declare(one)
      const target = { exchange: 'later', exchangeType: 'topic', routingKey: 'mail.a' } as const
      const start = performance.now()
      const seen: (readonly [text: string, key: string, after: number])[] = []
      await broker.consume([one], {
        prefetch: 1,
        onDelivery: (delivery) => {
          seen.push([textOf(delivery), delivery.routingKey, performance.now() - start])
          void delivery.ack()
        },
      })
      await broker.publish(message('late'), { ...target, delay: 3 })
      await broker.publish(message('soon'), { ...target, delay: 1.5 })
      await broker.publish(message('now'), target)
      await until(() => seen.length === 3, 'all three')
      expect(seen.map(([text]) => text)).toEqual(['now', 'soon', 'late'])
      expect(seen[1]![2]).toBeGreaterThan(900)
      expect(seen[2]![2]).toBeGreaterThan(2900)
      expect(new Set(seen.map(([, key]) => key))).toEqual(new Set(['mail.a']))
      const [levels = '0'] =
        (await node.ctl('list_queues', '--formatter', 'json', 'name')).match(/celery_delayed_27/) ?? []
      expect(levels).toBe('celery_delayed_27')
    }, 60_000)

    it('get a message at once when what they hang on cannot delay it: the worker holds it', async () => {
      const broker = await open()
      const one = queue({ arguments: quorum })
      await broker.declare(one)
      await broker.publish(message('a'), to(one, { delay: 3600 }))
      expect(await broker.size(one.name)).toBe(1)
      const exchange = { name: 'unseen', type: 'topic', durable: true, autoDelete: false, arguments: {} } as const
      const other = await open()
      await other.declare(queue({ exchange, routingKey: 'x' }))
      await broker.publish(message('b'), { exchange: 'unseen', exchangeType: 'topic', routingKey: 'x', delay: 3600 })
    })

    it('are declared again, with the delay behind them, on a server that has forgotten everything', async () => {
      const broker = await open()
      const exchange = { name: 'again', type: 'topic', durable: true, autoDelete: false, arguments: {} } as const
      const one = queue({ exchange, routingKey: 'mail', arguments: quorum })
      await broker.declare(one)
      await node.ctl('stop_app')
      await node.ctl('reset')
      await node.ctl('start_app')
      await broker.publish(message('a'), { exchange: 'again', exchangeType: 'topic', routingKey: 'mail', delay: 1 })
      const seen: string[] = []
      await broker.consume([one], { prefetch: 1, onDelivery: (delivery) => seen.push(textOf(delivery)) })
      await until(() => seen.length === 1, 'the message')
    }, 90_000)
  })
})
