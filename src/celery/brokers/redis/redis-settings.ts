import { assertNoProblems } from '../../../lib/problems.ts'
import type { RedisAddress, SentinelAddress } from '../broker-address.ts'
import type { BrokerOptions } from '../broker-options.ts'
import { type OptionReader, optionReader } from './option-reader.ts'

/** What the driver works with. All times in seconds. */
export interface RedisSettings {
  readonly address: RedisAddress | SentinelAddress
  readonly failoverStrategy: 'round-robin' | 'shuffle'
  readonly masterName: string | undefined
  readonly sentinelCredentials: { readonly username: string | undefined; readonly password: string | undefined }
  readonly connectTimeout: number
  /** How long any answer may take. */
  readonly commandTimeout: number
  /** Between signs of life on connections that are silent otherwise. */
  readonly healthInterval: number
  readonly maxRetries: number | null
  readonly reconnects: boolean
  readonly connectionName: string | undefined
  /** How long a message may wait for a connection and for its confirmation. */
  readonly confirmTimeout: number
  readonly visibilityTimeout: number
  /** How often what is held is shown to be alive. */
  readonly refreshInterval: number
  readonly restoreInterval: number
  /** How many are restored at a time; undefined: all. */
  readonly restoreLimit: number | undefined
  readonly order: QueueOrder
  /** Takes what no queue is bound for. */
  readonly deadletterQueue: string | undefined
  /** List that keeps what is rejected for good; undefined: it is thrown away. */
  readonly deadLetterList: string | undefined
  readonly keys: KeySettings
}

export type QueueOrder = 'round_robin' | 'sorted' | 'priority'

/** How keys and channels are named. */
export interface KeySettings {
  readonly prefix: string
  readonly separator: string
  readonly prioritySteps: readonly number[]
  readonly unacked: string
  readonly unackedIndex: string
  /** What channels of broadcasts begin with. */
  readonly fanoutPrefix: string
  readonly fanoutPatterns: boolean
}

/**
 * Reads the options of the driver. Of `broker_transport_options` it knows those of kombu that are about Redis, with kombu's
 * defaults, but for `socket_timeout` (10: a command without a time-out hangs for ever behind a dead network); and these:
 * - `visibility_refresh_interval`: how often what is held is shown to be alive; default a quarter of `visibility_timeout`, at
 *   most 30. It must be well below the shortest visibility timeout of all workers that share a queue.
 * - `unacked_restore_interval`: how often is looked for what dead workers held; default a quarter of `visibility_timeout`, from
 *   0.5 to 60.
 * - `confirm_timeout` (30): how long a message may wait for a connection and for its confirmation.
 * - `dead_letter_list`: name of a list that keeps what is rejected for good.
 *
 * @throws TypeError with all mistakes
 * @see https://docs.celeryq.dev/projects/kombu/en/stable/reference/kombu.transport.redis.html
 */
export function readRedisSettings(options: BrokerOptions<RedisAddress | SentinelAddress>): RedisSettings {
  const { address, connectionTimeout, connectionRetry = true, maxRetries = 100, failoverStrategy } = options
  const ofUrl = address.kind === 'redis' ? address.servers[0]?.options : address.options
  const read = optionReader({ ...ofUrl, ...options.transportOptions })
  if (address.kind === 'redis' && address.servers.length === 0) read.problem('`address` must have at least one server')
  const visibilityTimeout = read.seconds('visibility_timeout', 3600, 0.1)
  const sentinel = read.record('sentinel_kwargs')
  const settings: RedisSettings = {
    address,
    failoverStrategy: failoverStrategy ?? 'round-robin',
    masterName: read.text('master_name'),
    sentinelCredentials: { username: textOf(sentinel['username']), password: textOf(sentinel['password']) },
    connectTimeout: read.seconds('socket_connect_timeout', connectionTimeout ?? 4, 0.01),
    commandTimeout: read.seconds('socket_timeout', 10, 0.01),
    healthInterval: read.seconds('health_check_interval', 25, 0),
    maxRetries: connectionRetry ? maxRetries : 0,
    reconnects: connectionRetry,
    connectionName: read.text('client_name') ?? options.connectionName,
    confirmTimeout: read.seconds('confirm_timeout', 30, 0.01),
    visibilityTimeout,
    refreshInterval: read.seconds('visibility_refresh_interval', Math.min(visibilityTimeout / 4, 30), 0.01),
    restoreInterval: read.seconds('unacked_restore_interval', clamp(visibilityTimeout / 4, 0.5, 60), 0.01),
    restoreLimit: read.count('unacked_restore_limit'),
    order: read.oneOf('queue_order_strategy', ['round_robin', 'sorted', 'priority']),
    deadletterQueue: read.text('deadletter_queue'),
    deadLetterList: read.text('dead_letter_list'),
    keys: readKeys(read, address),
  }
  if (settings.refreshInterval > visibilityTimeout / 2) {
    read.problem('`visibility_refresh_interval` must be at most half of `visibility_timeout`')
  }
  if (address.kind === 'sentinel' && settings.masterName === undefined) {
    read.problem("`sentinel://` needs the transport option `master_name`: `{ master_name: 'mymaster' }`")
  }
  assertNoProblems('createRedisBroker', read.problems)
  return settings
}

function readKeys(read: OptionReader, address: RedisAddress | SentinelAddress): KeySettings {
  const db = address.kind === 'redis' ? (address.servers[0]?.db ?? 0) : address.db
  return {
    prefix: read.text('global_keyprefix') ?? '',
    separator: read.text('sep') ?? '\x06\x16',
    prioritySteps: read.steps('priority_steps', [0, 3, 6, 9]),
    unacked: read.text('unacked_key') ?? 'unacked',
    unackedIndex: read.text('unacked_index_key') ?? 'unacked_index',
    fanoutPrefix: read.textOrSwitch('fanout_prefix', '/{db}.').replaceAll('{db}', String(db)),
    fanoutPatterns: read.flag('fanout_patterns', true),
  }
}

function clamp(value: number, smallest: number, largest: number): number {
  return Math.min(Math.max(value, smallest), largest)
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
