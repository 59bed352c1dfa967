import { createClient } from 'redis'
import type { Broker } from '../../../src/celery/brokers/broker.ts'
import type { RedisAddress, RedisServer } from '../../../src/celery/brokers/broker-address.ts'
import type { BrokerOptions } from '../../../src/celery/brokers/broker-options.ts'
import { createRedisBroker } from '../../../src/celery/brokers/redis/redis-broker.ts'
import { parseUrl } from '../../../src/config/parse-url.ts'
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts'

export type HandleOptions = Partial<BrokerOptions<RedisAddress>>

/** Opens brokers, each behind a network of its own. */
export class RedisHandles {
  readonly #url: string
  readonly prefix: string
  readonly #proxies = new Map<Broker, TcpProxy>()

  /** @param prefix - stands before every key, so that a shared server can be cleaned up */
  constructor(url: string, prefix: string) {
    this.#url = url
    this.prefix = prefix
  }

  async open(options: HandleOptions = {}): Promise<Broker> {
    const proxy = await startTcpProxy(redisServer(this.#url).port)
    const server = redisServer(this.#url, { port: proxy.port })
    const broker = createRedisBroker({
      address: { kind: 'redis', servers: [server], text: server.text },
      ...options,
      transportOptions: { global_keyprefix: this.prefix, ...options.transportOptions },
    })
    this.#proxies.set(broker, proxy)
    return broker
  }

  network(broker: Broker): TcpProxy {
    const proxy = this.#proxies.get(broker)
    if (proxy === undefined) throw new Error('no handle of this')
    return proxy
  }

  async close(): Promise<void> {
    await Promise.all([...this.#proxies].map(([broker]) => broker.close()))
    await Promise.all([...this.#proxies.values()].map((proxy) => proxy.close()))
    this.#proxies.clear()
  }
}

export function redisServer(url: string, change: Partial<RedisServer> = {}): RedisServer {
  const { hostname, port, username, password, path } = parseUrl(url)
  return {
    host: hostname ?? '127.0.0.1',
    port: port ?? 6379,
    socketPath: undefined,
    db: Number(path.replace(/^\//, '') || 0),
    username: username || undefined,
    password: password || undefined,
    tls: undefined,
    options: {},
    text: url.replace(/:[^:/@]*@/, ':***@'),
    ...change,
  }
}

/** A client beside all brokers, for what tests look at and put in. */
export async function openRedis(url: string): Promise<Client> {
  const client = makeClient(url)
  client.on('error', () => {}) // servers of tests come and go
  await client.connect()
  return client
}

const makeClient = (url: string) => createClient({ url })

export type Client = ReturnType<typeof makeClient>

/** Removes what a file of tests made in a shared server. */
export async function removeKeys(client: Client, prefix: string): Promise<void> {
  for await (const keys of client.scanIterator({ MATCH: `${prefix}*`, COUNT: 1000 })) {
    if (keys.length > 0) await client.unlink(keys)
  }
}
