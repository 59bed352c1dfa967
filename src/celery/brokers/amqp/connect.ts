import { readFile } from 'node:fs/promises'
import type { ConnectionOptions } from 'node:tls'
import type { ChannelModel } from 'amqplib'
import type { AmqpServer, TlsSettings } from '../broker-address.ts'
import { loadDriver } from '../load-driver.ts'
import type { AmqpSettings } from './amqp-settings.ts'
import { within } from './within.ts'

/** Thrown when a server is there and does not want us: it is not asked again before it has ever taken us. */
export class ServerRefusal extends Error {}

/**
 * Opens one connection to one server.
 *
 * @param purpose - added to the connection's name, as there are two: `celery@host (publish)`
 * @throws DriverMissingError without `amqplib`, {@link ServerRefusal} for wrong credentials or virtual host, else Error
 */
export async function connect(server: AmqpServer, settings: AmqpSettings, purpose: string): Promise<ChannelModel> {
  const amqplib = await loadDriver('amqplib', () => import('amqplib'))
  const { credentials } = amqplib
  const { host, port, virtualHost, username, password, tls } = server
  const timeout = server.connectTimeout === undefined ? settings.connectTimeout : server.connectTimeout * 1000
  const encryption = tls === undefined ? {} : await tlsOptions(tls)
  const opening = amqplib.connect(
    {
      protocol: tls === undefined ? 'amqp' : 'amqps',
      hostname: host,
      port,
      vhost: encodeURIComponent(virtualHost), // it decodes
      heartbeat: heartbeatSeconds(server.heartbeat === undefined ? settings.heartbeat / 1000 : server.heartbeat),
    },
    {
      ...encryption,
      noDelay: true,
      keepAlive: true,
      timeout: Math.max(timeout, 1), // destroys the socket of a server that says nothing
      credentials: mechanism(credentials, server.loginMethod, username, password),
      clientProperties: {
        product: 'twopi',
        version: undefined,
        information: undefined,
        connection_name: `${settings.connectionName ?? 'twopi'} (${purpose})`,
      },
    },
  )
  try {
    return await within(opening, timeout, () => new Error(`no connection within ${timeout / 1000} seconds`))
  } catch (error) {
    // One that opens after all is not left behind.
    opening.then((model) => discard(model)).catch(() => undefined)
    throw explain(error, virtualHost)
  }
}

function discard(model: ChannelModel): void {
  model.on('error', () => undefined)
  model.close().catch(() => undefined)
}

function heartbeatSeconds(seconds: number): number {
  return seconds === 0 ? 0 : Math.min(Math.max(Math.round(seconds), 1), 0xffff)
}

type Credentials = typeof import('amqplib')['credentials']

function mechanism(credentials: Credentials, method: string | undefined, username: string, password: string) {
  if (method === 'EXTERNAL') return credentials.external()
  return method === 'AMQPLAIN' ? credentials.amqplain(username, password) : credentials.plain(username, password)
}

async function tlsOptions(tls: TlsSettings): Promise<ConnectionOptions> {
  const file = async (path: string | undefined) => (path === undefined ? undefined : await readFile(path))
  const [ca, cert, key] = await Promise.all([file(tls.caFile), file(tls.certFile), file(tls.keyFile)])
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(tls.checkHostname ? {} : { checkServerIdentity: () => undefined }),
    rejectUnauthorized: tls.verify !== 'none',
  }
}

function explain(error: unknown, virtualHost: string): unknown {
  if (!(error instanceof Error)) return error
  if (error.message.startsWith('Expected ConnectionOpenOk; got <ConnectionClose')) {
    return new ServerRefusal(`the virtual host \`${virtualHost}\` does not exist, or the user may not use it`, {
      cause: error,
    })
  }
  if (/^Handshake terminated by server: 403/.test(error.message)) {
    return new ServerRefusal('the user name or the password is wrong', { cause: error })
  }
  // With several addresses of a host, the error has no text of its own.
  if (error instanceof AggregateError && error.message === '') {
    return new Error(error.errors.map(String).join('; '), { cause: error })
  }
  return error
}
