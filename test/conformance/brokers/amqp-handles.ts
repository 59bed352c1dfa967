import { createAmqpBroker } from '../../../src/celery/brokers/amqp/amqp-broker.ts'
import type { Broker } from '../../../src/celery/brokers/broker.ts'
import type { AmqpAddress, AmqpServer } from '../../../src/celery/brokers/broker-address.ts'
import type { BrokerOptions } from '../../../src/celery/brokers/broker-options.ts'
import { parseUrl } from '../../../src/config/parse-url.ts'
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts'

export type HandleOptions = Omit<BrokerOptions<AmqpAddress>, 'address'> & {
  /** Servers beside the one of the proxy, tried after it. */
  readonly others?: readonly AmqpServer[]
}

/** Opens brokers, each behind a network of its own. */
export class AmqpHandles {
  readonly #url: string
  readonly #proxies = new Map<Broker, TcpProxy>()

  constructor(url: string) {
    this.#url = url
  }

  async open(options: HandleOptions = {}): Promise<Broker> {
    const proxy = await startTcpProxy(amqpServer(this.#url).port)
    const { others = [], transportOptions, ...rest } = options
    const broker = createAmqpBroker({
      address: {
        kind: 'amqp',
        servers: [{ ...amqpServer(this.#url), port: proxy.port }, ...others],
        text: 'amqp://guest:***@127.0.0.1//',
      },
      connectionTimeout: 4,
      transportOptions: { interval_start: 0.02, interval_step: 0.1, interval_max: 1, ...transportOptions },
      ...rest,
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

export function amqpServer(url: string, change: Partial<AmqpServer> = {}): AmqpServer {
  const { hostname, port, username, password, path } = parseUrl(url)
  return {
    host: hostname ?? '127.0.0.1',
    port: port ?? 5672,
    virtualHost: decodeURIComponent(path.replace(/^\//, '')) || '/',
    username: username || 'guest',
    password: password || 'guest',
    tls: undefined,
    heartbeat: undefined,
    connectTimeout: undefined,
    loginMethod: undefined,
    text: 'amqp://guest:***@127.0.0.1//',
    ...change,
  }
}
