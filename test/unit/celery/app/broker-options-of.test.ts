import { describe, expect, it } from 'vitest'
import { brokerOptionsOf } from '../../../../src/celery/broker-options-of.ts'
import { createAmqpBroker } from '../../../../src/celery/brokers/amqp/amqp-broker.ts'
import type { AmqpAddress, BrokerAddress } from '../../../../src/celery/brokers/broker-address.ts'
import type { BrokerOptions } from '../../../../src/celery/brokers/broker-options.ts'
import { parseBrokerUrl } from '../../../../src/celery/settings/parse-broker-url.ts'
import { readSettings } from '../../../../src/celery/settings/read-settings.ts'
import type { CeleryConfig } from '../../../../src/celery/settings/settings.ts'

const isAmqp = (options: BrokerOptions<BrokerAddress>): options is BrokerOptions<AmqpAddress> =>
  options.address.kind === 'amqp'

function options(config: CeleryConfig) {
  const settings = readSettings(config, { environment: {} })
  return brokerOptionsOf(settings, parseBrokerUrl(settings.brokerUrl), 'me')
}

describe('the options of a broker', () => {
  it('are what the settings say of connections', () => {
    expect(
      options({
        broker_url: 'redis://localhost',
        broker_heartbeat: 0,
        broker_connection_timeout: 2,
        broker_connection_retry: false,
        broker_connection_max_retries: null,
        broker_failover_strategy: 'shuffle',
        broker_transport_options: { visibility_timeout: 60 },
      }),
    ).toMatchObject({
      address: { kind: 'redis' },
      heartbeat: 0,
      connectionTimeout: 2,
      connectionRetry: false,
      maxRetries: null,
      failoverStrategy: 'shuffle',
      transportOptions: { visibility_timeout: 60 },
      connectionName: 'me',
    })
  })

  it('hold what settings of their own say of RabbitMQ, and its driver takes them', async () => {
    const made = options({
      broker_url: 'amqp://localhost',
      broker_native_delayed_delivery_queue_type: 'classic',
      task_publish_retry_policy: { max_retries: 7 },
    })
    expect(made.transportOptions).toEqual({ native_delayed_delivery_queue_type: 'classic', confirm_retries: 7 })
    expect(isAmqp(made)).toBe(true)
    if (isAmqp(made)) await createAmqpBroker(made).close()
    const forEver = options({ broker_url: 'amqp://localhost', task_publish_retry_policy: { max_retries: null } })
    if (isAmqp(forEver)) await createAmqpBroker(forEver).close()
  })
})
