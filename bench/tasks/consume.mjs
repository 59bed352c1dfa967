import { Queue } from 'bullmq'
import { ratio } from '../lib/compare.mjs'
import { microseconds, times } from '../lib/report.mjs'
import { names } from './names.mjs'
import { startNodeWorker, startPythonWorker } from './processes.mjs'
import { senderOf } from './publish.mjs'
import { pollUntil, turnOf } from './turns.mjs'

const { TWOPI_WORKER, BULLMQ_WORKER, CELERY_NODE_WORKER, PYTHON_WORKER } = names
/** Tasks of one turn. */
const COUNT = 2000
const CONCURRENCY = '10'

const why =
  'the worker is one process and busy: of its processor time a quarter is garbage collection and a fifth writing to sockets. Redis works half as long for a task of ours as for one of BullMQ (31 and 60 µs, the worker 54 and 48 µs, processor time at load 7), which a machine of two cores does not show.'

/**
 * Each worker waits on an empty queue. The tasks are put into another list, which is renamed to its queue in one step; it is done
 * when every result is stored and nothing is left unacknowledged.
 */
async function celeryTurn(redis, db, name, start) {
  const [broker, backend] = [redis.url(db), redis.url(db + 1)]
  const queues = await redis.client(db)
  const results = await redis.client(db + 1)
  const worker = start({
    BENCH_BROKER: broker,
    BENCH_BACKEND: backend,
    BENCH_QUEUE: name,
    BENCH_CONCURRENCY: CONCURRENCY,
  })
  const { celery, add } = senderOf(broker, backend, 'fill')
  const isDone = async (count) => (await results.dbSize()) >= count && (await queues.exists('unacked')) === 0
  const fill = async (count) => {
    await results.flushDb()
    await Promise.all(Array.from({ length: count }, (_, i) => add.delay(i, 3)))
  }
  const release = async (count) => {
    await queues.rename('fill', name)
    await pollUntil(() => isDone(count))
  }
  // The first ones wait for the worker to start.
  await fill(50)
  await release(50)
  return {
    turn: turnOf(
      COUNT,
      () => release(COUNT),
      () => fill(COUNT),
    ),
    close: () => Promise.all([worker.close(), celery.close()]),
  }
}

async function bullTurn(redis, db) {
  const connection = { port: Number(new URL(redis.url(db)).port), db }
  const commands = await redis.client(db)
  const queue = new Queue('bull', { connection })
  const worker = startNodeWorker('bullmq', {
    BENCH_PORT: String(connection.port),
    BENCH_DB: String(db),
    BENCH_QUEUE: 'bull',
    BENCH_CONCURRENCY: CONCURRENCY,
  })
  const fill = async (count) => {
    await commands.del('bull:bull:completed')
    await queue.pause()
    await queue.addBulk(Array.from({ length: count }, (_, i) => ({ name: 'add', data: [i, 3] })))
  }
  const release = async (count) => {
    await queue.resume()
    await pollUntil(async () => (await commands.zCard('bull:bull:completed')) >= count)
  }
  await fill(50)
  await release(50)
  return {
    turn: turnOf(
      COUNT,
      () => release(COUNT),
      () => fill(COUNT),
    ),
    close: () => Promise.all([worker.close(), queue.close()]),
  }
}

export async function consumeQuestion(redis) {
  const ours = await celeryTurn(redis, 4, 'twopi', (env) => startNodeWorker('twopi', env))
  const theirs = await celeryTurn(redis, 6, 'python', (env) =>
    startPythonWorker(['-c', '2', '-Q', env.BENCH_QUEUE], env),
  )
  const other = await celeryTurn(redis, 8, 'celery-node', (env) => startNodeWorker('celery-node', env))
  const bull = await bullTurn(redis, 10)
  return {
    question: {
      title: 'Running tasks: take, acknowledge, store the result',
      base: TWOPI_WORKER,
      columns: [microseconds, times],
      goals: [
        {
          text: 'at least 10 times as fast as Python Celery',
          measure: (t) => ratio(t, PYTHON_WORKER, TWOPI_WORKER),
          least: 10,
          why,
        },
        { text: 'at least as fast as BullMQ', measure: (t) => ratio(t, BULLMQ_WORKER, TWOPI_WORKER), least: 1, why },
      ],
      turns: {
        [TWOPI_WORKER]: ours.turn,
        [PYTHON_WORKER]: theirs.turn,
        [CELERY_NODE_WORKER]: other.turn,
        [BULLMQ_WORKER]: bull.turn,
      },
    },
    close: () => Promise.all([ours, theirs, other, bull].map((one) => one.close())),
  }
}
