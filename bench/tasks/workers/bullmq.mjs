import { Worker } from 'bullmq'

const { BENCH_PORT, BENCH_DB, BENCH_QUEUE, BENCH_CONCURRENCY } = process.env
const connection = { host: '127.0.0.1', port: Number(BENCH_PORT), db: Number(BENCH_DB), maxRetriesPerRequest: null }
const worker = new Worker(BENCH_QUEUE, async ({ data: [x, y] }) => x + y, {
  connection,
  concurrency: Number(BENCH_CONCURRENCY),
})
await worker.waitUntilReady()
