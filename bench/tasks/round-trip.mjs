import { Queue, QueueEvents } from 'bullmq'
import { createClient as createCeleryNode } from 'celery-node'
import { microseconds, times } from '../lib/report.mjs'
import { names } from './names.mjs'
import { startNodeWorker, startPythonCaller, startPythonWorker } from './processes.mjs'
import { senderOf } from './publish.mjs'
import { turnOf } from './turns.mjs'

const { TWOPI_WORKER, BULLMQ_WORKER, CELERY_NODE_WORKER, PYTHON_WORKER } = names
/** Tasks of one turn, one after the other. */
const COUNT = 50

/** Send, run, store, be told: the next task is sent when the result of the one before is there. */
export async function roundTripQuestion(redis) {
  const env = (db, queue) => ({
    BENCH_BROKER: redis.url(db),
    BENCH_BACKEND: redis.url(db + 1),
    BENCH_QUEUE: queue,
    BENCH_CONCURRENCY: '10',
  })
  const oneByOne = (call, count = COUNT) =>
    turnOf(count, async () => {
      for (let i = 0; i < count; i++) await call(i)
    })
  const { celery, add } = senderOf(redis.url(12), redis.url(13), 'twopi')
  const other = createCeleryNode(redis.url(16), redis.url(17), 'celery-node')
  const theirs = other.createTask('bench.add')
  await other.isReady()
  const caller = startPythonCaller(env(14, 'python'))
  const connection = { port: Number(new URL(redis.url(18)).port), db: 18 }
  const bull = new Queue('bull', { connection })
  const events = new QueueEvents('bull', { connection })
  await events.waitUntilReady()
  const workers = [
    startNodeWorker('twopi', env(12, 'twopi')),
    startPythonWorker(['-c', '2', '-Q', 'python'], env(14, 'python')),
    startNodeWorker('celery-node', env(16, 'celery-node')),
    startNodeWorker('bullmq', {
      BENCH_PORT: String(connection.port),
      BENCH_DB: '18',
      BENCH_QUEUE: 'bull',
      BENCH_CONCURRENCY: '10',
    }),
  ]
  const turns = {
    [TWOPI_WORKER]: oneByOne(async (i) => (await add.delay(i, 3)).get({ timeout: 30 })),
    [PYTHON_WORKER]: turnOf(COUNT, async () => ({ seconds: await caller.run('round_trip', COUNT) })),
    // It looks for its result every half second.
    [CELERY_NODE_WORKER]: oneByOne((i) => theirs.delay(i, 3).get(30_000), 2),
    [BULLMQ_WORKER]: oneByOne(async (i) => (await bull.add('add', [i, 3])).waitUntilFinished(events)),
  }
  // The first ones wait for the workers to start.
  for (const turn of Object.values(turns)) await turn()
  return {
    question: {
      title: 'One task, sent and waited for',
      base: TWOPI_WORKER,
      columns: [microseconds, times],
      goals: [],
      turns,
    },
    close: async () => {
      await Promise.all(workers.map((worker) => worker.close()))
      await Promise.all([celery.close(), caller.close(), events.close(), bull.close(), other.disconnect()])
    },
  }
}
