import type { PoolStats } from './pool.ts'
import type { Session } from './session.ts'
import type { AroundTask } from './task-host.ts'

/** How a scope is opened. */
export interface RunOptions {
  /** What the scope is called in messages. Default `scope`. */
  readonly name?: string | undefined
  /** Nothing may be written; a replica is used where there is one. Default false. */
  readonly readOnly?: boolean | undefined
  /** When it is aborted the scope is rolled back at once, whatever its function still does. */
  readonly signal?: AbortSignal | undefined
}

/** Anything that runs a function as one unit of work: kept when it returns, undone when it throws. */
export interface SessionHost {
  run<T>(fn: () => T | PromiseLike<T>, options?: RunOptions): Promise<T>
}

/** What a database's connections do at this moment. */
export interface DbStats {
  /** Scopes that have begun and not ended. */
  readonly scopes: number
  readonly write: PoolStats
  /** Those of scopes that are `readOnly`; the same as `write` when they have none of their own. */
  readonly read: PoolStats
}

/** How a database is closed. */
export interface CloseOptions {
  /** How long open scopes may take to end, in seconds. Default 10. */
  readonly timeoutSeconds?: number | undefined
}

/** A database, and its sessions. */
export interface DbSession<Schema, Bare = unknown> extends SessionHost {
  /**
   * The session of the scope in which this is called.
   *
   * @throws DbError `ERR_DB_NO_SCOPE` outside of every scope, `ERR_DB_SCOPE_ENDED` in what a scope left behind
   */
  session(): Session<Schema, Bare>
  /**
   * Opens a scope, runs a function in it, and commits; when the function throws, rolls back. Inside of another scope it
   * opens a second one, with a connection and a transaction of its own.
   *
   * @param fn - calls `session()`, at whatever depth
   * @returns what the function returns, once it is stored
   * @throws what the function throws; DbError `ERR_DB_COMMIT_UNKNOWN`, `ERR_DB_COMMIT_REFUSED`,
   *   `ERR_DB_TRANSACTION_LOST`, `ERR_DB_CLOSED`
   */
  run<T>(fn: () => T | PromiseLike<T>, options?: RunOptions): Promise<T>
  /** {@link run} in the form a worker wants: each execution of a task is one scope. */
  readonly aroundTask: AroundTask
  stats(): DbStats
  /** Refuses new scopes, waits for those that are open, closes every connection. A second call gives the same promise. */
  close(options?: CloseOptions): Promise<void>
}
