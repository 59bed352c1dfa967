import type { RedisAddress, RedisServer, SentinelAddress } from '../brokers/broker-address.ts'
import { openNodeRedis } from './node-redis.ts'
import type { OpenOptions } from './open-options.ts'
import type { RedisConnection } from './redis-commands.ts'
import { RedisFailure } from './redis-failure.ts'
import { type SentinelOptions, sentinelServers } from './sentinel.ts'
import { serverRole } from './server-role.ts'

/** Which server, how chosen, and how each connection is opened. */
export interface OpenerOptions extends SentinelOptions {
  readonly address: RedisAddress | SentinelAddress
  /** `shuffle`: an order thrown anew for each opening. Default `round-robin`: as written, beginning with the last that served. */
  readonly failoverStrategy?: 'round-robin' | 'shuffle' | undefined
}

/**
 * Makes what opens a connection: to the first server that serves, of several written or named by sentinels. Where there are
 * several, one that is a replica does not serve: it would refuse every write.
 */
export function redisOpener(options: OpenerOptions): () => Promise<RedisConnection> {
  const { address, failoverStrategy = 'round-robin' } = options
  let first = 0
  return async () => {
    const servers = address.kind === 'redis' ? address.servers : await sentinelServers(address, options)
    const order = failoverStrategy === 'shuffle' ? shuffled(servers) : rotated(servers, first)
    const mustBeMaster = address.kind === 'sentinel' || servers.length > 1
    let failure: unknown = new RedisFailure('unsent', 'no server is known')
    for (const server of order) {
      try {
        const connection = await openOne(server, options, mustBeMaster)
        first = servers.indexOf(server)
        return connection
      } catch (error) {
        if (!(error instanceof RedisFailure)) throw error
        failure = error
      }
    }
    throw failure
  }
}

async function openOne(server: RedisServer, options: OpenOptions, mustBeMaster: boolean): Promise<RedisConnection> {
  const connection = await openNodeRedis(server, options)
  if (!mustBeMaster) return connection
  try {
    if ((await connection.eval(serverRole, [], [])) === 'slave') throw new RedisFailure('refused', 'it is a replica')
    return connection
  } catch (error) {
    connection.close()
    throw error
  }
}

function rotated<T>(items: readonly T[], first: number): T[] {
  return [...items.slice(first), ...items.slice(0, first)]
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item)
}
