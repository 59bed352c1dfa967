import { execFileSync, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer, type Server } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAmqpBroker } from '../../../src/celery/brokers/amqp/amqp-broker.ts'
import type { TlsSettings } from '../../../src/celery/brokers/broker-address.ts'
import { amqpUrl } from '../../support/services/rabbitmq.ts'
import { amqpServer } from './amqp-handles.ts'

const url = await amqpUrl()
const hasOpenssl = spawnSync('openssl', ['version']).status === 0
if (!hasOpenssl && process.env['CI']) throw new Error('install openssl')

describe.skipIf(url === undefined || !hasOpenssl)('RabbitMQ over TLS (needs rabbitmq-server and openssl)', () => {
  const target = amqpServer(url ?? 'amqp://x')
  const folder = mkdtempSync(join(tmpdir(), 'twopi-tls-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const strict: TlsSettings = {
    verify: 'required',
    checkHostname: true,
    caFile: cert,
    certFile: undefined,
    keyFile: undefined,
  }
  let server: Server
  let seen: boolean[]
  let port: number

  beforeAll(async () => {
    const about = ['-subj', '/CN=broker.test', '-addext', 'subjectAltName=DNS:broker.test']
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, ...about], {
      stdio: 'ignore',
    })
    seen = []
    const files = { key: readFileSync(key), cert: readFileSync(cert), ca: readFileSync(cert) }
    server = createServer({ ...files, requestCert: true, rejectUnauthorized: false }, (socket) => {
      seen.push(socket.authorized)
      const upstream = connect(target.port, target.host)
      for (const end of [socket, upstream]) end.on('error', () => undefined)
      socket.pipe(upstream).pipe(socket)
    })
    server.on('tlsClientError', () => undefined)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    port = typeof address === 'object' && address !== null ? address.port : 0
  })
  afterAll(() => {
    server.close()
    rmSync(folder, { recursive: true })
  })

  async function tryWith(tls: TlsSettings): Promise<unknown> {
    const broker = createAmqpBroker({
      address: { kind: 'amqp', servers: [{ ...target, port, tls }], text: 'amqps://127.0.0.1' },
      maxRetries: 0,
    })
    try {
      await broker.ping()
      return 'connected'
    } catch (error) {
      return error
    } finally {
      await broker.close()
    }
  }

  it('refuses a certificate for another name', async () => {
    expect(String(await tryWith(strict))).toContain("does not match certificate's altnames")
  })

  it('refuses a certificate that nobody vouches for', async () => {
    expect(String(await tryWith({ ...strict, caFile: undefined }))).toContain('self-signed certificate')
  })

  it('takes another name when told so, but no unknown certificate then', async () => {
    expect(await tryWith({ ...strict, checkHostname: false })).toBe('connected')
    expect(await tryWith({ ...strict, checkHostname: false, caFile: undefined })).toMatchObject({
      code: 'ERR_CELERY_CONNECTION',
    })
  })

  it('takes any certificate when told so', async () => {
    expect(await tryWith({ ...strict, verify: 'none', caFile: undefined })).toBe('connected')
  })

  it('shows a certificate of its own', async () => {
    seen.length = 0
    await tryWith({ ...strict, checkHostname: false, certFile: cert, keyFile: key })
    expect(seen).toEqual([true])
  })

  it('names a file that is missing', async () => {
    expect(String(await tryWith({ ...strict, caFile: join(folder, 'gone.pem') }))).toContain('gone.pem')
  })
})
