import { randomUUID } from 'node:crypto'
import { type Celery, createCelery, createDbSession, type Logger, type Task } from 'twopi/celery'
import type { DbSession } from 'twopi/db'

export interface Tables {
  notes: { text: string }
}

/** Where tasks run: in a worker, or in their caller's process. */
export type Where = 'in a worker' | 'eagerly'

export interface TaskApp {
  readonly celery: Celery
  readonly db: DbSession<Tables>
  /** Writes a note, and then does what it is told. */
  readonly write: Task<[text: string, then: 'return' | 'throw' | 'retry' | 'commit and throw'], number>
  /** Runs a task and waits for its end. */
  run(then: 'return' | 'throw' | 'retry' | 'commit and throw'): Promise<unknown>
  notes(): Promise<readonly string[]>
  close(): Promise<void>
}

const silent: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** An app whose tasks have sessions of an empty database: the original's `create_db_session(celery)`. */
export async function openTaskApp(where: Where, url: string): Promise<TaskApp> {
  const celery = createCelery(
    'school',
    {
      SQLALCHEMY_DATABASE_URI: url,
      broker_url: `memory://${randomUUID()}`,
      result_backend: `memory://${randomUUID()}`,
      task_always_eager: where === 'eagerly',
    },
    { environment: {}, logger: silent },
  )
  const db = createDbSession<Tables>(celery)
  await db.run(() => db.session().schema.createTable('notes').addColumn('text', 'text').execute())
  const write = celery.task(
    'write',
    async ({ request, retry }, text: string, then: 'return' | 'throw' | 'retry' | 'commit and throw') => {
      await db
        .session()
        .insertInto('notes')
        .values({ text: `${text} ${request.retries}` })
        .execute()
      if (then === 'commit and throw') await db.session().commit()
      if (then === 'retry' && request.retries === 0) retry({ countdown: 0 })
      if (then !== 'return' && then !== 'retry') throw new Error('failed')
      return request.retries
    },
  )
  if (where === 'in a worker') await celery.worker().start()
  return {
    celery,
    db,
    write,
    run: async (then) => (await write.delay('note', then)).get({ timeout: '10 seconds' }),
    notes: () =>
      db.run(async () => (await db.session().selectFrom('notes').selectAll().execute()).map(({ text }) => text)),
    close: async () => {
      await celery.close()
      await db.close()
    },
  }
}
