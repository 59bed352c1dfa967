import type { Pools } from './create-pools.ts'
import { Database } from './database.ts'
import type { DbSession } from './db-session.ts'
import type { Aftermath, Engine, EngineConnection, EngineName, StatementResult } from './engine.ts'
import { errorCode } from './error-code.ts'
import { DbError } from './errors.ts'
import { Pool, type PooledConnection } from './pool.ts'

// Every scope runs on one connection, in one transaction that is never committed; what a scope takes for its transaction is
// a savepoint in it. Scopes so run one after the other, wherever they are opened: also those of requests that come over
// a socket, which no AsyncLocalStorage of the test reaches.

const HOLDER = { name: 'rollbackEverything' }

/** Ends what {@link rollbackEverything} began. */
export type Undo = () => Promise<void>

/**
 * Begins a transaction that is never committed: until it is undone, every scope of the database is part of it, so a test can
 * write what it likes. For tests that use the database alone; scopes run one at a time.
 *
 * @param db - what `createDbSession` made
 * @returns what undoes everything that was written since
 * @throws TypeError when it is called twice without undoing
 *
 * @example
 * ```ts
 * import { createDbSession, rollbackEverything } from 'twopi/db'
 *
 * const db = createDbSession<{ classes: { name: string } }>(process.env)
 * const undo = await rollbackEverything(db) // in `beforeEach`
 * await db.run(() => db.session().insertInto('classes').values({ name: 'Algebra' }).execute())
 * await undo() // in `afterEach`: the class is gone
 * ```
 */
export async function rollbackEverything<Schema, Bare>(db: DbSession<Schema, Bare>): Promise<Undo> {
  if (!(db instanceof Database)) throw new TypeError('rollbackEverything() takes what createDbSession() made.')
  const { pools } = db
  if (pools.write.engine instanceof SavepointEngine) {
    throw new TypeError('rollbackEverything() was called before and not undone; call what it returned.')
  }
  const pooled = await pools.write.acquire(HOLDER)
  await pooled.connection.begin(false)
  const { acquireMs } = pools.write.options
  const engine = new SavepointEngine(pools.write.engine, pooled.connection)
  const only = new Pool(engine, { max: 1, acquireMs, recycle: false, prePing: false, idleMs: undefined })
  db.pools = { write: only, read: only }
  const session = { db, pools, only, engine, pooled }
  db.beforeClose = (timeoutMs) => undo(session, timeoutMs)
  return () => undo(session, acquireMs)
}

interface Undoable {
  readonly db: Database
  readonly pools: Pools
  readonly only: Pool
  readonly engine: SavepointEngine
  readonly pooled: PooledConnection
}

async function undo({ db, pools, only, engine, pooled }: Undoable, timeoutMs: number): Promise<void> {
  if (db.pools.write !== only) return
  db.pools = pools
  db.beforeClose = undefined
  await only.close(timeoutMs)
  // A scope that is still open must not reach the connection any more, which would store its statements one by one.
  let broken = engine.end()
  if (broken && db.engine === 'sqlite')
    await pooled.connection.query('PRAGMA query_only = OFF', []).catch(() => undefined)
  await pooled.connection.rollback().catch(() => {
    broken = true
  })
  pools.write.release(pooled, { broken })
}

class SavepointEngine implements Engine {
  readonly name: EngineName
  readonly place: string
  readonly #connection: EngineConnection
  readonly #opened = new Set<SavepointConnection>()

  constructor(engine: Engine, connection: EngineConnection) {
    this.name = engine.name
    this.place = engine.place
    this.#connection = connection
  }

  async open(): Promise<EngineConnection> {
    const connection = new SavepointConnection(this.#connection, this.name)
    this.#opened.add(connection)
    return connection
  }

  /** Ends what was opened, and tells whether a scope still had some of it. */
  end(): boolean {
    let used = false
    for (const connection of this.#opened) used = connection.end() || used
    return used
  }
}

const NAME = 'twopi_test'
const IN_FAILED_TRANSACTION = '25P02'

class SavepointConnection implements EngineConnection {
  readonly #connection: EngineConnection
  readonly #engine: EngineName
  /** Whether a scope has begun and not ended. */
  #begun = false
  #readOnly = false
  #over = false

  constructor(connection: EngineConnection, engine: EngineName) {
    this.#connection = connection
    this.#engine = engine
  }

  get bare(): unknown {
    return this.#connection.bare
  }

  get dead(): boolean {
    return this.#over || this.#connection.dead
  }

  end(): boolean {
    this.#over = true
    return this.#begun
  }

  async query(sql: string, parameters: readonly unknown[]): Promise<StatementResult> {
    if (this.#over) {
      throw new DbError(
        'ERR_DB_TRANSACTION_LOST',
        'What rollbackEverything() began was undone while this scope was open.',
      )
    }
    return this.#connection.query(sql, parameters)
  }

  async begin(readOnly: boolean): Promise<void> {
    await this.query(`SAVEPOINT ${NAME}`, [])
    this.#begun = true
    this.#readOnly = readOnly
    // MySQL cannot forbid it in a part of a transaction; there what was written is only undone.
    if (readOnly && this.#engine === 'postgres') await this.query('SET LOCAL transaction_read_only = on', [])
    if (readOnly && this.#engine === 'sqlite') await this.query('PRAGMA query_only = ON', [])
  }

  async commit(): Promise<boolean> {
    if (this.#readOnly) {
      await this.rollback()
      return true
    }
    try {
      await this.query(`RELEASE SAVEPOINT ${NAME}`, [])
      this.#begun = false
      return true
    } catch (error) {
      // As PostgreSQL answers a COMMIT after a failed statement.
      if (errorCode(error) !== IN_FAILED_TRANSACTION) throw error
      await this.rollback()
      return false
    }
  }

  async rollback(): Promise<void> {
    if (this.#readOnly && this.#engine === 'sqlite') await this.query('PRAGMA query_only = OFF', [])
    this.#readOnly = false
    await this.query(`ROLLBACK TO SAVEPOINT ${NAME}`, [])
    await this.query(`RELEASE SAVEPOINT ${NAME}`, [])
    this.#begun = false
  }

  ping(): Promise<void> {
    return this.#connection.ping()
  }

  aftermath(error: unknown): Aftermath {
    if (this.#over) return 'connection lost'
    return this.#connection.aftermath(error)
  }

  keepAlive(): void {
    // The connection is in use until everything is undone.
  }

  async close(): Promise<void> {
    // Belongs to the pool it came from.
  }
}
