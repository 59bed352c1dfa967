import type { RedisServer, SentinelAddress } from '../brokers/broker-address.ts'
import { askSentinel } from './node-redis.ts'
import type { OpenOptions } from './open-options.ts'
import { RedisFailure } from './redis-failure.ts'

/** What of the transport's options is about sentinels. */
export interface SentinelOptions extends OpenOptions {
  readonly masterName?: string | undefined
  readonly sentinelCredentials?: { readonly username?: string | undefined; readonly password?: string | undefined }
}

/**
 * Asks the sentinels in turn where the master is. We ask anew for every connection, and connect to one server at a time: a
 * client that follows the sentinels by itself also sends commands again, of which nobody knows whether they were run.
 *
 * @returns the master alone
 * @throws RedisFailure when no sentinel knows it
 * @see https://redis.io/docs/latest/develop/reference/sentinel-clients/
 */
export async function sentinelServers(address: SentinelAddress, options: SentinelOptions): Promise<RedisServer[]> {
  const { masterName = '', sentinelCredentials = {} } = options
  const { db, username, password, tls, text } = address
  const common = { db, username, password, tls, socketPath: undefined, options: address.options }
  let failure: unknown
  for (const { host, port } of address.sentinels) {
    const sentinel = {
      ...{ ...common, host, port, db: 0, text: `sentinel://${host}:${port}` },
      ...{ username: sentinelCredentials.username, password: sentinelCredentials.password },
    }
    try {
      const master = await askSentinel(sentinel, options, masterName)
      if (master !== undefined) return [{ ...common, ...master, text: `redis://${master.host}:${master.port}/${db}` }]
      failure ??= new RedisFailure('unsent', `the sentinels know no master "${masterName}"`)
    } catch (error) {
      if (!(error instanceof RedisFailure)) throw error
      failure = new RedisFailure('unsent', `no sentinel of \`${text}\` answers: ${error.message}`, '', { cause: error })
    }
  }
  throw failure
}
