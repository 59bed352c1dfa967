import { createWorker } from 'celery-node'

const { BENCH_BROKER, BENCH_BACKEND, BENCH_QUEUE } = process.env
const worker = createWorker(BENCH_BROKER, BENCH_BACKEND, BENCH_QUEUE)
worker.register('bench.add', (x, y) => x + y)
worker.start()
