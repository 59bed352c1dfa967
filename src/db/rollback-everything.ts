import type { Pools } from './create-pools.ts'
import { Database } from './database.ts'
import type { DbSession } from './db-session.ts'
import type { Aftermath, Engine, EngineConnection, EngineName, StatementResult } from './engine.ts'
import { errorCode } from './error-code.ts'
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
  return () => undo(db, pools, only, pooled)
}

async function undo(db: Database, pools: Pools, only: Pool, pooled: PooledConnection): Promise<void> {
  if (db.pools.write !== only) return
  db.pools = pools
  await only.close(only.options.acquireMs)
  let broken = false
  await pooled.connection.rollback().catch(() => {
    broken = true
  })
  pools.write.release(pooled, { broken })
}

class SavepointEngine implements Engine {
  readonly name: EngineName
  readonly place: string
  readonly #connection: EngineConnection

  constructor(engine: Engine, connection: EngineConnection) {
    this.name = engine.name
    this.place = engine.place
    this.#connection = connection
  }

  async open(): Promise<EngineConnection> {
    return new SavepointConnection(this.#connection)
  }
}

const NAME = 'twopi_test'
const IN_FAILED_TRANSACTION = '25P02'

class SavepointConnection implements EngineConnection {
  readonly #connection: EngineConnection

  constructor(connection: EngineConnection) {
    this.#connection = connection
  }

  get bare(): unknown {
    return this.#connection.bare
  }

  get dead(): boolean {
    return this.#connection.dead
  }

  query(sql: string, parameters: readonly unknown[]): Promise<StatementResult> {
    return this.#connection.query(sql, parameters)
  }

  async begin(): Promise<void> {
    await this.query(`SAVEPOINT ${NAME}`, [])
  }

  async commit(): Promise<boolean> {
    try {
      await this.query(`RELEASE SAVEPOINT ${NAME}`, [])
      return true
    } catch (error) {
      // As PostgreSQL answers a COMMIT after a failed statement.
      if (errorCode(error) !== IN_FAILED_TRANSACTION) throw error
      await this.rollback()
      return false
    }
  }

  async rollback(): Promise<void> {
    await this.query(`ROLLBACK TO SAVEPOINT ${NAME}`, [])
    await this.query(`RELEASE SAVEPOINT ${NAME}`, [])
  }

  ping(): Promise<void> {
    return this.#connection.ping()
  }

  aftermath(error: unknown): Aftermath {
    return this.#connection.aftermath(error)
  }

  keepAlive(): void {
    // The connection is in use until everything is undone.
  }

  async close(): Promise<void> {
    // Belongs to the pool it came from.
  }
}
