import type { BackendAddress, BackendOptions } from './backend-options.ts'
import { createMemoryBackend } from './memory/memory-backend.ts'
import { createRedisBackend } from './redis/create-redis-backend.ts'
import type { ResultBackend } from './result-backend.ts'
import { createRpcBackend } from './rpc/create-rpc-backend.ts'

/**
 * Makes the result store that an address is of. Nothing is connected, and no package of a driver is loaded, before it is used.
 *
 * @param options - `rpc://` needs a `broker`
 * @throws TypeError when options are wrong, or no result store is at such an address
 */
export function openBackend(options: BackendOptions): ResultBackend {
  if (isKind(options, ['memory'])) return createMemoryBackend(options)
  if (isKind(options, ['redis', 'sentinel'])) return createRedisBackend(options)
  if (isKind(options, ['rpc'])) return createRpcBackend(options)
  const { text } = options.address as BackendAddress
  throw new TypeError(
    `\`${text}\` is no result store; use \`memory://\`, \`redis://\`, \`rediss://\`, \`redis+socket://\`, \`sentinel://\` or \`rpc://\``,
  )
}

type Kind = BackendAddress['kind']

function isKind<K extends Kind>(
  options: BackendOptions,
  kinds: readonly K[],
): options is BackendOptions<Extract<BackendAddress, { kind: K }>> {
  return (kinds as readonly Kind[]).includes(options.address.kind)
}
