import { afterEach, describe, expect, it } from 'vitest'
import { createAmqpBroker } from '../../../../../src/celery/brokers/amqp/amqp-broker.ts'
import { tolerateHeaders } from '../../../../../src/celery/brokers/amqp/tolerate-headers.ts'
import type { Broker, Delivery, QueueDeclaration } from '../../../../../src/celery/brokers/broker.ts'
import { until } from '../../../../conformance/brokers/bench.ts'
import { delivery, type FakeRabbitmq, startFakeRabbitmq } from './fake-rabbitmq.ts'

const queue: QueueDeclaration = {
  name: 'q',
  exchange: undefined,
  routingKey: 'q',
  durable: true,
  autoDelete: false,
  exclusive: false,
  arguments: {},
  passive: false,
}

/** An entry named `k` for each tag, and what it means. */
const values: Readonly<Record<string, readonly [bytes: readonly number[], value: unknown]>> = {
  t: [[1], true],
  b: [[0xff], -1],
  B: [[0xff], 255],
  s: [[0, 128], 128],
  u: [[0xff, 0xff], 65_535],
  I: [[0, 0, 1, 0], 256],
  i: [[0xff, 0xff, 0xff, 0xff], 4_294_967_295],
  l: [[0, 0, 1, 0, 0, 0, 0, 0], 2 ** 40],
  L: [[0, 0, 1, 0, 0, 0, 0, 0], 2 ** 40],
  f: [[0x3f, 0, 0, 0], 0.5],
  d: [[0x3f, 0xe0, 0, 0, 0, 0, 0, 0], 0.5],
  S: [[0, 0, 0, 1, 0x78], 'x'],
  A: [[0, 0, 0, 2, 0x74, 1], [true]],
  F: [[0, 0, 0, 4, 1, 0x61, 0x74, 1], { a: true }],
  T: [[0, 0, 0, 0, 0, 0, 0, 60], new Date(60_000)],
  V: [[], null],
  x: [[0, 0, 0, 1, 7], Uint8Array.of(7)],
}

function table(tag: string, bytes: readonly number[]): Buffer {
  return Buffer.from([1, 0x6b, tag.charCodeAt(0), ...bytes])
}

describe('headers of messages that come in', () => {
  let fake: FakeRabbitmq
  let broker: Broker
  afterEach(async () => {
    await broker.close()
    await fake.close()
  })

  async function receive(raw: (channel: number) => Buffer, pieceSize?: number): Promise<Delivery[]> {
    fake = await startFakeRabbitmq({
      onMethod: (method, client, channel) => {
        if (method !== 'BasicConsume') return false
        client.send('BasicConsumeOk', channel, { consumerTag: 'tag' })
        client.raw(raw(channel), pieceSize)
        return true
      },
    })
    broker = createAmqpBroker({ address: { kind: 'amqp', servers: [fake.server], text: fake.server.text } })
    const deliveries: Delivery[] = []
    await broker.consume([queue], { prefetch: 0, onDelivery: (one) => deliveries.push(one) })
    await until(() => deliveries.at(-1)?.message.body.length === 4, 'the last message')
    return deliveries
  }

  for (const pieceSize of [undefined, 1, 7]) {
    it(`are read with every tag, in pieces of ${pieceSize ?? 'any number of'} bytes`, async () => {
      const deliveries = await receive((channel) => {
        const all = Object.entries(values).map(([tag, [bytes]], i) => delivery(channel, i + 1, table(tag, bytes), tag))
        return Buffer.concat([...all, delivery(channel, 99, Buffer.alloc(0), 'last')])
      }, pieceSize)
      const found = deliveries.map(({ message, malformed }) => [
        Buffer.from(message.body).toString(),
        message.headers['k'],
        message.properties.correlationId,
        malformed,
      ])
      const expected = Object.entries(values).map(([tag, [, value]]) => [tag, value, 'id', undefined])
      expect(found).toEqual([...expected, ['last', undefined, 'id', undefined]])
      expect(fake.clients).toHaveLength(1)
    })
  }

  it('that cannot be read make a message malformed, and nothing else', async () => {
    const deliveries = await receive((channel) =>
      Buffer.concat([
        delivery(channel, 1, table('?', [1, 2, 3]), 'unknown'),
        delivery(channel, 2, table('S', [0, 0, 0, 200]), 'too long'),
        delivery(channel, 3, Buffer.from([200]), 'name too long'),
        delivery(channel, 4, table('L', values['L']![0]), 'last'),
      ]),
    )
    expect(deliveries.map(({ malformed }) => malformed)).toEqual([
      'a header has the unknown type 0x3f',
      'the headers are cut off',
      'the headers are cut off',
      undefined,
    ])
    expect(deliveries[0]!.message).toMatchObject({ headers: {}, properties: { correlationId: 'id' } })
    expect(Buffer.from(deliveries[0]!.message.body).toString()).toBe('unknown')
    expect(fake.clients).toHaveLength(1)
    await Promise.all(deliveries.map((one) => one.reject({ requeue: false })))
  })
})

it('says what to install when amqplib is built in another way', () => {
  expect(() => tolerateHeaders({ stream: {} }, () => {})).toThrow('install version 2.3')
})
