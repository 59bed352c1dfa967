import { createAmqpBroker } from './amqp/amqp-broker.ts'
import type { Broker } from './broker.ts'
import type { BrokerAddress } from './broker-address.ts'
import type { BrokerOptions } from './broker-options.ts'
import { createMemoryBroker } from './memory/memory-broker.ts'
import { createRedisBroker } from './redis/redis-broker.ts'

/**
 * Makes the broker that an address is of. Nothing is connected, and no package of a driver is loaded, before it is used.
 *
 * @throws TypeError when options are wrong, or the address is of a result store alone
 */
export function openBroker(options: BrokerOptions): Broker {
  const { address } = options
  if (isKind(options, ['memory'])) return createMemoryBroker(options)
  if (isKind(options, ['redis', 'sentinel'])) return createRedisBroker(options)
  if (isKind(options, ['amqp'])) return createAmqpBroker(options)
  throw new TypeError(
    `\`${address.text}\` is no broker; use \`memory://\`, \`redis://\`, \`rediss://\`, \`redis+socket://\`, \`sentinel://\`, \`amqp://\` or \`amqps://\``,
  )
}

type Kind = BrokerAddress['kind']

function isKind<K extends Kind>(
  options: BrokerOptions,
  kinds: readonly K[],
): options is BrokerOptions<Extract<BrokerAddress, { kind: K }>> {
  return (kinds as readonly Kind[]).includes(options.address.kind)
}
