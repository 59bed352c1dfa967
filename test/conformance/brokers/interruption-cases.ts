import { setImmediate as turn } from 'node:timers/promises'
import { expect } from 'vitest'
import type { AddCase } from './add-case.ts'
import { type Bench, message, numbered, send, sendAll, stays, textOf, through, to, until } from './bench.ts'
import type { BrokerVariant } from './variant.ts'

type Interrupt = NonNullable<BrokerVariant['interrupt']>

/** How publishing may end. */
const outcomes = ['stored', 'ERR_CELERY_CONNECTION', 'ERR_CELERY_PUBLISH_UNKNOWN']

/** What came of each of many messages, and how often it was there afterwards. */
async function sendWhileCut(
  bench: Bench,
  interrupt: Interrupt,
): Promise<ReadonlyMap<string, { readonly outcome: string; readonly count: number }>> {
  const [sender, reader] = [await bench.open(), await bench.open()]
  const queue = await bench.declared(sender)
  await sender.connect()
  const ends = new Map<string, string>()
  const sendOne = (text: string) =>
    sender.publish(message(text), to(queue)).then(
      () => void ends.set(text, 'stored'),
      (error: { code: string }) => void ends.set(text, error.code),
    )
  const all: Promise<void>[] = []
  for (let round = 0; round < 5; round++) {
    for (let i = 0; i < 100; i++) {
      all.push(sendOne(`${round}-${i}`))
      if (i === 50) void interrupt(sender)
      if (i % 10 === 0) await turn()
    }
    await sender.ping().catch(() => undefined)
  }
  await Promise.all(all)
  expect(ends.size).toBe(500)
  const found = (await bench.drain(reader, queue, await reader.size(queue.name))).map(textOf)
  const counts = new Map<string, number>()
  for (const text of found) counts.set(text, (counts.get(text) ?? 0) + 1)
  return new Map([...ends].map(([text, outcome]) => [text, { outcome, count: counts.get(text) ?? 0 }]))
}

/** What must hold when the connection is lost and made again. */
export function interruptionCases(test: AddCase, variant: BrokerVariant, interrupt: Interrupt): void {
  test('tell a consumer of an interruption and of its end, and give on what comes then', async (bench) => {
    const [broker, other] = [await bench.open(), await bench.open()]
    const queue = await bench.declared(broker)
    const told: string[] = []
    const taker = await bench.take(broker, [queue], {
      onInterrupted: (reason) => told.push(reason instanceof Error ? 'interrupted' : 'no error'),
      onResumed: () => told.push('resumed'),
    })
    await interrupt(broker)
    await until(() => told.includes('resumed'), 'to be resumed')
    expect(told).toEqual(['interrupted', 'resumed'])
    await send(other, queue, 'a')
    await (await taker.at(0)).ack()
    await broker.ping()
    let done = false
    void taker.consumer.done.then(() => {
      done = true
    })
    await turn()
    expect(done).toBe(false)
  })

  test('reject the settling of a delivery of before with ERR_CELERY_DELIVERY_LOST, and give it again', async (bench) => {
    const broker = await bench.open()
    const queue = await bench.declared(broker)
    let resumed = false
    await send(broker, queue, 'a', 'b', 'c')
    const taker = await bench.take(broker, [queue], {
      onResumed: () => {
        resumed = true
      },
    })
    await taker.count(3)
    const [a, b, c] = taker.deliveries
    await interrupt(broker)
    await until(() => resumed, 'to be resumed')
    for (const call of [a!.ack(), b!.reject({ requeue: false }), c!.release()]) {
      await expect(call).rejects.toMatchObject({ code: 'ERR_CELERY_DELIVERY_LOST' })
    }
    await taker.count(6)
    const again = taker.deliveries.slice(3)
    expect(again.map(textOf).sort()).toEqual(['a', 'b', 'c'])
    expect(again.every(({ redelivered }) => redelivered)).toBe(true)
    await Promise.all(again.map((delivery) => delivery.ack()))
    await stays(() => taker.deliveries.length, 6)
    expect(await broker.size(queue.name)).toBe(0)
  })

  test('keep prefetch and queues of a consumer over an interruption, as they were last set', async (bench) => {
    const broker = await bench.open()
    const [one, two, three] = [await bench.declared(broker), await bench.declared(broker), await bench.declared(broker)]
    let resumed = false
    const taker = await bench.take(broker, [one, two], {
      prefetch: 4,
      onResumed: () => {
        resumed = true
      },
    })
    await taker.consumer.addQueue(three)
    await taker.consumer.cancelQueue(two.name)
    await taker.consumer.setPrefetch(2)
    await interrupt(broker)
    await until(() => resumed, 'to be resumed')
    await send(broker, two, 'x', 'y')
    await send(broker, three, 'a', 'b', 'c')
    await taker.count(2)
    await stays(() => taker.texts(), ['a', 'b'])
    expect(await broker.size(two.name)).toBe(2)
  })

  if (variant.capabilities.knowsQueues) {
    test('make again what went with the connection: a queue of its own, with its exchange and binding', async (bench) => {
      const [broker, other] = [await bench.open(), await bench.open()]
      const exchange = bench.exchange('direct')
      const queue = bench.queue({ exclusive: true, durable: false, autoDelete: true, exchange, routingKey: 'mine' })
      let resumed = false
      const taker = await bench.take(broker, [queue], {
        onResumed: () => {
          resumed = true
        },
      })
      await interrupt(broker)
      await until(() => resumed, 'to be resumed')
      await other.publish(message('a'), through(exchange, 'mine'))
      expect(textOf(await taker.at(0))).toBe('a')
    })
  }

  const { giveUp } = variant
  if (giveUp) {
    test('say by `done` why a consumer was given up', async (bench) => {
      const broker = await bench.open()
      const queue = await bench.declared(broker)
      await send(broker, queue, 'a')
      const taker = await bench.take(broker, [queue])
      await taker.count(1)
      await giveUp(broker)
      expect(await taker.consumer.done).toMatchObject({ code: 'ERR_CELERY_CONNECTION' })
      await taker.consumer.cancel()
      const other = await bench.open()
      expect((await bench.drain(other, queue, 1)).map(textOf)).toEqual(['a'])
    })
  }

  test('lose no message that publish resolved for, when the connection is cut again and again', async (bench) => {
    for (const [text, { outcome, count }] of await sendWhileCut(bench, interrupt)) {
      expect(outcomes).toContain(outcome)
      if (outcome === 'stored') expect(count, text).toBeGreaterThanOrEqual(1)
      if (outcome === 'ERR_CELERY_CONNECTION') expect(count, text).toBe(0)
    }
  }, 60_000)

  test('double no message when the connection is cut again and again', async (bench) => {
    for (const [text, { count }] of await sendWhileCut(bench, interrupt)) expect(count, text).toBeLessThanOrEqual(1)
  }, 60_000)

  test('publish again once the connection is back', async (bench) => {
    const broker = await bench.open()
    const queue = await bench.declared(broker)
    for (let round = 0; round < 3; round++) {
      await interrupt(broker)
      await until(
        () =>
          broker.publish(message('a'), to(queue)).then(
            () => true,
            () => false,
          ),
        'to publish again',
      )
    }
    expect(await broker.size(queue.name)).toBe(3)
  })

  test('lose nothing of what is consumed while the connection is cut again and again', async (bench) => {
    const [broker, sender] = [await bench.open(), await bench.open()]
    const queue = await bench.declared(sender)
    const texts = numbered(1000)
    await sendAll(sender, queue, texts)
    const seen = new Set<string>()
    let resumed = 0
    const taker = await bench.take(broker, [queue], {
      prefetch: 10,
      onResumed: () => {
        resumed += 1
      },
      onDelivery: (delivery) => {
        seen.add(textOf(delivery))
        setImmediate(() => void delivery.ack().catch(() => undefined))
      },
    })
    for (let round = 1; round <= 4; round++) {
      await until(() => seen.size >= round * 150, 'some work')
      await interrupt(broker)
      await until(() => resumed >= round, 'to be resumed')
    }
    await until(
      () => seen.size === texts.length,
      () => `${texts.length} messages, found ${seen.size}`,
    )
    await until(async () => (await sender.size(queue.name)) === 0, 'an empty queue')
    await taker.consumer.cancel()
  }, 60_000)

  test('let a subscription go on after an interruption', async (bench) => {
    const [broker, sender] = [await bench.open(), await bench.open()]
    const exchange = bench.exchange('fanout')
    const received: string[] = []
    await broker.subscribe(exchange, {
      queue: bench.ownQueue(),
      onMessage: ({ body }) => received.push(new TextDecoder().decode(body)),
    })
    const hear = (text: string) =>
      until(async () => {
        await sender.publish(message(text), through(exchange, '')).catch(() => undefined)
        return received.includes(text)
      }, `to hear "${text}"`)
    await hear('before')
    await interrupt(broker)
    await hear('after')
  })

  test('close in the midst of an interruption, and give what was held to others', async (bench) => {
    const [broker, other] = [await bench.open({ visibilityTimeout: 1 }), await bench.open({ visibilityTimeout: 1 })]
    const queue = await bench.declared(broker)
    await send(broker, queue, 'a', 'b')
    const taker = await bench.take(broker, [queue], { prefetch: 2 })
    await taker.count(2)
    const cut = interrupt(broker)
    await broker.close()
    await cut
    expect(await taker.consumer.done).toBeUndefined()
    const heir = await bench.take(other, [queue])
    await until(() => heir.deliveries.length >= 2, 'both messages', 30_000)
    await stays(() => heir.texts().sort(), ['a', 'b'])
  }, 60_000)

  test('cancel a consumer in the midst of an interruption', async (bench) => {
    const broker = await bench.open()
    const queue = await bench.declared(broker)
    const taker = await bench.take(broker, [queue])
    const cut = interrupt(broker)
    await taker.consumer.cancel()
    await cut
    expect(await taker.consumer.done).toBeUndefined()
    await until(
      () =>
        send(broker, queue, 'a').then(
          () => true,
          () => false,
        ),
      'to publish again',
    )
    await stays(() => taker.deliveries.length, 0)
  })
}
