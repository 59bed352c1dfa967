import { expect } from 'vitest'
import type { AddCase } from './add-case.ts'
import { message, through, to } from './bench.ts'
import type { BrokerVariant } from './variant.ts'

/** Pattern, keys it takes, keys it does not take. The rules are AMQP's. */
const topics: readonly (readonly [pattern: string, takes: readonly string[], refuses: readonly string[]])[] = [
  ['mail', ['mail'], ['mails', 'mail.a', '']],
  ['mail.*', ['mail.a', 'mail.ä'], ['mail', 'mail.a.b', 'xmail.a']],
  ['*.mail', ['a.mail'], ['mail', 'a.b.mail', 'a.mailx']],
  ['mail.#', ['mail', 'mail.a', 'mail.a.b'], ['mails', 'a.mail']],
  ['#.mail', ['mail', 'a.mail', 'a.b.mail'], ['a.mail.b']],
  ['a.#.z', ['a.z', 'a.b.z', 'a.b.c.z'], ['a', 'z', 'a.b']],
  ['a.*.#', ['a.b', 'a.b.c'], ['a']],
  ['#', ['a', 'a.b.c'], []],
  ['*.*', ['a.b'], ['a', 'a.b.c']],
  ['a+b.(c)', ['a+b.(c)'], ['aab.c', 'a+bx(c)']],
]

/** Which queue a message goes to. */
export function routingCases(test: AddCase, variant: BrokerVariant): void {
  const { knowsQueues } = variant.capabilities

  test('gives a message of the default exchange to the queue named by the routing key', async (bench) => {
    const broker = await bench.open()
    const [one, two] = [await bench.declared(broker), await bench.declared(broker)]
    await broker.publish(message('a'), to(one))
    expect(await broker.size(one.name)).toBe(1)
    expect(await broker.size(two.name)).toBe(0)
  })

  test('gives a message of a direct exchange to every queue bound with its very key, once each', async (bench) => {
    const broker = await bench.open()
    const exchange = bench.exchange('direct')
    const [one, two] = [
      await bench.declared(broker, { exchange, routingKey: 'mail' }),
      await bench.declared(broker, { exchange, routingKey: 'mail' }),
    ]
    const other = await bench.declared(broker, { exchange, routingKey: 'mail.a' })
    await broker.publish(message('a'), through(exchange, 'mail'))
    expect(await Promise.all([one, two, other].map(({ name }) => broker.size(name)))).toEqual([1, 1, 0])
  })

  test('gives a message once to a queue that two patterns lead to', async (bench) => {
    const broker = await bench.open()
    const exchange = bench.exchange('topic')
    const queue = await bench.declared(broker, { exchange, routingKey: 'a.*' })
    await broker.declare({ ...queue, routingKey: '*.b' })
    await broker.publish(message('a'), through(exchange, 'a.b'))
    await broker.publish(message('b'), through(exchange, 'x.b'))
    expect(await broker.size(queue.name)).toBe(2)
  })

  for (const [pattern, takes, refuses] of topics) {
    test(`gives to a queue bound to a topic exchange with "${pattern}" what that means in AMQP`, async (bench) => {
      const broker = await bench.open()
      const exchange = bench.exchange('topic')
      const queue = await bench.declared(broker, { exchange, routingKey: pattern })
      for (const key of takes) await broker.publish(message(key), through(exchange, key))
      for (const key of refuses) {
        await expect(broker.publish(message(key), through(exchange, key)), key).rejects.toMatchObject({
          code: 'ERR_CELERY_NOT_ROUTED',
        })
      }
      const found = await bench.drain(broker, queue, takes.length)
      expect(found.map(({ routingKey }) => routingKey)).toEqual(takes)
      expect(await broker.size(queue.name)).toBe(0)
    })
  }

  test('rejects with ERR_CELERY_NOT_ROUTED what an exchange has no queue for', async (bench) => {
    const broker = await bench.open()
    const exchange = bench.exchange('direct')
    await bench.declared(broker, { exchange, routingKey: 'mail' })
    await expect(broker.publish(message('a'), through(exchange, 'other'))).rejects.toMatchObject({
      code: 'ERR_CELERY_NOT_ROUTED',
    })
  })

  test('rejects with ERR_CELERY_NOT_ROUTED what goes to an exchange that nobody declared', async (bench) => {
    const broker = await bench.open()
    await expect(broker.publish(message('a'), through(bench.exchange('direct'), 'mail'))).rejects.toMatchObject({
      code: 'ERR_CELERY_NOT_ROUTED',
    })
    await broker.ping()
  })

  test('rejects only the message that was not routed, of many that are under way', async (bench) => {
    const broker = await bench.open()
    const exchange = bench.exchange('direct')
    const queue = await bench.declared(broker, { exchange, routingKey: 'good' })
    const keys = Array.from({ length: 100 }, (_, i) => (i % 3 === 0 ? 'bad' : 'good'))
    const outcomes = await Promise.allSettled(keys.map((key) => broker.publish(message(key), through(exchange, key))))
    expect(outcomes.map(({ status }) => status)).toEqual(keys.map((key) => (key === 'good' ? 'fulfilled' : 'rejected')))
    const good = keys.filter((key) => key === 'good').length
    expect(await broker.size(queue.name)).toBe(good)
  })

  if (!knowsQueues) return

  test('rejects with ERR_CELERY_NOT_ROUTED what goes to a queue that nobody declared', async (bench) => {
    const broker = await bench.open()
    await expect(broker.publish(message('a'), to(bench.queue()))).rejects.toMatchObject({
      code: 'ERR_CELERY_NOT_ROUTED',
    })
  })
}
