import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { createDbSession, type DbErrorCode, type DbSession } from 'twopi/db'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startProxy } from './proxy.ts'
import { createDatabase, type OwnServer, type ServerKind } from './servers.ts'

interface Schema {
  events: { id: number }
}

/** How a server's connections are killed. */
export interface FaultVariant {
  readonly kind: ServerKind
  /** The id of the connection that asks. */
  readonly connectionId: string
  /** The statement that kills a connection. */
  kill(id: number): string
}

/** What a server can do to a session, on a server of our own. */
export function describeFaults({ kind, connectionId, kill }: FaultVariant): void {
  describe('when its server', () => {
    let server: OwnServer
    let url: string
    let db: DbSession<Schema>
    const open = new Set<DbSession<Schema>>()
    const create = (config: object = {}, options: object = {}) => {
      const created = createDbSession<Schema>({ DATABASE_URL: url, ...config }, { poolSize: 4, ...options })
      open.add(created)
      return created
    }
    const add = (id: number, to = db) => to.session().insertInto('events').values({ id }).execute()
    const ids = () =>
      db.run(async () => {
        const rows = await db.session().selectFrom('events').select('id').orderBy('id').execute()
        return rows.map(({ id }) => id)
      })
    const ownId = async (from = db) => {
      const { rows } = await sql<{ id: number }>`select ${sql.raw(connectionId)} as id`.execute(from.session())
      return Number(rows[0]?.id)
    }
    const killAll = async (list: readonly number[]) => {
      for (const id of list) await kind.admin(server.url, kill(id))
    }

    beforeAll(async () => {
      server = await kind.startOwn()
      ;({ url } = await createDatabase(kind, server))
    })
    afterAll(() => server?.stop())
    beforeEach(async () => {
      db = create()
      await db.run(async () => {
        const { schema } = db.session()
        await schema.dropTable('events').ifExists().execute()
        await schema
          .createTable('events')
          .addColumn('id', 'integer', (column) => column.primaryKey())
          .execute()
      })
    })
    afterEach(async () => {
      for (const each of open) {
        expect(each.stats()).toMatchObject({ scopes: 0, write: { held: 0, waiting: 0 } })
        await each.close()
      }
      open.clear()
    })

    it('kills connections that are idle, no scope notices', async () => {
      // All four at once, so that there are four.
      const connections = await Promise.all([1, 2, 3, 4].map(() => db.run(() => ownId())))
      await killAll([...new Set(connections)])
      await Promise.all(Array.from({ length: 20 }, (_, id) => db.run(() => add(id))))
      expect(await ids()).toHaveLength(20)
    })

    it('kills a connection before the first statement of a scope arrives, the connection is replaced', async () => {
      const proxy = await startProxy(url)
      const through = create({ DATABASE_URL: proxy.url })
      await through.run(() => ownId(through))
      proxy.cutAt(kind.name === 'PostgreSQL' ? 'BEGIN' : 'START TRANSACTION', 'before')
      await through.run(() => add(1, through))
      proxy.cutAt(kind.name === 'PostgreSQL' ? 'BEGIN' : 'START TRANSACTION', 'after')
      await through.run(() => add(2, through))
      expect(await ids()).toEqual([1, 2])
      await through.close()
      await proxy.close()
    })

    it('kills a connection in the middle of a transaction, nothing is repeated and nothing half stored', async () => {
      const run = db.run(async () => {
        await add(1)
        await killAll([await ownId()])
        await add(2)
      })
      await expect(run).rejects.toThrow()
      expect(await ids()).toEqual([])
    })

    it('kills a connection in the middle, the scope refuses to go on until it is rolled back', async () => {
      await db.run(async () => {
        await add(1)
        await killAll([await ownId()])
        await add(2).catch(() => undefined)
        await expect(add(3)).rejects.toMatchObject({ code: 'ERR_DB_TRANSACTION_LOST' })
        await expect(db.session().nested(() => add(3))).rejects.toMatchObject({ code: 'ERR_DB_TRANSACTION_LOST' })
        await db.session().rollback()
        await add(4)
      })
      expect(await ids()).toEqual([4])
    })

    it('kills a connection in the middle and the errors are caught, the commit says so', async () => {
      const run = db.run(async () => {
        await add(1)
        await killAll([await ownId()])
        await add(2).catch(() => undefined)
      })
      await expect(run).rejects.toMatchObject({ code: 'ERR_DB_TRANSACTION_LOST' })
      expect(await ids()).toEqual([])
    })

    it('kills a connection inside a savepoint, the whole is lost', async () => {
      const run = db.run(async () => {
        await add(1)
        await db
          .session()
          .nested(async () => {
            await killAll([await ownId()])
            await add(2)
          })
          .catch(() => undefined)
      })
      await expect(run).rejects.toMatchObject({ code: 'ERR_DB_TRANSACTION_LOST' })
      expect(await ids()).toEqual([])
    })

    it.each([
      ['after it has stored the work', 'after', [1]],
      ['before it has', 'before', []],
    ] as const)('is cut off at the commit, %s, nobody claims to know', async (_when, cut, stored) => {
      const proxy = await startProxy(url)
      const through = create({ DATABASE_URL: proxy.url })
      const run = through.run(async () => {
        await add(1, through)
        proxy.cutAt('COMMIT', cut)
      })
      await expect(run).rejects.toMatchObject({ code: 'ERR_DB_COMMIT_UNKNOWN' })
      expect(await ids()).toEqual(stored)
      await through.run(() => add(2, through))
      await through.close()
      await proxy.close()
    })

    it('cannot be reached, the error says where it should be and no password', async () => {
      const unreachable = create({
        DATABASE_URL: url.replace(/\/\/[^@]*@127\.0\.0\.1:\d+/, '//user:secret@127.0.0.1:1'),
      })
      const error = await unreachable.run(() => ownId(unreachable)).catch((caught: Error) => caught)
      expect(error).toMatchObject({ code: 'ERR_DB_CONNECT', message: expect.stringContaining('127.0.0.1:1/') })
      expect(String(error)).toContain('ECONNREFUSED')
      expect(JSON.stringify(error) + String(error)).not.toContain('secret')
    })

    it('is restarted under load, what was confirmed is stored, and afterwards everything works', {
      timeout: 60_000,
    }, async () => {
      const confirmed: number[] = []
      const unknown: number[] = []
      const failures = new Map<string, number>()
      let next = 0
      let restarted = false
      let after = 0
      const worker = async () => {
        while (!restarted || after < 200) {
          const id = next++
          // What has failed may have begun while the server was away.
          const afterwards = restarted
          try {
            await db.run(() => add(id))
            confirmed.push(id)
            if (restarted) after++
          } catch (error) {
            const { code } = error as { code: string }
            failures.set(code, (failures.get(code) ?? 0) + 1)
            if (afterwards) throw error
            if (code === ('ERR_DB_COMMIT_UNKNOWN' satisfies DbErrorCode)) unknown.push(id)
            // As a client would wait before it tries again.
            await sleep(10)
          }
        }
      }
      const workers = Array.from({ length: 8 }, worker)
      while (confirmed.length < 100) await sleep(5)
      await server.restart()
      restarted = true
      await Promise.all(workers)
      const stored = new Set(await ids())
      expect(confirmed.filter((id) => !stored.has(id))).toEqual([])
      expect([...stored].filter((id) => !confirmed.includes(id) && !unknown.includes(id))).toEqual([])
      expect(failures.size).toBeGreaterThan(0)
      expect(db.stats().write.size).toBeLessThanOrEqual(4)
    })
  })
}

/** Lets nothing happen in this process for a while. */
export function block(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)
}
