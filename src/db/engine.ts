/** The three kinds of database. */
export type EngineName = 'sqlite' | 'postgres' | 'mysql'

/** What a statement gave, as Kysely wants it. */
export interface StatementResult {
  readonly rows: unknown[]
  readonly numAffectedRows?: bigint
  readonly numChangedRows?: bigint
  readonly insertId?: bigint
}

/** How a failed statement left its transaction. */
export type Aftermath =
  /** The connection is gone, and the transaction with it. */
  | 'connection lost'
  /** The database has rolled the transaction back by itself (a deadlock), the connection is well. */
  | 'transaction lost'
  /** The transaction is still there. */
  | 'open'

/**
 * One connection to a database, whatever the driver. Never used by two at a time: a pool gives it to one scope, and the
 * scope queues its statements.
 */
export interface EngineConnection {
  /** The driver's own connection. */
  readonly bare: unknown
  /** True as soon as the driver has noticed that the other side is gone. */
  readonly dead: boolean
  query(sql: string, parameters: readonly unknown[]): Promise<StatementResult>
  begin(readOnly: boolean): Promise<void>
  /** Resolves with false when the database answered the commit by rolling back. */
  commit(): Promise<boolean>
  rollback(): Promise<void>
  /** Rejects when the connection does not work. */
  ping(): Promise<void>
  /** Says what an error of a statement means for the transaction. */
  aftermath(error: unknown): Aftermath
  /** Whether the connection keeps the process alive; only one that is in use should. */
  keepAlive(inUse: boolean): void
  /** Closes it; politely when it still answers, but without waiting for long. Never rejects. */
  close(): Promise<void>
}

/** Opens connections to one database. */
export interface Engine {
  readonly name: EngineName
  /** The database without its password, for messages. */
  readonly place: string
  /** After how long the server closes a connection that is not used, in milliseconds; known once one was open. */
  readonly serverIdleMs?: number | undefined
  open(): Promise<EngineConnection>
}
