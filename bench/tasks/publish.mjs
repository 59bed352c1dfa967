import amqplib from 'amqplib'
import { Queue } from 'bullmq'
import { createClient as createCeleryNode } from 'celery-node'
import { createCelery, createLogger } from 'twopi/celery'
import { ratio } from '../lib/compare.mjs'
import { microseconds, times } from '../lib/report.mjs'
import { names } from './names.mjs'
import { startPythonCaller } from './processes.mjs'
import { pollUntil, turnOf } from './turns.mjs'

const { TWOPI, TWOPI_ONE, BULLMQ, BULLMQ_ALL, CELERY_NODE, PYTHON, PYTHON_CONFIRMS } = names
/** Tasks of one turn. */
const COUNT = 1000

export function senderOf(broker, backend, queue) {
  const celery = createCelery(
    'bench',
    { broker_url: broker, result_backend: backend, task_default_queue: queue },
    { logger: createLogger({ level: 'warn' }), environment: {} },
  )
  return { celery, add: celery.task('bench.add', { ignoreResult: backend === undefined }, (_context, x, y) => x + y) }
}

const all = (count, send) => Promise.all(Array.from({ length: count }, (_, i) => send(i)))

export async function publishQuestion(redis) {
  const broker = redis.url(1)
  const commands = await redis.client(1)
  const bullCommands = await redis.client(2)
  const { celery, add } = senderOf(broker, undefined, 'twopi')
  const connection = { port: Number(new URL(broker).port), db: 2 }
  const bull = new Queue('bench', { connection })
  const other = createCeleryNode(broker, broker, 'celery-node')
  const theirs = other.createTask('bench.add')
  const caller = startPythonCaller({ BENCH_BROKER: broker, BENCH_QUEUE: 'python' })
  const jobs = Array.from({ length: COUNT }, (_, i) => ({ name: 'add', data: [i, 3] }))
  await bull.waitUntilReady()
  await other.isReady()

  // Each has its own list; BullMQ has keys of its own for every job, in its own database.
  const emptied = (run) =>
    turnOf(COUNT, run, async () => {
      await commands.del(['twopi', 'celery-node', 'python'])
      await bullCommands.flushDb()
    })
  const contenders = {
    [TWOPI]: emptied(() => all(COUNT, (i) => add.delay(i, 3))),
    [TWOPI_ONE]: emptied(async () => {
      for (let i = 0; i < COUNT; i++) await add.delay(i, 3)
    }),
    [BULLMQ]: emptied(() => bull.addBulk(jobs)),
    [BULLMQ_ALL]: emptied(() => all(COUNT, (i) => bull.add('add', [i, 3]))),
    [CELERY_NODE]: emptied(async () => {
      for (let i = 0; i < COUNT; i++) theirs.delay(i, 3)
      await pollUntil(async () => (await commands.lLen('celery-node')) >= COUNT)
    }),
    [PYTHON]: emptied(async () => ({ seconds: await caller.run('publish', COUNT) })),
  }
  return {
    question: {
      title: 'Sending tasks through Redis',
      base: TWOPI,
      columns: [microseconds, times],
      goals: [
        { text: 'at least 8 times as fast as Python Celery', measure: (t) => ratio(t, PYTHON, TWOPI), least: 8 },
        { text: 'at least as fast as BullMQ, `addBulk`', measure: (t) => ratio(t, BULLMQ, TWOPI), least: 1 },
        { text: 'at least as fast as BullMQ, `add`', measure: (t) => ratio(t, BULLMQ_ALL, TWOPI), least: 1 },
      ],
      turns: contenders,
    },
    close: async () => {
      await Promise.all([celery.close(), bull.close(), caller.close()])
      await other.disconnect()
    },
  }
}

export async function rabbitmqQuestion() {
  const broker = process.env.AMQP_URL ?? 'amqp://guest:guest@127.0.0.1:5672//'
  const queues = ['twopi', 'python', 'confirms'].map((name) => `bench-${process.pid}-${name}`)
  const [ours, theirs, confirmed] = queues
  const { celery, add } = senderOf(broker, undefined, ours)
  const caller = startPythonCaller({ BENCH_BROKER: broker, BENCH_QUEUE: theirs })
  const confirming = startPythonCaller({
    BENCH_BROKER: broker,
    BENCH_QUEUE: confirmed,
    BENCH_TRANSPORT_OPTIONS: '{"confirm_publish": true}',
  })
  const connection = await amqplib.connect(broker.replace(/\/\/$/, '/%2F'))
  const channel = await connection.createChannel()
  for (const queue of queues) await channel.assertQueue(queue, { durable: true })
  const emptied = (run) =>
    turnOf(COUNT, run, async () => {
      for (const queue of queues) await channel.purgeQueue(queue)
    })
  return {
    question: {
      title: 'Sending tasks through RabbitMQ',
      base: TWOPI,
      columns: [microseconds, times],
      goals: [
        {
          text: 'with confirms, at least 3 times as fast as Python without',
          measure: (t) => ratio(t, PYTHON, TWOPI),
          least: 3,
          why: 'RabbitMQ confirms a persistent message when it has written it, on the same two cores; Python does not wait for that. With confirms it takes nine times as long as ours.',
        },
      ],
      turns: {
        [TWOPI]: emptied(() => all(COUNT, (i) => add.delay(i, 3))),
        [PYTHON]: emptied(async () => ({ seconds: await caller.run('publish', COUNT) })),
        [PYTHON_CONFIRMS]: emptied(async () => ({ seconds: await confirming.run('publish', COUNT) })),
      },
    },
    close: async () => {
      await Promise.all([celery.close(), caller.close(), confirming.close()])
      for (const queue of queues) await channel.deleteQueue(queue)
      await connection.close()
    },
  }
}
