import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  type KyselyPlugin,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import Libsql from 'libsql'

/** Kysely over SQLite in memory, which tells what it executes. */
export function openSqlite<DB>(plugins: KyselyPlugin[] = []): { db: Kysely<DB>; statements: string[] } {
  const statements: string[] = []
  const database = new Libsql(':memory:')
  const connection: DatabaseConnection = {
    executeQuery: async ({ sql, parameters }) => {
      statements.push(sql)
      const statement = database.prepare(sql)
      if (statement.reader) return { rows: statement.all([...parameters]) as never[] }
      statement.run([...parameters])
      return { rows: [] }
    },
    // biome-ignore lint/correctness/useYield: nothing here streams
    async *streamQuery() {
      throw new Error('not streamed')
    },
  }
  const run = async (sql: string) => void (await connection.executeQuery(CompiledQuery.raw(sql)))
  const driver: Driver = {
    init: async () => undefined,
    acquireConnection: async () => connection,
    beginTransaction: () => run('begin'),
    commitTransaction: () => run('commit'),
    rollbackTransaction: () => run('rollback'),
    releaseConnection: async () => undefined,
    destroy: async () => void database.close(),
  }
  const db = new Kysely<DB>({
    plugins,
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => driver,
      createIntrospector: (kysely) => new SqliteIntrospector(kysely),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  })
  return { db, statements }
}
