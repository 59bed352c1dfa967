import { CompiledQuery, sql } from 'kysely'
import { createDbSession } from 'twopi/db'
import { afterAll, describe, expect, it } from 'vitest'
import { describeDatabase } from './cases.ts'
import { describeFaults } from './faults.ts'
import { createDatabase, findServer, postgres } from './servers.ts'

const server = await findServer(postgres)
const title = server === undefined ? `PostgreSQL (install ${postgres.install})` : 'PostgreSQL'

describe.skipIf(server === undefined)(title, () => {
  afterAll(() => server?.stop())

  describeDatabase('sessions', {
    open: () => createDatabase(postgres, server ?? { url: '' }),
    writers: 'many',
    afterCaughtError: 'ERR_DB_COMMIT_REFUSED',
    duplicateKey: '23505',
    undoesTables: true,
    refusesWritesInSavepoint: true,
    columns: { big: 'bigint', bytes: 'bytea', bool: 'boolean', time: 'timestamptz' },
  })

  describeFaults({
    kind: postgres,
    connectionId: 'pg_backend_pid()',
    kill: (id) => `select pg_terminate_backend(${id})`,
  })

  it('gives the rows of the last of several statements, and keeps its connections after an error of the protocol', async () => {
    const { url, drop } = await createDatabase(postgres, server ?? { url: '' })
    const db = createDbSession({ DATABASE_URL: url })
    const { rows } = await db.run(() => sql`select 1 as one; select 2 as two`.execute(db.session()))
    expect(rows).toEqual([{ two: 2 }])
    await db.run(async () => {
      const client = await db.session().connection
      const session = db.session()
      const nested = session.nested(() => session.executeQuery(CompiledQuery.raw('select $1::int + $2::int', [1])))
      await expect(nested).rejects.toMatchObject({ code: '08P01' })
      expect(client).toBe(await session.connection)
      await sql`select 1`.execute(session)
    })
    expect(db.stats().write.size).toBe(1)
    await db.close()
    await drop()
  })
})
