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
    refusesWritesInSavepoint: false,
    columns: { big: 'bigint', bytes: 'blob', bool: 'boolean', time: 'datetime(3)' },
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

  const snapshot = async (work: (own: ReturnType<typeof createDbSession>, other: typeof own) => Promise<void>) => {
    const { url, drop } = await createDatabase(mariadb, server ?? { url: '' })
    const [own, other] = [createDbSession({ DATABASE_URL: url }), createDbSession({ DATABASE_URL: url })]
    await own.run(async () => {
      await sql`create table seats (id integer primary key, taken integer)`.execute(own.session())
      await sql`insert into seats values (1, 0)`.execute(own.session())
    })
    await work(own, other)
    await Promise.all([own.close(), other.close()])
    await drop()
  }
  const allSeats = async (db: ReturnType<typeof createDbSession>) =>
    (await db.run(() => sql`select id, taken from seats order by id`.execute(db.session()))).rows

  it('a transaction that lost its snapshot does not commit its second half', async () => {
    await snapshot(async (own, other) => {
      const run = own.run(async () => {
        await sql`set session innodb_snapshot_isolation = on`.execute(own.session())
        await own.session().commit()
        await sql`select * from seats`.execute(own.session())
        await sql`insert into seats values (2, 2)`.execute(own.session())
        await other.run(() => sql`update seats set taken = 9 where id = 1`.execute(other.session()))
        const update = sql`update seats set taken = taken + 1 where id = 1`.execute(own.session())
        await expect(update).rejects.toMatchObject({ code: 'ER_CHECKREAD' })
        await sql`insert into seats values (3, 3)`.execute(own.session())
      })
      await expect(run).rejects.toMatchObject({ code: 'ERR_DB_TRANSACTION_LOST' })
      expect(await allSeats(other)).toEqual([{ id: 1, taken: 9 }])
    })
  })

  it('a change of a table inside nested() is told from a transaction of which nothing is stored', async () => {
    await snapshot(async (own) => {
      const run = own.run(async () => {
        await sql`insert into seats values (2, 2)`.execute(own.session())
        const nested = own.session().nested(() => sql`create table other (id integer)`.execute(own.session()))
        await expect(nested).rejects.toMatchObject({
          code: 'ERR_DB_NESTED',
          message: expect.stringContaining('is stored'),
        })
      })
      await expect(run).rejects.toMatchObject({ code: 'ERR_DB_NESTED' })
      expect(await allSeats(own)).toHaveLength(2)
    })
  })

  it('an array as a parameter cannot become SQL', async () => {
    await snapshot(async (own) => {
      for (const list of [['a'], ['a', 'b', ['c']], []]) {
        const run = own.run(() => sql`select ${list} as a`.execute(own.session()))
        await expect(run).rejects.toThrow(TypeError)
      }
    })
  })

  it('a mode in which the driver cannot quote safely is refused', async () => {
    await snapshot(async (own) => {
      const run = own.run(async () => {
        const session = own.session()
        await sql`set session sql_mode = 'NO_BACKSLASH_ESCAPES'`.execute(session).catch(() => undefined)
        await sql`select 'secret' as s where 'a' = ${"x\\' or 1=1 -- "}`.execute(session)
      })
      await expect(run).rejects.toMatchObject({
        code: 'ERR_DB_TRANSACTION_LOST',
        cause: { message: expect.stringContaining('NO_BACKSLASH_ESCAPES') },
      })
      expect(await allSeats(own)).toHaveLength(1)
    })
  })

  it('is closed in time though a statement runs, and that does not keep the process alive', async () => {
    await snapshot(async (own) => {
      const run = own.run(() => sql`select sleep(30)`.execute(own.session()))
      run.catch(() => undefined)
      while (own.stats().write.held === 0) await new Promise((resolve) => setImmediate(resolve))
      await own.close({ timeoutSeconds: 0.1 })
      await expect(run).rejects.toThrow()
    })
  })

  describe('on a server of its own, with settings that are not the usual ones', () => {
    let own: OwnServer
    beforeAll(async () => {
      own = await mariadb.startOwn(['--innodb-rollback-on-timeout=1'])
    })
    afterAll(() => own.stop())

    it('a time-out that rolls everything back does not commit the second half', async () => {
      const { url } = await createDatabase(mariadb, own)
      const [db, other] = [createDbSession({ DATABASE_URL: url }), createDbSession({ DATABASE_URL: url })]
      await db.run(async () => {
        await sql`create table seats (id integer primary key, taken integer)`.execute(db.session())
        await sql`insert into seats values (1, 0)`.execute(db.session())
      })
      await other.run(async () => {
        await sql`update seats set taken = 9 where id = 1`.execute(other.session())
        const run = db.run(async () => {
          await sql`set session innodb_lock_wait_timeout = 1`.execute(db.session())
          await sql`insert into seats values (2, 2)`.execute(db.session())
          const update = sql`update seats set taken = 1 where id = 1`.execute(db.session())
          await expect(update).rejects.toMatchObject({ code: 'ER_LOCK_WAIT_TIMEOUT' })
          await sql`insert into seats values (3, 3)`.execute(db.session())
        })
        await expect(run).rejects.toMatchObject({ code: 'ERR_DB_TRANSACTION_LOST' })
      })
      expect(await allSeats(db)).toEqual([{ id: 1, taken: 9 }])
      await Promise.all([db.close(), other.close()])
    })

    it('its mode without backslashes is refused when a connection is opened', async () => {
      await mariadb.admin(own.url, "set global sql_mode = 'NO_BACKSLASH_ESCAPES'")
      const db = createDbSession({ DATABASE_URL: own.url })
      await expect(db.run(() => sql`select 1`.execute(db.session()))).rejects.toMatchObject({
        code: 'ERR_DB_CONNECT',
        message: expect.stringContaining('NO_BACKSLASH_ESCAPES'),
      })
      await db.close()
      await mariadb.admin(own.url, 'set global sql_mode = default')
    })
  })
})
