import type { RedisConnection } from '../../redis/redis-commands.ts'
import { RedisFailure } from '../../redis/redis-failure.ts'
import { type LinkOptions, RedisLink } from '../../redis/redis-link.ts'
import { redisOpener } from '../../redis/redis-opener.ts'
import type { RedisScript } from '../../redis/redis-script.ts'
import { BrokerConnectionError } from '../errors.ts'
import type { RedisSettings } from './redis-settings.ts'

/** What one of a broker's connections does besides carrying commands. */
export type ConnectionPlan = Pick<LinkOptions, 'onUp' | 'onDown' | 'onGivenUp'> & {
  readonly scripts: readonly RedisScript[]
  readonly onChange?: (() => void) | undefined
}

/** Makes a connection of a broker, not opened yet. */
export function createLink(settings: RedisSettings, { scripts, onChange, ...rest }: ConnectionPlan): RedisLink {
  const { address, failoverStrategy, masterName, sentinelCredentials, connectTimeout, commandTimeout } = settings
  const open = redisOpener({
    ...{ address, failoverStrategy, masterName, sentinelCredentials, connectTimeout, commandTimeout },
    ...{ name: settings.connectionName, scripts, onChange },
  })
  const { maxRetries, reconnects, healthInterval } = settings
  return new RedisLink({ open, maxRetries, reconnects, healthInterval, ...rest })
}

/**
 * Runs commands on a connection; what goes wrong becomes an error of brokers.
 *
 * @param seconds - how long may be waited for a connection; undefined: until the link is given up
 */
export async function withConnection<T>(
  link: RedisLink,
  { address }: RedisSettings,
  run: (connection: RedisConnection) => Promise<T>,
  seconds?: number,
): Promise<T> {
  try {
    const connecting = link.connection ?? link.connect()
    return await run(await (seconds === undefined ? connecting : soon(link, connecting, seconds)))
  } catch (error) {
    throw asBrokerError(error, address.text)
  }
}

function soon(
  link: RedisLink,
  connecting: RedisConnection | Promise<RedisConnection>,
  seconds: number,
): RedisConnection | Promise<RedisConnection> {
  if (!(connecting instanceof Promise)) return connecting
  return new Promise((resolve, reject) => {
    const late = () => {
      const cause = link.lastFailure
      reject(new RedisFailure('unsent', cause?.message ?? 'no connection came in time', '', { cause }))
    }
    const timer = setTimeout(late, seconds * 1000)
    connecting.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

/** Makes an error of brokers of a command's failure; leaves others as they are. */
export function asBrokerError(error: unknown, address: string): unknown {
  if (!(error instanceof RedisFailure)) return error
  return new BrokerConnectionError(address, error.message, { cause: error })
}
