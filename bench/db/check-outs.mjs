// The pool alone, on connections that are nothing: what the check at each check-out costs.
import { Pool } from '../../dist/db/pool.js'

const connection = { dead: false, keepAlive() {}, close: async () => undefined }
// As MariaDB says it: eight hours.
const engine = { name: 'mysql', place: 'nowhere', serverIdleMs: 28_800_000, open: async () => connection }

/** @param settings - the recycle setting of each contender, by its name */
export async function checkOuts(settings) {
  const contenders = Object.entries(settings).map(([name, recycle]) => {
    const pool = new Pool(engine, { max: 1, acquireMs: 1000, recycle, prePing: false, idleMs: undefined })
    const holder = { name }
    return { name, run: async () => pool.release(await pool.acquire(holder)) }
  })
  // Opens the connections.
  for (const { run } of contenders) await run()
  return contenders
}
