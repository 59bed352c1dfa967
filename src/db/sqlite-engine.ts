import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Database } from 'libsql'
import type { SqliteTarget } from './database-url.ts'
import type { Aftermath, Engine, EngineConnection, StatementResult } from './engine.ts'
import { DbError } from './errors.ts'
import { loadDriver } from './load-driver.ts'

// SQLite lets one connection write at a time. A transaction that reads first and writes later may find that another has
// written in between and fail for that alone, so a scope that may write says so at its begin (`BEGIN IMMEDIATE`). The
// driver works synchronously: its own busy time-out would stop the whole process while the one who holds the lock, maybe
// this very process, could not go on. So waiting is done here.

const RETRY_MS = 5

/** SQLite by `libsql`: a file, or memory. */
export class SqliteEngine implements Engine {
  readonly name = 'sqlite'
  readonly place: string
  readonly #target: SqliteTarget
  readonly #driverOptions: object
  /** A database in memory is its connection, so there is one, however often it is opened. */
  #memory: Database | undefined

  constructor(target: SqliteTarget, driverOptions: object) {
    this.#target = target
    this.#driverOptions = driverOptions
    this.place = target.place
  }

  async open(): Promise<EngineConnection> {
    if (this.#memory !== undefined) return new SqliteConnection(this.#memory, this.#target)
    const { default: LibSql } = await loadDriver('libsql', () => import('libsql'))
    const { file, busyMs } = this.#target
    if (file !== null) mkdirSync(dirname(file), { recursive: true })
    const database = new LibSql(file ?? ':memory:', this.#driverOptions)
    database.exec('PRAGMA busy_timeout = 0')
    // Without it SQLite does not look at foreign keys at all.
    database.exec('PRAGMA foreign_keys = ON')
    database.defaultSafeIntegers(true)
    if (file === null) this.#memory = database
    else await retryBusy(busyMs, () => void database.prepare('PRAGMA journal_mode = WAL').all())
    return new SqliteConnection(database, this.#target)
  }
}

class SqliteConnection implements EngineConnection {
  readonly bare: Database
  readonly #busyMs: number
  readonly #inMemory: boolean
  /** Asking for it takes as long as a small select, so it stays as it is for as long as the scopes want it so. */
  #queryOnly = false

  constructor(database: Database, { file, busyMs }: SqliteTarget) {
    this.bare = database
    this.#busyMs = busyMs
    this.#inMemory = file === null
  }

  get dead(): boolean {
    return !this.bare.open
  }

  async query(sql: string, parameters: readonly unknown[]): Promise<StatementResult> {
    assertOneStatement(sql)
    const statement = this.bare.prepare(sql)
    const values = parameters.map(bindable)
    if (statement.reader) return { rows: statement.all(values).map(readRow) }
    const { changes, lastInsertRowid } = statement.run(values)
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) }
  }

  async begin(readOnly: boolean): Promise<void> {
    this.#setQueryOnly(readOnly)
    await retryBusy(this.#busyMs, () => void this.bare.exec(readOnly ? 'BEGIN' : 'BEGIN IMMEDIATE'))
  }

  async commit(): Promise<boolean> {
    await retryBusy(this.#busyMs, () => void this.bare.exec('COMMIT'))
    return true
  }

  async rollback(): Promise<void> {
    if (this.bare.inTransaction) this.bare.exec('ROLLBACK')
  }

  #setQueryOnly(queryOnly: boolean): void {
    if (queryOnly === this.#queryOnly) return
    this.bare.exec(`PRAGMA query_only = ${queryOnly ? 'ON' : 'OFF'}`)
    this.#queryOnly = queryOnly
  }

  async ping(): Promise<void> {
    this.bare.prepare('SELECT 1').all()
  }

  aftermath(): Aftermath {
    if (this.dead) return 'connection lost'
    // A full disk and the like end the transaction without being asked.
    return this.bare.inTransaction ? 'open' : 'transaction lost'
  }

  keepAlive(): void {
    // No socket, nothing that could keep the process alive.
  }

  async close(): Promise<void> {
    if (!this.bare.open) return
    // The driver keeps a closed database, and its lock, until its last statement has been collected as garbage.
    if (this.bare.inTransaction) this.bare.exec('ROLLBACK')
    // Memory stays open, for whoever opens it next.
    if (this.#inMemory) this.#setQueryOnly(false)
    else this.bare.close()
  }
}

/** What the driver takes. It ends the whole process when it is given a boolean. */
function bindable(value: unknown): unknown {
  if (typeof value === 'boolean') return value ? 1 : 0
  if (value instanceof Date) return value.toISOString()
  // Stored whole and read back cut, so two names that differ could look the same.
  if (typeof value === 'string' && value.includes('\0')) {
    throw new TypeError(
      'A text with the character U+0000 cannot be stored; give it as bytes, or take the character out.',
    )
  }
  return value
}

/** What separates statements, and what a semicolon may stand in: texts, names, comments; then words. */
const TOKEN = /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|\w+|\S/g
const TRIGGER = /^\s*create\s+(?:temp\s+|temporary\s+)?trigger\b/i

/** The driver runs the first of several statements and says nothing of the others. */
function assertOneStatement(sql: string): void {
  if (!sql.includes(';')) return
  const inTrigger = TRIGGER.test(sql)
  let ended = false
  let [before, last] = ['', '']
  for (const [token] of sql.matchAll(TOKEN)) {
    if (token.startsWith('--') || token.startsWith('/*')) continue
    if (ended && token !== ';') {
      throw new TypeError(
        'The SQL has more than one statement, of which SQLite would run the first; run each by itself.',
      )
    }
    // A trigger has statements of its own, up to its `; END;`.
    if (token === ';' && (!inTrigger || (before === ';' && last.toUpperCase() === 'END'))) ended = true
    before = last
    last = token
  }
}

/** Integers as numbers where no digit is lost, bytes as a `Buffer`, as the other drivers give them. */
function readRow(row: unknown): unknown {
  const cells = row as Record<string, unknown>
  for (const name in cells) {
    const value = cells[name]
    if (typeof value === 'bigint') {
      if (value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER) cells[name] = Number(value)
    } else if (value instanceof ArrayBuffer) cells[name] = Buffer.from(value)
  }
  return cells
}

async function retryBusy(busyMs: number, work: () => void): Promise<void> {
  const until = Date.now() + busyMs
  for (;;) {
    try {
      return work()
    } catch (error) {
      if (!String((error as { code?: unknown }).code).startsWith('SQLITE_BUSY')) throw error
      if (Date.now() >= until) {
        throw new DbError('ERR_DB_BUSY', `Another process has held the database's lock for ${busyMs} ms.`, {
          cause: error,
        })
      }
    }
    await sleep(RETRY_MS)
  }
}
