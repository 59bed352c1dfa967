import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAmqpBroker } from '../../src/celery/brokers/amqp/amqp-broker.ts'
import type { Broker, Delivery, ExchangeType, QueueDeclaration } from '../../src/celery/brokers/broker.ts'
import { amqpServer } from '../conformance/brokers/amqp-handles.ts'
import { message, textOf, to, until } from '../conformance/brokers/bench.ts'
import { pythonCeleries } from '../support/services/python-celery.ts'
import { hasRabbitmq, type OwnRabbitmq, startRabbitmq } from '../support/services/rabbitmq.ts'

// What goes over RabbitMQ between us and the real kombu and py-amqp.

const pythons = await pythonCeleries()
if (!hasRabbitmq() && process.env['CI']) throw new Error('install rabbitmq-server')
const script = fileURLToPath(new URL('./celery-amqp.py', import.meta.url))

/** A program in Python that is asked line by line. */
class Python {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #lines: AsyncIterator<string>
  #said = ''

  constructor(python: string, url: string) {
    this.#child = spawn(python, [script, url])
    this.#child.stderr.on('data', (bytes: Buffer) => {
      this.#said += bytes.toString()
    })
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
  }

  async ask(...request: readonly unknown[]): Promise<unknown> {
    this.#child.stdin.write(`${JSON.stringify(request)}\n`)
    const line = await this.#lines.next()
    if (line.done) throw new Error(this.#said)
    const answer: unknown = JSON.parse(line.value)
    if (answer instanceof Object && 'error' in answer) throw new Error(String(answer.error))
    return answer
  }

  close(): void {
    this.#child.kill()
  }
}

describe.skipIf(!hasRabbitmq() || pythons.length === 0)('RabbitMQ between us and kombu (python3-celery)', () => {
  let node: OwnRabbitmq
  let broker: Broker
  beforeAll(async () => {
    node = await startRabbitmq()
    broker = createAmqpBroker({ address: { kind: 'amqp', servers: [amqpServer(node.url)], text: 'amqp://node' } })
  }, 60_000)
  afterAll(async () => {
    await broker.close()
    await node.close()
  })

  for (const { python, version } of pythons) {
    describe(`of Celery ${version}`, () => {
      let peer: Python
      beforeAll(() => {
        peer = new Python(python, node.url)
      })
      afterAll(() => peer.close())

      function queue(name: string, change: Partial<QueueDeclaration> = {}): QueueDeclaration {
        const own = `${version}.${name}`
        return {
          name: own,
          exchange: undefined,
          routingKey: own,
          durable: true,
          autoDelete: false,
          exclusive: false,
          arguments: {},
          passive: false,
          ...change,
        }
      }

      async function take(one: QueueDeclaration): Promise<Delivery> {
        const deliveries: Delivery[] = []
        const consumer = await broker.consume([one], {
          prefetch: 1,
          onDelivery: (delivery) => deliveries.push(delivery),
        })
        await until(() => deliveries.length > 0, 'a message')
        await deliveries[0]!.ack()
        await consumer.cancel()
        return deliveries[0]!
      }

      it('reads every type of header that py-amqp writes, 64-bit integers too', async () => {
        const one = queue('read')
        await broker.declare(one)
        await peer.ask('send', one.name)
        const { message: found, malformed } = await take(one)
        expect(malformed).toBeUndefined()
        const { decimal, ...rest } = found.headers
        expect(String(decimal)).toBe('-19.90')
        expect(rest).toEqual({
          big: 2 ** 40,
          minus: -(2 ** 40),
          huge: 2n ** 63n - 1n,
          small: 300,
          float: 1.5,
          yes: true,
          none: null,
          text: 'Grüße, 世界',
          bytes: Uint8Array.of(0xff, 0xfe),
          date: new Date('2026-11-23T10:53:24Z'),
          timelimit: [300, null],
          stamps: { a: ['x', 2 ** 40] },
        })
        expect(found.properties).toMatchObject({ correlationId: 'c', priority: 3 })
      })

      it('writes headers that py-amqp reads as what they are', async () => {
        const one = queue('write')
        await broker.declare(one)
        const values = [0, 1, -1, 127, 128, 200, 300, 32_767, 32_768, 70_000, 2 ** 31 - 1, 2 ** 31, 2 ** 40]
        const headers = { values, timelimit: [300, null], half: 0.5, yes: true, none: null, stamps: { a: [300n] } }
        await broker.publish(
          message('{}', { headers, properties: { correlationId: 'c', replyTo: 'r', priority: 200, deliveryMode: 2 } }),
          to(one),
        )
        const found = await peer.ask('receive', one.name)
        expect(found).toMatchObject({
          headers: {
            values: values.map((value) => ['int', String(value)]),
            timelimit: [
              ['int', '300'],
              ['NoneType', 'None'],
            ],
            half: ['float', '0.5'],
            yes: ['bool', 'True'],
            none: ['NoneType', 'None'],
            stamps: { a: [['int', '300']] },
          },
          properties: {
            correlation_id: ['str', 'c'],
            reply_to: ['str', 'r'],
            priority: ['int', '200'],
            delivery_mode: ['int', '2'],
          },
          body: '{}',
        })
      })

      type Row = readonly [name: string, exchange: string, type: ExchangeType, durable: boolean, auto: boolean, object]
      const rows: readonly Row[] = [
        ['celery', 'celery', 'direct', true, false, {}],
        [
          'w@h.celery.pidbox',
          'celery.pidbox',
          'fanout',
          false,
          true,
          { 'x-expires': 10_000, 'x-message-ttl': 300_000 },
        ],
        ['o.reply.celery.pidbox', 'reply.celery.pidbox', 'direct', false, true, { 'x-expires': 10_000 }],
        ['celeryev.1', 'celeryev', 'topic', true, false, { 'x-expires': 60_000, 'x-message-ttl': 5000 }],
        ['priorities', 'celery', 'direct', true, false, { 'x-max-priority': 10 }],
        ['limited', 'celery', 'direct', true, false, { 'x-max-length': 40_000, 'x-max-length-bytes': 2 ** 33 }],
        ['quorum', 'celery', 'direct', true, false, { 'x-queue-type': 'quorum' }],
      ]
      for (const [name, exchange, type, durable, autoDelete, argument] of rows) {
        for (const first of ['us', 'Python']) {
          it(`declares "${name}" alike, ${first} first`, async () => {
            const declared = { name: exchange, type, durable, autoDelete: false, arguments: {} }
            const own = queue(`${name}.${first}`, {
              exchange: declared,
              durable,
              autoDelete,
              arguments: { ...argument },
            })
            const ask = () =>
              peer.ask('declare', own.name, exchange, type, durable, autoDelete, own.routingKey, argument)
            if (first === 'Python') await ask()
            await broker.declare(own)
            if (first === 'us') await ask()
          })
        }
      }

      const [major = 0, minor = 0] = version.split('.').map(Number)
      if (major === 5 && minor < 5) return
      it('delays a message in the queues that kombu made, and the other way round (5.5)', async () => {
        const exchange = {
          name: `${version}.later`,
          type: 'topic',
          durable: true,
          autoDelete: false,
          arguments: {},
        } as const
        const quorum = { 'x-queue-type': 'quorum' }
        const one = queue('delayed', { exchange, routingKey: 'mail', arguments: quorum })
        await peer.ask('delay', one.name, exchange.name, 'mail', 1)
        await broker.declare(one)
        const fromPython = await take(one)
        expect(fromPython).toMatchObject({ exchange: exchange.name, routingKey: 'mail' })
        expect(textOf(fromPython)).toBe('later')

        const start = performance.now()
        await broker.publish(message('ours'), {
          exchange: exchange.name,
          exchangeType: 'topic',
          routingKey: 'mail',
          delay: 2,
        })
        expect(await peer.ask('receive', one.name)).toMatchObject({ body: 'ours' })
        expect(performance.now() - start).toBeGreaterThan(1900)
      }, 60_000)
    })
  }
})
