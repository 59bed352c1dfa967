import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { MikroORM } from '@mikro-orm/postgresql'
import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import { sql } from 'kysely'
import type { Connection } from 'mysql2/promise'
import { createDbSession, type DbSession, type SessionHost, withSession } from 'twopi/db'
import { HttpError, pipeline } from 'twopi/http'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { fencesOf } from '../../package/markdown.ts'
import { root } from '../../package/sources.ts'
import { testContext } from '../../support/test-request.ts'
import { createDatabase, findServer, mariadb, postgres } from './servers.ts'

/** Runs the sample of the docs page that imports a package, as it is written there. */
async function sample(name: string): Promise<unknown> {
  const page = readFileSync(join(root, 'docs/db.md'), 'utf8')
  const found = fencesOf(page).find(({ code }) => code.includes(`from '${name}`))
  if (found === undefined) throw new Error(`docs/db.md has no sample that imports ${name}`)
  const folder = join(root, 'build/samples/db')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${name.replace(/\W/g, '-')}.ts`)
  writeFileSync(file, found.code)
  return import(/* @vite-ignore */ pathToFileURL(file).href)
}

const server = await findServer(postgres)
const title = server === undefined ? `other layers (install ${postgres.install})` : 'other layers'

describe.skipIf(server === undefined)(title, () => {
  let admin: DbSession<object>
  let drop: () => Promise<void>
  const before = process.env['DATABASE_URL']
  const stored = async () => {
    const { rows } = await admin.run(() =>
      sql<{ id: number }>`select id from classes order by id`.execute(admin.session()),
    )
    return rows.map(({ id }) => id)
  }

  beforeAll(async () => {
    const database = await createDatabase(postgres, server ?? { url: '' })
    drop = database.drop
    process.env['DATABASE_URL'] = database.url
    admin = createDbSession({ DATABASE_URL: database.url })
    await admin.run(() =>
      sql`create table classes (id integer primary key, name text not null)`.execute(admin.session()),
    )
  })
  beforeEach(() => admin.run(() => sql`delete from classes`.execute(admin.session())))
  afterAll(async () => {
    await admin?.close()
    await drop?.()
    if (before === undefined) delete process.env['DATABASE_URL']
    else process.env['DATABASE_URL'] = before
  })

  it('Drizzle works in the transaction of the session', async () => {
    const { db, orm, classes, addClass } = (await sample('drizzle-orm')) as {
      db: DbSession<object>
      orm: () => Promise<NodePgDatabase>
      classes: Parameters<ReturnType<NodePgDatabase['select']>['from']>[0]
      addClass: (id: number, name: string) => Promise<void>
    }
    const failing = db.run(async () => {
      await addClass(1, 'Algebra')
      await sql`insert into classes values (2, 'Logic')`.execute(db.session())
      expect(await (await orm()).select().from(classes)).toHaveLength(2)
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(await stored()).toEqual([])
    await db.run(() => addClass(3, 'Algebra'))
    expect(await stored()).toEqual([3])
    await db.close()
  })

  it('MikroORM commits and rolls back with the step of requests', async () => {
    const { orm, mikro, Class } = (await sample('@mikro-orm')) as { orm: MikroORM; mikro: SessionHost; Class: never }
    const answer = (id: number, fails: boolean) =>
      pipeline(withSession(mikro), () => {
        orm.em.create(Class, { id, name: 'Algebra' } as never)
        if (fails) throw new HttpError(409, 'Full.')
        return { id }
      })(testContext())
    await expect(Promise.resolve(answer(1, false))).resolves.toMatchObject({ status: 200 })
    await expect(Promise.resolve(answer(2, true))).rejects.toMatchObject({ status: 409 })
    expect(await stored()).toEqual([1])
    await orm.close()
  })
})

const mysql = await findServer(mariadb)
const mysqlTitle = mysql === undefined ? `a bare connection (install ${mariadb.install})` : 'a bare connection'

describe.skipIf(mysql === undefined)(mysqlTitle, () => {
  it('of mysql2 works in the transaction of the session', async () => {
    const { url, drop } = await createDatabase(mariadb, mysql ?? { url: '' })
    const db = createDbSession<{ classes: { id: number } }, Connection>({ DATABASE_URL: url })
    await db.run(() => db.session().schema.createTable('classes').addColumn('id', 'integer').execute())
    const add = async (id: number) => (await db.session().connection).execute('insert into classes values (?)', [id])
    await expect(db.run(() => add(1).then(() => Promise.reject(new Error('no'))))).rejects.toThrow('no')
    await db.run(() => add(2))
    expect(await db.run(() => db.session().selectFrom('classes').selectAll().execute())).toEqual([{ id: 2 }])
    await db.close()
    await drop()
  })
})
