import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import type { Delivery } from '../../../src/celery/brokers/broker.ts'
import type { AddCase } from './add-case.ts'
import { message, numbered, send, sendAll, stays, textOf, through, to, until } from './bench.ts'
import { interruptionCases } from './interruption-cases.ts'
import type { BrokerVariant } from './variant.ts'

/** What is no message at all, where brokers store text. */
const malformed: Readonly<Record<string, Uint8Array>> = {
  'no text': Uint8Array.of(0xff, 0xfe, 0x00, 0x80),
  nothing: new Uint8Array(),
  'no JSON': Buffer.from('hello'),
  'half of a message': Buffer.from('{"body": "e30=", "headers": {'),
  'a number': Buffer.from('5'),
  null: Buffer.from('null'),
  'a list': Buffer.from('[1, 2]'),
  'an empty object': Buffer.from('{}'),
  'an object without delivery_tag': Buffer.from('{"body": "e30=", "headers": {}, "properties": {}}'),
}

/** What must hold when others misbehave. */
export function faultCases(test: AddCase, variant: BrokerVariant): void {
  const { capabilities, pokeRaw, abandon, interrupt } = variant

  if (pokeRaw) {
    for (const [title, bytes] of Object.entries(malformed)) {
      test(`deliver ${title} as malformed, and what comes behind it`, async (bench) => {
        const broker = await bench.open()
        const queue = await bench.declared(broker)
        await send(broker, queue, 'before')
        await pokeRaw(queue.name, bytes)
        await send(broker, queue, 'after')
        const taker = await bench.take(broker, [queue], { prefetch: 1 })
        await (await taker.at(0)).ack()
        const bad = await taker.at(1)
        expect(bad.malformed).toMatch(/\w/)
        expect(bad.queue).toBe(queue.name)
        await bad.reject({ requeue: false })
        const good = await taker.at(2)
        expect([textOf(good), good.malformed]).toEqual(['after', undefined])
        await good.ack()
        await stays(() => taker.deliveries.length, 3)
        await broker.close()
        expect(await (await bench.open()).size(queue.name)).toBe(0)
      })
    }

    test('put a malformed message back when its consumer ends', async (bench) => {
      const [broker, other] = [await bench.open(), await bench.open()]
      const queue = await bench.declared(broker)
      await pokeRaw(queue.name, Buffer.from('hello'))
      const taker = await bench.take(broker, [queue])
      expect(Buffer.from((await taker.at(0)).message.body).toString()).toBe('hello')
      await broker.close()
      const [again] = await bench.drain(other, queue, 1)
      expect(again!.malformed).toMatch(/\w/)
    })
  }

  if (capabilities.visibilityTimeout) {
    test('do not double a message that is held for much longer than the visibility timeout', async (bench) => {
      const [broker, other] = [await bench.open({ visibilityTimeout: 1 }), await bench.open({ visibilityTimeout: 1 })]
      const queue = await bench.declared(broker)
      await send(broker, queue, ...numbered(20))
      const taker = await bench.take(broker, [queue], { prefetch: 20 })
      await taker.count(20)
      await taker.consumer.cancel()
      const thief = await bench.take(other, [queue])
      await sleep(3500)
      expect(thief.texts()).toEqual([])
      await Promise.all(taker.deliveries.map((delivery) => delivery.ack()))
      expect(await other.size(queue.name)).toBe(0)
    })
  }

  if (abandon) {
    test('give again what a dead process held, once, and what it acknowledged never', async (bench) => {
      const [broker, other] = [await bench.open({ visibilityTimeout: 1 }), await bench.open({ visibilityTimeout: 1 })]
      const queue = await bench.declared(broker)
      await send(broker, queue, ...numbered(10))
      const taker = await bench.take(broker, [queue], { prefetch: 6 })
      await taker.count(6)
      await taker.deliveries[0]!.ack()
      await taker.count(7)
      await abandon(broker)
      const heir = await bench.take(other, [queue], { onDelivery: (delivery) => void delivery.ack() })
      const within = (capabilities.returnsWithin + 15) * 1000
      await until(
        () => heir.deliveries.length >= 9,
        () => `9 messages, found ${heir.deliveries.length}`,
        within,
      )
      await stays(() => [...heir.texts()].sort(), numbered(10).slice(1), 300)
      const marked = heir.deliveries.filter(({ redelivered }) => redelivered).map(textOf)
      expect(marked.sort()).toEqual(numbered(7).slice(1))
    }, 60_000)

    test('give nothing more to a dead process', async (bench) => {
      const [broker, other] = [await bench.open(), await bench.open()]
      const queue = await bench.declared(broker)
      const taker = await bench.take(broker, [queue])
      await abandon(broker)
      await sendAll(other, queue, numbered(20))
      await stays(() => taker.deliveries.length, 0)
      expect((await bench.drain(other, queue, 20)).map(textOf)).toEqual(numbered(20))
    })
  }

  if (interrupt) interruptionCases(test, variant, interrupt)

  test('lose no message between processes that come and go', async (bench) => {
    const sender = await bench.open()
    const queue = await bench.declared(sender)
    const texts = numbered(2000)
    const done = new Set<string>()
    const sending = (async () => {
      for (let i = 0; i < texts.length; i += 100) await sendAll(sender, queue, texts.slice(i, i + 100))
    })()
    const work = (delivery: Delivery) =>
      void delivery.ack().then(
        () => done.add(textOf(delivery)),
        () => undefined,
      )
    for (let round = 0; round < 8; round++) {
      const worker = await bench.open()
      const taker = await bench.take(worker, [queue], { prefetch: 50, onDelivery: work })
      await until(() => taker.deliveries.length > 50 || done.size + 50 >= texts.length, 'some work')
      await worker.close()
    }
    await sending
    const last = await bench.take(sender, [queue], { prefetch: 50, onDelivery: work })
    await until(
      () => done.size === texts.length,
      () => `${texts.length} done, found ${done.size}`,
    )
    await last.consumer.cancel()
    expect(await sender.size(queue.name)).toBe(0)
  })

  test('keep a message whole when publishing and closing meet: it is stored, or publish rejects', async (bench) => {
    const [broker, other] = [await bench.open(), await bench.open()]
    const exchange = bench.exchange('direct')
    const queue = await bench.declared(other, { exchange, routingKey: 'a' })
    await broker.connect()
    const outcomes = numbered(200).map((text) =>
      broker.publish(message(text), text.endsWith('7') ? to(queue) : through(exchange, 'a')).then(
        () => 'stored',
        (error: { code: string }) => error.code,
      ),
    )
    await broker.close()
    const found = await Promise.all(outcomes)
    const stored = found.filter((outcome) => outcome === 'stored').length
    const unknown = found.filter((outcome) => outcome === 'ERR_CELERY_PUBLISH_UNKNOWN').length
    expect(found.filter((outcome) => outcome === 'ERR_CELERY_CONNECTION').length).toBe(200 - stored - unknown)
    const size = await other.size(queue.name)
    expect(size).toBeGreaterThanOrEqual(stored)
    expect(size).toBeLessThanOrEqual(stored + unknown)
  })
}
