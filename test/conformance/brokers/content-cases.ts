import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import type { Message } from '../../../src/celery/protocol/message.ts'
import type { AddCase } from './add-case.ts'
import { message, numbered, sendAll, through, to } from './bench.ts'

const bodies: Readonly<Record<string, Uint8Array>> = {
  'every value of a byte': Uint8Array.from({ length: 256 }, (_, i) => i),
  'no byte at all': new Uint8Array(),
  'text in many scripts': new TextEncoder().encode('Grüße, 世界, 🎓, \u0000, \u{10ffff}'),
  'a megabyte': new Uint8Array(randomBytes(1 << 20)),
  'a part of a larger buffer': new Uint8Array(randomBytes(64).buffer).subarray(3, 20),
}

const headers: Readonly<Record<string, Record<string, unknown>>> = {
  'none at all': {},
  texts: { task: 'school.send_report', '': 'no name', empty: '', 'ä 🎓': 'Grüße, 世界, 🎓', quote: '"\\\n' },
  'null, true and false': { eta: null, yes: true, no: false },
  integers: { zero: 0, one: 1, minus: -1, byte: 200, short: 40_000, int: 2 ** 31 - 1, min: -(2 ** 31) },
  'integers of more than 32 bits': { a: 2 ** 32, b: -(2 ** 40), c: Number.MAX_SAFE_INTEGER },
  fractions: { half: 0.5, small: 1.5e-9, pi: Math.PI, minus: -273.15 },
  lists: { timelimit: [300, null], stamped_headers: ['a', 'b'], empty: [], nested: [[1, [2]], []] },
  tables: { stamps: { a: ['x', 'y'], b: {} }, deep: { a: { b: { c: [{ d: null }] } } } },
  'fifty thousand characters': { argsrepr: 'ä'.repeat(25_000), x: '' },
  'three hundred names': Object.fromEntries(numbered(300, 'name').map((name, i) => [name, i])),
}

const properties: Readonly<Record<string, Message['properties']>> = {
  'all of them': {
    correlationId: '7b8d3c1e-5a0c-4f0e-9a57-0c6f1d5f7f10',
    replyTo: 'c0ffee',
    deliveryMode: 2,
    priority: 4,
    expiration: '86400000',
  },
  'a transient message': { correlationId: 'a', deliveryMode: 1 },
  'a priority of zero': { correlationId: 'b', deliveryMode: 2, priority: 0 },
}

/** What is received is what was sent. */
export function contentCases(test: AddCase): void {
  for (const [title, body] of Object.entries(bodies)) {
    test(`gives back a body of ${title}`, async (bench) => {
      const broker = await bench.open()
      const queue = await bench.declared(broker)
      const taker = await bench.take(broker, [queue])
      await broker.publish(message('', { body, contentType: 'application/data', contentEncoding: 'binary' }), to(queue))
      const { message: found, malformed } = await taker.at(0)
      expect(malformed).toBeUndefined()
      expect(Buffer.compare(found.body, body)).toBe(0)
      expect(found).toMatchObject({ contentType: 'application/data', contentEncoding: 'binary' })
    })
  }

  for (const [title, sent] of Object.entries(headers)) {
    test(`gives back headers: ${title}`, async (bench) => {
      const broker = await bench.open()
      const queue = await bench.declared(broker)
      const taker = await bench.take(broker, [queue])
      await broker.publish(message('a', { headers: sent }), to(queue))
      expect((await taker.at(0)).message.headers).toEqual(sent)
    })
  }

  for (const [title, sent] of Object.entries(properties)) {
    test(`gives back properties: ${title}`, async (bench) => {
      const broker = await bench.open()
      const queue = await bench.declared(broker)
      const taker = await bench.take(broker, [queue])
      await broker.publish(message('a', { properties: sent }), to(queue))
      expect((await taker.at(0)).message.properties).toMatchObject(sent)
    })
  }

  test('gives back a message without content type, encoding and properties', async (bench) => {
    const broker = await bench.open()
    const queue = await bench.declared(broker)
    const taker = await bench.take(broker, [queue])
    await broker.publish(message('a', { contentType: '', contentEncoding: '', properties: {} }), to(queue))
    const { message: found } = await taker.at(0)
    expect(found).toMatchObject({ contentType: '', contentEncoding: '' })
    expect(found.properties.correlationId ?? '').toBe('')
    expect(found.properties.replyTo ?? '').toBe('')
    expect(found.properties.expiration).toBeUndefined()
  })

  test('changes nothing in a message that it sends, so that it can be sent again', async (bench) => {
    const broker = await bench.open()
    const queue = await bench.declared(broker)
    const taker = await bench.take(broker, [queue])
    const sent = Object.freeze(
      message('a', {
        headers: Object.freeze({ list: Object.freeze([1, Object.freeze({ a: 1 })]), table: Object.freeze({}) }),
        properties: Object.freeze({ correlationId: 'same', deliveryMode: 2 }),
      }),
    )
    const before = structuredClone(sent)
    await Promise.all([broker.publish(sent, to(queue)), broker.publish(sent, to(queue))])
    await taker.count(2)
    expect(sent).toEqual(before)
    for (const delivery of taker.deliveries) {
      expect(delivery.message.headers).toEqual(sent.headers)
      await delivery.ack()
    }
    expect(await broker.size(queue.name)).toBe(0)
  })

  test('says which queue, exchange and routing key a delivery came by', async (bench) => {
    const broker = await bench.open()
    const exchange = bench.exchange('direct')
    const queue = await bench.declared(broker, { exchange, routingKey: 'mail' })
    const taker = await bench.take(broker, [queue])
    await broker.publish(message('a'), through(exchange, 'mail'))
    await broker.publish(message('b'), to(queue))
    await taker.count(2)
    expect(taker.deliveries).toMatchObject([
      { queue: queue.name, exchange: exchange.name, routingKey: 'mail' },
      { queue: queue.name, exchange: '', routingKey: queue.name },
    ])
  })

  test('keeps the order in which publish was called, also when nobody waits in between', async (bench) => {
    const broker = await bench.open()
    const queue = await bench.declared(broker)
    const texts = numbered(1000)
    await sendAll(broker, queue, texts)
    const taker = await bench.take(broker, [queue])
    await taker.count(texts.length)
    expect(taker.texts()).toEqual(texts)
  })

  test('has stored a message when publish resolves', async (bench) => {
    const [sender, other] = [await bench.open(), await bench.open()]
    const queue = await bench.declared(sender)
    for (let i = 1; i <= 20; i++) {
      await sender.publish(message(`m${i}`), to(queue))
      expect(await other.size(queue.name)).toBe(i)
    }
  })
}
