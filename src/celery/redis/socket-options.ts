import { readFile } from 'node:fs/promises'
import type { RedisServer, TlsSettings } from '../brokers/broker-address.ts'

/** What `net.connect` or `tls.connect` is to be called with. */
export type SocketOptions =
  | { readonly path: string }
  | { readonly host: string; readonly port: number }
  | ({ readonly host: string; readonly port: number; readonly tls: true } & TlsOptions)

interface TlsOptions {
  readonly servername?: string
  readonly rejectUnauthorized: boolean
  readonly checkServerIdentity?: () => undefined
  readonly ca?: Buffer
  readonly cert?: Buffer
  readonly key?: Buffer
}

/** Makes them for a server; certificates are read anew for each connection, as they are renewed while we run. */
export async function socketOptions({ socketPath, host, port, tls }: RedisServer): Promise<SocketOptions> {
  if (socketPath !== undefined) return { path: socketPath }
  if (tls === undefined) return { host, port }
  return { host, port, tls: true, ...(await tlsOptions(host, tls)) }
}

async function tlsOptions(host: string, tls: TlsSettings): Promise<TlsOptions> {
  const { verify, checkHostname, caFile, certFile, keyFile } = tls
  return {
    // An address is no name: Node warns when it is sent as one.
    ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }),
    rejectUnauthorized: verify !== 'none',
    ...(checkHostname ? {} : { checkServerIdentity: () => undefined }),
    ...(caFile === undefined ? {} : { ca: await readFile(caFile) }),
    ...(certFile === undefined ? {} : { cert: await readFile(certFile) }),
    ...(keyFile === undefined ? {} : { key: await readFile(keyFile) }),
  }
}
