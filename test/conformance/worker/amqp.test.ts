import { afterAll, describe, it } from 'vitest'
import { openBroker } from '../../../src/celery/brokers/open-broker.ts'
import { parseBrokerUrl } from '../../../src/celery/settings/parse-broker-url.ts'
import { amqpUrl } from '../../support/services/rabbitmq.ts'
import { startTcpProxy, type TcpProxy } from '../brokers/tcp-proxy.ts'
import { describeWorker } from './cases.ts'

const url = await amqpUrl()

if (url === undefined)
  describe.skip('worker: RabbitMQ (install rabbitmq-server, or set AMQP_URL)', () => void it('runs'))
else await suite(url)

async function suite(url: string): Promise<void> {
  const port = /:(\d+)(?:\/|$)/.exec(url.replace(/^.*@/, '@x'))?.[1] ?? '5672'
  const proxy: TcpProxy = await startTcpProxy(Number(port))
  const broker = openBroker({ address: parseBrokerUrl(url, { role: 'broker' }) })
  afterAll(async () => {
    await broker.close()
    await proxy.close()
  })
  const cut = url.replace(/^(\w+:\/\/(?:[^@/]*@)?)[^/:]+(?::\d+)?/, `$1127.0.0.1:${proxy.port}`)

  describeWorker('RabbitMQ', {
    config: () => ({
      brokerUrl: cut,
      resultBackend: 'rpc://',
      brokerTransportOptions: { interval_start: 0.02, interval_step: 0.1, interval_max: 0.5 },
    }),
    interrupt: async () => proxy.cut(),
    cleanUp: (name) => broker.deleteQueue(name),
    // `rpc://` has none.
    chords: false,
  })
}
