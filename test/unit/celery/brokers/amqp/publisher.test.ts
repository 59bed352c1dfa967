import { afterEach, describe, expect, it } from 'vitest'
import { createAmqpBroker } from '../../../../../src/celery/brokers/amqp/amqp-broker.ts'
import type { Broker, PublishTarget } from '../../../../../src/celery/brokers/broker.ts'
import { message, until } from '../../../../conformance/brokers/bench.ts'
import {
  confirm,
  type FakeRabbitmq,
  type FakeScript,
  giveBack,
  type Published,
  startFakeRabbitmq,
} from './fake-rabbitmq.ts'

const target: PublishTarget = { exchange: '', exchangeType: 'direct', routingKey: 'q' }
const intervals = { interval_start: 0.01, interval_step: 0.01, interval_max: 0.05 }

describe('publishing to RabbitMQ', () => {
  let fake: FakeRabbitmq
  let broker: Broker
  afterEach(async () => {
    await broker.close()
    await fake.close()
  })

  async function open(script: FakeScript, transportOptions: Record<string, unknown> = {}): Promise<void> {
    fake = await startFakeRabbitmq(script)
    broker = createAmqpBroker({
      address: { kind: 'amqp', servers: [fake.server], text: fake.server.text },
      maxRetries: 3,
      transportOptions: { ...intervals, ...transportOptions },
    })
  }

  /** What became of each: `stored`, or the code of the error. */
  function outcomes(count: number, more: Partial<PublishTarget> = {}): Promise<string[]> {
    const all = Array.from({ length: count }, (_, i) =>
      broker.publish(message(`m${i}`), { ...target, ...more }).then(
        () => 'stored',
        (error: { code: string }) => error.code,
      ),
    )
    return Promise.all(all)
  }

  it('sets mandatory, and a message id of its own on each message', async () => {
    const seen: Published[] = []
    await open({
      onPublish: (published) => {
        seen.push(published)
        confirm(published)
      },
    })
    expect(await outcomes(3)).toEqual(['stored', 'stored', 'stored'])
    expect(seen.map(({ mandatory }) => mandatory)).toEqual([true, true, true])
    expect(new Set(seen.map(({ properties }) => properties['messageId'])).size).toBe(3)
  })

  it('resolves only when the broker confirms', async () => {
    const held: Published[] = []
    await open({ onPublish: (published) => held.push(published) })
    let stored = false
    const publishing = broker.publish(message('a'), target).then(() => {
      stored = true
    })
    await until(() => held.length === 1, 'the message')
    await broker.ping()
    expect(stored).toBe(false)
    confirm(held[0]!)
    await publishing
  })

  it('resolves many by one confirmation', async () => {
    const held: Published[] = []
    await open({
      onPublish: (published) => {
        held.push(published)
        const { client, channel, tag } = published
        if (held.length === 50) client.send('BasicAck', channel, { deliveryTag: tag, multiple: true })
      },
    })
    expect(new Set(await outcomes(50))).toEqual(new Set(['stored']))
  })

  it('knows which message came back, though confirmations come in another order', async () => {
    const held: Published[] = []
    await open({
      onPublish: (published) => {
        held.push(published)
        if (held.length < 6) return
        giveBack(held[4]!)
        giveBack(held[1]!)
        for (const one of held.reverse()) confirm(one)
      },
    })
    const [lost, ok] = ['ERR_CELERY_NOT_ROUTED', 'stored']
    expect(await outcomes(6)).toEqual([ok, lost, ok, ok, lost, ok])
  })

  it('rejects what the broker does not take', async () => {
    await open({
      onPublish: ({ client, channel, tag }) =>
        client.send('BasicNack', channel, { deliveryTag: tag, multiple: false, requeue: false }),
    })
    await expect(broker.publish(message('a'), target)).rejects.toThrow('the broker refused it: the queue is full')
  })

  it('sends again what was not confirmed when the connection was lost, with the same message id and in order', async () => {
    const seen: Published[] = []
    await open({
      onPublish: (published) => {
        seen.push(published)
        if (published.client.number > 0) confirm(published)
        else if (seen.length === 2) confirm(published)
        else if (seen.length === 5) published.client.cut()
      },
    })
    expect(new Set(await outcomes(5))).toEqual(new Set(['stored']))
    const ids = seen.map(({ properties }) => properties['messageId'])
    expect(ids.slice(5)).toEqual([ids[0], ids[2], ids[3], ids[4]])
  })

  it('rejects with ERR_CELERY_PUBLISH_UNKNOWN what may be stored and is not to be sent again', async () => {
    const seen: Published[] = []
    await open({
      onPublish: (published) => {
        seen.push(published)
        if (seen.length === 3) published.client.cut()
      },
    })
    expect(new Set(await outcomes(3, { retry: false }))).toEqual(new Set(['ERR_CELERY_PUBLISH_UNKNOWN']))
    expect(seen).toHaveLength(3)
  })

  it('gives up with ERR_CELERY_PUBLISH_UNKNOWN when the connection is lost each time', async () => {
    let seen = 0
    await open(
      {
        onPublish: ({ client }) => {
          seen++
          client.cut()
        },
      },
      { confirm_retries: 2 },
    )
    expect(await outcomes(1)).toEqual(['ERR_CELERY_PUBLISH_UNKNOWN'])
    expect(seen).toBe(3)
  })

  it('ends a connection that says nothing any more when a message is late', async () => {
    await open({ onPublish: () => undefined }, { confirm_timeout: 0.15 })
    expect(await outcomes(1)).toEqual(['ERR_CELERY_PUBLISH_UNKNOWN'])
    await until(() => fake.clients.length === 2, 'a new connection')
  })

  it('sends nothing while the broker blocks it, says why when that lasts, and goes on afterwards', async () => {
    const seen: Published[] = []
    await open(
      {
        onPublish: (published) => {
          seen.push(published)
          confirm(published)
        },
      },
      { confirm_timeout: 0.3 },
    )
    await broker.publish(message('a'), target)
    fake.clients[0]!.send('ConnectionBlocked', 0, { reason: 'low on memory' })
    await broker.ping()
    await expect(broker.publish(message('b'), target)).rejects.toThrow('it blocks publishers: low on memory')
    const later = broker.publish(message('c'), target)
    fake.clients[0]!.send('ConnectionUnblocked', 0, {})
    await later
    expect(seen).toHaveLength(2)
    expect(fake.clients).toHaveLength(1)
  })

  it('looks for an exchange it does not know, so that a missing one costs no message under way', async () => {
    const held: Published[] = []
    await open({
      onMethod: (method, client, channel) => {
        if (method !== 'ExchangeDeclare') return false
        client.send('ChannelClose', channel, { replyCode: 404, replyText: 'NOT_FOUND', classId: 40, methodId: 10 })
        return true
      },
      onPublish: (published) => held.push(published),
    })
    const other = broker.publish(message('other'), target)
    await until(() => held.length === 1, 'the other message')
    await expect(broker.publish(message('a'), { ...target, exchange: 'gone' })).rejects.toMatchObject({
      code: 'ERR_CELERY_NOT_ROUTED',
      exchange: 'gone',
    })
    confirm(held[0]!)
    await other
    expect(fake.clients).toHaveLength(1)
  })

  it('rejects the message for which the broker closed the channel, and sends the others again', async () => {
    const seen: string[] = []
    await open({
      onPublish: (published) => {
        const { client, channel, size } = published
        seen.push(`${size}`)
        const replyText = 'PRECONDITION_FAILED - message size 3 is larger than configured max size 2'
        if (size === 3) client.send('ChannelClose', channel, { replyCode: 406, replyText, classId: 60, methodId: 40 })
        else if (seen.length > 3) confirm(published)
      },
    })
    const all = ['aa', 'bbb', 'cc'].map((text) =>
      broker.publish(message(text), target).then(
        () => 'stored',
        (error: Error) => error.message,
      ),
    )
    const [first, second, third] = await Promise.all(all)
    expect([first, third]).toEqual(['stored', 'stored'])
    expect(second).toContain('message size 3 is larger')
    expect(fake.clients).toHaveLength(1)
  })

  const wrong: readonly (readonly [what: string, change: Parameters<typeof message>[1]])[] = [
    ['a priority over 255', { properties: { priority: 256 } }],
    ['an expiration that is no number', { properties: { expiration: '1 minute' } }],
    ['a correlation id of more than 255 bytes', { properties: { correlationId: 'x'.repeat(256) } }],
    ['a header that is a function', { headers: { a: () => 1 } }],
    ['headers of more than 64 kilobytes', { headers: { a: 'x'.repeat(70_000) } }],
  ]
  for (const [what, change] of wrong) {
    it(`rejects ${what} with a TypeError, and nothing else`, async () => {
      await open({})
      const [bad, good] = [broker.publish(message('a', change), target), broker.publish(message('b'), target)]
      await expect(bad).rejects.toThrow(TypeError)
      await good
      expect(fake.clients).toHaveLength(1)
    })
  }
})
