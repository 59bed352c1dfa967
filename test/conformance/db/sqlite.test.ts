import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import LibSql from 'libsql'
import { createDbSession, DEFAULT_DATABASE_URL } from 'twopi/db'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { describeDatabase } from './cases.ts'

describeDatabase('SQLite', {
  open: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'twopi-sqlite-'))
    return {
      url: `sqlite:///${join(folder, 'new/folder/app.sqlite')}`,
      drop: async () => rmSync(folder, { recursive: true, force: true }),
    }
  },
  writers: 'one',
  afterCaughtError: 'commits',
  duplicateKey: 'SQLITE_CONSTRAINT_PRIMARYKEY',
  undoesTables: true,
  refusesWritesInSavepoint: true,
  columns: { big: 'integer', bytes: 'blob', bool: 'integer', time: 'text' },
})

interface Schema {
  notes: { text: string }
}

describe('SQLite alone', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'twopi-sqlite-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const create = (url: string) => createDbSession<Schema>({ DATABASE_URL: url })
  const notes = (db: ReturnType<typeof create>) => () =>
    db.session().schema.createTable('notes').addColumn('text', 'text').execute()

  it('in memory is one database for all scopes, those that only read included', async () => {
    const db = create('sqlite://')
    await db.run(notes(db))
    await db.run(() => db.session().insertInto('notes').values({ text: 'kept' }).execute())
    const read = () => db.session().selectFrom('notes').selectAll().execute()
    expect(await Promise.all([db.run(read), db.run(read, { readOnly: true })])).toEqual([
      [{ text: 'kept' }],
      [{ text: 'kept' }],
    ])
    await expect(db.run(() => sql`begin`.execute(db.session()))).rejects.toThrow()
    expect(await db.run(read)).toEqual([{ text: 'kept' }])
    await db.close()
  })

  it('in memory is not shared by two databases', async () => {
    const [one, two] = [create('sqlite://'), create('sqlite://')]
    await one.run(notes(one))
    await two.run(notes(two))
    await Promise.all([one.close(), two.close()])
  })

  it('without a URL is a file below the current folder, kept over a restart', async () => {
    const before = process.cwd()
    process.chdir(folder)
    try {
      for (const expected of [1, 2]) {
        const db = createDbSession<Schema>({ DATABASE_URL: '' })
        const count = await db.run(async () => {
          await db.session().schema.createTable('notes').ifNotExists().addColumn('text', 'text').execute()
          await db.session().insertInto('notes').values({ text: 'kept' }).execute()
          return (await db.session().selectFrom('notes').selectAll().execute()).length
        })
        expect(count).toBe(expected)
        await db.close()
      }
    } finally {
      process.chdir(before)
    }
    expect(DEFAULT_DATABASE_URL).toBe('sqlite:///data/twopi.sqlite')
    expect(existsSync(join(folder, 'data/twopi.sqlite'))).toBe(true)
  })

  it('waits for another process that writes, and lets this one go on meanwhile', async () => {
    const db = create(`sqlite:///${join(folder, 'a.sqlite')}`)
    await db.run(notes(db))
    const other = new LibSql(join(folder, 'a.sqlite'))
    other.exec('begin immediate')
    other.exec("insert into notes values ('other')")
    const written = db.run(() => db.session().insertInto('notes').values({ text: 'ours' }).execute())
    expect(await db.run(() => db.session().selectFrom('notes').selectAll().execute(), { readOnly: true })).toEqual([])
    other.exec('commit')
    other.close()
    await written
    expect(await db.run(() => db.session().selectFrom('notes').selectAll().execute())).toHaveLength(2)
    await db.close()
  })

  it('waits for another process only as long as `timeout` says', async () => {
    const file = join(folder, 'b.sqlite')
    const db = create(`sqlite:///${file}?timeout=0.05`)
    await db.run(notes(db))
    const other = new LibSql(file)
    other.exec('begin immediate')
    const write = () => db.run(() => db.session().insertInto('notes').values({ text: 'ours' }).execute())
    await expect(write()).rejects.toMatchObject({ code: 'ERR_DB_BUSY', message: expect.stringContaining('50 ms') })
    other.exec('rollback')
    other.close()
    await write()
    await db.close()
  })

  it('obeys foreign keys', async () => {
    const db = create('sqlite://')
    const run = (text: string) => db.run(() => sql.raw(text).execute(db.session()))
    await run('create table a (id integer primary key)')
    await run('create table b (a integer references a (id))')
    await expect(run('insert into b values (1)')).rejects.toMatchObject({ code: 'SQLITE_CONSTRAINT_FOREIGNKEY' })
    await db.close()
  })

  it('gives bytes as bytes', async () => {
    const db = create('sqlite://')
    const { rows } = await db.run(() =>
      sql<{ bytes: Buffer }>`select ${Buffer.from('abc')} as bytes`.execute(db.session()),
    )
    expect(rows[0]?.bytes.toString()).toBe('abc')
    await db.close()
  })

  it('refuses a text that would be read back cut', async () => {
    const db = create('sqlite://')
    await expect(db.run(() => sql`select ${'admin\0x'} as a`.execute(db.session()))).rejects.toThrow(/U\+0000/)
    await db.close()
  })

  it('refuses several statements in one text, of which only the first would run', async () => {
    const db = create('sqlite://')
    const run = (text: string) => db.run(() => sql.raw(text).execute(db.session()))
    await expect(run('create table a (id integer); create table b (id integer)')).rejects.toThrow(/more than one/)
    for (const text of [
      'create table a (id integer, "x;y" text default \'a;b\'); -- done; really',
      'create trigger t after insert on a begin update a set id = 1; select case when 1 then 2 end; end;',
      'select 1 /* ; */ ;;',
    ]) {
      await run(text)
    }
    await expect(run('select 1; /* a */ drop table a')).rejects.toThrow(/more than one/)
    await db.close()
  })
})
