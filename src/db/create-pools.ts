import { createEngine } from './create-engine.ts'
import type { DatabaseTarget } from './database-url.ts'
import { Pool, type PoolOptions } from './pool.ts'
import type { DbSettings } from './settings.ts'

/** Where scopes take their connections; one pool for both where there is no second. */
export interface Pools {
  readonly write: Pool
  readonly read: Pool
}

/** The pools of a database. Nothing is opened yet. */
export function createPools(settings: DbSettings): Pools {
  const { target, readTarget, poolSize, driverOptions } = settings
  const pool = (place: DatabaseTarget, max: number) =>
    new Pool(createEngine(place, driverOptions), poolOptions(settings, max))
  if (target.engine !== 'sqlite') {
    const write = pool(target, poolSize)
    return { write, read: readTarget === undefined ? write : pool(readTarget, poolSize) }
  }
  const write = pool(target, 1)
  // A database in memory is one connection; a file can be read while another connection writes.
  const readFrom = readTarget ?? target
  return { write, read: readFrom.engine === 'sqlite' && readFrom.file === null ? write : pool(readFrom, poolSize) }
}

function poolOptions({ target, recycle, acquireMs, prePing, idleMs }: DbSettings, max: number): PoolOptions {
  // There is no server that could close a file behind our back.
  if (target.engine === 'sqlite') return { max, acquireMs, prePing, recycle: false, idleMs: undefined }
  return { max, acquireMs, prePing, recycle, idleMs }
}
