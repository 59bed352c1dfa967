import { CamelCasePlugin, sql } from 'kysely'
import { createDbSession, type DbSession } from 'twopi/db'
import { keyset, type OrderColumn, paginated, paginatedReply } from 'twopi/pagination'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDatabase, findServer, mariadb, postgres, type ServerKind } from '../../conformance/db/servers.ts'
import { TestRequest } from '../../support/test-request.ts'
import { openSqlite } from './sqlite-kysely.ts'

interface Tables {
  classes: { id: number; name: string; seats: number | null; level: number }
  pupils: { id: number; class_id: number }
}

const KEY = 'a secret of at least thirty-two bytes'

/** Few values for many rows, so that most rows share theirs with others. */
const classes = Array.from({ length: 60 }, (_, i) => ({
  id: ((i * 37) % 61) + 1,
  name: ['b', 'a', 'B', 'ä', "'", ''][(i * 7) % 6] ?? '',
  seats: i % 4 === 0 ? null : (i * 5) % 7,
  level: i % 3,
}))

const ORDERS: Record<string, readonly OrderColumn[]> = {
  'one column': ['id'],
  'one column, downwards': [{ by: 'id', direction: 'desc' }],
  'columns of one direction': ['name', 'level', 'id'],
  'columns downwards': [
    { by: 'name', direction: 'desc' },
    { by: 'id', direction: 'desc' },
  ],
  'columns of both directions': ['level', { by: 'name', direction: 'desc' }, 'id'],
  'a column with null': [
    { by: 'seats', nullable: true },
    { by: 'id', direction: 'desc' },
  ],
  'a column with null, downwards': [
    'level',
    { by: 'seats', nullable: true, direction: 'desc' },
    { by: 'id', direction: 'desc' },
  ],
  'columns of a joined query': [
    { by: 'level', column: 'classes.level' },
    { by: 'id', column: 'classes.id' },
  ],
}

/** A keyset of any order, for rows that all have every column. */
function listIn(order: readonly OrderColumn[]) {
  return keyset({ order, unique: 'id', key: KEY })
}

type Source = Parameters<ReturnType<typeof listIn>['paginated']>[0]

/** The ids from a cursor on, by `next` or `prev`, and what the last page knew. */
async function ids(
  order: readonly OrderColumn[],
  source: () => Source,
  limit: number,
  way: 'next' | 'prev',
): Promise<number[]> {
  const list = listIn(order)
  const found: number[] = []
  let cursor: string | undefined
  if (way === 'prev') {
    const request = new TestRequest({ method: 'GET', url: '/' })
    const { headers } = await list.paginatedReply(request, source(), { limit, filters: 'same' })
    cursor = /cursor=([^&]*)[^"]*"last"/.exec(String(headers['link']))?.[1]
  }
  do {
    const page = await list.paginated(source(), { limit, cursor, filters: 'same' })
    const items = page.items.map((row) => (row as { id: number }).id)
    if (way === 'next') found.push(...items)
    else found.unshift(...items)
    cursor = page[way] ?? undefined
  } while (cursor !== undefined)
  return found
}

function describeQueries(title: string, open: () => Promise<{ db: DbSession<Tables>; close: () => Promise<void> }>) {
  describe(`queries on ${title}`, () => {
    let db: DbSession<Tables>
    let close: () => Promise<void>

    beforeAll(async () => {
      ;({ db, close } = await open())
      await db.run(async () => {
        const { schema } = db.session()
        await schema
          .createTable('classes')
          .addColumn('id', 'integer', (column) => column.primaryKey())
          .addColumn('name', 'varchar(20)', (column) => column.notNull())
          .addColumn('seats', 'integer')
          .addColumn('level', 'integer', (column) => column.notNull())
          .execute()
        await schema.createTable('pupils').addColumn('id', 'integer').addColumn('class_id', 'integer').execute()
      })
      await db.run(async () => {
        await db.session().insertInto('classes').values(classes).execute()
        const pupils = classes.flatMap(({ id }) => [1, 2].map((n) => ({ id: id * 10 + n, class_id: id })))
        await db.session().insertInto('pupils').values(pupils).execute()
      })
    })
    afterAll(() => close())

    it('are paged by offset and limit, and counted', async () => {
      await db.run(async () => {
        const query = db.session().selectFrom('classes').selectAll().where('level', '=', 1).orderBy('id')
        const all = await query.execute()
        const seen: typeof all = []
        for (let offset = 0; offset < 20; offset += 7) {
          const page = await paginated(query, { offset, limit: 7 })
          expect(page.totalItems).toBe(20)
          seen.push(...page.items)
        }
        expect(seen).toEqual(all)
        expect(await paginated(query, { offset: 99, limit: 7 })).toMatchObject({ totalItems: 20, items: [] })
        expect(await paginated(query, { offset: 0, limit: 7, total: false })).toMatchObject({ totalItems: null })
      })
    })

    it('are counted by their rows, whatever they are made of', async () => {
      await db.run(async () => {
        const session = db.session()
        const one = { offset: 0, limit: 1 }
        const total = async (query: Parameters<typeof paginated>[0]) => (await paginated(query, one)).totalItems
        expect(await total(session.selectFrom('classes').select('level').distinct().orderBy('level'))).toBe(3)
        const grouped = session
          .selectFrom('classes')
          .select(['level', ({ fn }) => fn.countAll().as('n')])
          .groupBy('level')
          .having(({ fn }) => fn.countAll(), '>', 1)
          .orderBy('level')
        expect(await total(grouped)).toBe(3)
        expect(
          await total(
            session
              .selectFrom('classes')
              .innerJoin('pupils', 'pupils.class_id', 'classes.id')
              .select(['pupils.id', 'classes.name'])
              .orderBy('pupils.id'),
          ),
        ).toBe(120)
        expect(
          await total(
            session.selectFrom('classes').select('id').union(session.selectFrom('pupils').select('id')).orderBy('id'),
          ),
        ).toBe(180 - overlap())
        expect(
          await total(
            session
              .with('low', (cte) => cte.selectFrom('classes').select(['id', 'name']).where('level', '=', 0))
              .selectFrom('low')
              .selectAll()
              .orderBy('id'),
          ),
        ).toBe(20)
        expect(await total(session.selectFrom('classes').selectAll().where('id', '<', 0))).toBe(0)
      })
    })

    it.each(Object.entries(ORDERS))('are walked once through in an order of %s, there and back', async (_, order) => {
      await db.run(async () => {
        const session = db.session()
        const plain = () => session.selectFrom('classes').selectAll()
        const joined = () =>
          session
            .selectFrom('classes')
            .innerJoin('pupils', 'pupils.class_id', 'classes.id')
            .selectAll('classes')
            .where(sql<boolean>`pupils.id % 10 = 1`)
        const source = JSON.stringify(order).includes('classes.') ? joined : plain
        const all = await ids(order, source, 100, 'next')
        expect(all.toSorted((a, b) => a - b)).toEqual(classes.map(({ id }) => id).sort((a, b) => a - b))
        for (const limit of [1, 7, 59, 60]) expect(await ids(order, source, limit, 'next')).toEqual(all)
        for (const limit of [1, 7]) expect(await ids(order, source, limit, 'prev')).toEqual(all)
      })
    })

    it('are walked without repeats when rows come between the pages', async () => {
      const list = keyset({ order: ['level', 'id'], unique: 'id', key: KEY })
      const seen: number[] = []
      let cursor: string | undefined
      let added = 1000
      do {
        const page = await db.run(() =>
          list.paginated(db.session().selectFrom('classes').selectAll(), { limit: 10, cursor }),
        )
        seen.push(...page.items.map(({ id }) => id))
        cursor = page.next ?? undefined
        await db.run(() =>
          db
            .session()
            .insertInto('classes')
            .values([0, 1, 2].map((level) => ({ id: added++, name: 'new', seats: null, level })))
            .execute(),
        )
      } while (cursor !== undefined && added < 1100)
      expect(new Set(seen).size).toBe(seen.length)
      expect(seen.filter((id) => id < 1000)).toHaveLength(60)
      await db.run(() => db.session().deleteFrom('classes').where('id', '>=', 1000).execute())
    })

    it('keep their own conditions beside that of the cursor', async () => {
      await db.run(async () => {
        const source = () =>
          db
            .session()
            .selectFrom('classes')
            .selectAll()
            .where((eb) => eb.or([eb('level', '=', 0), eb('level', '=', 2)]))
        const found = await ids(['name', 'id'], source, 6, 'next')
        expect(found.toSorted((a, b) => a - b)).toEqual(
          classes
            .filter(({ level }) => level !== 1)
            .map(({ id }) => id)
            .sort((a, b) => a - b),
        )
      })
    })
  })
}

/** Ids of pupils that are ids of classes too: 11 and 12, …, by how they are made. */
function overlap(): number {
  const own = new Set(classes.map(({ id }) => id))
  return classes.flatMap(({ id }) => [id * 10 + 1, id * 10 + 2]).filter((id) => own.has(id)).length
}

describeQueries('SQLite', async () => {
  const db = createDbSession<Tables>({ DATABASE_URL: 'sqlite://' })
  return { db, close: () => db.close() }
})

async function describeServer(kind: ServerKind) {
  const server = await findServer(kind)
  describe.skipIf(server === undefined)(
    server === undefined ? `${kind.name} (install ${kind.install})` : kind.name,
    () => {
      afterAll(() => server?.stop())
      describeQueries(kind.name, async () => {
        const { url, drop } = await createDatabase(kind, server ?? { url: '' })
        const db = createDbSession<Tables>({ DATABASE_URL: url })
        return {
          db,
          close: async () => {
            await db.close()
            await drop()
          },
        }
      })
    },
  )
}

await describeServer(postgres)
await describeServer(mariadb)

describe('the statements of a page', () => {
  async function opened() {
    const { db, statements } = openSqlite<Tables>()
    await sql`create table classes (id integer primary key, name text, seats integer, level integer)`.execute(db)
    await db.insertInto('classes').values(classes.slice(0, 5)).execute()
    statements.length = 0
    return { db, statements }
  }

  it('are one for the rows, and one for the number only where the page does not tell it', async () => {
    const { db, statements } = await opened()
    const query = db.selectFrom('classes').select('id').where('level', '>=', 0).orderBy('id')
    await paginated(query, { offset: 0, limit: 2 })
    await paginated(query, { offset: 3, limit: 2 })
    await paginated(query, { offset: 0, limit: 2, total: false })
    await paginated(query, { offset: 0, limit: 2, total: () => 7 })
    const page = 'select "id" from "classes" where "level" >= ? order by "id" limit ? offset ?'
    expect(statements).toEqual([
      page,
      'select count(*) as total from (select "id" from "classes" where "level" >= ?) as "counted"',
      page,
      page,
      page,
    ])
  })

  it('begin a keyset where an index begins, and compare whole rows where one direction allows it', async () => {
    const { db, statements } = await opened()
    const next = async (order: readonly OrderColumn[]) => {
      const list = listIn(order)
      const { next: cursor } = await list.paginated(db.selectFrom('classes').selectAll(), { limit: 1 })
      await list.paginated(db.selectFrom('classes').selectAll(), { limit: 1, cursor: cursor ?? '' })
      return statements.at(-1)
    }
    expect(await next(['id'])).toBe('select * from "classes" where "id" > ? order by "id" asc limit ?')
    expect(await next(['name', 'id'])).toBe(
      'select * from "classes" where ("name" >= ? and ("name", "id") > (?, ?)) order by "name" asc, "id" asc limit ?',
    )
    expect(await next([{ by: 'name', direction: 'desc' }, 'id'])).toBe(
      'select * from "classes" where ("name" <= ? and ("name" < ? or ("name" = ? and "id" > ?))) order by "name" desc, "id" asc limit ?',
    )
  })

  it('lock nothing when they count', async () => {
    const { db, statements } = await opened()
    await paginated(db.selectFrom('classes').selectAll().orderBy('id').modifyEnd(sql`/* for update */`), {
      offset: 0,
      limit: 1,
    })
    expect(statements).toEqual([
      'select * from "classes" order by "id" limit ? offset ? /* for update */',
      'select count(*) as total from (select * from "classes") as "counted"',
    ])
  })

  it('go through the plugins of the application', async () => {
    interface Camel {
      school_classes: never
      schoolClasses: { classId: number; seatCount: number | null }
    }
    const { db } = openSqlite<Camel>([new CamelCasePlugin()])
    await sql`create table school_classes (class_id integer, seat_count integer)`.execute(db)
    await db
      .insertInto('schoolClasses')
      .values([1, 2, 3].map((classId) => ({ classId, seatCount: null })))
      .execute()
    const query = db.selectFrom('schoolClasses').selectAll()
    expect(await paginated(query.orderBy('classId'), { offset: 0, limit: 1 })).toMatchObject({
      totalItems: 3,
      items: [{ classId: 1, seatCount: null }],
    })
    const list = keyset({ order: [{ by: 'seatCount', nullable: true }, 'classId'], unique: 'classId', key: KEY })
    const first = await list.paginated(query, { limit: 2 })
    const second = await list.paginated(query, { limit: 2, cursor: first.next ?? '', total: true })
    expect(second).toMatchObject({ totalItems: 3, items: [{ classId: 3 }] })
  })
})

describe('a query that cannot be paged', () => {
  const { db } = openSqlite<Tables>()
  const query = db.selectFrom('classes').selectAll()
  const list = keyset({ order: ['id'], unique: 'id', key: KEY })

  it('by offset has a size of its own', async () => {
    const page = { offset: 0, limit: 1 }
    await expect(paginated(query.limit(5), page)).rejects.toThrow(
      new TypeError(
        'The query of a page must be without `limit`; leave it out, or page over the query as a table: `db.selectFrom(query.as("rows")).selectAll()`',
      ),
    )
    await expect(paginated(query.limit(5).offset(5), page)).rejects.toThrow(/`limit`, `offset`/)
    await expect(paginated(query.top(5), page)).rejects.toThrow(/`top`/)
    await expect(paginated(query.fetch(5), page)).rejects.toThrow(/`fetch`/)
  })

  it('by a keyset has an order or a size of its own, or is a union', async () => {
    const options = { limit: 1 }
    await expect(list.paginated(query.limit(5), options)).rejects.toThrow(/must be without `limit`/)
    await expect(list.paginated(query.orderBy('name'), options)).rejects.toThrow(/must be without `orderBy`/)
    await expect(list.paginated(query.distinctOn('name'), options)).rejects.toThrow(/must be without `distinctOn`/)
    await expect(list.paginated(query.union(query), options)).rejects.toThrow(
      /must be without `union`, `intersect` or `except`/,
    )
  })

  it('can be paged as a table', async () => {
    await sql`create table classes (id integer primary key, name text, seats integer, level integer)`.execute(db)
    await db.insertInto('classes').values(classes).execute()
    const three = query.orderBy('id').limit(3)
    const rows = db.selectFrom(three.as('rows')).selectAll()
    expect(await paginated(rows.orderBy('id'), { offset: 2, limit: 2 })).toMatchObject({
      totalItems: 3,
      items: [{ id: 3 }],
    })
    expect((await list.paginated(rows, { limit: 5 })).items.map(({ id }) => id)).toEqual([1, 2, 3])
  })

  it('by a date is refused, unless its column holds no more than a Date', async () => {
    const dated = (milliseconds: boolean) =>
      keyset({ order: [{ by: 'level', milliseconds }, 'id'], unique: 'id', key: KEY })
    const source = query.withPlugin({
      transformQuery: ({ node }) => node,
      transformResult: async ({ result }) => ({
        ...result,
        rows: result.rows.map((row) => ({ ...row, level: new Date(Number(row['level'])) })),
      }),
    })
    await expect(dated(false).paginated(source, { limit: 1 })).rejects.toMatchObject({
      code: 'ERR_PAGE_ORDER',
      columns: ['level'],
      message: expect.stringContaining('milliseconds: true'),
    })
    expect((await dated(true).paginated(source, { limit: 1 })).next).toEqual(expect.any(String))
  })

  it('is seen by a reply too', async () => {
    const request = new TestRequest({ method: 'GET', url: '/' })
    await expect(paginatedReply(request, query.limit(5), { offset: 0, limit: 1 })).rejects.toThrow(/`limit`/)
  })
})
