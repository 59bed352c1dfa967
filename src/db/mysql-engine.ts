import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import type { Connection } from 'mysql2/promise'
import type { MysqlTarget } from './database-url.ts'
import type { Aftermath, Engine, EngineConnection, StatementResult } from './engine.ts'
import { errorCode, isSocketError } from './error-code.ts'
import { DbError } from './errors.ts'
import { loadDriver } from './load-driver.ts'

/** MySQL and MariaDB by `mysql2`. */
export class MysqlEngine implements Engine {
  readonly name = 'mysql'
  readonly place: string
  readonly #target: MysqlTarget
  readonly #driverOptions: object
  #facts: ServerFacts | undefined

  constructor(target: MysqlTarget, driverOptions: object) {
    this.#target = target
    this.#driverOptions = driverOptions
    this.place = target.place
  }

  get serverIdleMs(): number | undefined {
    return this.#facts?.idleMs
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
      ...(ssl === undefined
        ? {}
        : { ssl: { ...(await readFiles(ssl, host)), ...(this.#driverOptions as { ssl?: object }).ssl } }),
    })
    try {
      // What follows a DDL statement, which commits by itself, must still be in a transaction.
      const [header] = await bare.query('SET autocommit = 0')
      assertBackslashes(header)
      this.#facts ??= await readFacts(bare)
      return new MysqlConnection(bare, this.#facts)
    } catch (error) {
      bare.destroy()
      throw error
    }
  }
}

async function readFiles(ssl: NonNullable<MysqlTarget['ssl']>, host: string | undefined): Promise<object> {
  const files = await Promise.all(
    Object.entries(ssl).map(async ([name, path]) => [name, await readFile(path)] as const),
  )
  // A certificate of the right authority for another host is not the server's.
  // The driver checks an address against `localhost`, so there only the authority is checked.
  return { verifyIdentity: isIP(host ?? '') === 0, ...Object.fromEntries(files) }
}

/** What a server is asked once. */
interface ServerFacts {
  /** `wait_timeout`, in milliseconds. */
  readonly idleMs: number
  /** Whether one who has waited for a lock for too long loses the whole transaction and not the statement alone. */
  readonly rollsBackOnTimeout: boolean
}

async function readFacts(bare: Connection): Promise<ServerFacts> {
  // Not `SELECT @@…`, which fails where a variable is unknown.
  const [rows] = await bare.query(
    "SHOW VARIABLES WHERE Variable_name IN ('wait_timeout', 'innodb_rollback_on_timeout')",
  )
  const facts = new Map(
    (rows as { Variable_name: string; Value: string }[]).map((row) => [row.Variable_name, row.Value]),
  )
  return {
    idleMs: Number(facts.get('wait_timeout')) * 1000,
    rollsBackOnTimeout: ['ON', '1'].includes(facts.get('innodb_rollback_on_timeout') ?? ''),
  }
}

/** The server says so with each answer that has no rows. */
const NO_BACKSLASH_ESCAPES = 0x200

/** The driver quotes texts with backslashes, which a server in this mode takes for part of the text: SQL could come in. */
function assertBackslashes(header: unknown): void {
  if (((header as { serverStatus?: number }).serverStatus ?? 0) & NO_BACKSLASH_ESCAPES) {
    throw new DbError(
      'ERR_DB_CONNECT',
      'The mode NO_BACKSLASH_ESCAPES is on, in which parameters cannot be quoted safely. Take it out of `sql_mode`.',
    )
  }
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

/** Errors after which the whole transaction is rolled back; what followed would be half of one. */
const ROLLED_BACK = new Set([
  'ER_LOCK_DEADLOCK',
  // The row has changed since the transaction's snapshot (MariaDB's `innodb_snapshot_isolation`).
  'ER_CHECKREAD',
  'ER_LOCK_TABLE_FULL',
])

class MysqlConnection implements EngineConnection {
  readonly bare: Connection
  readonly #facts: ServerFacts
  #asking = 0
  readonly #core: CoreConnection
  dead = false

  constructor(bare: Connection, facts: ServerFacts) {
    this.bare = bare
    this.#facts = facts
    this.#core = (bare as unknown as { connection: CoreConnection }).connection
    const die = () => {
      this.dead = true
    }
    this.#core.on('error', die)
    this.#core.on('end', die)
    this.#core.stream.on('close', die)
  }

  async query(sql: string, parameters: readonly unknown[]): Promise<StatementResult> {
    if (parameters.some(Array.isArray)) {
      // The driver would write its elements into the SQL, those of arrays in it with parentheses.
      throw new TypeError(
        'A parameter is an array, which MySQL does not have; give each element a parameter of its own.',
      )
    }
    const result = await this.#ask(sql, parameters)
    if (Array.isArray(result)) return { rows: result }
    this.#assertSafe(result)
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

  #assertSafe(result: unknown): void {
    try {
      assertBackslashes(result)
    } catch (error) {
      // Nobody is to use it again, as it is.
      this.dead = true
      this.bare.destroy()
      throw error
    }
  }

  /** Without the driver's promises, which cost more than the rest of a session does, and with a stack that leads home. */
  async #ask(sql: string, parameters: readonly unknown[] = []): Promise<unknown> {
    this.#asking++
    try {
      return await new Promise((resolve, reject) => {
        this.#core.query(sql, parameters, (error, result) => (error ? reject(error) : resolve(result)))
      })
    } catch (error) {
      if (error instanceof Error) error.stack += `\n${new Error().stack?.split('\n').slice(2).join('\n')}`
      throw error
    } finally {
      this.#asking--
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
    this.#asking++
    try {
      await this.bare.ping()
    } finally {
      this.#asking--
    }
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
    const rolledBack = ROLLED_BACK.has(code) || (code === 'ER_LOCK_WAIT_TIMEOUT' && this.#facts.rollsBackOnTimeout)
    return rolledBack ? 'transaction lost' : 'open'
  }

  keepAlive(inUse: boolean): void {
    if (inUse) this.#core.stream.ref?.()
    else this.#core.stream.unref?.()
  }

  async close(): Promise<void> {
    // The driver would say goodbye only after the answer to what runs.
    const busy = this.#asking > 0
    if (this.dead || busy) {
      this.dead = true
      return this.bare.destroy()
    }
    this.dead = true
    const patience = setTimeout(() => this.bare.destroy(), 1000).unref()
    await this.bare.end().catch(() => this.bare.destroy())
    clearTimeout(patience)
  }
}
