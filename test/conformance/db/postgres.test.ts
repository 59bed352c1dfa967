import { afterAll, describe } from 'vitest'
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
  })

  describeFaults({
    kind: postgres,
    connectionId: 'pg_backend_pid()',
    kill: (id) => `select pg_terminate_backend(${id})`,
  })
})
