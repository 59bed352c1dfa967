import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { createDatabase, findServer, mariadb, postgres } from '../conformance/db/servers.ts'

/** Starts the school anew, as a process would, on the database of `DATABASE_URL`. */
async function startSchool() {
  vi.resetModules()
  const { api } = await import('../../examples/school/api.ts')
  const { db, prepareDatabase } = await import('../../examples/school/database.ts')
  const { servers } = await import('../../examples/school/servers.ts')
  const { welcomePage } = await import('../../examples/school/welcome.ts')
  await prepareDatabase()
  const server = await servers.fastify(api, () => welcomePage(''), 0)
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1`
  return {
    async call(path: string, body?: object, token = '') {
      const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) }
      const response = await fetch(
        origin + path,
        body === undefined ? {} : { method: 'POST', headers, body: JSON.stringify(body) },
      )
      return { status: response.status, body: (await response.json()) as Record<string, string> }
    },
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
      await db.close()
    },
  }
}

function describeSchool(title: string, open: () => Promise<{ url: string; drop(): Promise<void> | void }>): void {
  it(`keeps its classes and users over a restart on ${title}`, async () => {
    const { url, drop } = await open()
    vi.stubEnv('DATABASE_URL', url)
    try {
      const first = await startSchool()
      const { token = '' } = (await first.call('/login', { username: 'test', password: 'test' })).body
      const created = await first.call('/classes', { name: 'Algebra', seats: 12 }, token)
      expect(created.status).toBe(201)
      expect(await first.call('/login', { username: 'test', password: 'guess' })).toMatchObject({ status: 401 })
      await first.stop()

      const second = await startSchool()
      expect((await second.call('/classes')).body).toMatchObject({ totalItems: 1, items: [created.body] })
      expect(await second.call('/login', { username: 'test', password: 'test' })).toMatchObject({ status: 200 })
      await second.stop()
    } finally {
      await drop()
    }
  })
}

describe('the school', () => {
  describeSchool('SQLite', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'twopi-school-'))
    return { url: `sqlite:///${join(folder, 'school.sqlite')}`, drop: () => rmSync(folder, { recursive: true }) }
  })
})

for (const kind of [postgres, mariadb]) {
  const server = await findServer(kind)
  describe.skipIf(server === undefined)(server === undefined ? `install ${kind.install}` : 'the school', () => {
    afterAll(() => server?.stop())
    describeSchool(kind.name, () => createDatabase(kind, server ?? { url: '' }))
  })
}
