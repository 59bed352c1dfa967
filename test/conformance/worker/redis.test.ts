import { createClient } from 'redis'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { redisUrl } from '../../support/services/redis.ts'
import { startTcpProxy, type TcpProxy } from '../brokers/tcp-proxy.ts'
import { describeWorker } from './cases.ts'

const url = await redisUrl()

if (url === undefined) describe.skip('worker: Redis (install redis-server, or set REDIS_URL)', () => void it('runs'))
else await suite(new URL(url))

async function suite(url: URL): Promise<void> {
  const client = createClient({ url: url.href })
  // All connections of the suite lead through it; a test that cuts them has no other running beside it.
  const proxy: TcpProxy = await startTcpProxy(Number(url.port || 6379))
  beforeAll(() => client.connect())
  afterAll(async () => {
    await client.close()
    await proxy.close()
  })
  const cut = new URL(url)
  cut.hostname = '127.0.0.1'
  cut.port = String(proxy.port)

  describeWorker('Redis', {
    config: (name) => ({
      brokerUrl: cut.href,
      resultBackend: url.href,
      brokerTransportOptions: { global_keyprefix: `${name}:` },
      resultBackendTransportOptions: { global_keyprefix: `${name}:` },
    }),
    interrupt: async () => proxy.cut(),
    cleanUp: async (name) => {
      for await (const keys of client.scanIterator({ MATCH: `${name}:*`, COUNT: 1000 })) {
        if (keys.length > 0) await client.unlink(keys)
      }
    },
    chords: true,
  })
}
