import { assertNoProblems } from '../../../lib/problems.ts'
import type { AmqpAddress } from '../broker-address.ts'
import type { BrokerOptions } from '../broker-options.ts'

/** What the driver works with. All times in milliseconds. */
export interface AmqpSettings {
  readonly address: AmqpAddress
  readonly shuffle: boolean
  readonly heartbeat: number
  readonly connectTimeout: number
  /** Rounds through all servers until a connection is given up. */
  readonly rounds: number
  readonly intervalStart: number
  readonly intervalStep: number
  readonly intervalMax: number
  /** How long a message may wait for a connection and for its confirmation. */
  readonly confirmTimeout: number
  /** How long any other answer of the broker may take. */
  readonly replyTimeout: number
  /** How often a message is sent again that was sent and not confirmed. */
  readonly resends: number
  readonly connectionName: string | undefined
  /** Type of the queues that hold delayed messages. */
  readonly delayQueueType: 'quorum' | 'classic'
}

/**
 * Reads the options of the driver. Of `broker_transport_options` it knows, in seconds, `interval_start` (0.2),
 * `interval_step` (2) and `interval_max` (30) between tries to connect, `confirm_timeout` (30) and `read_timeout` (30);
 * `max_retries` (3) is how often an unconfirmed message is sent again.
 *
 * @throws TypeError with all mistakes
 */
export function readAmqpSettings(options: BrokerOptions<AmqpAddress>): AmqpSettings {
  const problems: string[] = []
  const given = options.transportOptions ?? {}
  const count = (name: string, value: unknown, fallback: number, smallest = 0): number => {
    if (value === undefined || value === null) return fallback
    if (typeof value === 'number' && Number.isFinite(value) && value >= smallest) return value
    problems.push(`\`${name}\` must be a number of at least ${smallest}, found ${describe(value)}`)
    return fallback
  }
  const seconds = (name: string, fallback: number): number => 1000 * count(name, given[name], fallback)
  const delayQueueType = given['native_delayed_delivery_queue_type'] ?? 'quorum'
  if (delayQueueType !== 'quorum' && delayQueueType !== 'classic') {
    problems.push("`native_delayed_delivery_queue_type` must be 'quorum' or 'classic', found something else")
  }
  const maxRetries = options.maxRetries === null ? Number.POSITIVE_INFINITY : options.maxRetries
  const settings: AmqpSettings = {
    address: options.address,
    shuffle: options.failoverStrategy === 'shuffle',
    heartbeat: 1000 * count('heartbeat', options.heartbeat, 120),
    connectTimeout: 1000 * count('connectionTimeout', options.connectionTimeout, 4),
    rounds:
      options.connectionRetry === false ? 1 : 1 + infinite(maxRetries, () => count('maxRetries', maxRetries, 100)),
    intervalStart: seconds('interval_start', 0.2),
    intervalStep: seconds('interval_step', 2),
    intervalMax: seconds('interval_max', 30),
    confirmTimeout: seconds('confirm_timeout', 30),
    replyTimeout: seconds('read_timeout', 30),
    resends: count('confirm_retries', given['confirm_retries'], 3),
    connectionName: options.connectionName,
    delayQueueType: delayQueueType === 'classic' ? 'classic' : 'quorum',
  }
  if (options.address.servers.length === 0) problems.push('`address` must have at least one server')
  assertNoProblems('createAmqpBroker', problems)
  return settings
}

function infinite(value: number | undefined, otherwise: () => number): number {
  return value === Number.POSITIVE_INFINITY ? value : otherwise()
}

function describe(value: unknown): string {
  return typeof value === 'number' ? String(value) : typeof value
}
