import type { RedisServer } from '../brokers/broker-address.ts'
import { loadDriver } from '../brokers/load-driver.ts'
import { AnswerWatch } from './answer-watch.ts'
import { binaryClient, type Client } from './binary-client.ts'
import type { OpenOptions } from './open-options.ts'
import type { ChannelKind, OnMessage, RedisConnection } from './redis-commands.ts'
import { failureOfReply, RedisFailure } from './redis-failure.ts'
import type { RedisScript } from './redis-script.ts'
import { socketOptions } from './socket-options.ts'

/**
 * Opens one connection by the package `redis`. It keeps to one socket: it neither connects again nor keeps commands for a
 * later connection, as nobody could tell then which of them were run.
 *
 * @throws RedisFailure when it cannot be opened; DriverMissingError without the package
 */
export async function openNodeRedis(server: RedisServer, options: OpenOptions): Promise<RedisConnection> {
  const wantsChanges = options.onChange !== undefined
  try {
    return await open(server, options, 3, wantsChanges)
  } catch (error) {
    if (!(error instanceof RedisFailure) || error.kind !== 'failed') throw error
    if (error.reply !== 'ERR' && !(wantsChanges && error.reply === 'NOPERM')) throw error
    // Before Redis 6 there was no `HELLO`; some proxies and users may not have `CLIENT TRACKING`.
    return await open(server, options, 2, false)
  }
}

/**
 * Asks one sentinel where a master is.
 *
 * @returns undefined when it does not know such a master
 * @throws RedisFailure when it does not answer
 */
export async function askSentinel(
  sentinel: RedisServer,
  options: OpenOptions,
  masterName: string,
): Promise<{ host: string; port: number } | undefined> {
  const connection = await open(sentinel, { ...options, scripts: [] }, 2, false)
  try {
    const found = await connection.send(['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', masterName])
    return Array.isArray(found) ? { host: String(found[0]), port: Number(found[1]) } : undefined
  } finally {
    connection.close()
  }
}

async function open(server: RedisServer, options: OpenOptions, protocol: 2 | 3, watches: boolean): Promise<NodeRedis> {
  const { createClient, ErrorReply } = await loadDriver('redis', () => import('redis'))
  const { connectTimeout, commandTimeout, name, onChange, scripts = [], binary = false } = options
  const made = createClient({
    socket: { ...(await socketOptions(server)), connectTimeout: connectTimeout * 1000, reconnectStrategy: false },
    RESP: protocol,
    database: server.db,
    disableOfflineQueue: true,
    disableClientInfo: true,
    maintNotifications: 'disabled',
    commandOptions: { timeout: 0 }, // its own ends with the writing of a command; see `AnswerWatch`
    ...(watches ? { emitInvalidate: true } : {}),
    ...(server.username === undefined ? {} : { username: server.username }),
    ...(server.password === undefined ? {} : { password: server.password }),
    ...(name === undefined ? {} : { name: name.replace(/[^!-~]/g, '-') }),
  })
  const client: Client = binary ? binaryClient(made) : made
  const connection = new NodeRedis(client, server.text, watches, commandTimeout, (error) => error instanceof ErrorReply)
  if (watches && onChange !== undefined) client.on('invalidate', onChange)
  await connection.connect(connectTimeout, scripts)
  return connection
}

class NodeRedis implements RedisConnection {
  readonly address: string
  readonly watches: boolean
  readonly ended: Promise<Error>
  readonly #client: Client
  readonly #watch: AnswerWatch
  readonly #isReply: (error: unknown) => error is Error
  #end: (reason: Error) => void = () => {}
  #reason: Error | undefined

  constructor(
    client: Client,
    address: string,
    watches: boolean,
    timeout: number,
    isReply: (error: unknown) => error is Error,
  ) {
    this.#client = client
    this.#isReply = isReply
    this.address = address
    this.watches = watches
    this.ended = new Promise((resolve) => {
      this.#end = resolve
    })
    const text = `it has not answered for ${timeout} s`
    this.#watch = new AnswerWatch(timeout, () => this.#close(new RedisFailure('unanswered', text)))
    client.on('error', (error) => this.#close(error))
    client.on('end', () => this.#close(new Error('the connection was closed')))
  }

  async connect(timeout: number, scripts: readonly RedisScript[]): Promise<void> {
    // The driver's own time-out ends with the handshake of TCP or TLS; a frozen server still makes that.
    const text = `it has not answered for ${timeout} s`
    const timer = setTimeout(() => this.#close(new RedisFailure('unsent', text)), timeout * 1000)
    try {
      await Promise.race([this.#client.connect(), this.ended.then((reason) => Promise.reject(reason))])
      await Promise.all(scripts.map(({ source }) => this.send(['SCRIPT', 'LOAD', source])))
    } catch (error) {
      this.#close(error instanceof Error ? error : new Error('the connection was refused'))
      const failure = this.#failure(this.#reason ?? error)
      if (failure.kind !== 'unanswered') throw failure
      throw new RedisFailure('unsent', failure.message, '', { cause: failure.cause })
    } finally {
      clearTimeout(timer)
    }
  }

  async get(key: string): Promise<string | null> {
    return (await this.send(['GET', key])) as string | null
  }

  async mGet(keys: readonly string[]): Promise<(string | null)[]> {
    return (await this.send(['MGET', ...keys])) as (string | null)[]
  }

  async del(keys: readonly string[]): Promise<number> {
    return (await this.send(['DEL', ...keys])) as number
  }

  async exists(keys: readonly string[]): Promise<number> {
    return (await this.send(['EXISTS', ...keys])) as number
  }

  async hmGet(key: string, fields: readonly string[]): Promise<(string | null)[]> {
    return (await this.send(['HMGET', key, ...fields])) as (string | null)[]
  }

  async sAdd(key: string, members: readonly string[]): Promise<number> {
    return (await this.send(['SADD', key, ...members])) as number
  }

  async sRem(key: string, members: readonly string[]): Promise<number> {
    return (await this.send(['SREM', key, ...members])) as number
  }

  async sMembers(key: string): Promise<string[]> {
    return (await this.send(['SMEMBERS', key])) as string[]
  }

  async publish(channel: string, text: string): Promise<number> {
    return (await this.send(['PUBLISH', channel, text])) as number
  }

  async eval(script: RedisScript, keys: readonly string[], values: readonly string[]): Promise<unknown> {
    const words = ['EVALSHA', script.sha, String(keys.length), ...keys, ...values]
    try {
      return await this.send(words)
    } catch (error) {
      if (!(error instanceof RedisFailure) || error.reply !== 'NOSCRIPT') throw error
      return await this.send(['EVAL', script.source, ...words.slice(2)])
    }
  }

  async subscribe(kind: ChannelKind, names: readonly string[], onMessage: OnMessage): Promise<void> {
    this.#assertReady()
    const client = this.#client
    const list = [...names]
    await this.#answer(kind === 'channel' ? client.subscribe(list, onMessage) : client.pSubscribe(list, onMessage))
  }

  async unsubscribe(kind: ChannelKind, names: readonly string[]): Promise<void> {
    this.#assertReady()
    const client = this.#client
    await this.#answer(kind === 'channel' ? client.unsubscribe([...names]) : client.pUnsubscribe([...names]))
  }

  async ping(): Promise<void> {
    await this.send(['PING'])
  }

  close(): void {
    this.#close(new Error('the connection was closed'))
  }

  #close(reason: Error): void {
    if (this.#reason !== undefined) return
    this.#reason = reason
    this.#watch.stop()
    if (this.#client.isOpen) this.#client.destroy()
    // After the commands' own promises, so that who waits for the end finds them settled.
    setImmediate(() => this.#end(reason))
  }

  async send(words: readonly string[]): Promise<unknown> {
    this.#assertReady()
    return this.#answer(this.#client.sendCommand(words))
  }

  #assertReady(): void {
    if (!this.#client.isReady) throw new RedisFailure('unsent', 'there is no connection', '', { cause: this.#reason })
  }

  async #answer<T>(answer: Promise<T>): Promise<T> {
    this.#watch.sent()
    try {
      return await answer
    } catch (error) {
      throw this.#failure(error)
    } finally {
      this.#watch.answered()
    }
  }

  #failure(error: unknown): RedisFailure {
    if (error instanceof RedisFailure) return error
    if (this.#isReply(error)) return failureOfReply(error)
    const reason = this.#reason ?? error
    if (reason instanceof RedisFailure) return reason
    return new RedisFailure('unanswered', describe(reason), '', { cause: reason })
  }
}

/** Words of sockets; none holds more than the address. */
function describe(reason: unknown): string {
  if (!(reason instanceof Error)) return 'the connection was lost'
  const { code } = reason as { code?: unknown }
  if (code === 'ECONNREFUSED') return 'nobody listens there (ECONNREFUSED)'
  return typeof code === 'string' && code !== '' ? `the connection failed (${code})` : reason.message
}
