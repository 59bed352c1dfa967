import { Database } from './database.ts'
import type { DbSession } from './db-session.ts'
import { errorCode } from './error-code.ts'
import { DbError } from './errors.ts'
import { loadKysely } from './load-kysely.ts'
import type { Session } from './session.ts'

/** Changes to the tables, by name, in the order in which they are to run. */
export type Migrations<Schema> = Readonly<Record<string, (session: Session<Schema>) => Promise<unknown>>>

/** How long one process waits for another that migrates. */
const WAIT_SECONDS = 60
const TABLE = 'twopi_migrations'
/** Any number that nobody else uses for a lock in PostgreSQL. */
const LOCK = 8_079_734

/**
 * Runs the migrations that have not run yet, each once, in their order; for the start of a program. Several processes may
 * start at the same time: one runs them, the others wait for up to 60 seconds. On SQLite and PostgreSQL either all of them are stored or none;
 * MySQL commits with each change of a table, so there what ran before the failure stays, and is not run again.
 *
 * @param db - what `createDbSession` made
 * @param migrations - from a name that never changes to what is to be done
 * @returns the names of those that ran
 * @throws what a migration throws; TypeError for a name that is a number; DbError `ERR_DB_BUSY`
 *
 * @example
 * ```ts
 * import { createDbSession, migrate } from 'twopi/db'
 *
 * const db = createDbSession<{ classes: { id: string; name: string } }>(process.env)
 * export const ran = await migrate(db, {
 *   '001-classes': ({ schema }) =>
 *     schema
 *       .createTable('classes')
 *       .addColumn('id', 'varchar(36)', (column) => column.primaryKey())
 *       .addColumn('name', 'varchar(80)', (column) => column.notNull())
 *       .execute(),
 * })
 * ```
 */
export async function migrate<Schema>(
  db: DbSession<Schema>,
  migrations: Migrations<Schema>,
): Promise<readonly string[]> {
  const numbers = Object.keys(migrations).filter((name) => /^\d+$/.test(name))
  if (numbers.length > 0) {
    throw new TypeError(
      `the migrations ${numbers.map((name) => `'${name}'`).join(', ')} are named by numbers, which JavaScript puts before all others; write '${numbers[0]}-what-it-does'`,
    )
  }
  const { sql } = await loadKysely()
  const engine = db instanceof Database ? db.engine : undefined
  const unlock = db instanceof Database && engine === 'mysql' ? await takeMysqlLock(db) : undefined
  try {
    return await db.run(
      async () => {
        const session = db.session()
        if (engine === 'postgres') await takePostgresLock(session)
        if (engine === 'sqlite') await takeSqliteLock(session)
        return runMissing(session, migrations)
      },
      { name: 'migrate' },
    )
  } finally {
    await unlock?.()
  }

  async function takePostgresLock(session: Session<Schema>): Promise<void> {
    await sql`set local lock_timeout = ${sql.lit(WAIT_SECONDS * 1000)}`.execute(session)
    try {
      await sql`select pg_advisory_xact_lock(${sql.lit(LOCK)})`.execute(session)
    } catch (error) {
      throw errorCode(error) === '55P03' ? busy(error) : error
    }
    await sql`set local lock_timeout to default`.execute(session)
  }

  /** The lock is the file's, taken where the transaction begins. */
  async function takeSqliteLock(session: Session<Schema>): Promise<void> {
    const until = Date.now() + WAIT_SECONDS * 1000
    for (;;) {
      try {
        await sql`select 1`.execute(session)
        return
      } catch (error) {
        if (errorCode(error) !== 'ERR_DB_BUSY') throw error
        if (Date.now() >= until) throw busy(error)
      }
    }
  }

  async function runMissing(session: Session<Schema>, all: Migrations<Schema>): Promise<readonly string[]> {
    await sql`create table if not exists ${sql.table(TABLE)} (name varchar(255) not null primary key)`.execute(session)
    const { rows } = await sql<{ name: string }>`select name from ${sql.table(TABLE)}`.execute(session)
    const done = new Set(rows.map(({ name }) => name))
    const missing = Object.entries(all).filter(([name]) => !done.has(name))
    for (const [name, run] of missing) {
      await run(session)
      await sql`insert into ${sql.table(TABLE)} (name) values (${name})`.execute(session)
      if (engine === 'mysql') await session.commit()
    }
    return missing.map(([name]) => name)
  }
}

/** On a connection of its own, because a migration may commit, and give the scope's connection to somebody else. */
async function takeMysqlLock({ pools }: Database): Promise<() => Promise<void>> {
  const connection = await pools.write.engine.open()
  try {
    // MySQL takes names of up to 64 characters.
    const name = "concat('twopi_migrations_', md5(coalesce(database(), '')))"
    const { rows } = await connection.query(`select get_lock(${name}, ${WAIT_SECONDS}) as taken`, [])
    if (Number((rows[0] as { taken: unknown }).taken) !== 1) throw busy(undefined)
    return async () => {
      // It ends with the connection too, but in a test that undoes everything this one is not ours alone.
      await connection.query(`select release_lock(${name})`, []).catch(() => undefined)
      await connection.close()
    }
  } catch (error) {
    await connection.close()
    throw error
  }
}

function busy(cause: unknown): DbError {
  return new DbError('ERR_DB_BUSY', `Another process has been running migrations for ${WAIT_SECONDS} seconds.`, {
    cause,
  })
}
