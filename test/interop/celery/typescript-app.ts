// Tasks in TypeScript, of which python-app.py has the same. The variable INTEROP says by what they are reached.
import { createClient } from 'redis'
import {
  createCelery,
  createLogger,
  Decimal,
  Ignore,
  PlainDate,
  PlainTime,
  Reject,
  type TaskContext,
  Uuid,
} from 'twopi/celery'

const config = JSON.parse(process.env['INTEROP'] ?? '{}') as { settings: Record<string, unknown>; redis: string }
export const celery = createCelery('interop', config.settings, {
  injectVersion: false,
  logger: createLogger({ level: 'debug', format: 'human' }),
})

const store = createClient({ url: config.redis })
store.on('error', () => undefined)
await store.connect()
store.unref()

/** An error that only this side knows. */
class ShelfError extends Error {
  override readonly name = 'ShelfError'
}

celery.task('ts.add', { parameters: ['x', 'y'] }, (_context, x: number, y: number) => x + y)
celery.task('ts.echo', (_context, value: unknown) => value)
celery.task('ts.show', (_context, value: unknown) => show(value))
celery.task('ts.length', (_context, text: string) => text.length)
celery.task('ts.arguments', ({ kwargs }, ...args: unknown[]) => [args, kwargs])

celery.task('ts.fail', () => {
  throw new RangeError('too far')
})

celery.task('ts.fail_custom', () => {
  throw new ShelfError('full')
})

celery.task(
  'ts.flaky',
  { maxRetries: 10, parameters: ['failures', 'countdown'] },
  async ({ request, retry }, failures: number, countdown: number = 0) => {
    await store.rPush(`tries:${request.id}`, `${request.retries}`)
    if (request.retries < failures) retry({ cause: new RangeError('not yet'), countdown })
    return request.retries
  },
)

celery.task('ts.hopeless', ({ retry }) => retry({ cause: new RangeError('gone'), countdown: 0, maxRetries: 2 }))

/** Says that it has started, and ends when it is let through. */
celery.task('ts.gate', async ({ request, signal, updateState }, key: string, state?: string) => {
  if (state) await updateState(state, { done: 1, of: 3 })
  await store.rPush(`${key}:started`, request.id)
  const waiting = await store.duplicate().connect()
  const leave = () => waiting.destroy()
  signal.addEventListener('abort', leave)
  try {
    await waiting.blPop(`${key}:open`, 20)
  } finally {
    signal.removeEventListener('abort', leave)
    if (!signal.aborted) leave()
  }
  return 'through'
})

/** Notes its arguments; the last one is the key. */
celery.task('ts.record', async (_context, ...args: unknown[]) => {
  await store.rPush(String(args.at(-1)), JSON.stringify(args.slice(0, -1)))
})

celery.task('ts.count', async (_context, key: string, number: number) => {
  await store.rPush(`${key}:ts`, `${number}`)
})

celery.task('ts.request', ({ request }) => ({
  id: request.id,
  retries: request.retries,
  eta: request.eta?.toISOString() ?? null,
  expires: request.expires?.toISOString() ?? null,
  timelimit: [request.timeLimit ?? null, request.softTimeLimit ?? null],
  root: request.rootId,
  parent: request.parentId ?? null,
  origin: request.origin ?? null,
  priority: request.deliveryInfo.priority ?? null,
  tenant: request.headers['tenant'] ?? null,
  number: request.headers['number'] ?? null,
  routing_key: request.deliveryInfo.routingKey,
  ignore_result: request.ignoreResult,
  stamps: request.stamps,
}))

celery.task('ts.ignored', () => {
  throw new Ignore()
})

celery.task('ts.rejected', { acksLate: true }, () => {
  throw new Reject('no')
})

/** Sends another task, which becomes its child. */
celery.task('ts.parent', async (_context, child: string) => (await celery.sendTask(child, [1, 2])).id)

/** Which side runs a task of this name is not known before. */
celery.task('any.count', async (_context, key: string, number: number) => {
  await store.rPush(`${key}:ts`, `${number}`)
})

celery.task('ts.slow', { softTimeLimit: 0.2 }, ({ signal }: TaskContext) => waitFor(signal))

function waitFor(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
}

/** A value as this side sees it, which tells types apart. */
function show(value: unknown): string {
  if (typeof value === 'bigint') return `bigint ${value}`
  if (typeof value === 'string') return `text ${value}`
  if (value instanceof Date) return `Date ${value.toISOString()}`
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`
  for (const type of [Decimal, PlainDate, PlainTime, Uuid]) {
    if (value instanceof type) return `${type.name} ${value}`
  }
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    return `{${Object.entries(value).map(([key, item]) => `${key}: ${show(item)}`)}}`
  }
  return `${value === null ? 'null' : typeof value} ${Object.is(value, -0) ? '-0' : value}`
}
