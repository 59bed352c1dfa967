// The app of the pool of threads: the test makes one to call by, and every thread one to run.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { threadId } from 'node:worker_threads'
import { type Celery, createCelery, Decimal, PlainDate } from 'twopi/celery'

const silent = { debug() {}, info() {}, warn() {}, error() {} }
// Its workers' pools are what is tested, so it has a space of its own in each process of tests.
export const celery: Celery = createApp()
export { Decimal, PlainDate }

export function createApp(settings: Readonly<Record<string, unknown>> = {}): Celery {
  const app = createCelery('threads', settings, { injectVersion: false, environment: {}, logger: silent })
  app.task('thread', () => threadId)
  app.task('thread.late', { acksLate: true }, () => threadId)
  app.task('spin', () => {
    for (;;);
  })
  app.task('spin.late', { acksLate: true }, () => {
    for (;;);
  })
  app.task('until-told', { softTimeLimit: 0.2 }, (context) => {
    let turns = 0
    while (!context.signal.aborted) turns++
    return [turns > 0, String(context.signal.reason)]
  })
  app.task('exit', (_context, code: number) => process.exit(code))
  app.task('fill', () => {
    const all: unknown[] = []
    for (;;) all.push(Array.from({ length: 1000 }, (_, i) => ({ i })))
  })
  // Ends its thread the first time, as the file tells.
  app.task('die-once', { acksLate: true, rejectOnWorkerLost: true }, (_context, file: string) => {
    if (existsSync(file)) return readFileSync(file, 'utf8')
    writeFileSync(file, 'died once')
    return process.exit(1)
  })
  app.task('wait-for', async (_context, file: string) => {
    while (!existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 5))
    return threadId
  })
  app.task('kinds', (_context, ...values: unknown[]) => values.map((value) => Object(value).constructor.name))
  app.task('echo', ({ kwargs }, ...values: unknown[]) => [values, kwargs])
  app.task('throw', () => {
    throw new RangeError('too far')
  })
  app.task('progress', async ({ updateState }) => {
    await updateState('PROGRESS', { price: new Decimal('1.10') })
    return 'done'
  })
  app.task('call', async (context) => {
    context.retry({ countdown: 0, maxRetries: 1 })
  })
  return app
}
