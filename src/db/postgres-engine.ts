import type { Client, QueryResult } from 'pg'
import type { PostgresTarget } from './database-url.ts'
import type { Aftermath, Engine, EngineConnection, StatementResult } from './engine.ts'
import { errorCode, isSocketError } from './error-code.ts'
import { loadDriver } from './load-driver.ts'

/** PostgreSQL by `pg`. */
export class PostgresEngine implements Engine {
  readonly name = 'postgres'
  readonly place: string
  readonly #target: PostgresTarget
  readonly #driverOptions: object

  constructor(target: PostgresTarget, driverOptions: object) {
    this.#target = target
    this.#driverOptions = driverOptions
    this.place = target.place
  }

  async open(): Promise<EngineConnection> {
    const { Client } = await loadDriver('pg', () => import('pg'))
    const { connectionString, connectMs = 10_000 } = this.#target
    const client = new Client({
      keepAlive: true,
      connectionTimeoutMillis: connectMs,
      ...this.#driverOptions,
      connectionString,
    })
    const connection = new PostgresConnection(client)
    await client.connect()
    return connection
  }
}

/** Errors after which the server closes the connection (appendix A of its manual). */
const CLOSING = new Set(['57P01', '57P02', '57P03', '57P05', '25P03', '25P04', '08000', '08003', '08006'])

/** Commands whose count of rows means rows they have changed. */
const CHANGING = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE'])

class PostgresConnection implements EngineConnection {
  readonly bare: Client
  dead = false

  constructor(client: Client) {
    this.bare = client
    const die = () => {
      this.dead = true
    }
    // Without a listener the loss of an idle connection would end the process.
    client.on('error', die)
    client.on('end', die)
  }

  async query(sql: string, parameters: readonly unknown[]): Promise<StatementResult> {
    const answer: unknown = await this.bare.query(sql, [...parameters])
    // A text of several statements, which is taken where there are no parameters: the last speaks for all.
    const { command, rowCount, rows } = (Array.isArray(answer) ? answer.at(-1) : answer) as QueryResult
    return CHANGING.has(command) && rowCount !== null ? { rows, numAffectedRows: BigInt(rowCount) } : { rows }
  }

  async begin(readOnly: boolean): Promise<void> {
    await this.bare.query(readOnly ? 'BEGIN READ ONLY' : 'BEGIN')
  }

  async commit(): Promise<boolean> {
    // After a failed statement PostgreSQL answers COMMIT with ROLLBACK, and with no error.
    const { command } = await this.bare.query('COMMIT')
    return command === 'COMMIT'
  }

  async rollback(): Promise<void> {
    await this.bare.query('ROLLBACK')
  }

  async ping(): Promise<void> {
    await this.bare.query('SELECT 1')
  }

  /** Not in its types. */
  get #stream(): { destroy(): void } {
    return (this.bare as unknown as { connection: { stream: { destroy(): void } } }).connection.stream
  }

  aftermath(error: unknown): Aftermath {
    const lost =
      this.dead ||
      CLOSING.has(errorCode(error)) ||
      isSocketError(error) ||
      /^Connection terminated|not queryable|^Client was closed/.test(String((error as Error)?.message))
    return lost ? 'connection lost' : 'open'
  }

  keepAlive(inUse: boolean): void {
    // Not in its types.
    const socket = this.bare as unknown as { ref(): void; unref(): void }
    if (inUse) socket.ref()
    else socket.unref()
  }

  async close(): Promise<void> {
    if (this.dead) return
    this.dead = true
    const patience = setTimeout(() => this.#stream.destroy(), 1000).unref()
    await this.bare.end().catch(() => undefined)
    clearTimeout(patience)
  }
}
