import { readFile } from 'node:fs/promises'
import type { Connection } from 'mysql2/promise'
import type { MysqlTarget } from './database-url.ts'
import type { Aftermath, Engine, EngineConnection, StatementResult } from './engine.ts'
import { errorCode, isSocketError } from './error-code.ts'
import { loadDriver } from './load-driver.ts'

/** MySQL and MariaDB by `mysql2`. */
export class MysqlEngine implements Engine {
  readonly name = 'mysql'
  readonly place: string
  readonly #target: MysqlTarget
  readonly #driverOptions: object
  #serverIdleMs: number | undefined

  constructor(target: MysqlTarget, driverOptions: object) {
    this.#target = target
    this.#driverOptions = driverOptions
    this.place = target.place
  }

  get serverIdleMs(): number | undefined {
    return this.#serverIdleMs
  }

  async open(): Promise<EngineConnection> {
    const { createConnection } = await loadDriver('mysql2', () => import('mysql2/promise'))
    const { host, port, user, password, database, socketPath, charset, connectMs = 10_000, ssl } = this.#target
    const places = socketPath === undefined ? { host: host ?? 'localhost', port: port ?? 3306 } : { socketPath }
    const bare = await createConnection({
      supportBigNumbers: true,
      enableKeepAlive: true,
      // An object as a parameter would otherwise become SQL (`a = 1`), which lets a JSON body into a condition.
      stringifyObjects: true,
      connectTimeout: connectMs,
      charset,
      ...this.#driverOptions,
      ...places,
      ...(user === undefined ? {} : { user }),
      ...(password === undefined ? {} : { password }),
      ...(database === undefined ? {} : { database }),
      ...(ssl === undefined ? {} : { ssl: await readFiles(ssl) }),
    })
    const connection = new MysqlConnection(bare)
    try {
      // What follows a DDL statement, which commits by itself, must still be in a transaction.
      await bare.query('SET autocommit = 0')
      this.#serverIdleMs ??= await readWaitTimeout(bare)
    } catch (error) {
      bare.destroy()
      throw error
    }
    return connection
  }
}

async function readFiles(ssl: NonNullable<MysqlTarget['ssl']>): Promise<Record<string, Buffer>> {
  const files = await Promise.all(
    Object.entries(ssl).map(async ([name, path]) => [name, await readFile(path)] as const),
  )
  return Object.fromEntries(files)
}

async function readWaitTimeout(bare: Connection): Promise<number> {
  const [rows] = await bare.query('SELECT @@wait_timeout AS seconds')
  return Number((rows as { seconds?: unknown }[])[0]?.seconds) * 1000
}

/** The connection below that of promises, which its types do not show. */
interface CoreConnection {
  query(sql: string, parameters: readonly unknown[], done: (error: unknown, result: unknown) => void): void
  on(event: 'error' | 'end', listener: () => void): void
  readonly stream: { on(event: 'close', listener: () => void): void; ref?(): void; unref?(): void }
}

/** Errors with which the server says goodbye: shutdown, killed, too long idle; and those of the driver. */
const CLOSING = new Set([
  'ER_SERVER_SHUTDOWN',
  'ER_NORMAL_SHUTDOWN',
  'ER_CONNECTION_KILLED',
  'ER_CLIENT_INTERACTION_TIMEOUT',
  'ER_NET_READ_ERROR',
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_SEQUENCE_TIMEOUT',
])

class MysqlConnection implements EngineConnection {
  readonly bare: Connection
  readonly #core: CoreConnection
  dead = false

  constructor(bare: Connection) {
    this.bare = bare
    this.#core = (bare as unknown as { connection: CoreConnection }).connection
    const die = () => {
      this.dead = true
    }
    this.#core.on('error', die)
    this.#core.on('end', die)
    this.#core.stream.on('close', die)
  }

  async query(sql: string, parameters: readonly unknown[]): Promise<StatementResult> {
    const result = await this.#ask(sql, parameters)
    if (Array.isArray(result)) return { rows: result }
    const { insertId, affectedRows, changedRows } = result as {
      insertId: number
      affectedRows: number
      changedRows?: number
    }
    return {
      rows: [],
      numAffectedRows: BigInt(affectedRows),
      ...(changedRows === undefined ? {} : { numChangedRows: BigInt(changedRows) }),
      ...(String(insertId) === '0' ? {} : { insertId: BigInt(insertId) }),
    }
  }

  /** Without the driver's promises, which cost more than the rest of a session does, and with a stack that leads home. */
  async #ask(sql: string, parameters: readonly unknown[] = []): Promise<unknown> {
    try {
      return await new Promise((resolve, reject) => {
        this.#core.query(sql, parameters, (error, result) => (error ? reject(error) : resolve(result)))
      })
    } catch (error) {
      if (error instanceof Error) error.stack += `\n${new Error().stack?.split('\n').slice(2).join('\n')}`
      throw error
    }
  }

  async begin(readOnly: boolean): Promise<void> {
    await this.#ask(readOnly ? 'START TRANSACTION READ ONLY' : 'START TRANSACTION')
  }

  async commit(): Promise<boolean> {
    await this.#ask('COMMIT')
    return true
  }

  async rollback(): Promise<void> {
    await this.#ask('ROLLBACK')
  }

  async ping(): Promise<void> {
    await this.bare.ping()
  }

  aftermath(error: unknown): Aftermath {
    const code = errorCode(error)
    const { fatal, message } = error as { fatal?: unknown; message?: unknown }
    const lost =
      this.dead ||
      fatal === true ||
      CLOSING.has(code) ||
      isSocketError(error) ||
      // This one has no code.
      /closed state/.test(String(message))
    if (lost) return 'connection lost'
    // The victim of a deadlock is rolled back as a whole; what follows would be half of a transaction.
    return code === 'ER_LOCK_DEADLOCK' ? 'transaction lost' : 'open'
  }

  keepAlive(inUse: boolean): void {
    if (inUse) this.#core.stream.ref?.()
    else this.#core.stream.unref?.()
  }

  async close(): Promise<void> {
    if (this.dead) return this.bare.destroy()
    this.dead = true
    await this.bare.end().catch(() => this.bare.destroy())
  }
}
