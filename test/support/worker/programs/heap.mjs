// 200,000 tasks of all kinds through one worker; prints the heap before and after, in bytes.
import { createCelery } from '../dist/celery/index.js'

const silent = { debug() {}, info() {}, warn() {}, error() {} }
const config = { broker_url: 'memory://heap', result_backend: 'memory://heap', result_expires: 1 }
const app = createCelery('heap', config, { logger: silent, injectVersion: false, environment: {} })
class Busy extends Error {}

const tasks = [
  app.task('plain', (_context, n) => n),
  app.task('asynchronous', async (_context, n) => await Promise.resolve({ n, text: 'x'.repeat(100) })),
  app.task('late', { acksLate: true, trackStarted: true }, ({ request }) => request.id),
  app.task('limited', { timeLimit: 60, softTimeLimit: 30 }, ({ signal }) => signal.aborted),
  app.task('fails', () => {
    throw new RangeError('bad')
  }),
  app.task('again', { autoretryFor: [Busy], retryBackoff: 0.001, maxRetries: 1 }, ({ request }) => {
    if (request.retries === 0) throw new Busy('busy')
  }),
  app.task('progress', async ({ updateState, logger }, n) => {
    logger.info({ n }, 'on it')
    await updateState('PROGRESS', { n })
  }),
]
app.aroundTask((run) => run())

const worker = app.worker({ concurrency: 10 })
await worker.start()

// Every seventh runs twice.
const RUNS = 1000 + Array.from({ length: 1000 }, (_, n) => n).filter((n) => n % tasks.length === 5).length
let expected = 0

async function work(count) {
  for (let sent = 0; sent < count; sent += 1000) {
    await Promise.all(Array.from({ length: 1000 }, (_, n) => tasks[n % tasks.length].delay(n)))
    expected += RUNS
    do await new Promise((resolve) => setTimeout(resolve, 1))
    while (busy())
  }
}

function busy() {
  const { running, finishing, processed } = worker.health()
  return processed < expected || running + finishing > 0
}

/** Once results have expired, and timers have had their turn. */
async function heap() {
  await new Promise((resolve) => setTimeout(resolve, 2500))
  for (let i = 0; i < 5; i++) {
    global.gc()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return process.memoryUsage().heapUsed
}

await work(20_000)
const before = await heap()
await work(200_000)
const after = await heap()
console.log(JSON.stringify({ before, after, processed: worker.health().processed }))
await app.close()
process.exit(0)
