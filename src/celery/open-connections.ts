import type { BackendAddress } from './backends/backend-options.ts'
import { openBackend } from './backends/open-backend.ts'
import { brokerOptionsOf } from './broker-options-of.ts'
import { openBroker } from './brokers/open-broker.ts'
import type { Openers } from './connections.ts'
import { anonymousNodeName } from './settings/node-name.ts'
import { parseBrokerUrl } from './settings/parse-broker-url.ts'
import type { Settings } from './settings/settings.ts'

/**
 * Makes what opens the connections that the settings name. Nothing connects.
 *
 * @throws TypeError when an address cannot be read
 */
export function openConnections(settings: Settings): Openers {
  const connectionName = anonymousNodeName()
  const addressOf = (name: 'brokerReadUrl' | 'brokerWriteUrl') =>
    parseBrokerUrl(settings[name], { name, useSsl: settings.brokerUseSsl })
  const addresses = { read: addressOf('brokerReadUrl'), write: addressOf('brokerWriteUrl') }
  return {
    broker: (role) => openBroker(brokerOptionsOf(settings, addresses[role], connectionName)),
    backend: backendOpener(settings, connectionName),
  }
}

function backendOpener(settings: Settings, connectionName: string): Openers['backend'] {
  if (settings.resultBackend === undefined) return undefined
  // A result store is never on RabbitMQ itself: the settings were checked for that.
  const address = parseBrokerUrl(settings.resultBackend, {
    name: 'resultBackend',
    role: 'result',
    useSsl: settings.redisBackendUseSsl,
  }) as BackendAddress
  return (broker) =>
    openBackend({
      address,
      broker,
      connectionName,
      resultExpires: settings.resultExpires ?? null,
      serializer: settings.resultSerializer,
      accept: settings.resultAcceptContent,
      compression: settings.resultCompression,
      transportOptions: settings.resultBackendTransportOptions,
      persistent: settings.resultPersistent,
      socketTimeout: settings.redisSocketTimeout ?? null,
      connectionTimeout: settings.redisSocketConnectTimeout,
      socketKeepalive: settings.redisSocketKeepalive,
      retryOnTimeout: settings.redisRetryOnTimeout,
      maxRetries: storeRetries(settings),
      baseSleep: settings.resultBackendBaseSleepBetweenRetriesMs / 1000,
      maxSleep: settings.resultBackendMaxSleepBetweenRetriesMs / 1000,
    })
}

/** The setting counts only with `resultBackendAlwaysRetry`; without, stores have a number of their own. */
function storeRetries({ resultBackendAlwaysRetry, resultBackendMaxRetries }: Settings): number | null | undefined {
  if (!resultBackendAlwaysRetry) return undefined
  return Number.isFinite(resultBackendMaxRetries) ? resultBackendMaxRetries : null
}
