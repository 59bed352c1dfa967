import { isTwopiError } from 'twopi'
import { type AroundTask, createDbSession, DbError, type DbSession, type TaskHost } from 'twopi/db'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { loadDriver } from '../../../src/db/load-driver.ts'

interface Schema {
  classes: { id: number; name: string }
}

const memory = { DATABASE_URL: 'sqlite://' }

async function withClasses(work: (db: DbSession<Schema>) => Promise<void>): Promise<void> {
  const db = createDbSession<Schema>(memory)
  await db.run(() =>
    db.session().schema.createTable('classes').addColumn('id', 'integer').addColumn('name', 'text').execute(),
  )
  await work(db)
  await db.close()
}

describe('createDbSession', () => {
  it('takes the names of the original, the usual ones, and the environment', async () => {
    for (const config of [
      memory,
      { SQLALCHEMY_DATABASE_URI: 'sqlite://', SQLALCHEMY_POOL_RECYCLE: 60 },
      { ...process.env, ...memory },
    ]) {
      const db = createDbSession<Schema>(config)
      expect(
        await db.run(() =>
          db
            .session()
            .selectNoFrom(({ lit }) => lit(1).as('one'))
            .execute(),
        ),
      ).toEqual([{ one: 1 }])
      await db.close()
    }
  })

  it('takes two names that say the same, and refuses two that do not', () => {
    createDbSession({ ...memory, SQLALCHEMY_DATABASE_URI: 'sqlite://' })
    expect(() => createDbSession({ ...memory, SQLALCHEMY_DATABASE_URI: 'sqlite:///a.db' })).toThrow(
      '`DATABASE_URL` and `SQLALCHEMY_DATABASE_URI` are both set and differ; set one of them',
    )
  })

  it('takes `-1` for no recycling, as the original does', () => {
    createDbSession({ ...memory, SQLALCHEMY_POOL_RECYCLE: '-1' })
    createDbSession({ ...memory, DATABASE_POOL_RECYCLE: '' })
  })

  it('reports every mistake at once, before anything is opened', () => {
    const make = () =>
      createDbSession(
        { DATABASE_URL: 'oracle://x:secret@db/x', DATABASE_POOL_RECYCLE: 'never' },
        { poolSize: 0, acquireTimeout: 'soon' as never, leakAfter: -1 },
      )
    expect(make).toThrow(TypeError)
    for (const part of ['"oracle:"', '`DATABASE_POOL_RECYCLE`', '`poolSize`', '`acquireTimeout`', '`leakAfter`']) {
      expect(make).toThrow(part)
    }
    expect(make).not.toThrow('secret')
  })

  it('refuses a duration for which there is no timer', () => {
    expect(() => createDbSession(memory, { acquireTimeout: '60 days', leakAfter: 3e6 })).toThrow(
      /`acquireTimeout` must be 24 days at most.*`leakAfter`/,
    )
  })

  it('goes on when the function that takes warnings throws', async () => {
    let warn = () => {}
    const warned = new Promise<void>((resolve) => {
      warn = resolve
    })
    const db = createDbSession(memory, {
      leakAfter: '1 millisecond',
      onWarning: () => {
        warn()
        throw new Error('the logger is down')
      },
    })
    await db.run(() => warned)
    await db.close()
  })

  it('refuses a replica of another kind', () => {
    expect(() => createDbSession({ ...memory, DATABASE_READ_URL: 'mysql://db/x' })).toThrow('must be sqlite')
  })

  it('types rows by the schema, and refuses tables and columns that are not in it', async () => {
    await withClasses(async (db) => {
      await db.run(async () => {
        const rows = await db.session().selectFrom('classes').select(['id', 'name']).execute()
        expectTypeOf(rows).toEqualTypeOf<{ id: number; name: string }[]>()
        // @ts-expect-error no such table
        await expect(db.session().selectFrom('teachers').selectAll().execute()).rejects.toThrow()
        // @ts-expect-error a session ends by commit() and rollback()
        expect(() => db.session().transaction()).toThrow()
      })
    })
  })

  it('types the connection of the driver as it is told', () => {
    const db = createDbSession<Schema, { exec(sql: string): void }>(memory)
    expectTypeOf(db.session).returns.toHaveProperty('connection').resolves.toEqualTypeOf<{ exec(sql: string): void }>()
  })
})

describe('session', () => {
  it('outside of every scope says what to do', () => {
    const db = createDbSession(memory)
    expect(() => db.session()).toThrow(
      expect.objectContaining({
        code: 'ERR_DB_NO_SCOPE',
        message:
          'No session is open. Sessions exist inside a request (`withSession(db)`) or a task; elsewhere call db.run(fn).',
      }),
    )
    let caught: unknown
    try {
      db.session()
    } catch (error) {
      caught = error
    }
    expect(caught).toBeInstanceOf(DbError)
    expect(isTwopiError(caught)).toBe(true)
  })

  it('is one object for a whole scope', async () => {
    await withClasses(async (db) => {
      const [one, two] = await db.run(async () => {
        const first = db.session()
        await Promise.resolve()
        return [first, db.session()]
      })
      expect(one).toBe(two)
    })
  })

  it('of a scope in which a function throws before it returns a promise is undone too', async () => {
    await withClasses(async (db) => {
      const run = db.run(() => {
        void db
          .session()
          .insertInto('classes')
          .values({ id: 1, name: 'a' })
          .execute()
          .catch(() => undefined)
        throw new Error('at once')
      })
      await expect(run).rejects.toThrow('at once')
      expect(await db.run(() => db.session().selectFrom('classes').selectAll().execute())).toEqual([])
    })
  })
})

describe('tasks', () => {
  /** What a worker does with the function it is given. */
  class Worker implements TaskHost {
    readonly conf = memory
    around: AroundTask = (run) => run()

    aroundTask(around: AroundTask): void {
      this.around = around
    }
  }

  it('run in a scope each: committed on success, undone on failure or retry, removed always', async () => {
    const worker = new Worker()
    const db = createDbSession<Schema>(worker)
    await db.run(() =>
      db.session().schema.createTable('classes').addColumn('id', 'integer').addColumn('name', 'text').execute(),
    )
    const add = (id: number) => db.session().insertInto('classes').values({ id, name: 'a' }).execute()
    expect(await worker.around(() => add(1).then(() => 'result'), { name: 'school.add' })).toBe('result')
    const retry = new Error('to be retried')
    await expect(
      worker.around(async () => {
        await add(2)
        throw retry
      }),
    ).rejects.toBe(retry)
    expect(db.stats()).toMatchObject({ scopes: 0, write: { held: 0 } })
    expect(await db.run(() => db.session().selectFrom('classes').select('id').execute())).toEqual([{ id: 1 }])
    await db.close()
  })
})

describe('a driver', () => {
  const notFound = Object.assign(new Error("Cannot find package 'pg' imported from a"), {
    code: 'ERR_MODULE_NOT_FOUND',
  })

  it('that is missing is named with the command that installs it', async () => {
    await expect(loadDriver('pg', () => Promise.reject(notFound))).rejects.toMatchObject({
      code: 'ERR_DB_DRIVER_MISSING',
      message: 'The package `pg` is needed for this database and is not installed. Run `npm install pg`.',
      cause: notFound,
    })
  })

  it('that is there and fails is reported as it is', async () => {
    await expect(loadDriver('mysql2', () => Promise.reject(notFound))).rejects.toBe(notFound)
    const broken = new SyntaxError('no')
    await expect(loadDriver('pg', () => Promise.reject(broken))).rejects.toBe(broken)
  })
})
