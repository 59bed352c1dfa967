import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openTaskApp, type TaskApp, type Where } from './celery-tasks.ts'
import { createDatabase, findServer, mariadb, postgres } from './servers.ts'

interface TestDatabase {
  readonly url: string
  drop(): Promise<void> | void
}

describe('SQLite', () => describeTasks(async () => ({ url: 'sqlite://', drop: () => {} })))

for (const kind of [postgres, mariadb]) {
  const server = await findServer(kind)
  const title = server === undefined ? `${kind.name} (install ${kind.install})` : kind.name
  describe.skipIf(server === undefined)(title, () => {
    afterAll(() => server?.stop())
    describeTasks(() => createDatabase(kind, server ?? { url: '' }))
  })
}

function describeTasks(open: () => Promise<TestDatabase>): void {
  describe.each<Where>(['in a worker', 'eagerly'])('a session of a task that runs %s', (where) => {
    let app: TaskApp
    let database: TestDatabase
    beforeEach(async () => {
      database = await open()
      app = await openTaskApp(where, database.url)
    })
    afterEach(async () => {
      await app.close()
      await database.drop()
    })

    it('is committed when the task succeeds', async () => {
      expect(await app.run('return')).toBe(0)
      expect(await app.notes()).toEqual(['note 0'])
    })

    it('is rolled back when the task fails', async () => {
      await expect(app.run('throw')).rejects.toMatchObject({ code: 'ERR_CELERY_TASK_FAILED' })
      expect(await app.notes()).toEqual([])
    })

    it('keeps what the task committed before it failed', async () => {
      await expect(app.run('commit and throw')).rejects.toMatchObject({ code: 'ERR_CELERY_TASK_FAILED' })
      expect(await app.notes()).toEqual(['note 0'])
    })

    it('is rolled back when the task is tried again, and is another one then', async () => {
      expect(await app.run('retry')).toBe(1)
      expect(await app.notes()).toEqual(['note 1'])
    })

    it('is removed in any case: no connection is left in use', async () => {
      for (const then of ['return', 'throw', 'retry'] as const) await app.run(then).catch(() => undefined)
      expect(app.db.stats()).toMatchObject({ scopes: 0, write: { held: 0, waiting: 0 } })
    })

    it('is one for each of the tasks that run at once', async () => {
      const results = await Promise.all(['a', 'b', 'c'].map((text) => app.write.delay(text, 'return')))
      await Promise.all(results.map((result) => result.get({ timeout: '10 seconds' })))
      expect([...(await app.notes())].sort()).toEqual(['a 0', 'b 0', 'c 0'])
    })
  })
}
