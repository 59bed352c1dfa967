import { createCelery, createLogger } from 'twopi/celery'

const { BENCH_BROKER, BENCH_BACKEND, BENCH_QUEUE, BENCH_CONCURRENCY } = process.env
const logger = createLogger({ level: 'warn' })
const celery = createCelery(
  'bench',
  { broker_url: BENCH_BROKER, result_backend: BENCH_BACKEND, task_default_queue: BENCH_QUEUE },
  { logger, environment: {} },
)
celery.task('bench.add', (_context, x, y) => x + y)
const worker = celery.worker({ concurrency: Number(BENCH_CONCURRENCY) })
await worker.start()
await worker.done
