// The tasks of the school. They run in the API's own process, or with `CELERY_BROKER_URL=redis://localhost` in workers:
//   npx twopi celery worker --app build/examples/school/tasks.js
import { setTimeout as pause } from 'node:timers/promises'
import { createCelery } from 'twopi/celery'
import { db } from './database.ts'

const broker = process.env['CELERY_BROKER_URL'] ?? 'memory://'

/** Results go where `CELERY_RESULT_BACKEND` says; else to the broker's Redis, or through RabbitMQ back to who asked. */
export const celery = createCelery('school', { result_backend: /^(memory|redis)/.test(broker) ? broker : 'rpc://' })

/** Whether no worker can be anywhere else. */
export const tasksRunHere: boolean = broker.startsWith('memory:')

celery.aroundTask((run, { name }) => db.aroundTask(run, { name }))

export interface ClassReport {
  readonly classes: number
  readonly seats: number
  readonly largest: string | null
}

/** Looks at every class, one after the other, and tells how far it is. */
export const classReport = celery.task('school.class_report', async ({ signal, updateState }): Promise<ClassReport> => {
  const classes = await db.session().selectFrom('classes').select(['name', 'seats']).orderBy('name').execute()
  let seats = 0
  let largest: (typeof classes)[number] | undefined
  for (const [done, one] of classes.entries()) {
    await updateState('PROGRESS', { done, total: classes.length })
    // As if it were much work.
    await pause(50, undefined, { signal })
    seats += one.seats
    if (largest === undefined || one.seats > largest.seats) largest = one
  }
  return { classes: classes.length, seats, largest: largest?.name ?? null }
})
