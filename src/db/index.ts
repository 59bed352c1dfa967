/**
 * Sessions of a database: one scope for requests, tasks and tests, on SQLite, PostgreSQL, MySQL and MariaDB.
 *
 * @module twopi/db
 */
export { createDbSession } from './create-db-session.ts'
export type { CloseOptions, DbSession, DbStats, RunOptions, SessionHost } from './db-session.ts'
export { type ConnectionHolder, DbError, type DbErrorCode, DbPoolTimeoutError } from './errors.ts'
export { type Migrations, migrate } from './migrate.ts'
export type { PoolStats } from './pool.ts'
export { rollbackEverything, type Undo } from './rollback-everything.ts'
export type { Session } from './session.ts'
export { type DbConfig, type DbSessionOptions, type DbWarning, DEFAULT_DATABASE_URL } from './settings.ts'
export type { AroundTask, TaskHost, TaskInfo } from './task-host.ts'
export { type SessionContext, type WithSessionOptions, withSession } from './with-session.ts'
