import { describe, expect, it } from 'vitest'
import type { Message } from '../../../../../src/celery/protocol/message.ts'
import { serveControl } from '../../../../../src/celery/worker/control/serve-control.ts'
import type { WorkerOptions } from '../../../../../src/celery/worker/worker-options.ts'
import { call, gate, settle, startWorker } from '../../../../support/worker/start-worker.ts'
import { TestHost } from '../../../../support/worker/test-host.ts'

const NODE = 'w1@host'
const reply_to = { exchange: 'reply.celery.pidbox', routing_key: 'me' }

/** A worker that is told commands, and what it answers. */
async function controlled(config: Readonly<Record<string, unknown>> = {}, options: WorkerOptions = {}) {
  const host = new TestHost(config)
  host.task('hold', {}, () => gate().promise)
  host.task('limited', { rateLimit: '10/s' }, () => undefined)
  const { worker, clock } = await startWorker(host, { concurrency: 2, ...options })
  const answers: { readonly message: Message; readonly target: unknown }[] = []
  let stopped = 0
  let time = 0
  let hear: (message: Message) => void = () => undefined
  const broker = Object.assign(host.broker, {
    subscribe: async (_exchange: unknown, { onMessage }: { onMessage: (message: Message) => void }) => {
      hear = onMessage
      return { close: async () => undefined }
    },
    publish: async (message: Message, target: unknown) => void answers.push({ message, target }),
  })
  const target = {
    host,
    logger: host.logger,
    controls: worker.controls,
    stop: () => void stopped++,
    clock: () => ++time,
  }
  await serveControl(broker, target)
  const tell = async (body: unknown) => {
    hear({
      body: Buffer.from(JSON.stringify(body)),
      contentType: 'application/json',
      contentEncoding: 'utf-8',
      headers: {},
      properties: {},
    })
    await settle()
  }
  const ask = async (method: string, args: object = {}): Promise<unknown> => {
    answers.length = 0
    await tell({ method, arguments: args, reply_to, ticket: 'the ticket' })
    const [answer] = answers
    if (answer === undefined) return 'no answer'
    return (JSON.parse(String(Buffer.from(answer.message.body))) as Record<string, unknown>)[NODE]
  }
  return { host, worker, clock, answers, tell, ask, stopped: () => stopped }
}

describe('a worker that is told a command', () => {
  it('answers to where it shall, with the ticket and its clock', async () => {
    const { ask, answers } = await controlled()
    expect(await ask('ping')).toEqual({ ok: 'pong' })
    expect(answers).toMatchObject([
      {
        message: { headers: { ticket: 'the ticket', clock: 1 }, properties: { deliveryMode: 1 } },
        target: { exchange: 'reply.celery.pidbox', exchangeType: 'direct', routingKey: 'me', retry: false },
      },
    ])
  })

  it.for([
    ['clock', {}, { clock: 1 }],
    ['revoked', {}, []],
    ['dump_revoked', {}, []],
    ['active', {}, []],
    ['reserved', {}, []],
    ['scheduled', {}, []],
    ['registered', {}, ['hold', 'limited [rate_limit=10]']],
    ['dump_tasks', { taskinfoitems: ['name'] }, ['hold', 'limited']],
    ['query_task', { ids: ['nobody'] }, {}],
    ['revoke', { task_id: 'a' }, { ok: "tasks {'a'} flagged as revoked" }],
    ['revoke', { task_id: ['a', 'b'] }, { ok: "tasks {'a', 'b'} flagged as revoked" }],
    ['revoke', { task_id: 'a', terminate: true }, { ok: 'terminate: tasks unknown' }],
    ['terminate', { task_id: 'a', signal: 'SIGKILL' }, { ok: 'terminate: tasks unknown' }],
    ['revoke', { task_id: [1] }, { error: 'TypeError: `task_id` must be an id or a list of ids' }],
    ['revoke_by_stamped_headers', { headers: { a: 1 } }, { ok: 'headers a flagged as revoked, but not terminated' }],
    ['revoke_by_stamped_headers', { headers: { a: [1] }, terminate: true }, { ok: 'headers a flagged as revoked' }],
    ['revoke_by_stamped_headers', { headers: 'a' }, { error: 'TypeError: `headers` must be an object' }],
    ['rate_limit', { task_name: 'hold', rate_limit: '1/m' }, { ok: 'new rate limit set successfully' }],
    ['rate_limit', { task_name: 'hold', rate_limit: 0 }, { ok: 'rate limit disabled successfully' }],
    ['rate_limit', { task_name: 'hold', rate_limit: 'no/m' }, { error: 'Invalid rate limit string: no/m' }],
    ['rate_limit', { task_name: 'hold', rate_limit: {} }, { error: 'Invalid rate limit string: [object Object]' }],
    ['rate_limit', { task_name: 'nobody', rate_limit: 1 }, { error: 'unknown task' }],
    ['rate_limit', { task_name: '__proto__', rate_limit: 1 }, { error: 'unknown task' }],
    ['rate_limit', { rate_limit: 1 }, { error: 'TypeError: `task_name` must be a text' }],
    ['time_limit', { task_name: 'hold', hard: 2, soft: null }, { ok: 'time limits set successfully' }],
    ['time_limit', { task_name: 'nobody', hard: 2 }, { error: 'unknown task' }],
    ['time_limit', { task_name: 'hold', hard: -1 }, { error: 'TypeError: `hard` must be a number of seconds' }],
    ['time_limit', { task_name: 'hold', soft: '1' }, { error: 'TypeError: `soft` must be a number of seconds' }],
    ['add_consumer', { queue: 'celery' }, { ok: 'already consuming from celery' }],
    ['add_consumer', { queue: 'mail' }, { ok: 'add consumer mail' }],
    ['add_consumer', { queue: 5 }, { error: 'TypeError: `queue` must be a text' }],
    ['cancel_consumer', { queue: 'celery' }, { ok: 'no longer consuming from celery' }],
    ['cancel_consumer', {}, { error: 'TypeError: `queue` must be a text' }],
    ['pool_grow', {}, { ok: 'pool will grow' }],
    ['pool_grow', { n: 10_001 }, { error: 'TypeError: `n` must be a whole number from 1 to 10000' }],
    ['pool_grow', { n: 0.5 }, { error: 'TypeError: `n` must be a whole number from 1 to 10000' }],
    ['pool_shrink', { n: 100 }, { ok: 'pool will shrink' }],
    ['pool_shrink', { n: -1 }, { error: 'TypeError: `n` must be a whole number from 1 to 10000' }],
    ['enable_events', {}, { error: "KeyError('enable_events')" }],
    ['__proto__', {}, { error: "KeyError('__proto__')" }],
    ['constructor', {}, { error: "KeyError('constructor')" }],
    ["it's", {}, { error: "KeyError('it\\'s')" }],
    ['x'.repeat(1000), {}, { error: `KeyError('${'x'.repeat(60)}')` }],
  ] as const)('%s %j answers %j', async ([method, args, answer]) => {
    const { ask, worker } = await controlled()
    expect(await ask(method, args)).toEqual(answer)
    expect(worker.state).toBe('running')
  })

  it('binds a queue that the settings do not know as it is told', async () => {
    const { worker, ask } = await controlled()
    const topic = { exchange: 'news', exchange_type: 'topic', routing_key: 'news.#' }
    expect(await ask('add_consumer', { queue: 'mail', ...topic })).toEqual({ ok: 'add consumer mail' })
    const mail = worker.controls.queues().find(({ name }) => name === 'mail')
    expect(mail).toMatchObject({ exchange: { name: 'news', type: 'topic', durable: true }, routingKey: 'news.#' })
    expect(await ask('add_consumer', { queue: 'other', exchange: 'news', exchange_type: 'odd' })).toEqual({
      error: 'TypeError: `exchange_type` must be direct, topic, fanout, headers',
    })
    // As Python's workers are told when nothing was said of it.
    const none = { exchange: null, exchange_type: null, routing_key: null }
    expect(await ask('add_consumer', { queue: 'plain', ...none })).toEqual({ ok: 'add consumer plain' })
  })

  it('does what it says: queues, places, limits', async () => {
    const { host, worker, ask } = await controlled()
    await ask('add_consumer', { queue: 'mail' })
    await ask('cancel_consumer', { queue: 'celery' })
    expect([[...host.broker.queues], worker.controls.queues().map(({ name }) => name)]).toEqual([['mail'], ['mail']])
    await ask('pool_grow', { n: 3 })
    expect(worker.controls.pool.concurrency).toBe(5)
    await ask('pool_shrink', { n: 100 })
    expect(worker.controls.pool.concurrency).toBe(1)
  })

  it('tells of the tasks it has, and ends them', async () => {
    const { host, ask, clock } = await controlled()
    const eta = new Date(clock.now() + 1000)
    host.broker.deliver(call('hold', { id: 'one', args: [1], kwargs: { a: 2 } }))
    host.broker.deliver(call('hold', { id: 'two' }))
    host.broker.deliver(call('hold', { id: 'waits' }))
    host.broker.deliver(call('hold', { id: 'later', eta }))
    await settle()
    expect(await ask('active')).toMatchObject([
      { id: 'one', name: 'hold', args: [1], kwargs: { a: 2 }, hostname: NODE, acknowledged: true },
      { id: 'two' },
    ])
    expect(await ask('active', { safe: true })).toMatchObject([{ args: '(1,)', kwargs: "{'a': 2}" }, { id: 'two' }])
    expect(await ask('reserved')).toMatchObject([{ id: 'waits', time_start: null }])
    expect(await ask('scheduled')).toMatchObject([{ eta: eta.toISOString(), request: { id: 'later' } }])
    expect(await ask('query_task', { ids: ['one', 'waits', 'nobody'] })).toMatchObject({
      one: ['active', { id: 'one' }],
      waits: ['reserved', { id: 'waits' }],
    })
    expect(await ask('revoke', { task_id: ['one', 'later'], terminate: true })).toEqual({ ok: 'terminate: one' })
    await settle()
    expect(host.backend.meta('one')?.status).toBe('REVOKED')
    expect(host.backend.meta('later')?.status).toBe('REVOKED')
    expect(await ask('active')).toMatchObject([{ id: 'two' }, { id: 'waits' }])
  })

  it('ends those that run and have a stamp, and starts none that has it', async () => {
    const { host, ask } = await controlled()
    const stamped = (id: string, value: unknown) =>
      call('hold', { id, stampedHeaders: ['class'], stamps: { class: value } })
    host.broker.deliver(stamped('a', '1'))
    host.broker.deliver(stamped('b', ['2', '3']))
    await settle()
    expect(await ask('revoke_by_stamped_headers', { headers: { class: ['3', '4'] }, terminate: true })).toMatchObject({
      ok: expect.stringContaining('class'),
    })
    host.broker.deliver(stamped('c', '4'))
    await settle()
    expect(['a', 'b', 'c'].map((id) => host.backend.meta(id)?.status)).toEqual([undefined, 'REVOKED', 'REVOKED'])
    expect(await ask('active')).toMatchObject([{ id: 'a' }])
  })

  it('remembers what another one knows to be revoked, and tells what it knows as Python takes it', async () => {
    const { ask } = await controlled()
    expect(await ask('hello', { from_node: NODE })).toBe(null)
    const answer = (await ask('hello', { from_node: 'w2@host', revoked: { r1: [5.5, 'r1'] } })) as {
      revoked: Record<string, [number, string]>
    }
    expect(answer.revoked['r1']).toEqual([expect.any(Number), 'r1'])
    expect(Number.isInteger(answer.revoked['r1']?.[0])).toBe(false)
    expect(await ask('revoked')).toEqual(['r1'])
  })

  it('stops, and says nothing', async () => {
    const { ask, stopped } = await controlled()
    expect(await ask('shutdown')).toBe('no answer')
    expect(stopped()).toBe(1)
  })

  it('does not say again and again that it does not know one, and never what its arguments were', async () => {
    const { host, ask } = await controlled()
    await ask('enable_events', { password: 'hunter2' })
    await ask('rate_limit', { task_name: 5, password: 'hunter2' })
    expect(host.texts('debug')).toContain('a command is not known')
    expect(host.texts('warn')).toEqual(['a command failed'])
    expect(JSON.stringify(host.lines, (_, value) => (value instanceof Error ? value.stack : value))).not.toContain(
      'hunter2',
    )
  })

  it.for([['nonsense'], [5], [{ method: 'ping', pattern: '*', matcher: 'pcre' }]])(
    'that is none logs it, and obeys the next: %j',
    async ([body]) => {
      const { host, tell, ask } = await controlled()
      await tell(body)
      expect(host.texts('warn')).toEqual(['a command could not be read'])
      expect(await ask('ping')).toEqual({ ok: 'pong' })
    },
  )

  it('goes on when nobody takes the answer, or it cannot be written', async () => {
    const { host, ask } = await controlled()
    const { publish } = host.broker
    host.broker.publish = async () => {
      throw new Error('nobody')
    }
    expect(await ask('ping')).toBe('no answer')
    host.broker.publish = publish
    expect(await ask('ping')).toEqual({ ok: 'pong' })
  })

  it('has no rate limits where they are disabled', async () => {
    const { ask } = await controlled({ workerDisableRateLimits: true })
    expect(await ask('rate_limit', { task_name: 'hold', rate_limit: 1 })).toEqual({ error: 'rate limits are disabled' })
  })

  it('stores REVOKED for each of many ids once, some at a time', async () => {
    const { host, ask } = await controlled()
    const { backend } = host
    let storing = 0
    let most = 0
    const store = backend.store.bind(backend)
    backend.store = async (...meta) => {
      most = Math.max(most, ++storing)
      await store(...meta)
      storing--
    }
    const ids = Array.from({ length: 2000 }, (_, n) => `id ${n % 1000}`)
    await ask('revoke', { task_id: ids })
    await settle()
    expect(backend.stored).toHaveLength(1000)
    expect(most).toBeLessThanOrEqual(500)
  })
})

describe('a worker that shall not be controlled', () => {
  it('hears no commands', async () => {
    const host = new TestHost({ workerEnableRemoteControl: false })
    let subscriptions = 0
    host.broker.subscribe = async () => {
      subscriptions++
      return { close: async () => undefined }
    }
    await startWorker(host)
    expect(subscriptions).toBe(0)
  })
})
