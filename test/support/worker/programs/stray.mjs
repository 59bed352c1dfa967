// A task leaves a promise behind that rejects. Prints whether the other task, which runs meanwhile, came to its end.
import { createCelery } from '../dist/celery/index.js'

const print = (level) => (fields, text) => console.log(JSON.stringify({ level, text, err: fields.err?.message }))
const logger = { debug() {}, info() {}, warn: print('warn'), error: print('error') }
const app = createCelery('stray', {}, { logger, injectVersion: false, environment: {} })

const stray = app.task('stray', () => {
  Promise.resolve().then(() => {
    throw new Error('left behind')
  })
  return 'done'
})
const other = app.task('other', async () => {
  await new Promise((resolve) => setTimeout(resolve, 200))
  return 'done as well'
})
const worker = app.worker({ guardProcess: process.env.GUARDED === 'yes' })
await worker.start()
const results = [await stray.delay(), await other.delay()]
console.log(JSON.stringify(await Promise.all(results.map((result) => result.get({ timeout: 10 })))))
await app.close()
console.log(JSON.stringify({ listeners: process.listenerCount('unhandledRejection') }))
