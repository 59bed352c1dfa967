import type { DatabaseTarget } from './database-url.ts'
import type { Engine } from './engine.ts'
import { MysqlEngine } from './mysql-engine.ts'
import { PostgresEngine } from './postgres-engine.ts'
import { SqliteEngine } from './sqlite-engine.ts'

/** The engine for a database. Nothing is loaded or opened yet. */
export function createEngine(target: DatabaseTarget, driverOptions: object): Engine {
  switch (target.engine) {
    case 'sqlite':
      return new SqliteEngine(target, driverOptions)
    case 'postgres':
      return new PostgresEngine(target, driverOptions)
    case 'mysql':
      return new MysqlEngine(target, driverOptions)
    default:
      return target satisfies never
  }
}
