import { expect } from 'vitest'
import type { AddCase } from './add-case.ts'
import { message, numbered, send, sendAll, stays, textOf, to, until } from './bench.ts'
import type { BrokerVariant } from './variant.ts'

/** How deliveries end. */
export function settleCases(test: AddCase, variant: BrokerVariant): void {
  test('forgets a message that is acknowledged', async (bench) => {
    const [broker, other] = [await bench.open(), await bench.open()]
    const queue = await bench.declared(broker)
    await send(broker, queue, 'a', 'b')
    const taker = await bench.take(broker, [queue])
    await (await taker.at(0)).ack()
    await taker.count(2)
    await broker.close()
    expect((await bench.drain(other, queue, 1)).map(textOf)).toEqual(['b'])
    expect(await other.size(queue.name)).toBe(0)
  })

  test('forgets a message that is rejected for good', async (bench) => {
    const [broker, other] = [await bench.open(), await bench.open()]
    const queue = await bench.declared(broker)
    await send(broker, queue, 'a', 'b')
    const taker = await bench.take(broker, [queue])
    await (await taker.at(0)).reject({ requeue: false })
    await taker.count(2)
    await broker.close()
    expect((await bench.drain(other, queue, 1)).map(textOf)).toEqual(['b'])
  })

  test('gives a message again that is rejected with requeue, and says so', async (bench) => {
    const broker = await bench.open()
    const queue = await bench.declared(broker)
    await send(broker, queue, 'a')
    const taker = await bench.take(broker, [queue], { prefetch: 1 })
    await (await taker.at(0)).reject({ requeue: true })
    const again = await taker.at(1)
    expect(textOf(again)).toBe('a')
    expect(again.redelivered).toBe(true)
    await again.ack()
    await stays(() => taker.deliveries.length, 2)
  })

  test('puts a message that is rejected with requeue to the end', async (bench) => {
    const broker = await bench.open()
    const queue = await bench.declared(broker)
    await send(broker, queue, 'a', 'b', 'c')
    const taker = await bench.take(broker, [queue], { prefetch: 1 })
    await (await taker.at(0)).reject({ requeue: true })
    await (await taker.at(1)).ack()
    await (await taker.at(2)).ack()
    await (await taker.at(3)).ack()
    expect(taker.texts()).toEqual(['a', 'b', 'c', 'a'])
  })

  test('gives a message that is released next, and says that it was delivered before', async (bench) => {
    const broker = await bench.open()
    const queue = await bench.declared(broker)
    await send(broker, queue, 'a', 'b', 'c')
    const taker = await bench.take(broker, [queue], { prefetch: 1 })
    await (await taker.at(0)).release()
    await (await taker.at(1)).ack()
    await (await taker.at(2)).ack()
    await (await taker.at(3)).ack()
    expect(taker.texts()).toEqual(['a', 'a', 'b', 'c'])
    expect(taker.deliveries.map(({ redelivered }) => redelivered)).toEqual([false, true, false, false])
  })

  test('puts messages that are released to where they were, in whatever order that is done', async (bench) => {
    const broker = await bench.open()
    const queue = await bench.declared(broker)
    await send(broker, queue, ...numbered(8))
    const taker = await bench.take(broker, [queue], { prefetch: 6 })
    await taker.count(6)
    await taker.consumer.cancel()
    for (const i of [2, 0, 4, 5, 1, 3]) await taker.deliveries[i]!.release()
    expect((await bench.drain(broker, queue, 8)).map(textOf)).toEqual(numbered(8))
  })

  test('keeps the content of a message that comes again', async (bench) => {
    const broker = await bench.open()
    const queue = await bench.declared(broker)
    const sent = message('Grüße', {
      headers: { task: 'a', timelimit: [300, null], stamps: {} },
      properties: { correlationId: 'c', replyTo: 'r', deliveryMode: 2, priority: 5 },
    })
    await broker.publish(sent, to(queue))
    const taker = await bench.take(broker, [queue])
    await (await taker.at(0)).release()
    await (await taker.at(1)).reject({ requeue: true })
    const { message: found, exchange, routingKey } = await taker.at(2)
    expect(textOf(taker.deliveries[2]!)).toBe('Grüße')
    expect(found.headers).toMatchObject(sent.headers)
    expect(found.properties).toMatchObject(sent.properties)
    expect([exchange, routingKey]).toEqual(['', queue.name])
  })

  test('settles a delivery once: what is called afterwards does nothing', async (bench) => {
    const broker = await bench.open()
    const queue = await bench.declared(broker)
    await send(broker, queue, 'acked', 'rejected', 'released')
    const taker = await bench.take(broker, [queue])
    await taker.count(3)
    const [acked, rejected, released] = taker.deliveries
    await taker.consumer.cancel()
    await Promise.all([acked!.ack(), acked!.ack(), acked!.release()])
    await acked!.reject({ requeue: true })
    await rejected!.reject({ requeue: false })
    await Promise.all([rejected!.ack(), rejected!.reject({ requeue: true })])
    await released!.release()
    await Promise.all([released!.ack(), released!.reject({ requeue: false }), released!.release()])
    expect(await broker.size(queue.name)).toBe(1)
    expect((await bench.drain(broker, queue, 1)).map(textOf)).toEqual(['released'])
  })

  test('settles many at a time, each in its own way', async (bench) => {
    const broker = await bench.open()
    const queue = await bench.declared(broker)
    await sendAll(broker, queue, numbered(999))
    const taker = await bench.take(broker, [queue])
    await taker.count(999)
    await taker.consumer.cancel()
    await Promise.all(
      taker.deliveries.map((delivery, i) =>
        i % 3 === 0 ? delivery.ack() : i % 3 === 1 ? delivery.reject({ requeue: true }) : delivery.release(),
      ),
    )
    // RabbitMQ answers a question before it has requeued what was given back.
    await until(async () => (await broker.size(queue.name)) === 666, '666 messages')
    const found = (await bench.drain(broker, queue, 666)).map(textOf)
    expect(new Set(found)).toEqual(new Set(numbered(999).filter((_, i) => i % 3 !== 0)))
  })

  test('puts back at close what is not settled, in its order, marked as delivered before', async (bench) => {
    const [broker, other] = [await bench.open(), await bench.open()]
    const queue = await bench.declared(broker)
    await send(broker, queue, ...numbered(7))
    const taker = await bench.take(broker, [queue], { prefetch: 5 })
    await taker.count(5)
    await taker.consumer.cancel()
    await taker.deliveries[1]!.ack()
    await taker.deliveries[3]!.reject({ requeue: false })
    await broker.close()
    expect(await other.size(queue.name)).toBe(5)
    const found = await bench.drain(other, queue, 5)
    expect(found.map(textOf)).toEqual(['m0', 'm2', 'm4', 'm5', 'm6'])
    expect(found.map(({ redelivered }) => redelivered)).toEqual([true, true, true, false, false])
  })

  test('puts back at close what a cancelled consumer had, and what a running one has', async (bench) => {
    const [broker, other] = [await bench.open(), await bench.open()]
    const queue = await bench.declared(broker)
    await send(broker, queue, 'a', 'b')
    const one = await bench.take(broker, [queue], { prefetch: 1 })
    await one.count(1)
    await one.consumer.cancel()
    const two = await bench.take(broker, [queue], { prefetch: 1 })
    await two.count(1)
    await broker.close()
    expect(new Set((await bench.drain(other, queue, 2)).map(textOf))).toEqual(new Set(['a', 'b']))
  })

  test('rejects with ERR_CELERY_DELIVERY_LOST what is settled after close', async (bench) => {
    const broker = await bench.open()
    const queue = await bench.declared(broker)
    await send(broker, queue, 'a', 'b', 'c')
    const taker = await bench.take(broker, [queue])
    await taker.count(3)
    await broker.close()
    const [a, b, c] = taker.deliveries
    for (const call of [a!.ack(), b!.reject({ requeue: true }), c!.release()]) {
      await expect(call).rejects.toMatchObject({ code: 'ERR_CELERY_DELIVERY_LOST' })
    }
    expect(await (await bench.open()).size(queue.name)).toBe(3)
  })

  test('keeps the place of a priority for a message that is released', async (bench) => {
    const broker = await bench.open()
    const queue = await bench.declared(broker, { arguments: variant.capabilities.priorityArguments })
    const [first, last] = variant.capabilities.priorityOrder === 'highest-first' ? [9, 0] : [0, 9]
    await broker.publish(message('last', { properties: { deliveryMode: 2, priority: last } }), to(queue))
    const taker = await bench.take(broker, [queue], { prefetch: 1 })
    const held = await taker.at(0)
    await broker.publish(message('first', { properties: { deliveryMode: 2, priority: first } }), to(queue))
    await held.release()
    await until(() => taker.deliveries.length > 1, 'another delivery')
    expect(textOf(taker.deliveries[1]!)).toBe('first')
    await taker.deliveries[1]!.ack()
    expect(textOf(await taker.at(2))).toBe('last')
  })
}
