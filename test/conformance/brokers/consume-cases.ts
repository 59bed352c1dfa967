import { expect } from 'vitest'
import type { AddCase } from './add-case.ts'
import { message, numbered, send, sendAll, stays, textOf, to, until } from './bench.ts'
import type { BrokerVariant } from './variant.ts'

/** How messages are handed to those who take them. */
export function consumeCases(test: AddCase, variant: BrokerVariant): void {
  const { capabilities } = variant

  test('gives what waited before, and what comes later, in the order of publishing', async (bench) => {
    const broker = await bench.open()
    const queue = await bench.declared(broker)
    await send(broker, queue, 'a', 'b')
    const taker = await bench.take(broker, [queue])
    await taker.count(2)
    await send(broker, queue, 'c', 'd')
    await taker.count(4)
    expect(taker.texts()).toEqual(['a', 'b', 'c', 'd'])
    expect(taker.deliveries.map(({ redelivered }) => redelivered)).toEqual([false, false, false, false])
  })

  test('keeps the order with a small prefetch too', async (bench) => {
    const broker = await bench.open()
    const queue = await bench.declared(broker)
    const texts = numbered(500)
    await sendAll(broker, queue, texts)
    const taker = await bench.take(broker, [queue], {
      prefetch: 3,
      onDelivery: (delivery) => void delivery.ack(),
    })
    await taker.count(texts.length)
    expect(taker.texts()).toEqual(texts)
    await until(async () => (await broker.size(queue.name)) === 0, 'an empty queue')
  })

  test('makes a queue that it is told to take from', async (bench) => {
    const broker = await bench.open()
    const exchange = bench.exchange('direct')
    const queue = bench.queue({ exchange, routingKey: 'mail' })
    const taker = await bench.take(broker, [queue])
    await broker.publish(message('a'), { exchange: exchange.name, exchangeType: 'direct', routingKey: 'mail' })
    expect(textOf(await taker.at(0))).toBe('a')
  })

  for (const prefetch of [1, 3]) {
    test(`gives no more than ${prefetch} unsettled at a time, and one more for each that is settled`, async (bench) => {
      const broker = await bench.open()
      const queue = await bench.declared(broker)
      await send(broker, queue, ...numbered(prefetch + 4))
      const taker = await bench.take(broker, [queue], { prefetch })
      await taker.count(prefetch)
      await stays(() => taker.deliveries.length, prefetch)
      expect(await broker.size(queue.name)).toBe(4)
      await taker.deliveries[0]!.ack()
      await taker.count(prefetch + 1)
      await taker.deliveries[1]?.reject({ requeue: false })
      await taker.deliveries[prefetch]!.reject({ requeue: false })
      const settled = prefetch === 1 ? 2 : 3
      await taker.count(prefetch + settled)
      await stays(() => taker.deliveries.length, prefetch + settled)
      expect(taker.texts()).toEqual(numbered(prefetch + settled))
    })
  }

  test('gives everything at once when the prefetch is 0', async (bench) => {
    const broker = await bench.open()
    const queue = await bench.declared(broker)
    await sendAll(broker, queue, numbered(700))
    const taker = await bench.take(broker, [queue], { prefetch: 0 })
    await taker.count(700)
    expect(await broker.size(queue.name)).toBe(0)
  })

  test('counts the unsettled of all queues of a consumer together', async (bench) => {
    const broker = await bench.open()
    const [one, two] = [await bench.declared(broker), await bench.declared(broker)]
    await send(broker, one, 'a', 'b', 'c')
    await send(broker, two, 'x', 'y', 'z')
    const taker = await bench.take(broker, [one, two], { prefetch: 2 })
    await taker.count(2)
    await stays(() => taker.deliveries.length, 2)
    expect((await broker.size(one.name)) + (await broker.size(two.name))).toBe(4)
  })

  test('gives each consumer a prefetch of its own', async (bench) => {
    const broker = await bench.open()
    const queue = await bench.declared(broker)
    await send(broker, queue, ...numbered(6))
    const one = await bench.take(broker, [queue], { prefetch: 1 })
    await one.count(1)
    const two = await bench.take(broker, [queue], { prefetch: 2 })
    await two.count(2)
    await stays(() => [one.deliveries.length, two.deliveries.length], [1, 2])
  })

  test('serves several queues side by side: none waits until another is empty', async (bench) => {
    const broker = await bench.open()
    const [one, two] = [await bench.declared(broker), await bench.declared(broker)]
    await sendAll(broker, one, numbered(100, 'one'))
    await sendAll(broker, two, numbered(100, 'two'))
    const taker = await bench.take(broker, [one, two], {
      prefetch: 1,
      onDelivery: (delivery) => void delivery.ack(),
    })
    await taker.count(200)
    for (const queue of [one, two]) {
      expect(taker.deliveries.slice(0, 60).some((delivery) => delivery.queue === queue.name)).toBe(true)
    }
    expect(taker.texts().filter((text) => text.startsWith('one'))).toEqual(numbered(100, 'one'))
    expect(taker.texts().filter((text) => text.startsWith('two'))).toEqual(numbered(100, 'two'))
  })

  test('shares 10,000 messages between two processes, none lost and none doubled', async (bench) => {
    const [sender, one, two] = [await bench.open(), await bench.open(), await bench.open()]
    const queue = await bench.declared(sender)
    const seen: string[] = []
    const options = {
      prefetch: 20,
      onDelivery: (delivery: Parameters<typeof textOf>[0] & { ack(): Promise<void> }) => {
        seen.push(textOf(delivery))
        void delivery.ack()
      },
    }
    const takers = [await bench.take(one, [queue], options), await bench.take(two, [queue], options)]
    const texts = numbered(10_000)
    for (let i = 0; i < texts.length; i += 500) await sendAll(sender, queue, texts.slice(i, i + 500))
    await until(
      () => seen.length >= texts.length,
      () => `${texts.length} messages, found ${seen.length}`,
      50_000,
    )
    await Promise.all(takers.map(({ consumer }) => consumer.cancel()))
    await until(async () => (await sender.size(queue.name)) === 0, 'an empty queue')
    expect(seen).toHaveLength(texts.length)
    expect(new Set(seen).size).toBe(texts.length)
    for (const { deliveries } of takers) expect(deliveries.length).toBeGreaterThan(0)
  }, 60_000)

  test('takes from a queue that is added while it runs', async (bench) => {
    const broker = await bench.open()
    const [one, two] = [await bench.declared(broker), bench.queue()]
    const taker = await bench.take(broker, [one])
    await taker.consumer.addQueue(two)
    await taker.consumer.addQueue(two)
    await send(broker, two, 'b')
    await send(broker, one, 'a')
    await taker.count(2)
    expect(new Set(taker.texts())).toEqual(new Set(['a', 'b']))
    await stays(() => taker.deliveries.length, 2)
  })

  test('starts with no queue at all', async (bench) => {
    const broker = await bench.open()
    const taker = await bench.take(broker, [])
    const queue = await bench.declared(broker)
    await send(broker, queue, 'a')
    await taker.consumer.addQueue(queue)
    expect(textOf(await taker.at(0))).toBe('a')
  })

  test('takes no more from a queue that is cancelled, and goes on with the others', async (bench) => {
    const broker = await bench.open()
    const [one, two] = [await bench.declared(broker), await bench.declared(broker)]
    const taker = await bench.take(broker, [one, two])
    await send(broker, one, 'a')
    const held = await taker.at(0)
    await taker.consumer.cancelQueue(one.name)
    await taker.consumer.cancelQueue(bench.uniqueName('unknown'))
    await send(broker, one, 'b')
    await send(broker, two, 'c')
    await taker.count(2)
    await stays(() => taker.texts(), ['a', 'c'])
    expect(await broker.size(one.name)).toBe(1)
    await held.ack()
    await taker.consumer.addQueue(one)
    await taker.count(3)
    expect(taker.texts()).toEqual(['a', 'c', 'b'])
  })

  test('gives nothing more once it is cancelled; what it gave before can still be settled', async (bench) => {
    const broker = await bench.open()
    const queue = await bench.declared(broker)
    await send(broker, queue, 'a', 'b', 'c')
    const taker = await bench.take(broker, [queue], { prefetch: 2 })
    await taker.count(2)
    await taker.consumer.cancel()
    await taker.consumer.cancel()
    await taker.deliveries[0]!.ack()
    await send(broker, queue, 'd')
    await stays(() => taker.texts(), ['a', 'b'])
    await taker.deliveries[1]!.release()
    expect(await broker.size(queue.name)).toBe(3)
    expect((await bench.drain(broker, queue, 3)).map(textOf)).toEqual(['b', 'c', 'd'])
  })

  test('gives nothing once cancel has resolved, in the midst of a flood, and loses nothing of it', async (bench) => {
    const broker = await bench.open()
    const queue = await bench.declared(broker)
    const texts = numbered(2000)
    await sendAll(broker, queue, texts)
    const taker = await bench.take(broker, [queue], { prefetch: 300, onDelivery: (delivery) => void delivery.ack() })
    await taker.count(1)
    await taker.consumer.cancel()
    const given = taker.deliveries.length
    await stays(() => taker.deliveries.length, given)
    await until(async () => (await broker.size(queue.name)) === texts.length - given, 'the others in the queue')
    expect([...taker.texts(), ...(await bench.drain(broker, queue, texts.length - given)).map(textOf)]).toEqual(texts)
  })

  test('is called for one delivery after the other, never inside of a call', async (bench) => {
    const broker = await bench.open()
    const queue = await bench.declared(broker)
    let depth = 0
    let deepest = 0
    const taker = await bench.take(broker, [queue], {
      prefetch: 2,
      onDelivery: (delivery) => {
        depth += 1
        deepest = Math.max(deepest, depth)
        void delivery.ack()
        void broker.publish(message('more'), to(bench.uniqueName('nowhere'))).catch(() => undefined)
        depth -= 1
      },
    })
    await sendAll(broker, queue, numbered(100))
    await taker.count(100)
    expect(deepest).toBe(1)
  })

  test('is done with undefined when it is cancelled', async (bench) => {
    const broker = await bench.open()
    const { consumer } = await bench.take(broker, [await bench.declared(broker)])
    let done = false
    void consumer.done.then(() => {
      done = true
    })
    await broker.ping()
    expect(done).toBe(false)
    await consumer.cancel()
    expect(await consumer.done).toBeUndefined()
  })

  test('is done with undefined when its handle is closed', async (bench) => {
    const broker = await bench.open()
    const { consumer } = await bench.take(broker, [await bench.declared(broker)])
    await broker.close()
    expect(await consumer.done).toBeUndefined()
    await consumer.cancel()
  })

  test('lowers its prefetch while it runs: nothing more until fewer are unsettled', async (bench) => {
    const broker = await bench.open()
    const queue = await bench.declared(broker)
    await send(broker, queue, ...numbered(6))
    const taker = await bench.take(broker, [queue], { prefetch: 3 })
    await taker.count(3)
    await taker.consumer.setPrefetch(1)
    await taker.deliveries[0]!.ack()
    await taker.deliveries[1]!.ack()
    await stays(() => taker.deliveries.length, 3)
    await taker.deliveries[2]!.ack()
    await taker.count(4)
    await stays(() => taker.deliveries.length, 4)
  })

  if (capabilities.abilities.adjustablePrefetch) {
    test('raises its prefetch while it runs, up to no limit', async (bench) => {
      const broker = await bench.open()
      const queue = await bench.declared(broker)
      await sendAll(broker, queue, numbered(50))
      const taker = await bench.take(broker, [queue], { prefetch: 1 })
      await taker.count(1)
      await taker.consumer.setPrefetch(5)
      await taker.count(5)
      await stays(() => taker.deliveries.length, 5)
      await taker.consumer.setPrefetch(0)
      await taker.count(50)
    })
  }

  test('serves by priority, and in order within one', async (bench) => {
    const broker = await bench.open()
    const queue = await bench.declared(broker, { arguments: capabilities.priorityArguments })
    for (const [i, priority] of [3, 9, 0, 6, undefined, 9, 3, 0, 6].entries()) {
      const properties = { deliveryMode: 2, ...(priority === undefined ? {} : { priority }) } as const
      await broker.publish(message(`${priority ?? 0}-${i}`, { properties }), to(queue))
    }
    const found = (await bench.drain(broker, queue, 9)).map(textOf)
    const highestFirst = ['9-1', '9-5', '6-3', '6-8', '3-0', '3-6', '0-2', '0-4', '0-7']
    const lowestFirst = ['0-2', '0-4', '0-7', '3-0', '3-6', '6-3', '6-8', '9-1', '9-5']
    expect(found).toEqual(capabilities.priorityOrder === 'highest-first' ? highestFirst : lowestFirst)
  })

  const { delayArguments } = capabilities
  if (capabilities.abilities.nativeDelay && delayArguments) {
    test('keeps a message until its time, and lets others pass meanwhile', async (bench) => {
      const broker = await bench.open()
      const exchange = bench.exchange('topic')
      const queue = await bench.declared(broker, { exchange, routingKey: 'later', arguments: delayArguments })
      const target = { exchange: exchange.name, exchangeType: 'topic', routingKey: 'later' } as const
      const taker = await bench.take(broker, [queue])
      const start = Date.now()
      await broker.publish(message('late'), { ...target, delay: 2 })
      await broker.publish(message('soon'), { ...target, delay: 1 })
      await broker.publish(message('now'), target)
      await taker.count(1)
      expect(Date.now() - start).toBeLessThan(900)
      await taker.count(2)
      expect(Date.now() - start).toBeGreaterThan(900)
      await taker.count(3)
      expect(Date.now() - start).toBeGreaterThan(1900)
      expect(taker.texts()).toEqual(['now', 'soon', 'late'])
    })
  }
}
