import type { BrokerAddress } from './brokers/broker-address.ts'
import type { BrokerOptions } from './brokers/broker-options.ts'
import type { Settings } from './settings/settings.ts'

/** What the settings say of connections to a broker at this address. */
export function brokerOptionsOf(settings: Settings, address: BrokerAddress, connectionName: string): BrokerOptions {
  return {
    address,
    transportOptions: { ...impliedOptions(settings, address), ...settings.brokerTransportOptions },
    failoverStrategy: settings.brokerFailoverStrategy,
    heartbeat: settings.brokerHeartbeat ?? 0,
    connectionTimeout: settings.brokerConnectionTimeout,
    connectionRetry: settings.brokerConnectionRetry,
    maxRetries: settings.brokerConnectionMaxRetries ?? null,
    connectionName,
  }
}

/** What settings of their own say of RabbitMQ. Of the policy of resending, the driver waits by its own rules. */
function impliedOptions(settings: Settings, { kind }: BrokerAddress): Readonly<Record<string, unknown>> {
  if (kind !== 'amqp') return {}
  return {
    native_delayed_delivery_queue_type: settings.brokerNativeDelayedDeliveryQueueType,
    confirm_retries: settings.taskPublishRetryPolicy.maxRetries ?? Number.MAX_SAFE_INTEGER,
  }
}
