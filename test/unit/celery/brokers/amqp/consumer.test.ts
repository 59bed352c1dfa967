import { afterEach, describe, expect, it } from 'vitest'
import { createAmqpBroker } from '../../../../../src/celery/brokers/amqp/amqp-broker.ts'
import type { Broker, Delivery, QueueDeclaration } from '../../../../../src/celery/brokers/broker.ts'
import { until } from '../../../../conformance/brokers/bench.ts'
import { delivery, type FakeRabbitmq, type FakeScript, startFakeRabbitmq } from './fake-rabbitmq.ts'

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

describe('consuming from RabbitMQ', () => {
  let fake: FakeRabbitmq
  let broker: Broker
  afterEach(async () => {
    await broker.close()
    await fake.close()
  })

  async function open(script: FakeScript, version = '3.10.8'): Promise<void> {
    fake = await startFakeRabbitmq(script, version)
    broker = createAmqpBroker({
      address: { kind: 'amqp', servers: [fake.server], text: fake.server.text },
      maxRetries: 3,
      transportOptions: { interval_start: 0.01, interval_step: 0.01, interval_max: 0.05, read_timeout: 0.2 },
    })
  }

  it('builds anew only the channel that the server has closed, and rejects what came through it', async () => {
    let consumed = 0
    await open({
      onMethod: (method, client, channel) => {
        if (method !== 'BasicConsume') return false
        client.send('BasicConsumeOk', channel, { consumerTag: 'tag' })
        client.raw(delivery(channel, 1, Buffer.alloc(0), `m${consumed++}`))
        return true
      },
    })
    const deliveries: Delivery[] = []
    const told: string[] = []
    await broker.consume([queue], {
      prefetch: 1,
      onDelivery: (one) => deliveries.push(one),
      onInterrupted: ({ message }) => told.push(message),
      onResumed: () => told.push('resumed'),
    })
    await until(() => deliveries.length === 1, 'a delivery')
    expect(deliveries[0]!.lost).toBe(false)
    const replyText = 'PRECONDITION_FAILED - delivery acknowledgement on channel 1 timed out'
    for (const channel of [1, 2]) {
      fake.clients[0]!.send('ChannelClose', channel, { replyCode: 406, replyText, classId: 0, methodId: 0 })
    }
    await until(() => told.includes('resumed') && deliveries.length === 2, 'to be resumed')
    expect(told[0]).toContain('delivery acknowledgement on channel 1 timed out')
    expect(told).toHaveLength(2)
    expect(deliveries[0]!.lost).toBe(true)
    await expect(deliveries[0]!.ack()).rejects.toMatchObject({ code: 'ERR_CELERY_DELIVERY_LOST', queue: 'q' })
    await deliveries[1]!.ack()
    expect(deliveries[1]!.lost).toBe(false)
    expect(fake.clients).toHaveLength(1)
  })

  it('has each prefetch for a queue alone on RabbitMQ 4', async () => {
    const prefetches: unknown[] = []
    await open(
      {
        onMethod: (method, _client, _channel, fields) => {
          if (method === 'BasicQos') prefetches.push([fields['prefetchCount'], fields['global']])
          return false
        },
      },
      '4.1.0',
    )
    const consumer = await broker.consume([queue], { prefetch: 7, onDelivery: () => {} })
    expect(broker.abilities.adjustablePrefetch).toBe(false)
    await consumer.setPrefetch(70_000)
    expect(prefetches).toEqual([
      [7, false],
      [0, false],
    ])
  })

  it('has one prefetch for all classic queues on RabbitMQ 3', async () => {
    const prefetches: unknown[] = []
    await open({
      onMethod: (method, _client, _channel, fields) => {
        if (method === 'BasicQos') prefetches.push([fields['prefetchCount'], fields['global']])
        return false
      },
    })
    await broker.consume([queue], { prefetch: 7, onDelivery: () => {} })
    expect(prefetches).toEqual([[7, true]])
    expect(broker.abilities.adjustablePrefetch).toBe(true)
  })

  it('gives up what is not answered, and the connection that says nothing at all', async () => {
    await open({ onMethod: (method) => method === 'QueueDeclare' })
    const error: unknown = await broker.declare(queue).catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code: 'ERR_CELERY_CONNECTION' })
    expect(String(error)).toContain('no answer to "declare the queue "q"" within 0.2 seconds')
    await broker.ping()
    expect(fake.clients).toHaveLength(2)
  })

  it('settles before it is closed what was settled before', async () => {
    const heard: string[] = []
    await open({
      onMethod: (method, client, channel) => {
        if (method === 'BasicAck' || method === 'ConnectionClose') heard.push(method)
        if (method !== 'BasicConsume') return false
        client.send('BasicConsumeOk', channel, { consumerTag: 'tag' })
        client.raw(delivery(channel, 1, Buffer.alloc(0), 'm'))
        return true
      },
    })
    const deliveries: Delivery[] = []
    await broker.consume([queue], { prefetch: 1, onDelivery: (one) => deliveries.push(one) })
    await until(() => deliveries.length === 1, 'a delivery')
    await deliveries[0]!.ack()
    await broker.close()
    expect(heard).toEqual(['BasicAck', 'ConnectionClose'])
  })

  it('ends its connection after a cancelled channel is closed, so that the last acknowledgement is heard', async () => {
    const heard: string[] = []
    await open({
      onMethod: (method, client, channel) => {
        if (/^(?:BasicAck|ChannelClose|ConnectionClose)$/.test(method)) heard.push(method)
        if (method === 'BasicConsume') {
          client.send('BasicConsumeOk', channel, { consumerTag: 'tag' })
          client.raw(delivery(channel, 1, Buffer.alloc(0), 'm'))
          return true
        }
        if (method !== 'ChannelClose') return false
        setTimeout(() => {
          heard.push('ChannelCloseOk')
          client.send('ChannelCloseOk', channel, {})
        }, 50)
        return true
      },
    })
    const deliveries: Delivery[] = []
    const consumer = await broker.consume([queue], { prefetch: 1, onDelivery: (one) => deliveries.push(one) })
    await until(() => deliveries.length === 1, 'a delivery')
    await consumer.cancel()
    await deliveries[0]!.ack()
    await broker.close()
    await until(() => heard.includes('ConnectionClose'), 'the end of the connection')
    expect(heard).toEqual(['BasicAck', 'ChannelClose', 'ChannelCloseOk', 'ConnectionClose'])
  })
})
