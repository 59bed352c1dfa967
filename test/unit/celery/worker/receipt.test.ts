import { describe, expect, it } from 'vitest'
import { encodeTask } from '../../../../src/celery/protocol/encode-task.ts'
import type { Message } from '../../../../src/celery/protocol/message.ts'
import { call, gate, settle, signature, startWorker } from '../../../support/worker/start-worker.ts'
import { TestHost } from '../../../support/worker/test-host.ts'

/** What nobody may see in a log. */
const SECRET = 'hunter2'

function hostWithAdd(config: Readonly<Record<string, unknown>> = {}) {
  const host = new TestHost(config)
  const done: unknown[][] = []
  host.task('add', {}, (_context, ...args: unknown[]) => void done.push(args))
  return { host, done }
}

function raw(body: string, changes: Partial<Message> = {}): Message {
  return {
    body: Buffer.from(body),
    contentType: 'application/json',
    contentEncoding: 'utf-8',
    headers: { task: 'add', id: 'p1' },
    properties: {},
    ...changes,
  }
}

const BODY = `[["${SECRET}"], {}, {}]`

/** Every row that a Python worker dies of, or throws away, and how we name it. */
const poison: Readonly<Record<string, Message>> = {
  'a body of two items': raw(`[["${SECRET}"], {}]`),
  'a body that is a text': raw(`"${SECRET}"`),
  'a body that is null': raw('null'),
  'no id': raw(BODY, { headers: { task: 'add' } }),
  'an id that is a number': raw(BODY, { headers: { task: 'add', id: 5 } }),
  'no name of a task': raw(BODY, { headers: { id: 'p1' } }),
  'an eta that is no time': raw(BODY, { headers: { task: 'add', id: 'p1', eta: SECRET } }),
  'an expiry that is no time': raw(BODY, { headers: { task: 'add', id: 'p1', expires: 'tomorrow' } }),
  'arguments that are no array': raw(`["${SECRET}", {}, {}]`),
  'keyword arguments that are no object': raw('[[], 5, {}]'),
  'callbacks that are no signatures': raw('[[], {}, {"callbacks": [5]}]'),
  'a time limit that is no pair': raw(BODY, { headers: { task: 'add', id: 'p1', timelimit: 'long' } }),
  'a content type that is not accepted': raw(BODY, { contentType: 'application/x-python-serialize' }),
  'a content type nobody knows': raw(BODY, { contentType: 'application/x-own' }),
  'a body that is no JSON': raw(`{${SECRET}`),
  'a body that is cut off': raw(BODY.slice(0, 8)),
  'bytes that are no UTF-8': { ...raw(''), body: Buffer.from([0xff, 0xfe, 0x00]) },
  'an empty body': raw(''),
  'a compression nobody knows': raw(BODY, { headers: { task: 'add', id: 'p1', compression: 'application/x-own' } }),
  'a compressed body that is not compressed': raw(BODY, {
    headers: { task: 'add', id: 'p1', compression: 'application/x-gzip' },
  }),
}

describe('a message that cannot be read', () => {
  it.each(Object.entries(poison))('is counted, logged without its arguments and rejected: %s', async (_, message) => {
    const { host, done } = hostWithAdd()
    const { worker } = await startWorker(host)
    const bad = host.broker.deliver(message)
    const good = host.broker.deliver(call('add', { args: [1] }))
    await settle()
    expect(bad.settled).toEqual(['reject'])
    expect(worker.health()).toMatchObject({ malformed: 1, received: 2, state: 'running' })
    expect(host.texts('error')).toEqual(['message rejected: it cannot be read as a task'])
    expect(JSON.stringify(host.lines)).not.toContain(SECRET)
    expect(host.events[0]).toEqual([
      'task-rejected',
      { request: undefined, requeue: false, reason: expect.any(String) },
    ])
    // The one behind it runs.
    expect(done).toEqual([[1]])
    expect(good.settled).toEqual(['ack'])
  })

  it('is rejected when it is no message at all', async () => {
    const { host, done } = hostWithAdd()
    const { worker } = await startWorker(host)
    const bad = host.broker.deliver(raw(SECRET), { malformed: 'not JSON' })
    host.broker.deliver(call('add'))
    await settle()
    expect(bad.settled).toEqual(['reject'])
    expect(worker.health().malformed).toBe(1)
    expect(host.lines.at(-3)?.fields).toMatchObject({ queue: 'celery', reason: 'not JSON' })
    expect(JSON.stringify(host.lines)).not.toContain(SECRET)
    expect(done).toHaveLength(1)
  })

  it('that cannot even be rejected is counted, and the worker goes on', async () => {
    const { host, done } = hostWithAdd()
    const { worker } = await startWorker(host)
    let fail = (_: Error) => {}
    const refused = new Promise<void>((_, reject) => {
      fail = reject
    })
    host.broker.deliver(raw('null'), { gate: refused })
    fail(new Error('gone'))
    host.broker.deliver(call('add'))
    await settle()
    expect(worker.health().deliveriesLost).toBe(1)
    expect(done).toHaveLength(1)
  })

  it('of a thousand leaves nothing behind', async () => {
    const { host, done } = hostWithAdd()
    const { worker } = await startWorker(host)
    for (let i = 0; i < 1000; i++) host.broker.deliver(raw('null'))
    host.broker.deliver(call('add'))
    await settle()
    expect(worker.health()).toMatchObject({ malformed: 1000, reserved: 0, running: 0, scheduled: 0 })
    expect(done).toHaveLength(1)
  })
})

describe('a message that a tolerant worker runs', () => {
  it.each(
    Object.entries({
      'only a task and an id': raw('[[7], {}, {}]'),
      'null instead of what follows': raw('[[7], {}, null]'),
      'null instead of keyword arguments': raw('[[7], null, {}]'),
      'another language': raw('[[7], {}, {}]', { headers: { task: 'add', id: 'p1', lang: 'cobol' } }),
      'no content encoding': raw('[[7], {}, {}]', { contentEncoding: '' }),
      'headers that nobody knows': raw('[[7], {}, {}]', { headers: { task: 'add', id: 'p1', 'x-own': [1, { a: 2 }] } }),
      'protocol 1': raw('{"task": "add", "id": "p1", "args": [7]}', { headers: {} }),
    }),
  )('%s', async (_, message) => {
    const { host, done } = hostWithAdd()
    const { worker } = await startWorker(host)
    host.broker.deliver(message)
    await settle()
    expect(done).toEqual([[7]])
    expect(worker.health().malformed).toBe(0)
  })

  it('is in a format beside JSON, when the settings accept it', async () => {
    const { host, done } = hostWithAdd({ acceptContent: ['json', 'msgpack'] })
    await startWorker(host)
    host.broker.deliver(encodeTask(call('add', { args: [8] }), { serializer: 'msgpack' }))
    await settle()
    expect(done).toEqual([[8]])
  })
})

describe('a task that is not registered', () => {
  it('is rejected, and fails as in Python', async () => {
    const { host } = hostWithAdd()
    const { worker } = await startWorker(host)
    const delivery = host.broker.deliver(call('py.unknown', { id: 'u1', args: [SECRET] }))
    await settle()
    expect(delivery.settled).toEqual(['reject'])
    expect(host.backend.meta('u1')).toMatchObject({
      status: 'FAILURE',
      result: { exc_type: 'NotRegistered', exc_message: ['py.unknown'], exc_module: 'celery.exceptions' },
    })
    expect(host.happened).toEqual(['task-failed'])
    expect(worker.health()).toMatchObject({ malformed: 1, processed: 0 })
    expect(JSON.stringify(host.lines)).not.toContain(SECRET)
  })

  it('fails what hangs on it', async () => {
    const { host } = hostWithAdd()
    await startWorker(host)
    const message = call('py.unknown', {
      id: 'u1',
      errbacks: [signature('oops')],
      chain: [signature('next', { task_id: 'n1' })],
    })
    host.broker.deliver(message)
    await settle()
    expect(host.backend.meta('n1')?.status).toBe('FAILURE')
    expect(host.signatures).toMatchObject([{ signature: { task: 'oops' }, options: { args: ['u1'], parentId: 'u1' } }])
  })
})

describe('a task that has expired', () => {
  const past = new Date(Date.UTC(2026, 10, 22))

  it('is stored as revoked, acknowledged and not run', async () => {
    const { host, done } = hostWithAdd()
    await startWorker(host)
    const delivery = host.broker.deliver(call('add', { id: 'e1', expires: past }))
    await settle()
    expect(done).toEqual([])
    expect(delivery.settled).toEqual(['ack'])
    expect(host.backend.meta('e1')).toMatchObject({
      status: 'REVOKED',
      result: { exc_type: 'TaskRevokedError', exc_message: ['expired'], exc_module: 'celery.exceptions' },
    })
    expect(host.events).toMatchObject([['task-revoked', { expired: true, terminated: false }]])
  })

  it('while it waited for a place is not run either', async () => {
    const { host, done } = hostWithAdd()
    const release = gate()
    host.task('slow', {}, () => release.promise)
    const { clock } = await startWorker(host, { concurrency: 1 })
    host.broker.deliver(call('slow'))
    host.broker.deliver(call('add', { id: 'e1', expires: new Date(clock.now() + 1000) }))
    await settle()
    clock.advance(1000)
    release.open()
    await settle()
    expect(done).toEqual([])
    expect(host.backend.meta('e1')?.status).toBe('REVOKED')
  })
})

describe('a task that was revoked', () => {
  it('is stored as revoked, acknowledged and not run', async () => {
    const { host, done } = hostWithAdd()
    const { worker } = await startWorker(host)
    await worker.controls.revoke(['r1'])
    const delivery = host.broker.deliver(call('add', { id: 'r1' }))
    await settle()
    expect(done).toEqual([])
    expect(delivery.settled).toEqual(['ack'])
    expect(host.backend.meta('r1')).toMatchObject({ status: 'REVOKED', result: { exc_message: ['revoked'] } })
    expect(host.events).toMatchObject([['task-revoked', { expired: false, terminated: false }]])
  })

  it('is so by one of its stamps', async () => {
    const { host, done } = hostWithAdd()
    const { worker } = await startWorker(host)
    worker.controls.revoked.addStamped('tenant', ['acme'])
    host.broker.deliver(call('add', { id: 'r1', stampedHeaders: ['tenant'], stamps: { tenant: ['acme', 'x'] } }))
    host.broker.deliver(call('add', { id: 'r2', stampedHeaders: ['tenant'], stamps: { tenant: 'other' } }))
    host.broker.deliver(call('add', { id: 'r3', stamps: { tenant: 'acme' } }))
    await settle()
    expect(done).toHaveLength(2)
    expect(host.backend.meta('r1')?.status).toBe('REVOKED')
  })

  it('is stored as revoked at once, and told to the broker when it comes', async () => {
    const { host } = hostWithAdd()
    const { worker } = await startWorker(host)
    await worker.controls.revoke(['r1'])
    expect(host.backend.meta('r1')?.status).toBe('REVOKED')
  })
})
