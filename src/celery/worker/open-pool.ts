import { AsyncPool } from './async-pool.ts'
import type { Pool } from './pool.ts'
import type { PoolNeeds } from './worker-parts.ts'

/** The pool that the options ask for. Threads are loaded only when they are wanted. */
export async function openPool({ setup, site, clock, timeLimits }: PoolNeeds): Promise<Pool> {
  const { concurrency } = setup
  if (setup.pool === 'async') return new AsyncPool({ concurrency, site, clock, timeLimits })
  const { ThreadPool } = await import('./thread-pool.ts')
  const { app, maxTasksPerThread, maxMegabytes } = setup
  return await ThreadPool.open({ concurrency, app, site, clock, timeLimits, maxTasksPerThread, maxMegabytes })
}
