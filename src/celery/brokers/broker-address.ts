/**
 * Where a broker or a result store is, read from its URL. Texts are percent-decoded; `text` is the URL without its secrets,
 * for logs.
 */
export type BrokerAddress = MemoryAddress | RedisAddress | SentinelAddress | AmqpAddress | RpcAddress

/** In this process, shared by all who use the same name. */
export interface MemoryAddress {
  readonly kind: 'memory'
  /** Tells several in one process apart: `memory://name`. Empty for the ordinary one. */
  readonly name: string
  readonly text: string
}

export interface RedisAddress {
  readonly kind: 'redis'
  /** One, or several that are tried in turn. */
  readonly servers: readonly RedisServer[]
  readonly text: string
}

export interface RedisServer {
  readonly host: string
  readonly port: number
  /** Path of a Unix socket, in place of host and port. */
  readonly socketPath: string | undefined
  /** Number of the database. */
  readonly db: number
  readonly username: string | undefined
  readonly password: string | undefined
  readonly tls: TlsSettings | undefined
  /** What else the URL says, by redis-py's names: `socket_timeout`, `health_check_interval`. */
  readonly options: Readonly<Record<string, string>>
  readonly text: string
}

/** Sentinels to ask for the Redis; which one is said by the transport option `master_name`. */
export interface SentinelAddress {
  readonly kind: 'sentinel'
  readonly sentinels: readonly { readonly host: string; readonly port: number }[]
  /** Of the Redis itself, as are the credentials. */
  readonly db: number
  readonly username: string | undefined
  readonly password: string | undefined
  readonly tls: TlsSettings | undefined
  readonly options: Readonly<Record<string, string>>
  readonly text: string
}

export interface AmqpAddress {
  readonly kind: 'amqp'
  /** One, or several that are tried in turn. */
  readonly servers: readonly AmqpServer[]
  readonly text: string
}

export interface AmqpServer {
  readonly host: string
  readonly port: number
  readonly virtualHost: string
  readonly username: string
  readonly password: string
  readonly tls: TlsSettings | undefined
  /** In seconds; undefined: as `brokerHeartbeat` says. */
  readonly heartbeat: number | undefined
  /** In seconds; undefined: as `brokerConnectionTimeout` says. */
  readonly connectTimeout: number | undefined
  readonly loginMethod: string | undefined
  readonly text: string
}

/** Results go back as messages over the broker. For result stores alone. */
export interface RpcAddress {
  readonly kind: 'rpc'
  readonly text: string
}

/** How a connection is encrypted. */
export interface TlsSettings {
  /** Whether the server's certificate is checked: always, when it has one (as Node has no such, as `required`), never. */
  readonly verify: 'required' | 'optional' | 'none'
  /** Whether the certificate must be for the host's name. */
  readonly checkHostname: boolean
  /** Path of a file with the certificates to trust. */
  readonly caFile: string | undefined
  readonly certFile: string | undefined
  readonly keyFile: string | undefined
}
