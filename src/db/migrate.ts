import { Database } from './database.ts'
import type { DbSession } from './db-session.ts'
import { DbError } from './errors.ts'
import { loadDriver } from './load-driver.ts'
import type { Session } from './session.ts'

/** Changes to the tables, by name, in the order in which they are to run. */
export type Migrations<Schema> = Readonly<Record<string, (session: Session<Schema>) => Promise<unknown>>>

const TABLE = 'twopi_migrations'
/** Any number that nobody else uses for a lock in PostgreSQL. */
const LOCK = 8_079_734

/**
 * Runs the migrations that have not run yet, each once, in their order; for the start of a program. Several processes may
 * start at the same time: one runs them, the others wait. On SQLite and PostgreSQL either all of them are stored or none;
 * MySQL commits with each change of a table, so there what ran before the failure stays, and is not run again.
 *
 * @param db - what `createDbSession` made
 * @param migrations - from a name that never changes to what is to be done
 * @returns the names of those that ran
 * @throws what a migration throws
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
  const { sql } = await loadDriver('kysely', () => import('kysely'))
  const engine = db instanceof Database ? db.engine : undefined
  return db.run(
    async () => {
      const session = db.session()
      const ask = (query: ReturnType<typeof sql>) => query.execute(session)
      if (engine === 'postgres') await ask(sql`select pg_advisory_xact_lock(${sql.lit(LOCK)})`)
      if (engine === 'mysql') await takeMysqlLock(session)
      try {
        return await runMissing(session, migrations)
      } finally {
        // What was thrown matters more than a lock that ends with its connection.
        if (engine === 'mysql') await ask(sql`select release_lock(${TABLE})`).catch(() => undefined)
      }
    },
    { name: 'migrate' },
  )

  async function takeMysqlLock(session: Session<Schema>): Promise<void> {
    const { rows } = await sql<{ taken: unknown }>`select get_lock(${TABLE}, 60) as taken`.execute(session)
    if (Number(rows[0]?.taken) === 1) return
    throw new DbError('ERR_DB_BUSY', 'Another process has been running migrations for 60 seconds.')
  }

  async function runMissing(session: Session<Schema>, all: Migrations<Schema>): Promise<readonly string[]> {
    await sql`create table if not exists ${sql.table(TABLE)} (name varchar(255) not null primary key)`.execute(session)
    const { rows } = await sql<{ name: string }>`select name from ${sql.table(TABLE)}`.execute(session)
    const done = new Set(rows.map(({ name }) => name))
    const missing = Object.entries(all).filter(([name]) => !done.has(name))
    for (const [name, run] of missing) {
      await run(session)
      await sql`insert into ${sql.table(TABLE)} (name) values (${name})`.execute(session)
      // Not `session.commit()`, which gives the connection back, and with it the lock.
      if (engine === 'mysql') await sql`commit`.execute(session)
    }
    return missing.map(([name]) => name)
  }
}
