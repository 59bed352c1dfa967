import { describe, expect, it } from 'vitest'
import { createAmqpBroker } from '../../../src/celery/brokers/amqp/amqp-broker.ts'
import type { Broker, QueueDeclaration } from '../../../src/celery/brokers/broker.ts'
import { createRedisBroker } from '../../../src/celery/brokers/redis/redis-broker.ts'
import { createCelery } from '../../../src/celery/create-celery.ts'
import { amqpServer } from './amqp-handles.ts'
import { redisServer } from './redis-handles.ts'

const queue: QueueDeclaration = {
  ...{ name: 'q', exchange: undefined, routingKey: 'q', durable: true, autoDelete: false },
  ...{ exclusive: false, arguments: {}, passive: false },
}
const transportOptions = { confirm_timeout: 1.5, socket_timeout: 1.5 }
// Nobody listens at port 1.
const redis = redisServer('redis://127.0.0.1:1/0')
const amqp = amqpServer('amqp://127.0.0.1:1//')
const brokers: [string, () => Broker][] = [
  ['Redis', () => createRedisBroker({ address: { kind: 'redis', servers: [redis], text: 'there' }, transportOptions })],
  ['RabbitMQ', () => createAmqpBroker({ address: { kind: 'amqp', servers: [amqp], text: 'there' }, transportOptions })],
]

describe('a broker that is not there', () => {
  it.each(brokers)(
    '%s: what is declared for a message is given up as soon as a message, with the reason',
    async (_, open) => {
      const broker = open()
      const refused = { code: 'ERR_CELERY_CONNECTION', message: expect.stringContaining('ECONNREFUSED') }
      await expect(broker.declare(queue, { soon: true })).rejects.toMatchObject(refused)
      const message = { body: Buffer.from('x'), contentType: '', contentEncoding: '', headers: {}, properties: {} }
      const target = { exchange: '', exchangeType: 'direct', routingKey: 'q' } as const
      await expect(broker.publish(message, target)).rejects.toMatchObject(refused)
      await broker.close()
    },
  )

  it.each(brokers)('%s: a question is not waited with for minutes', async (_, open) => {
    const broker = open()
    const questions = [broker.ping(), broker.size('q'), broker.purge('q'), broker.deleteQueue('q')]
    const answers = await Promise.allSettled(questions)
    for (const answer of answers) expect(answer).toMatchObject({ reason: { code: 'ERR_CELERY_CONNECTION' } })
    await broker.close()
  })

  it.each(['redis://127.0.0.1:1/0', 'amqp://127.0.0.1:1//'])(
    '%s: nor a task whose result comes back as a message',
    async (brokerUrl) => {
      const app = createCelery('nobody', {
        ...{ brokerUrl, resultBackend: 'rpc://', brokerTransportOptions: transportOptions },
      })
      await expect(app.sendTask('nobody.listens')).rejects.toMatchObject({
        code: expect.stringMatching(/^ERR_CELERY_(BACKEND_)?CONNECTION$/),
      })
      await app.close()
    },
  )

  it.each(['redis://127.0.0.1:1/0', 'amqp://127.0.0.1:1//'])(
    '%s: a task is not waited with for minutes',
    async (brokerUrl) => {
      const app = createCelery('nobody', { brokerUrl, brokerTransportOptions: transportOptions })
      const refused = { code: 'ERR_CELERY_CONNECTION', message: expect.stringContaining('ECONNREFUSED') }
      await expect(app.sendTask('nobody.listens')).rejects.toMatchObject(refused)
      await app.close()
    },
  )
})
