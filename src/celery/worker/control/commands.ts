import type { ExchangeType, QueueDeclaration } from '../../brokers/broker.ts'
import type { Logger } from '../../task/logger.ts'
import { parseRateLimit } from '../../task/rate-limit.ts'
import type { WorkerControls } from '../worker-controls.ts'
import type { WorkerHost } from '../worker-host.ts'
import { requestInfo } from './request-info.ts'

/** What commands act on. */
export interface ControlTarget {
  readonly host: WorkerHost
  /** The worker's. */
  readonly logger: Logger
  readonly controls: WorkerControls
  /** Stops the worker warmly. */
  readonly stop: () => void
  /** The worker's logical clock. */
  readonly clock: () => number
}

export type Arguments = Readonly<Record<string, unknown>>

/** Gives the answer; undefined: none is sent. */
export type Command = (target: ControlTarget, args: Arguments) => unknown

/** A `TypeError` here is an answer for who sent the command. */
const ok = (text: unknown) => ({ ok: text })
const failed = (text: string) => ({ error: text })

/**
 * The commands of Celery's remote control that a worker obeys, by their names on the wire.
 *
 * @see https://docs.celeryq.dev/en/stable/userguide/workers.html#remote-control
 */
export const commands: Readonly<Record<string, Command>> = {
  ping: () => ok('pong'),
  clock: ({ clock }) => ({ clock: clock() }),
  shutdown: ({ stop }) => {
    stop()
    return undefined
  },
  hello,

  revoke: (target, args) => revoke(target, listOf(args, 'task_id'), args['terminate'] === true),
  terminate: (target, args) => revoke(target, listOf(args, 'task_id'), true),
  revoke_by_stamped_headers: revokeByStamps,
  rate_limit: rateLimit,
  time_limit: timeLimit,

  add_consumer: addConsumer,
  cancel_consumer: async ({ controls }, args) => {
    const queue = textOf(args, 'queue')
    await controls.cancelQueue(queue)
    return ok(`no longer consuming from ${queue}`)
  },
  pool_grow: ({ controls }, args) => {
    controls.resize(controls.pool.concurrency + countOf(args, 'n'))
    return ok('pool will grow')
  },
  pool_shrink: ({ controls }, args) => {
    controls.resize(Math.max(controls.pool.concurrency - countOf(args, 'n'), 1))
    return ok('pool will shrink')
  },

  active: ({ controls }, { safe }) =>
    controls.active().map((job) => requestInfo(job, controls.hostname, safe === true)),
  reserved: ({ controls }) => controls.reserved().map((job) => requestInfo(job, controls.hostname, false)),
  scheduled: ({ controls }) =>
    controls.scheduled().map((job) => ({
      eta: job.message.eta?.toISOString() ?? null,
      priority: 6,
      request: requestInfo(job, controls.hostname, false),
    })),
  query_task: queryTask,
  registered,
  revoked: ({ controls }) => controls.revoked.entries().map(([id]) => id),
}

/** Other names of the same commands. */
export const aliases: Readonly<Record<string, string>> = {
  dump_active: 'active',
  dump_reserved: 'reserved',
  dump_schedule: 'scheduled',
  dump_tasks: 'registered',
  dump_revoked: 'revoked',
}

/** A worker that starts tells what it knows to be revoked, and is told what others know. */
async function hello({ controls, clock }: ControlTarget, { from_node, revoked }: Arguments): Promise<unknown> {
  if (from_node === controls.hostname) return undefined
  if (typeof revoked === 'object' && revoked !== null) for (const id of Object.keys(revoked)) controls.revoked.add(id)
  const known = controls.revoked.entries().map(([id, since]) => {
    // A whole number would be none that Python takes for a time.
    const seen = since / 1000
    return [id, [Number.isInteger(seen) ? seen + 1e-6 : seen, id]] as const
  })
  return { revoked: Object.fromEntries(known), clock: clock() }
}

async function revoke(
  { logger, controls }: ControlTarget,
  ids: readonly string[],
  terminate: boolean,
): Promise<unknown> {
  const running = terminate ? ids.filter((id) => controls.find(id)?.state === 'running') : []
  await controls.revoke(ids, { terminate })
  logger.info({ count: ids.length, terminate }, 'tasks flagged as revoked')
  if (terminate) return ok(running.length === 0 ? 'terminate: tasks unknown' : `terminate: ${running.join(', ')}`)
  return ok(`tasks {${ids.map((id) => `'${id}'`).join(', ')}} flagged as revoked`)
}

async function revokeByStamps({ controls }: ControlTarget, { headers, terminate }: Arguments): Promise<unknown> {
  if (typeof headers !== 'object' || headers === null) throw new TypeError('`headers` must be an object')
  for (const [name, values] of Object.entries(headers)) {
    controls.revoked.addStamped(name, Array.isArray(values) ? values : [values])
  }
  const names = Object.keys(headers).join(', ')
  if (terminate !== true) return ok(`headers ${names} flagged as revoked, but not terminated`)
  const running = controls.active().filter((job) => controls.revoked.covers(job.message))
  await controls.revoke(
    running.map(({ request }) => request.id),
    { terminate: true },
  )
  return ok(`headers ${names} flagged as revoked`)
}

function rateLimit({ host, controls }: ControlTarget, args: Arguments): unknown {
  const name = textOf(args, 'task_name')
  const rate = args['rate_limit']
  let perSecond: number | undefined
  try {
    perSecond = parseRateLimit(rate as string | number | null | undefined)
  } catch {
    return failed(`Invalid rate limit string: ${String(rate).slice(0, 40)}`)
  }
  if (host.findTask(name) === undefined) return failed('unknown task')
  if (controls.limiter === undefined) return failed('rate limits are disabled')
  controls.limiter.setLimit(name, perSecond)
  return ok(perSecond === undefined ? 'rate limit disabled successfully' : 'new rate limit set successfully')
}

function timeLimit({ host, controls }: ControlTarget, args: Arguments): unknown {
  const name = textOf(args, 'task_name')
  if (host.findTask(name) === undefined) return failed('unknown task')
  controls.timeLimits.set(name, { hard: secondsOf(args, 'hard'), soft: secondsOf(args, 'soft') })
  return ok('time limits set successfully')
}

async function addConsumer({ host, controls }: ControlTarget, args: Arguments): Promise<unknown> {
  const name = textOf(args, 'queue')
  if (controls.queues().some((queue) => queue.name === name)) return ok(`already consuming from ${name}`)
  const isConfigured = host.queues().some((queue) => queue.name === name)
  for (const queue of host.queues([name])) await controls.addQueue(isConfigured ? queue : boundAs(queue, args))
  return ok(`add consumer ${name}`)
}

/** A queue that the settings do not know, bound as who sent the command says. */
function boundAs(queue: QueueDeclaration, args: Arguments): QueueDeclaration {
  const { exchange, exchange_type: type = 'direct', routing_key: routingKey } = args
  if (!EXCHANGE_TYPES.some((known) => known === (type ?? 'direct'))) {
    throw new TypeError(`\`exchange_type\` must be ${EXCHANGE_TYPES.join(', ')}`)
  }
  const bound = typeof routingKey === 'string' ? { ...queue, routingKey } : queue
  if (typeof exchange !== 'string' || exchange === '') return bound
  const declared = { name: exchange, durable: true, autoDelete: false, arguments: {} }
  return { ...bound, exchange: { ...declared, type: (type ?? 'direct') as ExchangeType } }
}

const EXCHANGE_TYPES: readonly ExchangeType[] = ['direct', 'topic', 'fanout', 'headers']

function queryTask({ controls }: ControlTarget, args: Arguments): unknown {
  const active = new Set(controls.active())
  const found = listOf(args, 'ids').flatMap((id) => {
    const job = controls.find(id)
    if (job === undefined) return []
    return [[id, [active.has(job) ? 'active' : 'reserved', requestInfo(job, controls.hostname, false)]] as const]
  })
  return Object.fromEntries(found)
}

function registered({ host }: ControlTarget, { taskinfoitems, builtins }: Arguments): unknown {
  const items = Array.isArray(taskinfoitems) && taskinfoitems.length > 0 ? taskinfoitems : ['rate_limit']
  return host
    .taskNames()
    .filter((name) => builtins === true || !name.startsWith('celery.'))
    .toSorted()
    .map((name) => {
      const perSecond = items.includes('rate_limit') ? host.findTask(name)?.options.rateLimit : undefined
      return perSecond === undefined ? name : `${name} [rate_limit=${perSecond}]`
    })
}

function textOf(args: Arguments, name: string): string {
  const value = args[name]
  if (typeof value === 'string' && value !== '') return value
  throw new TypeError(`\`${name}\` must be a text`)
}

function countOf(args: Arguments, name: string): number {
  const value = args[name] ?? 1
  if (typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= 10_000) return value
  throw new TypeError(`\`${name}\` must be a whole number from 1 to 10000`)
}

/** null and nothing: no limit. */
function secondsOf(args: Arguments, name: string): number | undefined {
  const value = args[name] ?? undefined
  if (value === undefined || (typeof value === 'number' && value >= 0)) return value
  throw new TypeError(`\`${name}\` must be a number of seconds`)
}

function listOf(args: Arguments, name: string): readonly string[] {
  const value = args[name] ?? []
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  if (list.every((item) => typeof item === 'string')) return list
  throw new TypeError(`\`${name}\` must be an id or a list of ids`)
}
