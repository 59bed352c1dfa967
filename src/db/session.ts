import type { Transaction } from 'kysely'

type TakenAway = 'connection' | 'transaction' | 'startTransaction' | 'destroy' | 'isTransaction' | 'withTables'

/**
 * The unit of work of the current scope: Kysely's query methods on the scope's own connection, and what ends or divides the
 * work. A transaction begins with the first statement; statements asked for in parallel run one after the other.
 *
 * @typeParam Schema - the tables, as Kysely wants them
 * @typeParam Bare - what {@link connection} gives: `PoolClient` or `Client` of `pg`, `Connection` of `mysql2/promise`,
 *   `Database` of `libsql`
 */
export interface Session<Schema, Bare = unknown> extends Omit<Transaction<Schema>, TakenAway> {
  /**
   * Stores what was done since the last commit and gives the connection back. The next statement begins a new transaction.
   * The scope does it by itself at its end.
   *
   * @throws DbError `ERR_DB_COMMIT_UNKNOWN`, `ERR_DB_COMMIT_REFUSED`, `ERR_DB_TRANSACTION_LOST`, `ERR_DB_NESTED`
   */
  commit(): Promise<void>
  /** Undoes what was done since the last commit and gives the connection back. */
  rollback(): Promise<void>
  /** The original's word for {@link rollback}: what is not committed is gone, and the scope begins anew. */
  remove(): Promise<void>
  /**
   * Runs a function in a savepoint: when it throws, what was done in it is undone and the rest of the work stays.
   *
   * @param fn - what it asks of `session()` belongs to the savepoint; others wait until it is done
   * @returns what the function returns
   */
  nested<T>(fn: () => T | PromiseLike<T>): Promise<T>
  /**
   * The driver's own connection, in the scope's transaction. Yours until the scope commits; end no transaction on it, and
   * await each of its statements.
   */
  readonly connection: Promise<Bare>
  /** The same session as Kysely's own type, for functions that take a `Kysely<Schema>` or a `Transaction<Schema>`. */
  readonly kysely: Transaction<Schema>
}
