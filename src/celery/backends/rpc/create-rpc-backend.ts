import { randomUUID } from 'node:crypto'
import type { RpcAddress } from '../../brokers/broker-address.ts'
import { compressionType } from '../../protocol/compression.ts'
import { serializerName } from '../../protocol/serializers.ts'
import type { BackendOptions } from '../backend-options.ts'
import type { ResultBackend } from '../result-backend.ts'
import { replyQueue } from './reply-queue.ts'
import { RpcBackend } from './rpc-backend.ts'
import { type InboxLimits, RpcInbox } from './rpc-inbox.ts'

/** What a process keeps of results that nobody reads. */
const LIMITS: Omit<InboxLimits, 'age'> = { tasks: 100_000, readTasks: 1000, bytes: 64 * 1024 * 1024 }

/**
 * Makes a result store that sends results back to the process that sent the task, over the broker that is given: as Celery's
 * `rpc://`, and readable only there. There are no chords.
 *
 * @throws TypeError when options are wrong
 * @see https://docs.celeryq.dev/en/stable/userguide/configuration.html#rpc-backend-settings
 */
export function createRpcBackend(options: BackendOptions<RpcAddress>): ResultBackend {
  const { address, broker, resultExpires, persistent = false, replyTo = randomUUID() } = options
  const { serializer = 'json', compression, accept } = options
  if (broker === undefined) throw new TypeError('createRpcBackend: `broker` is missing')
  if (compression !== undefined) compressionType(compression)
  return new RpcBackend({
    address: address.text,
    broker,
    queue: replyQueue(replyTo, resultExpires),
    inbox: new RpcInbox({ ...LIMITS, age: (resultExpires || 86_400) * 1000 }, () => performance.now()),
    message: { serializer: serializerName(serializer), compression, persistent },
    accept: accept ?? [serializer],
  })
}
