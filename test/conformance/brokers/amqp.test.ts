import { afterAll, describe, it } from 'vitest'
import { createAmqpBroker } from '../../../src/celery/brokers/amqp/amqp-broker.ts'
import { freePort } from '../../support/services/free-port.ts'
import { amqpUrl } from '../../support/services/rabbitmq.ts'
import { AmqpHandles, amqpServer } from './amqp-handles.ts'
import { describeBroker } from './cases.ts'

const url = await amqpUrl()

if (url === undefined) describe.skip('broker: RabbitMQ: install rabbitmq-server', () => it('is skipped', () => {}))
else {
  const handles = new AmqpHandles(url)
  afterAll(() => handles.close())

  describeBroker(
    'RabbitMQ',
    {
      kind: 'amqp',
      capabilities: {
        abilities: { nativeDelay: true, adjustablePrefetch: true },
        priorityOrder: 'highest-first',
        priorityArguments: { 'x-max-priority': 10 },
        knowsQueues: true,
        queueArguments: true,
        topicSubscriptions: true,
        visibilityTimeout: false,
        returnsWithin: 1,
      },
      secrets: ['the-secret'],
      open: () => handles.open(),
      unreachable: async () =>
        createAmqpBroker({
          address: {
            kind: 'amqp',
            servers: [amqpServer(url, { port: await freePort(), password: 'the-secret' })],
            text: 'amqp://guest:***@127.0.0.1//',
          },
          maxRetries: 1,
          transportOptions: { interval_start: 0.01 },
        }),
      interrupt: async (broker) => handles.network(broker).cut(),
      abandon: async (broker) => {
        handles.network(broker).refuse(true)
        handles.network(broker).cut()
      },
    },
    {
      'gives a message that is released next, and says that it was delivered before':
        'RabbitMQ may give the one behind it first, as it gives on before it has requeued',
      'puts a message that is rejected with requeue to the end':
        'RabbitMQ puts it back to where it was, for Celery in Python, too',
      'double no message when the connection is cut again and again':
        'what was not confirmed is sent again and may be there twice: amqp-faults.test.ts counts that',
    },
  )
}
