/** Where a broker is, read from its URL. */
export type BrokerAddress = MemoryAddress | RedisAddress | AmqpAddress

/** `memory://` and `memory://name`: a space of this process, shared by all who use the same name. */
export interface MemoryAddress {
  readonly kind: 'memory'
  /** Empty for `memory://`. */
  readonly name: string
}

/** `redis://`, `rediss://`, `redis+socket://` and `sentinel://`. Texts are percent-decoded. */
export interface RedisAddress {
  readonly kind: 'redis'
  readonly host: string
  readonly port: number
  /** Of a Unix socket; then host and port say nothing. */
  readonly path: string | undefined
  readonly db: number
  readonly username: string | undefined
  readonly password: string | undefined
  readonly tls: TlsOptions | undefined
  /** Not empty: they are asked where the server called `masterName` is; then host and port say nothing. */
  readonly sentinels: readonly HostAndPort[]
  /** `master_name` of the transport options; undefined without sentinels. */
  readonly masterName: string | undefined
}

/** `amqp://` and `amqps://`. Texts are percent-decoded. */
export interface AmqpAddress {
  readonly kind: 'amqp'
  readonly host: string
  readonly port: number
  /** `/` by default. */
  readonly vhost: string
  readonly username: string
  readonly password: string
  readonly tls: TlsOptions | undefined
}

export interface HostAndPort {
  readonly host: string
  readonly port: number
}

/** What `broker_use_ssl`, `redis_backend_use_ssl` or the parameters `ssl_…` of a URL say. Members that are missing are Node's defaults. */
export interface TlsOptions {
  /** `ssl_cert_reqs`. Default `required`; `optional` is checked too, since a server always shows a certificate. */
  readonly verify?: 'required' | 'optional' | 'none' | undefined
  /** `ssl_check_hostname`. Default true. */
  readonly checkHostname?: boolean | undefined
  /** `ssl_ca_certs`: path of a PEM file. */
  readonly caFile?: string | undefined
  /** `ssl_certfile`: path of a PEM file. */
  readonly certFile?: string | undefined
  /** `ssl_keyfile`: path of a PEM file. */
  readonly keyFile?: string | undefined
}
