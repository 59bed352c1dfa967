import { Database } from './database.ts'
import type { DbSession } from './db-session.ts'
import { type DbConfig, type DbSessionOptions, readSettings } from './settings.ts'
import type { TaskHost } from './task-host.ts'

/** The configuration: an object of settings, or the environment. */
type ConfigLike = DbConfig | Readonly<Record<string, string | undefined>>

/**
 * Makes the sessions of a database: one scope for each request, task or test, as the original's `create_db_session` did.
 *
 * The URL is read from `DATABASE_URL` or `SQLALCHEMY_DATABASE_URI`, the recycling of connections from
 * `DATABASE_POOL_RECYCLE` or `SQLALCHEMY_POOL_RECYCLE` (seconds, default 3600), a replica from `DATABASE_READ_URL`. Without a
 * URL it is the SQLite file `data/twopi.sqlite`. Drivers are loaded when the first scope is opened.
 *
 * @typeParam Schema - the tables, as Kysely wants them
 * @typeParam Bare - what `session().connection` gives
 * @param source - the configuration, for instance `process.env`; or a Celery app, whose tasks then run in a scope each
 * @param options - limits, time-outs, plugins
 * @throws TypeError when configuration or options cannot be right, all problems at once
 *
 * @example
 * ```ts
 * import { createDbSession } from 'twopi/db'
 *
 * const db = createDbSession<{ classes: { id: string; name: string } }>(process.env)
 * export const names = () => db.run(() => db.session().selectFrom('classes').select('name').execute())
 * ```
 */
export function createDbSession<Schema, Bare = unknown>(
  source: ConfigLike | TaskHost,
  options: DbSessionOptions = {},
): DbSession<Schema, Bare> {
  const host = isTaskHost(source) ? source : undefined
  const db = new Database(readSettings((host === undefined ? source : host.conf) as DbConfig, options))
  host?.aroundTask(db.aroundTask)
  // The tables are known to the compiler alone.
  return db as unknown as DbSession<Schema, Bare>
}

function isTaskHost(source: ConfigLike | TaskHost): source is TaskHost {
  return 'aroundTask' in source && typeof source.aroundTask === 'function'
}
