import { expect } from 'vitest'
import type { AddCase } from './add-case.ts'
import { message, numbered, send, sendAll, textOf, through, to, until } from './bench.ts'
import type { BrokerVariant } from './variant.ts'

const refused = { code: 'ERR_CELERY_DECLARATION' }

/** Queues as such. */
export function queueCases(test: AddCase, variant: BrokerVariant): void {
  const { knowsQueues, queueArguments } = variant.capabilities

  test('are declared again without harm, also at the same time and by another process', async (bench) => {
    const [broker, other] = [await bench.open(), await bench.open()]
    const queue = await bench.declared(broker, { exchange: bench.exchange('direct'), routingKey: 'mail' })
    await send(broker, queue, 'a')
    await Promise.all([broker.declare(queue), broker.declare(queue), other.declare(queue)])
    expect(await broker.size(queue.name)).toBe(1)
  })

  test('keep what was bound to them when they are bound to more', async (bench) => {
    const broker = await bench.open()
    const exchange = bench.exchange('direct')
    const queue = await bench.declared(broker, { exchange, routingKey: 'one' })
    await broker.declare({ ...queue, routingKey: 'two' })
    await broker.publish(message('a'), through(exchange, 'one'))
    await broker.publish(message('b'), through(exchange, 'two'))
    expect(await broker.size(queue.name)).toBe(2)
  })

  test('count what waits, not what is being worked on', async (bench) => {
    const broker = await bench.open()
    const queue = await bench.declared(broker)
    await send(broker, queue, ...numbered(5))
    expect(await broker.size(queue.name)).toBe(5)
    const taker = await bench.take(broker, [queue], { prefetch: 2 })
    await taker.count(2)
    expect(await broker.size(queue.name)).toBe(3)
    await taker.consumer.cancel()
    await taker.deliveries[0]!.release()
    expect(await broker.size(queue.name)).toBe(4)
  })

  test('count messages of every priority', async (bench) => {
    const broker = await bench.open()
    const queue = await bench.declared(broker, { arguments: variant.capabilities.priorityArguments })
    for (const priority of [0, 3, 5, 9]) {
      await broker.publish(message('a', { properties: { deliveryMode: 2, priority } }), to(queue))
    }
    expect(await broker.size(queue.name)).toBe(4)
    expect(await broker.purge(queue.name)).toBe(4)
    expect(await broker.size(queue.name)).toBe(0)
  })

  test('are purged of what waits, and of nothing else', async (bench) => {
    const broker = await bench.open()
    const [queue, other] = [await bench.declared(broker), await bench.declared(broker)]
    await send(broker, queue, ...numbered(5))
    await send(broker, other, 'x')
    const taker = await bench.take(broker, [queue], { prefetch: 2 })
    await taker.count(2)
    await taker.consumer.cancel()
    expect(await broker.purge(queue.name)).toBe(3)
    expect(await broker.purge(queue.name)).toBe(0)
    await taker.deliveries[0]!.ack()
    await taker.deliveries[1]!.release()
    expect((await bench.drain(broker, queue, 1)).map(textOf)).toEqual(['m1'])
    expect(await broker.size(other.name)).toBe(1)
  })

  test('hold nothing when nobody ever made them', async (bench) => {
    const broker = await bench.open()
    const name = bench.uniqueName('unknown')
    expect(await broker.size(name)).toBe(0)
    expect(await broker.purge(name)).toBe(0)
    await broker.deleteQueue(name)
    await broker.ping()
  })

  test('are empty when they are made again after their removal', async (bench) => {
    const broker = await bench.open()
    const exchange = bench.exchange('direct', { autoDelete: false })
    const queue = await bench.declared(broker, { exchange, routingKey: 'mail' })
    await send(broker, queue, 'a', 'b')
    await broker.deleteQueue(queue.name)
    expect(await broker.size(queue.name)).toBe(0)
    await expect(broker.publish(message('a'), through(exchange, 'mail'))).rejects.toMatchObject({
      code: 'ERR_CELERY_NOT_ROUTED',
    })
    await broker.declare({ ...queue, exchange: { ...exchange, autoDelete: false } })
    expect(await broker.size(queue.name)).toBe(0)
    await broker.publish(message('c'), through(exchange, 'mail'))
    expect((await bench.drain(broker, queue, 1)).map(textOf)).toEqual(['c'])
  })

  test('may be named in any script', async (bench) => {
    const broker = await bench.open()
    const queue = await bench.declared(broker, { name: `${bench.uniqueName('Grüße 世界')} *?#[a]` })
    await send(broker, queue, 'a')
    expect((await bench.drain(broker, queue, 1))[0]).toMatchObject({ queue: queue.name, routingKey: queue.name })
  })

  if (knowsQueues) {
    test('are refused with ERR_CELERY_DECLARATION when they exist with other arguments', async (bench) => {
      const broker = await bench.open()
      const queue = await bench.declared(broker, { arguments: { 'x-max-length': 100 } })
      for (const change of [{ arguments: {} }, { arguments: { 'x-max-length': 99 } }, { durable: false }]) {
        await expect(broker.declare({ ...queue, ...change })).rejects.toMatchObject(refused)
        await expect(
          broker.consume([{ ...queue, ...change }], { prefetch: 0, onDelivery: () => {} }),
        ).rejects.toMatchObject(refused)
      }
      await broker.declare(queue)
      await send(broker, queue, 'a')
      expect((await bench.drain(broker, queue, 1)).map(textOf)).toEqual(['a'])
    })

    test('are refused with ERR_CELERY_DECLARATION when their exchange exists with another type', async (bench) => {
      const broker = await bench.open()
      const exchange = bench.exchange('direct')
      await bench.declared(broker, { exchange, routingKey: 'a' })
      const other = bench.queue({ exchange: { ...exchange, type: 'topic' }, routingKey: 'a' })
      await expect(broker.declare(other)).rejects.toMatchObject(refused)
      await broker.publish(message('a'), through(exchange, 'a'))
    })

    test('are only looked for when the declaration is passive', async (bench) => {
      const broker = await bench.open()
      const queue = await bench.declared(broker, { arguments: { 'x-max-length': 100 } })
      await broker.declare({ ...queue, arguments: {}, passive: true })
      const missing = bench.queue({ passive: true })
      await expect(broker.declare(missing)).rejects.toMatchObject(refused)
      await expect(broker.consume([missing], { prefetch: 0, onDelivery: () => {} })).rejects.toMatchObject(refused)
      await expect(broker.publish(message('a'), to(missing))).rejects.toMatchObject({ code: 'ERR_CELERY_NOT_ROUTED' })
    })

    test('of a running consumer go on when one that is added is refused', async (bench) => {
      const broker = await bench.open()
      const queue = await bench.declared(broker)
      const taker = await bench.take(broker, [queue])
      await expect(taker.consumer.addQueue(bench.queue({ passive: true }))).rejects.toMatchObject(refused)
      await send(broker, queue, 'a')
      await (await taker.at(0)).ack()
    })

    test('that delete themselves are gone after their last consumer', async (bench) => {
      const broker = await bench.open()
      const queue = bench.queue({ autoDelete: true, durable: false })
      const [one, two] = [await bench.take(broker, [queue]), await bench.take(broker, [queue])]
      await one.consumer.cancel()
      await broker.declare({ ...queue, passive: true })
      await two.consumer.cancel()
      await until(
        () =>
          broker.declare({ ...queue, passive: true }).then(
            () => false,
            () => true,
          ),
        'the queue to be gone',
      )
    })

    test('that are exclusive belong to one handle, and end with it', async (bench) => {
      const [owner, other] = [await bench.open(), await bench.open()]
      const queue = await bench.declared(owner, { exclusive: true, durable: false })
      await expect(other.declare(queue)).rejects.toMatchObject(refused)
      await send(owner, queue, 'a')
      expect((await bench.drain(owner, queue, 1)).map(textOf)).toEqual(['a'])
      await owner.close()
      await other.declare({ ...queue, exclusive: false })
      expect(await other.size(queue.name)).toBe(0)
    })
  }

  if (queueArguments) argumentCases(test)
}

/** What RabbitMQ's arguments of queues promise. */
function argumentCases(test: AddCase): void {
  test('give what is rejected to their dead-letter exchange', async (bench) => {
    const broker = await bench.open()
    const dead = await bench.declared(broker)
    const queue = await bench.declared(broker, {
      arguments: { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': dead.name },
    })
    await broker.publish(message('a', { headers: { task: 't' } }), to(queue))
    const taker = await bench.take(broker, [queue])
    await (await taker.at(0)).reject({ requeue: false })
    const [found] = await bench.drain(broker, dead, 1)
    expect(textOf(found!)).toBe('a')
    expect(found!.message.headers).toMatchObject({
      task: 't',
      'x-death': [{ reason: 'rejected', queue: queue.name, count: 1 }],
    })
    expect(found!.redelivered).toBe(false)
  })

  test('keep the routing key of a dead letter when they name none for it', async (bench) => {
    const broker = await bench.open()
    const exchange = bench.exchange('direct')
    const name = bench.uniqueName('queue')
    const dead = await bench.declared(broker, { exchange, routingKey: name })
    const queue = await bench.declared(broker, { name, arguments: { 'x-dead-letter-exchange': exchange.name } })
    await send(broker, queue, 'a')
    const taker = await bench.take(broker, [queue])
    await (await taker.at(0)).reject({ requeue: false })
    expect((await bench.drain(broker, dead, 1))[0]).toMatchObject({ exchange: exchange.name, routingKey: name })
  })

  test('throw away a message whose own time is over', async (bench) => {
    const broker = await bench.open()
    const queue = await bench.declared(broker)
    await broker.publish(message('short', { properties: { expiration: '30' } }), to(queue))
    await broker.publish(message('past', { properties: { expiration: '0' } }), to(queue))
    await broker.publish(message('long', { properties: { expiration: '60000' } }), to(queue))
    await until(async () => (await broker.size(queue.name)) === 1, 'one message')
    expect((await bench.drain(broker, queue, 1)).map(textOf)).toEqual(['long'])
  })

  test('give a message to their dead-letter exchange when their time for it is over', async (bench) => {
    const broker = await bench.open()
    const dead = await bench.declared(broker)
    const queue = await bench.declared(broker, {
      arguments: {
        'x-message-ttl': 50,
        'x-dead-letter-exchange': '',
        'x-dead-letter-routing-key': dead.name,
      },
    })
    await sendAll(broker, queue, ['a', 'b'])
    const found = await bench.drain(broker, dead, 2)
    expect(found.map(textOf)).toEqual(['a', 'b'])
    expect(found[0]!.message.headers).toMatchObject({ 'x-death': [{ reason: 'expired', queue: queue.name }] })
    expect(await broker.size(queue.name)).toBe(0)
  })

  test('do not throw away what is being worked on, however long that takes', async (bench) => {
    const broker = await bench.open()
    const queue = await bench.declared(broker, { arguments: { 'x-message-ttl': 30 } })
    const taker = await bench.take(broker, [queue])
    await send(broker, queue, 'a')
    const held = await taker.at(0)
    await send(broker, queue, 'b')
    await until(() => taker.deliveries.length === 2, 'both')
    await held.ack()
    await taker.deliveries[1]!.ack()
  })

  test('drop the oldest when they are full', async (bench) => {
    const broker = await bench.open()
    const queue = await bench.declared(broker, { arguments: { 'x-max-length': 3 } })
    await send(broker, queue, ...numbered(5))
    expect(await broker.size(queue.name)).toBe(3)
    expect((await bench.drain(broker, queue, 3)).map(textOf)).toEqual(['m2', 'm3', 'm4'])
  })

  test('refuse the newest when they are full and told so: then publish rejects', async (bench) => {
    const broker = await bench.open()
    const queue = await bench.declared(broker, { arguments: { 'x-max-length': 2, 'x-overflow': 'reject-publish' } })
    await send(broker, queue, 'a', 'b')
    await expect(broker.publish(message('c'), to(queue))).rejects.toMatchObject({ code: 'ERR_CELERY_NOT_ROUTED' })
    expect((await bench.drain(broker, queue, 2)).map(textOf)).toEqual(['a', 'b'])
    await send(broker, queue, 'd')
  })
}
