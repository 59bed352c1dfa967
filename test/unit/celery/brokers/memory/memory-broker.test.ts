import { randomUUID } from 'node:crypto'
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Broker, Delivery, QueueDeclaration } from '../../../../../src/celery/brokers/broker.ts'
import { createMemoryBroker, type MemoryBroker } from '../../../../../src/celery/brokers/memory/memory-broker.ts'
import type { Message } from '../../../../../src/celery/protocol/message.ts'

const opened: Broker[] = []

function open(name: string = randomUUID()): MemoryBroker {
  const broker = createMemoryBroker({ address: { kind: 'memory', name, text: `memory://${name}` } })
  opened.push(broker)
  return broker
}

afterEach(async () => {
  vi.useRealTimers()
  await Promise.all(opened.splice(0).map((broker) => broker.close()))
})

function queueOf(name: string, change: Partial<QueueDeclaration> = {}): QueueDeclaration {
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

function message(text: string, change: Partial<Message> = {}): Message {
  return {
    body: new TextEncoder().encode(text),
    contentType: 'text/plain',
    contentEncoding: 'utf-8',
    headers: {},
    properties: {},
    ...change,
  }
}

const to = (routingKey: string) => ({ exchange: '', exchangeType: 'direct', routingKey }) as const
const textOf = ({ message: { body } }: Delivery) => new TextDecoder().decode(body)

/** Takes all that waits. */
async function drain(broker: Broker, queue: QueueDeclaration): Promise<string[]> {
  const texts: string[] = []
  const consumer = await broker.consume([queue], {
    prefetch: 0,
    onDelivery: (delivery) => {
      texts.push(textOf(delivery))
      void delivery.ack()
    },
  })
  await vi.waitFor(async () => expect(await broker.size(queue.name)).toBe(0))
  await consumer.cancel()
  return texts
}

describe('spaces of the broker in memory', () => {
  it('are shared by all handles of one name, and by no other', async () => {
    const name = randomUUID()
    const [one, two, other] = [open(name), open(name), open()]
    await one.declare(queueOf('q'))
    await one.publish(message('a'), to('q'))
    expect(await two.size('q')).toBe(1)
    expect(await other.size('q')).toBe(0)
    await expect(other.publish(message('a'), to('q'))).rejects.toMatchObject({ code: 'ERR_CELERY_NOT_ROUTED' })
  })

  it('keep their queues when the last handle is closed', async () => {
    const name = randomUUID()
    const first = open(name)
    await first.declare(queueOf('q'))
    await first.publish(message('a'), to('q'))
    await first.close()
    const second = open(name)
    expect(await drain(second, queueOf('q'))).toEqual(['a'])
    await second.deleteQueue('q')
  })
})

describe('the broker in memory', () => {
  it('hands 200,000 messages on in a time that grows as their number does', async () => {
    const broker = open()
    const queue = queueOf('q')
    await broker.declare(queue)
    const body = new Uint8Array(8)
    const round = async (count: number) => {
      const start = performance.now()
      for (let i = 0; i < count; i++) void broker.publish(message('', { body }), to('q'))
      const held: Delivery[] = []
      const consumer = await broker.consume([queue], { prefetch: 0, onDelivery: (delivery) => held.push(delivery) })
      while (held.length < count) await turn()
      await consumer.cancel()
      for (const [i, delivery] of held.entries()) void (i % 2 === 0 ? delivery.release() : delivery.ack())
      expect(await broker.purge('q')).toBe(count / 2)
      return performance.now() - start
    }
    await round(20_000)
    const small = await round(20_000)
    // Ten times as many take a hundred times as long where something is quadratic.
    expect(await round(200_000)).toBeLessThan(Math.max(small, 20) * 50)
  })

  it('delivers nothing inside of the calls that publish and consume', async () => {
    const broker = open()
    const queue = queueOf('q')
    await broker.declare(queue)
    let inside = true
    const seen: boolean[] = []
    const consuming = broker.consume([queue], { prefetch: 0, onDelivery: () => seen.push(inside) })
    void broker.publish(message('a'), to('q'))
    inside = false
    await consuming
    await vi.waitFor(() => expect(seen).toEqual([false]))
  })

  it('lets timers have their turn while many messages wait', async () => {
    const broker = open()
    const queue = queueOf('q')
    await broker.declare(queue)
    for (let i = 0; i < 50_000; i++) void broker.publish(message('a'), to('q'))
    let count = 0
    await broker.consume([queue], {
      prefetch: 0,
      onDelivery: () => {
        count += 1
      },
    })
    await turn()
    await turn()
    expect(count).toBeGreaterThan(0)
    expect(count).toBeLessThan(50_000)
  })

  it('gives messages to consumers in turn', async () => {
    const broker = open()
    const queue = queueOf('q')
    const counts = [0, 0, 0]
    for (const i of counts.keys()) {
      await broker.consume([queue], {
        prefetch: 2,
        onDelivery: (delivery) => {
          counts[i]! += 1
          void delivery.ack()
        },
      })
    }
    await turn() // all of them wait
    await turn()
    for (let i = 0; i < 30; i++) {
      await broker.publish(message('a'), to('q'))
      await turn()
      await turn()
    }
    expect(counts).toEqual([10, 10, 10])
  })

  it('goes on when the function of a consumer throws', async () => {
    const broker = open()
    const queue = queueOf('q')
    const errors: unknown[] = []
    const listeners = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    process.on('uncaughtException', (error) => errors.push(error))
    try {
      const texts: string[] = []
      await broker.declare(queue)
      for (const text of ['a', 'b', 'c']) await broker.publish(message(text), to('q'))
      const options = {
        prefetch: 1,
        onDelivery: (delivery: Delivery) => {
          texts.push(textOf(delivery))
          if (texts.length === 1) throw new Error('of the consumer')
        },
      }
      await Promise.all([1, 2, 3].map(() => broker.consume([queue], options)))
      await vi.waitFor(() => expect(texts).toEqual(['a', 'b', 'c']))
      expect(errors).toMatchObject([{ message: 'of the consumer' }])
    } finally {
      process.removeAllListeners('uncaughtException')
      for (const listener of listeners) process.on('uncaughtException', listener)
    }
  })

  it('keeps the process alive while it consumes, and no longer', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const before = timers()
    const broker = open()
    await broker.declare(queueOf('q'))
    await broker.publish(message('a'), { ...to('q'), delay: 1000 })
    expect(timers()).toBe(before)
    const consumers = [
      await broker.consume([queueOf('q')], { prefetch: 1, onDelivery: () => {} }),
      await broker.consume([queueOf('q')], { prefetch: 1, onDelivery: () => {} }),
    ]
    expect(timers()).toBe(before + 1)
    await consumers[0]!.cancel()
    expect(timers()).toBe(before + 1)
    await consumers[1]!.cancel()
    expect(timers()).toBe(before)
    await broker.consume([queueOf('q')], { prefetch: 1, onDelivery: () => {} })
    await broker.close()
    expect(timers()).toBe(before)
  })

  it('removes the queue of a subscription with it, whatever it was declared as', async () => {
    const broker = open()
    const exchange = { name: 'f', type: 'fanout', durable: true, autoDelete: false, arguments: {} } as const
    const subscription = await broker.subscribe(exchange, { queue: queueOf('own'), onMessage: () => {} })
    await broker.publish(message('a'), to('own'))
    await subscription.close()
    await expect(broker.publish(message('a'), to('own'))).rejects.toMatchObject({ code: 'ERR_CELERY_NOT_ROUTED' })
  })

  it('makes a queue again that is removed under its consumer', async () => {
    const broker = open()
    const queue = queueOf('q')
    const texts: string[] = []
    await broker.consume([queue], { prefetch: 0, onDelivery: (delivery) => void texts.push(textOf(delivery)) })
    await broker.deleteQueue('q')
    await broker.publish(message('a'), to('q'))
    await vi.waitFor(() => expect(texts).toEqual(['a']))
  })

  it('drops what comes back to a queue that is gone', async () => {
    const broker = open()
    const queue = queueOf('q')
    const held: Delivery[] = []
    await broker.declare(queue)
    for (const text of ['a', 'b', 'c']) await broker.publish(message(text), to('q'))
    const consumer = await broker.consume([queue], { prefetch: 0, onDelivery: (delivery) => held.push(delivery) })
    await vi.waitFor(() => expect(held).toHaveLength(3))
    await consumer.cancel()
    await broker.deleteQueue('q')
    await broker.declare(queue)
    await held[0]!.release()
    await held[1]!.reject({ requeue: true })
    await held[2]!.ack()
    expect(await broker.size('q')).toBe(0)
  })

  it('takes priorities beyond the limits as the limits, and keeps to `x-max-priority`', async () => {
    const broker = open()
    await broker.declare(queueOf('q'))
    await broker.declare(queueOf('two', { arguments: { 'x-max-priority': 2 } }))
    for (const name of ['q', 'two']) {
      for (const priority of [0, -5, 9, 99, 2, 2.7, Number.NaN]) {
        await broker.publish(message(String(priority), { properties: { priority } }), to(name))
      }
    }
    expect(await drain(broker, queueOf('q'))).toEqual(['9', '99', '2', '2.7', '0', '-5', 'NaN'])
    expect(await drain(broker, queueOf('two', { arguments: { 'x-max-priority': 2 } }))).toEqual([
      '9',
      '99',
      '2',
      '2.7',
      '0',
      '-5',
      'NaN',
    ])
  })

  it('gives what goes to an exchange of type headers to everybody', async () => {
    const broker = open()
    const exchange = { name: 'h', type: 'headers', durable: true, autoDelete: false, arguments: {} } as const
    await broker.declare(queueOf('a', { exchange, routingKey: 'x' }))
    await broker.declare(queueOf('b', { exchange, routingKey: 'y' }))
    await broker.publish(message('m'), { exchange: 'h', exchangeType: 'headers', routingKey: '' })
    expect([await broker.size('a'), await broker.size('b')]).toEqual([1, 1])
  })

  it.each([
    ['x-message-ttl', -1],
    ['x-message-ttl', 1.5],
    ['x-max-length', '5'],
    ['x-expires', 0],
    ['x-overflow', 5],
    ['x-dead-letter-exchange', {}],
  ])('refuses the argument %s with the value %j', async (key, value) => {
    await expect(open().declare(queueOf('q', { arguments: { [key]: value } }))).rejects.toMatchObject({
      code: 'ERR_CELERY_DECLARATION',
      message: expect.stringContaining(key),
    })
  })

  it('removes a queue that nobody uses for as long as `x-expires` says', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
    const broker = open()
    const queue = queueOf('q', { arguments: { 'x-expires': 1000 } })
    const exists = () =>
      broker.publish(message('a'), to('q')).then(
        () => true,
        () => false,
      )
    await broker.declare(queue)
    vi.advanceTimersByTime(900)
    await broker.declare(queue)
    vi.advanceTimersByTime(900)
    expect(await exists()).toBe(true)
    const consumer = await broker.consume([queue], { prefetch: 1, onDelivery: () => {} })
    vi.advanceTimersByTime(5000)
    expect(await exists()).toBe(true)
    await consumer.cancel()
    vi.advanceTimersByTime(900)
    expect(await exists()).toBe(true)
    vi.advanceTimersByTime(200)
    expect(await exists()).toBe(false)
  })
})

describe('dead letters', () => {
  it('drop out of a circle in which nobody rejects them', async () => {
    const broker = open()
    const full = (name: string, next: string) =>
      queueOf(name, {
        arguments: { 'x-max-length': 0, 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': next },
      })
    for (const queue of [full('a', 'b'), full('b', 'a'), full('self', 'self')]) await broker.declare(queue)
    await broker.publish(message('m'), to('a'))
    const rejected = { headers: { 'x-death': [{ reason: 'rejected', queue: 'x', count: 1 }] } }
    await broker.publish(message('m', rejected), to('self'))
    expect([await broker.size('a'), await broker.size('b'), await broker.size('self')]).toEqual([0, 0, 0])
  })

  it('go round for as long as somebody rejects them, and count it', async () => {
    const broker = open()
    const queue = queueOf('q', { arguments: { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'q' } })
    const deaths: unknown[] = []
    await broker.consume([queue], {
      prefetch: 1,
      onDelivery: (delivery) => {
        deaths.push(delivery.message.headers['x-death'])
        void (deaths.length === 4 ? delivery.ack() : delivery.reject({ requeue: false }))
      },
    })
    await broker.publish(message('m', { headers: { 'x-death': 'nonsense' } }), to('q'))
    await vi.waitFor(() => expect(deaths).toHaveLength(4))
    expect(deaths.at(-1)).toEqual([{ count: 3, reason: 'rejected', queue: 'q', exchange: '', 'routing-keys': ['q'] }])
  })

  it('of a message that expired do not expire again', async () => {
    const broker = open()
    await broker.declare(queueOf('dead'))
    const queue = queueOf('q', { arguments: { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'dead' } })
    await broker.declare(queue)
    await broker.publish(message('m', { properties: { expiration: '1', correlationId: 'c' } }), to('q'))
    await vi.waitFor(async () => expect(await broker.size('dead')).toBe(1))
    const held: Delivery[] = []
    await broker.consume([queueOf('dead')], { prefetch: 1, onDelivery: (delivery) => held.push(delivery) })
    await vi.waitFor(() => expect(held).toHaveLength(1))
    expect(held[0]!.message.properties).toEqual({ correlationId: 'c' })
    expect(held[0]!.message.headers).toMatchObject({ 'x-first-death-reason': 'expired', 'x-first-death-queue': 'q' })
  })
})

describe('a message that is delayed', () => {
  it('is refused at once where no queue would take it', async () => {
    const target = { ...to('nowhere'), delay: 5 }
    await expect(open().publish(message('a'), target)).rejects.toMatchObject({ code: 'ERR_CELERY_NOT_ROUTED' })
  })

  it('is dropped when its queue is gone by then', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
    const broker = open()
    await broker.declare(queueOf('q'))
    await broker.publish(message('a'), { ...to('q'), delay: 5 })
    await broker.deleteQueue('q')
    vi.advanceTimersByTime(6000)
    await broker.declare(queueOf('q'))
    expect(await broker.size('q')).toBe(0)
  })

  it('lives from the moment it is delivered to its queue', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
    const broker = open()
    await broker.declare(queueOf('q'))
    await broker.publish(message('a', { properties: { expiration: '3000' } }), { ...to('q'), delay: 5 })
    vi.advanceTimersByTime(7000)
    expect(await broker.size('q')).toBe(1)
    vi.advanceTimersByTime(2000)
    expect(await broker.size('q')).toBe(0)
  })
})

describe('an interruption of the broker in memory', () => {
  it('lasts as long as it is told; who asks meanwhile waits', async () => {
    const broker = open()
    await broker.declare(queueOf('q'))
    let end = () => {}
    const until = new Promise<void>((resolve) => {
      end = resolve
    })
    const told: string[] = []
    const consumer = await broker.consume([queueOf('q')], {
      prefetch: 0,
      onInterrupted: ({ message }) => told.push(message),
      onResumed: () => told.push('resumed'),
      onDelivery: (delivery) => told.push(textOf(delivery)),
    })
    await broker.publish(message('held'), to('q'))
    await vi.waitFor(() => expect(told).toEqual(['held']))
    told.length = 0
    broker.interrupt({ until })
    const published = [broker.publish(message('a'), to('q')), broker.publish(message('b'), to('q'))]
    await expect(broker.publish(message('c'), { ...to('q'), retry: false })).rejects.toMatchObject({
      code: 'ERR_CELERY_CONNECTION',
    })
    let pinged = false
    const ping = broker.ping().then(() => {
      pinged = true
    })
    for (let i = 0; i < 5; i++) await turn()
    expect(pinged).toBe(false)
    expect(told).toEqual([expect.stringContaining('was cut')])
    end()
    await Promise.all([...published, ping])
    await vi.waitFor(() => expect(told.slice(1)).toEqual(['resumed', 'held', 'a', 'b']))
    await consumer.cancel()
  })

  it('can be one that consumers do not survive', async () => {
    const broker = open()
    const consumer = await broker.consume([queueOf('q')], { prefetch: 1, onDelivery: () => {} })
    broker.interrupt({ givesUp: true })
    expect(await consumer.done).toMatchObject({ code: 'ERR_CELERY_CONNECTION' })
    await broker.publish(message('a'), to('q'))
    expect(await broker.size('q')).toBe(1)
  })

  it('that never ends does not keep anybody waiting when the handle is closed', async () => {
    const broker = open()
    await broker.declare(queueOf('q'))
    broker.interrupt({ until: new Promise(() => {}) })
    const outcome = broker.publish(message('a'), to('q')).catch((error: { code: string }) => error.code)
    await broker.close()
    expect(await outcome).toBe('ERR_CELERY_CONNECTION')
  })
})
