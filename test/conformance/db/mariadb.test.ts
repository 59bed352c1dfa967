import { sql } from 'kysely'
import { createDbSession } from 'twopi/db'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readDatabaseUrl } from '../../../src/db/database-url.ts'
import { MysqlEngine } from '../../../src/db/mysql-engine.ts'
import { Pool } from '../../../src/db/pool.ts'
import { describeDatabase } from './cases.ts'
import { block, describeFaults } from './faults.ts'
import { createDatabase, findServer, mariadb, type OwnServer } from './servers.ts'

const server = await findServer(mariadb)
const title = server === undefined ? `MariaDB (install ${mariadb.install})` : 'MariaDB'

describe.skipIf(server === undefined)(title, () => {
  afterAll(() => server?.stop())

  describeDatabase('sessions', {
    open: () => createDatabase(mariadb, server ?? { url: '' }),
    writers: 'many',
    afterCaughtError: 'commits',
    duplicateKey: 'ER_DUP_ENTRY',
    undoesTables: false,
  })

  describeFaults({ kind: mariadb, connectionId: 'connection_id()', kill: (id) => `kill ${id}` })

  describe('with a wait_timeout of 3 seconds and an event loop that was blocked for longer', () => {
    let own: OwnServer
    beforeAll(async () => {
      own = await mariadb.startOwn()
      await mariadb.admin(own.url, 'set global wait_timeout = 3')
    })
    afterAll(() => own.stop())

    it('no scope fails, and with the recycling off every connection does', async () => {
      const engine = () => new MysqlEngine(readDatabaseUrl(own.url) as never, {})
      const pool = (recycle: undefined | false, prePing = false) =>
        new Pool(engine(), { max: 4, acquireMs: 10_000, recycle, prePing, idleMs: undefined })
      const pools = { on: pool(undefined), off: pool(false), ping: pool(false, true) }
      const db = createDbSession({ DATABASE_URL: own.url }, { poolSize: 4 })

      const query = () => sql`select 1`.execute(db.session())
      const checkOut = async (from: Pool) => {
        const pooled = await from.acquire({ name: 'test' })
        try {
          await pooled.connection.query('select 1', [])
          from.release(pooled)
          return 'works'
        } catch {
          from.release(pooled, { broken: true })
          return 'fails'
        }
      }
      const four = <T>(work: () => Promise<T>) => Promise.all([1, 2, 3, 4].map(work))
      const [, ...opened] = await Promise.all([
        four(() => db.run(query)),
        ...Object.values(pools).map((each) => four(() => checkOut(each))),
      ])
      expect(opened.flat()).toEqual(Array(12).fill('works'))
      block(4200)

      // All in one turn of the loop, before it gets to hear that the server has hung up.
      const [, on, off, ping] = await Promise.all([
        four(() => db.run(query)),
        four(() => checkOut(pools.on)),
        four(() => checkOut(pools.off)),
        four(() => checkOut(pools.ping)),
      ])
      expect(on).toEqual(Array(4).fill('works'))
      expect(off).toContain('fails')
      expect(ping).toEqual(Array(4).fill('works'))
      await Promise.all([db.close(), ...Object.values(pools).map((each) => each.close(0))])
    })

    it('a transaction that is idle for longer than that is lost, and says so', async () => {
      const db = createDbSession({ DATABASE_URL: own.url })
      const run = db.run(async () => {
        await sql`create temporary table half (id integer)`.execute(db.session())
        await sql`insert into half values (1)`.execute(db.session())
        block(4200)
        await expect(sql`insert into half values (2)`.execute(db.session())).rejects.toThrow()
        await expect(sql`insert into half values (3)`.execute(db.session())).rejects.toMatchObject({
          code: 'ERR_DB_TRANSACTION_LOST',
        })
      })
      await expect(run).rejects.toMatchObject({ code: 'ERR_DB_TRANSACTION_LOST' })
      await db.close()
    })
  })

  it('the victim of a deadlock does not commit its second half', async () => {
    const { url, drop } = await createDatabase(mariadb, server ?? { url: '' })
    const db = createDbSession<{ seats: { id: number; taken: number } }>({ DATABASE_URL: url })
    const take = (id: number) =>
      db
        .session()
        .updateTable('seats')
        .set(({ eb }) => ({ taken: eb('taken', '+', 1) }))
        .where('id', '=', id)
        .execute()
    await db.run(async () => {
      await db
        .session()
        .schema.createTable('seats')
        .addColumn('id', 'integer', (column) => column.primaryKey())
        .addColumn('taken', 'integer')
        .execute()
      await db
        .session()
        .insertInto('seats')
        .values([1, 2, 3].map((id) => ({ id, taken: 0 })))
        .execute()
    })
    let arrived = 0
    let go = () => {}
    const both = new Promise<void>((resolve) => {
      go = resolve
    })
    const cross = (first: number, second: number) =>
      db.run(async () => {
        await take(first)
        if (++arrived === 2) go()
        await both
        // Code that catches too much.
        await take(second).catch(() => undefined)
        await take(3)
      })
    const settled = await Promise.allSettled([cross(1, 2), cross(2, 1)])
    expect(settled.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(settled.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'ERR_DB_TRANSACTION_LOST' },
    })
    const rows = await db.run(() => db.session().selectFrom('seats').select('taken').execute())
    expect(rows).toEqual([{ taken: 1 }, { taken: 1 }, { taken: 1 }])
    await db.close()
    await drop()
  })
})
