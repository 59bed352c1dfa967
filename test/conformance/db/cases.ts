import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { CamelCasePlugin, sql } from 'kysely'
import {
  createDbSession,
  type DbErrorCode,
  type DbPoolTimeoutError,
  type DbSession,
  type DbSessionOptions,
  type DbWarning,
  migrate,
  rollbackEverything,
} from 'twopi/db'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { runProgram } from './program.ts'

/** The tables of the suite. */
export interface Schema {
  classes: { id: number; name: string; seats: number }
}

/** What differs from one database to the next. */
export interface DatabaseVariant {
  /** A new, empty database. */
  open(): Promise<{ readonly url: string; readonly drop: () => Promise<void> }>
  /** How many scopes can write at once: one where the whole file is locked. */
  readonly writers: 'one' | 'many'
  /** What the commit says when a statement has failed and its error was caught. */
  readonly afterCaughtError: 'commits' | DbErrorCode
  /** The driver's code for a key that is there already. */
  readonly duplicateKey: string
  /** Whether a change of a table can be undone. */
  readonly undoesTables: boolean
  /** Whether a part of a transaction can be made read-only. */
  readonly refusesWritesInSavepoint: boolean
  /** The types of columns for what not every database calls the same. */
  readonly columns: Readonly<Record<'big' | 'bytes' | 'bool' | 'time', string>>
}

const gate = () => {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open, opened }
}

/** The one suite for every database. */
export function describeDatabase(name: string, variant: DatabaseVariant): void {
  describe(name, () => {
    let url: string
    let drop: () => Promise<void>
    const open = new Set<DbSession<Schema>>()
    const create = (options: DbSessionOptions = {}, more: object = {}) => {
      const db = createDbSession<Schema>({ DATABASE_URL: url, ...more }, options)
      open.add(db)
      return db
    }
    let db: DbSession<Schema>
    const add = (id: number, name = 'Algebra') =>
      db.session().insertInto('classes').values({ id, name, seats: 0 }).execute()
    const ids = async (from = db) =>
      (await from.run(() => from.session().selectFrom('classes').select('id').orderBy('id').execute())).map(
        ({ id }) => id,
      )

    beforeAll(async () => {
      ;({ url, drop } = await variant.open())
    })
    beforeEach(async () => {
      db = create({ poolSize: 4 })
      await db.run(async () => {
        const { schema } = db.session()
        await schema.dropTable('classes').ifExists().execute()
        await schema
          .createTable('classes')
          .addColumn('id', 'integer', (column) => column.primaryKey())
          .addColumn('name', 'varchar(80)', (column) => column.notNull())
          .addColumn('seats', 'integer', (column) => column.notNull())
          .execute()
      })
    })
    afterEach(async () => {
      for (const each of open) {
        expect(each.stats()).toMatchObject({ scopes: 0, write: { held: 0, waiting: 0 }, read: { held: 0, waiting: 0 } })
        await each.close()
        expect(each.stats().write.size).toBe(0)
      }
      open.clear()
    })
    afterAll(() => drop())

    describe('a scope', () => {
      it('commits when its function returns, and gives what that returned', async () => {
        expect(await db.run(() => add(1).then(() => 'done'))).toBe('done')
        expect(await ids()).toEqual([1])
      })

      it('rolls back when its function throws, and throws the same', async () => {
        const error = new Error('no')
        const run = db.run(async () => {
          await add(1)
          throw error
        })
        await expect(run).rejects.toBe(error)
        expect(await ids()).toEqual([])
      })

      it('takes no connection before its first statement and none after its commit', async () => {
        await db.run(async () => {
          expect(db.stats().write.held).toBe(0)
          await add(1)
          expect(db.stats().write.held).toBe(1)
          await db.session().commit()
          expect(db.stats().write.held).toBe(0)
          await add(2)
          await db.session().rollback()
          await add(3)
          await db.session().remove()
          expect(db.stats().write.held).toBe(0)
        })
        expect(await ids()).toEqual([1])
      })

      it('shows its work to others only when it is committed', async () => {
        await db.run(async () => {
          await add(1)
          const reader = create()
          expect(
            await reader.run(() => reader.session().selectFrom('classes').selectAll().execute(), { readOnly: true }),
          ).toEqual([])
          await db.session().commit()
          expect(
            await reader.run(() => reader.session().selectFrom('classes').selectAll().execute(), { readOnly: true }),
          ).toHaveLength(1)
        })
      })

      it('queues statements that are asked for in parallel', async () => {
        await db.run(async () => {
          await Promise.all(Array.from({ length: 50 }, (_, id) => add(id)))
          expect(db.stats().write.held).toBe(1)
        })
        expect(await ids()).toHaveLength(50)
      })

      it('runs what was asked for and not awaited before it commits', async () => {
        await db.run(() => {
          void add(1)
          void add(2)
        })
        expect(await ids()).toEqual([1, 2])
      })

      it('is reached from every depth, over timers and callbacks', async () => {
        await db.run(async () => {
          await new Promise((resolve) => setImmediate(resolve))
          await new Promise<void>((resolve, reject) => setTimeout(() => add(1).then(() => resolve(), reject), 1))
        })
        expect(await ids()).toEqual([1])
      })

      it('refuses what its children ask for when it has ended, and takes no connection for it', async () => {
        const late = gate()
        const child = await db.run(async () => {
          await add(1)
          const session = db.session()
          const waiting = late.opened.then(() => add(2))
          waiting.catch(() => undefined)
          return { session, waiting }
        })
        late.open()
        await expect(child.waiting).rejects.toMatchObject({ code: 'ERR_DB_SCOPE_ENDED' })
        await expect(child.session.selectFrom('classes').selectAll().execute()).rejects.toMatchObject({
          code: 'ERR_DB_SCOPE_ENDED',
        })
        await expect(child.session.commit()).rejects.toMatchObject({ code: 'ERR_DB_SCOPE_ENDED' })
        await expect(child.session.nested(() => 1)).rejects.toMatchObject({ code: 'ERR_DB_SCOPE_ENDED' })
        expect(db.stats().write.held).toBe(0)
        expect(await ids()).toEqual([1])
      })

      it('skips what is still queued when its function has thrown', async () => {
        let last: Promise<unknown> = Promise.resolve()
        const run = db.run(async () => {
          const first = add(0)
          for (let id = 1; id <= 50; id++) {
            last = add(id)
            last.catch(() => undefined)
          }
          await first
          throw new Error('no')
        })
        await expect(run).rejects.toThrow('no')
        await expect(last).rejects.toMatchObject({ code: 'ERR_DB_SCOPE_ENDED' })
        expect(await ids()).toEqual([])
      })

      it('gives the error of the database as the driver made it', async () => {
        const run = db.run(async () => {
          await add(1)
          await add(1)
        })
        await expect(run).rejects.toMatchObject({ code: variant.duplicateKey })
        expect(await ids()).toEqual([])
      })

      it('does not report as committed what the database rolled back after a caught error', async () => {
        const run = db.run(async () => {
          await add(1)
          await add(1).catch(() => undefined)
        })
        if (variant.afterCaughtError === 'commits') {
          await run
          expect(await ids()).toEqual([1])
        } else {
          await expect(run).rejects.toMatchObject({ code: variant.afterCaughtError })
          expect(await ids()).toEqual([])
        }
      })

      it('rolls back what follows a change of a table, also where that commits by itself', async () => {
        const run = db.run(async () => {
          await db.session().schema.createTable('extra').addColumn('id', 'integer').execute()
          await add(1)
          throw new Error('no')
        })
        await expect(run).rejects.toThrow('no')
        expect(await ids()).toEqual([])
        await db.run(() => db.session().schema.dropTable('extra').ifExists().execute())
      })

      it('that is read-only refuses to write, and the next on its connection does not', async () => {
        const reader = create({ poolSize: 1 })
        await db.run(() => add(1))
        await expect(
          reader.run(() => reader.session().deleteFrom('classes').execute(), { readOnly: true }),
        ).rejects.toThrow()
        await reader.run(() => reader.session().selectFrom('classes').selectAll().execute(), { readOnly: true })
        await reader.run(() => reader.session().updateTable('classes').set({ seats: 1 }).execute())
        expect(await ids()).toEqual([1])
      })

      it('that fails does not wait for a savepoint that never ends', async () => {
        const run = db.run(async () => {
          await add(1)
          const begun = gate()
          void db
            .session()
            .nested(() => {
              begun.open()
              return new Promise(() => {})
            })
            .catch(() => undefined)
          await begun.opened
          throw new Error('no')
        })
        await expect(run).rejects.toThrow('no')
        expect(db.stats().write.held).toBe(0)
        expect(await ids()).toEqual([])
      })

      it('is rolled back as soon as its signal is aborted, and refuses what comes then', async () => {
        const controller = new AbortController()
        const begun = gate()
        const end = gate()
        const run = db.run(
          async () => {
            await add(1)
            begun.open()
            await end.opened
            await add(2)
          },
          { signal: controller.signal },
        )
        run.catch(() => undefined)
        await begun.opened
        controller.abort()
        // Would wait where one scope writes at a time.
        expect(await ids()).toEqual([])
        expect(db.stats().write.held).toBe(0)
        end.open()
        await expect(run).rejects.toMatchObject({ code: 'ERR_DB_SCOPE_ENDED' })
        expect(await ids()).toEqual([])
      })

      it('no longer waits for a connection when its signal is aborted', async () => {
        const single = create({ poolSize: 1, acquireTimeout: '1 hour' })
        const query = () => single.session().selectFrom('classes').selectAll().execute()
        const end = gate()
        const holder = single.run(() => query().then(() => end.opened))
        while (single.stats().write.held === 0) await new Promise((resolve) => setImmediate(resolve))
        const controller = new AbortController()
        const run = single.run(query, { signal: controller.signal })
        run.catch(() => undefined)
        while (single.stats().write.waiting === 0) await new Promise((resolve) => setImmediate(resolve))
        controller.abort()
        await expect(run).rejects.toMatchObject({ code: 'ERR_DB_SCOPE_ENDED' })
        expect(single.stats().write.waiting).toBe(0)
        end.open()
        await holder
      })

      if (variant.writers === 'many') {
        it('inside of another has a transaction of its own', async () => {
          await expect(
            db.run(async () => {
              await add(1)
              await db.run(() => add(2))
              throw new Error('no')
            }),
          ).rejects.toThrow('no')
          expect(await ids()).toEqual([2])
        })
      }

      it('that would wait for the scope around it says so at once', async () => {
        const single = create({ poolSize: 1, acquireTimeout: '1 hour' })
        const query = () => single.session().selectFrom('classes').selectAll().execute()
        await single.run(
          async () => {
            await query()
            await expect(single.run(query)).rejects.toMatchObject({
              code: 'ERR_DB_POOL_TIMEOUT',
              holders: [{ name: 'outer' }],
              message: expect.stringContaining('wait for itself'),
            })
          },
          { name: 'outer' },
        )
      })

      it('of one database does not disturb that of another', async () => {
        const second = create()
        await db.run(() =>
          second.run(async () => {
            expect(db.session()).not.toBe(second.session())
            await second.session().selectFrom('classes').selectAll().execute()
            expect(db.stats().write.held).toBe(0)
          }),
        )
      })
    })

    describe('a savepoint', () => {
      it('keeps its work when its function returns', async () => {
        await db.run(async () => {
          await add(1)
          expect(await db.session().nested(() => add(2).then(() => 'two'))).toBe('two')
        })
        expect(await ids()).toEqual([1, 2])
      })

      it('undoes its work alone when its function throws, also after an error of the database', async () => {
        await db.run(async () => {
          await add(1)
          const nested = db.session().nested(async () => {
            await add(2)
            await add(1)
          })
          await expect(nested).rejects.toMatchObject({ code: variant.duplicateKey })
          await add(3)
        })
        expect(await ids()).toEqual([1, 3])
      })

      it('can hold others', async () => {
        await db.run(async () => {
          await db.session().nested(async () => {
            await add(1)
            await db.session().nested(() => add(2))
            const inner = db.session().nested(async () => {
              await add(3)
              throw new Error('no')
            })
            await expect(inner).rejects.toThrow('no')
          })
        })
        expect(await ids()).toEqual([1, 2])
      })

      it('does not mix with others that run in parallel, nor with statements beside it', async () => {
        await db.run(async () => {
          const session = db.session()
          const part = (id: number) =>
            session.nested(async () => {
              await add(id)
              await new Promise((resolve) => setImmediate(resolve))
              await session.updateTable('classes').set({ seats: id }).where('id', '=', id).execute()
              if (id % 2 === 1) throw new Error('odd')
            })
          const parts = Promise.allSettled(Array.from({ length: 10 }, (_, id) => part(id)))
          await add(100)
          const settled = await parts
          expect(settled.filter(({ status }) => status === 'rejected')).toHaveLength(5)
        })
        expect(await ids()).toEqual([0, 2, 4, 6, 8, 100])
      })

      it('refuses to commit or roll back the whole', async () => {
        await db.run(() =>
          db.session().nested(async () => {
            await expect(db.session().commit()).rejects.toMatchObject({ code: 'ERR_DB_NESTED' })
            await expect(db.session().rollback()).rejects.toMatchObject({ code: 'ERR_DB_NESTED' })
          }),
        )
      })

      it('refuses what its children ask for when it is done', async () => {
        const late = gate()
        await db.run(async () => {
          let waiting: Promise<unknown> = Promise.resolve()
          await db.session().nested(async () => {
            waiting = late.opened.then(() => add(1))
            waiting.catch(() => undefined)
          })
          late.open()
          await expect(waiting).rejects.toMatchObject({ code: 'ERR_DB_SCOPE_ENDED' })
          await add(2)
        })
        expect(await ids()).toEqual([2])
      })
    })

    describe('a session', () => {
      it('has the query methods of Kysely, its raw SQL, its introspection and its stream', async () => {
        await db.run(async () => {
          const session = db.session()
          const result = await session
            .insertInto('classes')
            .values({ id: 1, name: 'Algebra', seats: 20 })
            .executeTakeFirstOrThrow()
          expect(result.numInsertedOrUpdatedRows).toBe(1n)
          const { rows } = await sql<{ n: number }>`select seats + 1 as n from classes`.execute(session)
          expect(rows).toEqual([{ n: 21 }])
          const { count } = await session
            .selectFrom('classes')
            .select(({ fn }) => fn.countAll<number>().as('count'))
            .executeTakeFirstOrThrow()
          expect(Number(count)).toBe(1)
          const tables = await session.introspection.getTables()
          expect(tables.map(({ name }) => name)).toContain('classes')
          const names: string[] = []
          for await (const { name } of session.selectFrom('classes').select('name').stream()) {
            await session.updateTable('classes').set({ seats: 1 }).execute()
            names.push(name)
          }
          expect(names).toEqual(['Algebra'])
          expect(await session.kysely.selectFrom('classes').select('seats').execute()).toEqual([{ seats: 1 }])
          expect(() => session.kysely.transaction()).toThrow()
        })
      })

      it('gives the connection of the driver, in the same transaction', async () => {
        await db.run(async () => {
          const connection = await db.session().connection
          expect(connection).toBe(await db.session().connection)
          await add(1)
          const bare = connection as { exec?(sql: string): unknown; query(sql: string): Promise<unknown> }
          const change = 'update classes set seats = 7 where id = 1'
          if (bare.exec === undefined) await bare.query(change)
          else bare.exec(change)
          const seats = await db.session().selectFrom('classes').select('seats').execute()
          expect(seats).toEqual([{ seats: 7 }])
          await db.session().rollback()
        })
        expect(await ids()).toEqual([])
      })

      it('obeys plugins', async () => {
        const camel = create({ plugins: [new CamelCasePlugin()] })
        const { rows } = await camel.run(() => sql`select 1 as some_name`.execute(camel.session()))
        expect(rows).toEqual([{ someName: 1 }])
      })

      it('reads and writes big numbers, bytes, booleans, dates and nothing without damage', async () => {
        const { big, bytes, bool, time } = variant.columns
        const session = () => db.session()
        const written = {
          big: 9007199254740993n,
          bytes: Buffer.from([0, 1, 127, 128, 255]),
          bool: true,
          time: new Date('2026-03-29T01:30:00.123Z'),
        }
        const found = await db.run(async () => {
          await session().schema.dropTable('kinds').ifExists().execute()
          const columns = sql.raw(`big ${big}, bytes ${bytes}, bool ${bool}, time ${time}, missing varchar(9)`)
          await sql`create table kinds (${columns})`.execute(session())
          const values = sql.join([written.big, written.bytes, written.bool, written.time, null])
          await sql`insert into kinds values (${values})`.execute(session())
          const { rows } = await sql<Record<string, unknown>>`select * from kinds`.execute(session())
          await session().schema.dropTable('kinds').execute()
          return rows[0]
        })
        expect(String(found?.big)).toBe('9007199254740993')
        expect(Buffer.from(found?.bytes as Uint8Array)).toEqual(written.bytes)
        expect(Number(found?.bool)).toBe(1)
        expect(new Date(found?.time as string | Date).getTime()).toBe(written.time.getTime())
        expect(found?.missing).toBeNull()
      })
    })

    describe('a pool', () => {
      it('serves 200 scopes at once with 4 connections, and loses nothing', async () => {
        await db.run(() => add(0))
        let most = 0
        await Promise.all(
          Array.from({ length: 200 }, (_, i) =>
            db.run(async () => {
              const session = db.session()
              await session
                .insertInto('classes')
                .values({ id: i + 1, name: `n${i}`, seats: i })
                .execute()
              most = Math.max(most, db.stats().write.held)
              await new Promise((resolve) => setImmediate(resolve))
              await session
                .updateTable('classes')
                .set(({ eb }) => ({ seats: eb('seats', '+', 1) }))
                .where('id', '=', 0)
                .execute()
            }),
          ),
        )
        expect(most).toBe(variant.writers === 'many' ? 4 : 1)
        expect(await ids()).toHaveLength(201)
        const [counter] = await db.run(() =>
          db.session().selectFrom('classes').select('seats').where('id', '=', 0).execute(),
        )
        expect(counter).toEqual({ seats: 200 })
        expect(db.stats().write.size).toBeLessThanOrEqual(4)
      })

      it('says who holds the connections when none becomes free in time', async () => {
        const small = create({ poolSize: 1, acquireTimeout: '50 milliseconds' })
        const query = () => small.session().selectFrom('classes').selectAll().execute()
        const end = gate()
        const held = gate()
        const holder = small.run(
          async () => {
            await query()
            held.open()
            await end.opened
          },
          { name: 'GET /slow' },
        )
        await held.opened
        const error = await small.run(query).then(
          () => undefined,
          (error: DbPoolTimeoutError) => error,
        )
        expect(error).toMatchObject({ code: 'ERR_DB_POOL_TIMEOUT', holders: [{ name: 'GET /slow' }] })
        expect(error?.message).toMatch(/within 50 ms \(pool of 1\)\. Held by "GET \/slow" for \d+ ms\./)
        end.open()
        await holder
        await small.run(query)
      })

      it('warns once of a scope that stays open for too long', async () => {
        const warnings: DbWarning[] = []
        const warned = gate()
        const watched = create({
          leakAfter: '20 milliseconds',
          onWarning: (warning) => {
            warnings.push(warning)
            warned.open()
          },
        })
        await watched.run(() => warned.opened, { name: 'forgotten' })
        await watched.run(() => undefined)
        expect(warnings).toMatchObject([{ code: 'TWOPI_DB_SCOPE_OPEN', scope: 'forgotten' }])
      })

      it('is closed when the open scopes have ended, and refuses new ones', async () => {
        const closing = create()
        const end = gate()
        const begun = gate()
        const scope = closing.run(async () => {
          begun.open()
          await end.opened
          await closing.session().insertInto('classes').values({ id: 1, name: 'late', seats: 0 }).execute()
        })
        await begun.opened
        const closed = closing.close()
        expect(closing.close()).toBe(closed)
        await expect(closing.run(() => undefined)).rejects.toMatchObject({ code: 'ERR_DB_CLOSED' })
        end.open()
        await scope
        await closed
        expect(await ids()).toEqual([1])
      })

      it('is closed in time though a scope does not end', async () => {
        const closing = create()
        const end = gate()
        const begun = gate()
        const scope = closing.run(async () => {
          await closing.session().insertInto('classes').values({ id: 1, name: 'late', seats: 0 }).execute()
          begun.open()
          await end.opened
        })
        await begun.opened
        await closing.close({ timeoutSeconds: 0.05 })
        end.open()
        await expect(scope).rejects.toMatchObject({ code: 'ERR_DB_TRANSACTION_LOST' })
        expect(await ids()).toEqual([])
      })

      it('grows neither in memory nor in connections over 10,000 scopes', { timeout: 60_000 }, async () => {
        await db.run(() => add(1))
        const scopes = async (count: number) => {
          const one = () =>
            db.run(async () => {
              const session = db.session()
              await session.selectFrom('classes').select('id').execute()
            })
          const worker = async () => {
            for (let i = 0; i < count / 8; i++) await one()
          }
          await Promise.all(Array.from({ length: 8 }, worker))
        }
        await scopes(1000)
        const before = heapUsed()
        await scopes(10_000)
        expect(heapUsed() - before).toBeLessThan(2 ** 20)
        expect(db.stats()).toMatchObject({ scopes: 0, write: { held: 0, waiting: 0 } })
        expect(db.stats().write.size).toBeLessThanOrEqual(4)
      })
    })

    describe('a replica', () => {
      it('serves the scopes that are read-only, and no others', async () => {
        const replica = await variant.open()
        try {
          const other = createDbSession<Schema>({ DATABASE_URL: replica.url })
          await other.run(() => other.session().schema.createTable('classes').addColumn('id', 'integer').execute())
          await other.run(() => sql`insert into classes (id) values (42)`.execute(other.session()))
          await other.close()
          const both = create({}, { DATABASE_READ_URL: replica.url })
          const read = () => both.session().selectFrom('classes').select('id').execute()
          expect(await both.run(read, { readOnly: true })).toEqual([{ id: 42 }])
          expect(await both.run(read)).toEqual([])
          await both.close()
        } finally {
          await replica.drop()
        }
      })
    })

    describe('a program with nothing else to do', () => {
      const program = (body: string) => `
        import { sql } from 'kysely'
        import { createDbSession, rollbackEverything } from './dist/db/index.js'
        const db = createDbSession({ DATABASE_URL: process.env.DATABASE_URL })
        const query = () => db.run(() => sql\`select 1\`.execute(db.session()))
        ${body}
        console.log('done')
      `
      const run = (body: string) => runProgram(program(body), { DATABASE_URL: url })

      it('goes on after close(), and ends', { timeout: 60_000 }, async () => {
        expect(await run('await query(); await db.close()')).toBe('done\n')
      })

      it('ends without close() when its connections are idle', { timeout: 60_000 }, async () => {
        expect(await run('await query()')).toBe('done\n')
      })

      it('ends after close() though what rollbackEverything() gave was not called', { timeout: 60_000 }, async () => {
        const stdout = await run('await rollbackEverything(db); await query(); await db.close()')
        expect(stdout).toBe('done\n')
      })
    })

    describe('rollbackEverything', () => {
      it('lets nothing through of a scope that is still open when it is undone', async () => {
        const small = create({ acquireTimeout: '500 milliseconds' })
        const undo = await rollbackEverything(small)
        const insert = (id: number) =>
          small.session().insertInto('classes').values({ id, name: 'late', seats: 0 }).execute()
        const undone = gate()
        const begun = gate()
        const late = small.run(async () => {
          await insert(1)
          begun.open()
          await undone.opened
          await insert(2).catch(() => undefined)
        })
        late.catch(() => undefined)
        await begun.opened
        await undo()
        undone.open()
        await expect(late).rejects.toMatchObject({ code: 'ERR_DB_TRANSACTION_LOST' })
        expect(await ids()).toEqual([])
        expect(await ids(small)).toEqual([])
      })

      it('stores nothing that a read-only scope wrote', async () => {
        const undo = await rollbackEverything(db)
        await db.run(() => add(1))
        const write = db.run(() => add(2), { readOnly: true })
        if (variant.refusesWritesInSavepoint) await expect(write).rejects.toThrow()
        else await write
        await db.run(() => add(3))
        expect(await ids()).toEqual([1, 3])
        await undo()
      })

      it('undoes what every scope has committed, and lets scopes see each other before', async () => {
        await db.run(() => add(1))
        const undo = await rollbackEverything(db)
        await db.run(() => add(2))
        await expect(
          db.run(async () => {
            await add(3)
            throw new Error('no')
          }),
        ).rejects.toThrow('no')
        await Promise.all([4, 5, 6].map((id) => db.run(() => db.session().nested(() => add(id)))))
        expect(
          await db.run(() => db.session().selectFrom('classes').select('id').orderBy('id').execute(), {
            readOnly: true,
          }),
        ).toEqual([1, 2, 4, 5, 6].map((id) => ({ id })))
        await expect(rollbackEverything(db)).rejects.toThrow('called before')
        await undo()
        await undo()
        expect(await ids()).toEqual([1])
      })

      it('keeps working when a scope has failed in the database', async () => {
        const undo = await rollbackEverything(db)
        await db.run(() => add(1))
        await expect(db.run(() => add(1))).rejects.toMatchObject({ code: variant.duplicateKey })
        const caught = db.run(() => add(1).catch(() => undefined))
        if (variant.afterCaughtError === 'commits') await caught
        else await expect(caught).rejects.toMatchObject({ code: variant.afterCaughtError })
        expect(await ids()).toEqual([1])
        await undo()
        expect(await ids()).toEqual([])
      })
    })

    describe('migrate', () => {
      const dropAll = () =>
        db.run(async () => {
          for (const table of ['twopi_migrations', 'teachers', 'rooms']) {
            await sql`drop table if exists ${sql.table(table)}`.execute(db.session())
          }
        })
      const table = (name: string) => () => db.session().schema.createTable(name).addColumn('id', 'integer').execute()
      beforeEach(dropAll)
      afterEach(dropAll)

      it('runs each migration once, in order, though several processes start together', async () => {
        const migrations = { one: table('teachers'), two: table('rooms') }
        const others = [create(), create(), create()]
        // Connected already, so that they do start together.
        await Promise.all(others.map((other) => other.run(() => sql`select 1`.execute(other.session()))))
        const tableOf = (other: DbSession<Schema>, name: string) => () =>
          other.session().schema.createTable(name).addColumn('id', 'integer').execute()
        const ran = await Promise.all(
          others.map((other) => migrate(other, { one: tableOf(other, 'teachers'), two: tableOf(other, 'rooms') })),
        )
        expect(ran.flat()).toEqual(['one', 'two'])
        expect(await migrate(db, { ...migrations, three: async () => undefined })).toEqual(['three'])
        expect(await migrate(db, migrations)).toEqual([])
      })

      it('refuses names that are numbers, which would not keep their order', async () => {
        await expect(migrate(db, { b: async () => undefined, '2': async () => undefined })).rejects.toThrow(
          /named by numbers/,
        )
      })

      it('waits for another that migrates, also when that gives its connection away and fails', async () => {
        const other = create({ poolSize: 1 })
        const order: string[] = []
        const end = gate()
        let holder: Promise<unknown> = Promise.resolve()
        let second: Promise<unknown> = Promise.resolve()
        const first = migrate(db, {
          one: async (session) => {
            if (!variant.undoesTables) {
              await session.commit()
              const taken = gate()
              holder = db.run(async () => {
                await sql`select 1`.execute(db.session())
                taken.open()
                await end.opened
              })
              await taken.opened
            }
            second = migrate(other, { two: async () => order.push('two') })
            second.catch(() => undefined)
            await new Promise((resolve) => setTimeout(resolve, 100))
            order.push('one')
            throw new Error('no')
          },
        })
        await expect(first).rejects.toThrow('no')
        expect(await second).toEqual(['two'])
        expect(order).toEqual(['one', 'two'])
        end.open()
        await holder
      })

      it('runs again what has failed', async () => {
        const failing = { one: table('teachers'), two: () => Promise.reject(new Error('no')) }
        await expect(migrate(db, failing)).rejects.toThrow('no')
        const ran = await migrate(db, { one: table('teachers'), two: table('rooms') })
        expect(ran).toEqual(variant.undoesTables ? ['one', 'two'] : ['two'])
      })
    })
  })
}

/** The heap in bytes when all that can be collected is. */
function heapUsed(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  collect()
  return process.memoryUsage().heapUsed
}
