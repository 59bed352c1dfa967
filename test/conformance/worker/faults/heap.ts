// Runs many tasks through one worker in this process, and tells what its heap holds before and after. Needs --expose-gc.
import { createCelery } from 'twopi/celery'

const { settings, warmUp, count } = JSON.parse(process.env['HEAP'] ?? '{}') as {
  readonly settings: Record<string, unknown>
  readonly warmUp: number
  readonly count: number
}
/** Calls that have not ended, at most. */
const AHEAD = 1000

const silent = { debug() {}, info() {}, warn() {}, error() {} }
const celery = createCelery('heap', settings, { injectVersion: false, environment: {}, logger: silent })
let ended = 0
let wake = () => {}
const trivial = celery.task('trivial', { ignoreResult: true }, (_context, _n: number) => {
  ended++
  wake()
})

async function run(tasks: number): Promise<void> {
  const [from, to] = [ended, ended + tasks]
  for (let sent = from; sent < to; sent += 100) {
    await Promise.all(Array.from({ length: Math.min(100, to - sent) }, (_, i) => trivial.delay(sent + i)))
    while (sent - ended > AHEAD) await next()
  }
  while (ended < to) await next()
}

const next = () =>
  new Promise<void>((resolve) => {
    wake = resolve
  })

async function heap(): Promise<number> {
  // What has ended is let go of in the turns after it.
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
  const collect = (globalThis as { gc?: () => void }).gc
  if (collect === undefined) throw new Error('node --expose-gc')
  collect()
  collect()
  return process.memoryUsage().heapUsed
}

const worker = celery.worker()
await worker.start()
await run(warmUp)
const before = await heap()
const start = performance.now()
await run(count)
const seconds = (performance.now() - start) / 1000
const after = await heap()
const { processed } = worker.health()
await celery.close()
process.stdout.write(`${JSON.stringify({ before, after, processed, seconds })}\n`)
