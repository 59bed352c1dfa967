import { expect } from 'vitest'
import type { Broker, ExchangeDeclaration, Subscription } from '../../../src/celery/brokers/broker.ts'
import type { Message } from '../../../src/celery/protocol/message.ts'
import type { AddCase } from './add-case.ts'
import { type Bench, message, numbered, stays, through, until } from './bench.ts'
import type { BrokerVariant } from './variant.ts'

interface Listener {
  readonly subscription: Subscription
  readonly messages: readonly Message[]
  readonly keys: readonly string[]
  texts(): string[]
  count(count: number): Promise<void>
}

async function listen(bench: Bench, broker: Broker, exchange: ExchangeDeclaration, key = ''): Promise<Listener> {
  const messages: Message[] = []
  const keys: string[] = []
  const subscription = await broker.subscribe(exchange, {
    queue: bench.ownQueue(key),
    onMessage: (received, routingKey) => {
      messages.push(received)
      keys.push(routingKey)
    },
  })
  return {
    subscription,
    messages,
    keys,
    texts: () => messages.map(({ body }) => new TextDecoder().decode(body)),
    count: (count) =>
      until(
        () => messages.length >= count,
        () => `${count} messages, found ${messages.length}`,
      ),
  }
}

/** Broadcasts. */
export function subscribeCases(test: AddCase, variant: BrokerVariant): void {
  test('gives every message of a fanout exchange to every subscriber, in order', async (bench) => {
    const [sender, other] = [await bench.open(), await bench.open()]
    const exchange = bench.exchange('fanout')
    const listeners = [
      await listen(bench, sender, exchange),
      await listen(bench, other, exchange),
      await listen(bench, other, exchange),
    ]
    const texts = numbered(300)
    await Promise.all(texts.map((text) => sender.publish(message(text), through(exchange, ''))))
    for (const listener of listeners) {
      await listener.count(texts.length)
      expect(listener.texts()).toEqual(texts)
      expect(new Set(listener.keys)).toEqual(new Set(['']))
    }
  })

  test('gives the message as it was sent', async (bench) => {
    const broker = await bench.open()
    const exchange = bench.exchange('fanout')
    const listener = await listen(bench, broker, exchange)
    const sent = message('Grüße, 世界', {
      contentType: 'application/json',
      headers: { clock: 1, expires: 1_795_431_213.75, list: [null, { a: 'ä' }] },
      properties: { correlationId: 'c', replyTo: 'r', deliveryMode: 1 },
    })
    await broker.publish(sent, through(exchange, ''))
    await listener.count(1)
    expect(listener.texts()).toEqual(['Grüße, 世界'])
    expect(listener.messages[0]).toMatchObject({
      contentType: sent.contentType,
      contentEncoding: sent.contentEncoding,
      headers: sent.headers,
      properties: sent.properties,
    })
  })

  test('gives nothing of what was sent before it', async (bench) => {
    const broker = await bench.open()
    const exchange = bench.exchange('fanout')
    const first = await listen(bench, broker, exchange)
    await broker.publish(message('before'), through(exchange, ''))
    await first.count(1)
    const second = await listen(bench, broker, exchange)
    await broker.publish(message('after'), through(exchange, ''))
    await second.count(1)
    expect(second.texts()).toEqual(['after'])
  })

  test('gives nothing once it is closed, and leaves others alone', async (bench) => {
    const broker = await bench.open()
    const exchange = bench.exchange('fanout')
    const [one, two] = [await listen(bench, broker, exchange), await listen(bench, broker, exchange)]
    await broker.publish(message('a'), through(exchange, ''))
    await one.count(1)
    await one.subscription.close()
    await one.subscription.close()
    await broker.publish(message('b'), through(exchange, ''))
    await two.count(2)
    await stays(() => one.texts(), ['a'])
  })

  test('gives nothing of another exchange', async (bench) => {
    const broker = await bench.open()
    const [mine, other] = [bench.exchange('fanout'), bench.exchange('fanout')]
    const [one, two] = [await listen(bench, broker, mine), await listen(bench, broker, other)]
    await broker.publish(message('a'), through(other, ''))
    await broker.publish(message('b'), through(mine, ''))
    await Promise.all([one.count(1), two.count(1)])
    expect([one.texts(), two.texts()]).toEqual([['b'], ['a']])
  })

  test('ends with its handle', async (bench) => {
    const [sender, other] = [await bench.open(), await bench.open()]
    const exchange = bench.exchange('fanout')
    const [stay, gone] = [await listen(bench, sender, exchange), await listen(bench, other, exchange)]
    await other.close()
    await sender.publish(message('a'), through(exchange, ''))
    await stay.count(1)
    await stays(() => gone.texts(), [])
  })

  test('is needed: a broadcast that nobody hears rejects with ERR_CELERY_NOT_ROUTED', async (bench) => {
    const broker = await bench.open()
    const exchange = bench.exchange('fanout')
    const listener = await listen(bench, broker, exchange)
    await broker.publish(message('a'), through(exchange, ''))
    await listener.subscription.close()
    await expect(broker.publish(message('b'), through(exchange, ''))).rejects.toMatchObject({
      code: 'ERR_CELERY_NOT_ROUTED',
    })
  })

  if (!variant.capabilities.topicSubscriptions) return

  test('to a topic exchange gives what fits its pattern, with its key', async (bench) => {
    const broker = await bench.open()
    const exchange = bench.exchange('topic')
    const [workers, all] = [
      await listen(bench, broker, exchange, 'worker.*'),
      await listen(bench, broker, exchange, '#'),
    ]
    const keys = ['task.multi', 'worker.online', 'worker', 'worker.heartbeat']
    for (const key of keys) await broker.publish(message(key), through(exchange, key))
    await Promise.all([workers.count(2), all.count(4)])
    expect(workers.keys).toEqual(['worker.online', 'worker.heartbeat'])
    expect(all.keys).toEqual(keys)
  })
}
