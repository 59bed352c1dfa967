import type {
  CompiledQuery,
  ConnectionProvider,
  DatabaseConnection,
  Dialect,
  Driver,
  Kysely,
  KyselyPlugin,
  QueryResult,
  Transaction,
} from 'kysely'
import type { EngineName } from './engine.ts'
import { loadKysely } from './load-kysely.ts'
import type { Scope } from './scope.ts'
import type { Session } from './session.ts'

type KyselyModule = typeof import('kysely')

/** Makes the session of a scope. */
export type SessionFactory = (scope: Scope) => Session<unknown>

/**
 * Loads Kysely and binds it to an engine. What does not depend on the scope is made once here; a session costs an executor
 * and a query creator.
 */
export async function bindKysely(engine: EngineName, plugins: readonly KyselyPlugin[]): Promise<SessionFactory> {
  const kysely = await loadKysely()
  const dialect = dialectOf(kysely, engine)
  const compiler = dialect.createQueryCompiler()
  const adapter = dialect.createAdapter()
  const driver = dialect.createDriver()
  const config = { dialect }
  const SessionClass = sessionClass(kysely)
  return (scope) => {
    const executor = new kysely.DefaultQueryExecutor(compiler, adapter, providerOf(scope), [...plugins])
    return new SessionClass({ config, dialect, driver, executor }, scope) as unknown as Session<unknown>
  }
}

type TransactionProps = ConstructorParameters<KyselyModule['Transaction']>[0]

/** A `Transaction` of Kysely with our methods. Made at run time, because Kysely is loaded at run time. */
function sessionClass(kysely: KyselyModule): new (props: TransactionProps, scope: Scope) => object {
  // Seen as a class without members: `connection` is a method there, and a property of ours.
  const Base = kysely.Transaction as unknown as new (props: TransactionProps) => object
  return class Session extends Base {
    readonly #props: TransactionProps
    readonly #scope: Scope

    constructor(props: TransactionProps, scope: Scope) {
      super(props)
      this.#props = props
      this.#scope = scope
    }

    commit(): Promise<void> {
      return this.#scope.commit()
    }

    rollback(): Promise<void> {
      return this.#scope.rollback()
    }

    remove(): Promise<void> {
      return this.#scope.rollback()
    }

    nested<T>(fn: () => T | PromiseLike<T>): Promise<T> {
      return this.#scope.nested(fn)
    }

    get connection(): Promise<unknown> {
      return this.#scope.bareConnection()
    }

    get kysely(): Transaction<unknown> {
      return new kysely.Transaction(this.#props)
    }
  }
}

function providerOf(scope: Scope): ConnectionProvider {
  const connection: DatabaseConnection = {
    async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
      return (await scope.query(sql, parameters)) as QueryResult<R>
    },
    // A cursor that stays open would stop every other statement of the scope, those in the loop over it included.
    async *streamQuery<R>({ sql, parameters }: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
      yield (await scope.query(sql, parameters)) as QueryResult<R>
    },
  }
  return { provideConnection: (consumer) => consumer(connection) }
}

function dialectOf(kysely: KyselyModule, engine: EngineName): Dialect {
  const parts = {
    sqlite: [kysely.SqliteQueryCompiler, kysely.SqliteAdapter, kysely.SqliteIntrospector],
    postgres: [kysely.PostgresQueryCompiler, kysely.PostgresAdapter, kysely.PostgresIntrospector],
    mysql: [kysely.MysqlQueryCompiler, kysely.MysqlAdapter, kysely.MysqlIntrospector],
  } as const
  const [Compiler, Adapter, Introspector] = parts[engine]
  return {
    createDriver: () => noDriver,
    createQueryCompiler: () => new Compiler(),
    createAdapter: () => new Adapter(),
    createIntrospector: (db: Kysely<unknown>) => new Introspector(db),
  }
}

const refuse = async (): Promise<never> => {
  throw new TypeError('The session has begun its transaction already; use nested() for a part of it.')
}

/** Kysely asks its driver only for what a session does by itself. */
const noDriver: Driver = {
  init: async () => undefined,
  acquireConnection: refuse,
  beginTransaction: refuse,
  commitTransaction: refuse,
  rollbackTransaction: refuse,
  releaseConnection: async () => undefined,
  destroy: async () => undefined,
}
