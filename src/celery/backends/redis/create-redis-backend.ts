import { assertNoProblems } from '../../../lib/problems.ts'
import type { RedisAddress, SentinelAddress } from '../../brokers/broker-address.ts'
import { serializerName } from '../../protocol/serializers.ts'
import { RedisLink } from '../../redis/redis-link.ts'
import { type OpenerOptions, redisOpener } from '../../redis/redis-opener.ts'
import type { BackendOptions } from '../backend-options.ts'
import type { ResultBackend } from '../result-backend.ts'
import { ChordParts } from './chord-parts.ts'
import { isBinary, MetaText } from './meta-text.ts'
import { RedisBackend } from './redis-backend.ts'
import { redisKeys } from './redis-keys.ts'
import { RedisRunner } from './redis-runner.ts'
import { ResultChannels } from './result-channels.ts'
import { chordPartScript, setScript, storeScript } from './scripts.ts'

/** Seconds until a silent connection, by which results are awaited, is given up after a sign of life was asked for. */
const LONGEST_SILENCE = 30

/**
 * Makes a result store in Redis, the same as Celery's: Python reads what it writes, and it reads what Python writes. Nothing is
 * connected before it is needed.
 *
 * @throws TypeError when options are wrong
 * @see https://docs.celeryq.dev/en/stable/userguide/configuration.html#redis-backend-settings
 */
export function createRedisBackend(options: BackendOptions<RedisAddress | SentinelAddress>): ResultBackend {
  const { address, maxRetries = 20, socketTimeout = 120, connectionTimeout = 10, serializer = 'json' } = options
  const { baseSleep = 0.01, maxSleep = 10 } = options
  const transport = readTransportOptions(options)
  const name = serializerName(serializer)
  const opener: OpenerOptions = {
    address,
    connectTimeout: connectionTimeout,
    commandTimeout: socketTimeout ?? FOR_EVER,
    masterName: transport.masterName,
    sentinelCredentials: transport.sentinelCredentials,
    name: options.connectionName,
    binary: isBinary(name),
  }
  const link = new RedisLink({ open: redisOpener({ ...opener, scripts: SCRIPTS }), maxRetries })
  const runner = new RedisRunner({
    address: address.text,
    link,
    maxRetries,
    baseSleep: baseSleep * 1000,
    maxSleep: maxSleep * 1000,
  })
  const channels = new ResultChannels({
    address: address.text,
    open: redisOpener({ ...opener, commandTimeout: Math.min(LONGEST_SILENCE, opener.commandTimeout) }),
    maxRetries,
    read: (keys) => runner.run((connection) => connection.mGet(keys)),
  })
  const keys = redisKeys(transport.prefix, opener.binary)
  const text = new MetaText(name)
  const expires = expiresText(options.resultExpires)
  const chords = new ChordParts({ keys, runner, text, expires, ordered: transport.ordered })
  const disconnect = () => link.close()
  return new RedisBackend({ address: address.text, keys, runner, channels, chords, text, expires, disconnect })
}

const SCRIPTS = [storeScript, setScript, chordPartScript]

/** Seconds; a timer takes no longer time. */
const FOR_EVER = 2_000_000

/** Whole seconds, as Redis wants them; half a second is no reason to keep a result for ever. */
function expiresText(seconds: number | null): string {
  return seconds === null || seconds === 0 ? '' : String(Math.max(1, Math.trunc(seconds)))
}

interface TransportOptions {
  readonly prefix: string
  readonly ordered: boolean
  readonly masterName: string | undefined
  readonly sentinelCredentials: { readonly username?: string | undefined; readonly password?: string | undefined }
}

function readTransportOptions({ transportOptions = {}, resultExpires }: BackendOptions): TransportOptions {
  const problems: string[] = []
  const text = (key: string, value: unknown): string | undefined => {
    if (value == null || typeof value === 'string') return value ?? undefined
    problems.push(`\`${key}\` of \`result_backend_transport_options\` must be a text, found ${typeof value}`)
    return undefined
  }
  const prefix = text('global_keyprefix', transportOptions['global_keyprefix']) ?? ''
  const masterName = text('master_name', transportOptions['master_name'])
  const ordered = transportOptions['result_chord_ordered'] ?? true
  if (typeof ordered !== 'boolean') {
    problems.push(`\`result_chord_ordered\` of \`result_backend_transport_options\` must be true or false`)
  }
  if (resultExpires !== null && !(resultExpires >= 0 && Number.isFinite(resultExpires))) {
    problems.push(`\`result_expires\` must be a number of seconds or null, found ${String(resultExpires)}`)
  }
  const kwargs = transportOptions['sentinel_kwargs'] ?? {}
  const { username, password } = kwargs as Readonly<Record<string, unknown>>
  const sentinelCredentials = {
    username: text('sentinel_kwargs.username', username),
    password: text('sentinel_kwargs.password', password),
  }
  assertNoProblems('createRedisBackend', problems)
  return { prefix, ordered: ordered !== false, masterName, sentinelCredentials }
}
