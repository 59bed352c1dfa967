import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Broker, QueueDeclaration } from '../../../src/celery/brokers/broker.ts'
import type { RedisServer, SentinelAddress, TlsSettings } from '../../../src/celery/brokers/broker-address.ts'
import { createRedisBroker } from '../../../src/celery/brokers/redis/redis-broker.ts'
import { freePort } from '../../support/services/free-port.ts'
import { greet } from '../../support/services/greet.ts'
import { type OwnService, ownService } from '../../support/services/own-service.ts'
import { hasRedis, startRedis } from '../../support/services/redis.ts'
import { message, textOf, to, until } from './bench.ts'
import { openRedis, redisServer } from './redis-handles.ts'

const hasOpenssl = spawnSync('openssl', ['version']).status === 0
if ((!hasRedis() || !hasOpenssl) && process.env['CI']) throw new Error('install redis-server and openssl')

const one: QueueDeclaration = {
  name: 'ways',
  exchange: undefined,
  routingKey: 'ways',
  durable: true,
  autoDelete: false,
  exclusive: false,
  arguments: {},
  passive: false,
}
const open: Broker[] = []
const folder = mkdtempSync(join(tmpdir(), 'twopi-ways-'))

afterEach(async () => {
  await Promise.all(open.splice(0).map((broker) => broker.close()))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function brokerOf(server: RedisServer, maxRetries = 0): Broker {
  const broker = createRedisBroker({ address: { kind: 'redis', servers: [server], text: server.text }, maxRetries })
  open.push(broker)
  return broker
}

/** Sends a message, and takes it. */
async function serves(broker: Broker, text = 'a'): Promise<void> {
  const seen: string[] = []
  await broker.publish(message(text), to(one))
  const consumer = await broker.consume([one], {
    prefetch: 1,
    onDelivery: (delivery) => {
      seen.push(textOf(delivery))
      void delivery.ack()
    },
  })
  await until(() => seen.includes(text), 'the message')
  await consumer.cancel()
}

describe.skipIf(!hasRedis())('ways to a Redis (needs redis-server)', () => {
  it('can be a Unix socket', async () => {
    const socketPath = join(folder, 'redis.sock')
    const redis = await startRedis({ settings: ['--unixsocket', socketPath] })
    try {
      await serves(brokerOf(redisServer(redis.url, { host: '', socketPath })))
    } finally {
      await redis.close()
    }
  })

  it('can lead to another database', async () => {
    const redis = await startRedis()
    try {
      await serves(brokerOf(redisServer(redis.url, { db: 5 })))
      const client = await openRedis(`redis://127.0.0.1:${redis.port}/5`)
      expect(await client.dbSize()).toBeGreaterThan(0) // its fences
      await client.select(0)
      expect(await client.dbSize()).toBe(0)
      client.destroy()
    } finally {
      await redis.close()
    }
  })

  it('shows the name of the connection to operators', async () => {
    const redis = await startRedis()
    const client = await openRedis(redis.url)
    const server = redisServer(redis.url)
    const broker = createRedisBroker({
      address: { kind: 'redis', servers: [server], text: server.text },
      connectionName: 'celery@here and there',
    })
    await broker.connect()
    expect(await client.sendCommand(['CLIENT', 'LIST'])).toContain('name=celery@here-and-there')
    client.destroy()
    await broker.close()
    await redis.close()
  })
})

describe.skipIf(!hasRedis() || !hasOpenssl)('Redis over TLS (needs redis-server and openssl)', () => {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  let redis: OwnService
  let port: number
  const strict: TlsSettings = { verify: 'required', checkHostname: true, caFile: cert, certFile: cert, keyFile: key }

  beforeAll(async () => {
    const about = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, ...about], {
      stdio: 'ignore',
    })
    port = await freePort()
    const files = ['--tls-cert-file', cert, '--tls-key-file', key, '--tls-ca-cert-file', cert]
    redis = await startRedis({ settings: ['--tls-port', String(port), ...files] })
  }, 60_000)
  afterAll(() => redis.close())

  const secure = (tls: TlsSettings, host = 'localhost'): Broker =>
    brokerOf(redisServer(redis.url, { host, port, tls, text: 'rediss://x' }))

  it('is served with a certificate of its own, for its name', async () => {
    await serves(secure(strict))
  })

  it('is served by address when names are not checked, and without any check when that is said', async () => {
    await serves(secure({ ...strict, checkHostname: false }, '127.0.0.1'))
    await serves(secure({ ...strict, verify: 'none', caFile: undefined }, '127.0.0.1'))
  })

  for (const [what, change, host] of [
    ['a certificate that nobody trusts', { caFile: undefined }, 'localhost'],
    ['a certificate for another name', {}, '127.0.0.1'],
    ['no certificate of its own, where one is wanted', { certFile: undefined, keyFile: undefined }, 'localhost'],
  ] as const) {
    it(`refuses ${what}`, async () => {
      const broker = secure({ ...strict, ...change }, host)
      await expect(broker.connect()).rejects.toMatchObject({ code: 'ERR_CELERY_CONNECTION' })
    })
  }
})

describe.skipIf(!hasRedis())('Redis behind sentinels (needs redis-server)', () => {
  const services: OwnService[] = []
  afterAll(async () => {
    await Promise.all(services.map((service) => service.close()))
  })

  async function startSentinel(master: number): Promise<number> {
    const port = await freePort()
    const file = join(folder, `sentinel-${port}.conf`)
    const lines = [
      `port ${port}`,
      'bind 127.0.0.1',
      `dir ${folder}`,
      'requirepass sentinel-secret',
      `sentinel monitor mymaster 127.0.0.1 ${master} 1`,
      'sentinel auth-pass mymaster the-secret',
      'sentinel down-after-milliseconds mymaster 500',
      'sentinel failover-timeout mymaster 2000',
    ]
    writeFileSync(file, lines.join('\n'))
    const service = await ownService({
      name: 'Redis Sentinel',
      url: `sentinel://127.0.0.1:${port}`,
      port,
      folder: join(folder, `none-${port}`),
      spawn: () => spawn('redis-server', [file, '--sentinel'], { stdio: ['ignore', 'pipe', 'pipe'] }),
      serves: async () => /^(?:\+PONG|-NOAUTH)/.test(await greet(port, '127.0.0.1', 'PING\r\n')),
    })
    services.push(service)
    return port
  }

  it('is found by them, and found again when the master died and a replica took its place', async () => {
    const settings = ['--requirepass', 'the-secret', '--masterauth', 'the-secret']
    const master = await startRedis({ settings })
    const replica = await startRedis({ settings: [...settings, '--replicaof', `127.0.0.1 ${master.port}`] })
    services.push(master, replica)
    const [gone, port] = [await freePort(), await startSentinel(master.port)]
    const address: SentinelAddress = {
      kind: 'sentinel',
      sentinels: [gone, port].map((one) => ({ host: '127.0.0.1', port: one })),
      ...{ db: 0, username: undefined, password: 'the-secret', tls: undefined, options: {}, text: 'sentinel://x' },
    }
    const broker = createRedisBroker({
      address,
      transportOptions: { master_name: 'mymaster', sentinel_kwargs: { password: 'sentinel-secret' } },
    })
    open.push(broker)
    const seen = new Set<string>()
    await broker.consume([one], {
      prefetch: 5,
      onDelivery: (delivery) => {
        seen.add(textOf(delivery))
        delivery.ack().catch(() => undefined)
      },
    })
    await broker.publish(message('before'), to(one))
    await until(() => seen.has('before'), 'the first')
    const look = await openRedis(replica.url.replace('//', '//:the-secret@'))
    await until(async () => (await look.info('replication')).includes('master_link_status:up'), 'the replica', 30_000)
    await until(() => knowsReplica(port), 'the sentinel to know the replica', 30_000)
    await master.kill()
    await broker.ping().catch(() => undefined)
    await broker.publish(message('after'), to(one))
    await until(() => seen.has('after'), 'the second', 30_000)
    expect(await look.info('replication')).toContain('role:master')
    look.destroy()
  }, 90_000)

  it('is not found when they know no such master', async () => {
    const redis = await startRedis()
    services.push(redis)
    const port = await startSentinel(redis.port)
    const address: SentinelAddress = {
      kind: 'sentinel',
      sentinels: [{ host: '127.0.0.1', port }],
      ...{ db: 0, username: undefined, password: undefined, tls: undefined, options: {}, text: 'sentinel://x' },
    }
    const broker = createRedisBroker({
      address,
      maxRetries: 0,
      transportOptions: { master_name: 'other', sentinel_kwargs: { password: 'sentinel-secret' } },
    })
    await expect(broker.connect()).rejects.toThrow('know no master "other"')
    await broker.close()
  }, 60_000)

  async function knowsReplica(port: number): Promise<boolean> {
    const ask = 'AUTH sentinel-secret\r\nSENTINEL REPLICAS mymaster\r\n'
    return (await greet(port, '127.0.0.1', ask)).includes('slave')
  }
})

describe('a server that is not there', () => {
  it('is not waited for longer than a message is, by who declares, counts or throws away', async () => {
    const text = `redis://127.0.0.1:${await freePort()}/0`
    const server = { ...redisServer(text), text }
    const broker = createRedisBroker({
      address: { kind: 'redis', servers: [server], text },
      maxRetries: null,
      transportOptions: { confirm_timeout: 0.05 },
    })
    open.push(broker)
    const tries = [broker.declare(one), broker.size('ways'), broker.purge('ways'), broker.deleteQueue('ways')]
    for (const late of tries) await expect(late).rejects.toMatchObject({ code: 'ERR_CELERY_CONNECTION' })
  })
})
