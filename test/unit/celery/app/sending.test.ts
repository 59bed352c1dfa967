import { describe, expect, it } from 'vitest'
import { runInTask } from '../../../../src/celery/task/running-task.ts'
import { taskRequest } from '../task/task-options.ts'
import { NOW, testApp } from './test-app.ts'

const UUID = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/

describe('delay', () => {
  it('sends what Celery sends', async () => {
    const { celery, sent } = testApp()
    const add = celery.task('add', (_context, x: number, y: number) => x + y)
    const result = await add.delay(2, 3)
    expect(result.id).toMatch(UUID)
    expect(sent).toHaveLength(1)
    expect(sent[0]?.target).toEqual({ exchange: '', exchangeType: 'direct', routingKey: 'celery' })
    expect(sent[0]?.message.properties).toEqual({
      correlationId: result.id,
      replyTo: '',
      deliveryMode: 2,
      priority: 0,
    })
    expect(sent[0]?.task).toMatchObject({
      task: 'add',
      id: result.id,
      args: [2, 3],
      kwargs: {},
      rootId: result.id,
      parentId: undefined,
      retries: 0,
      argsrepr: '(2, 3)',
      kwargsrepr: '{}',
      ignoreResult: false,
    })
    expect(sent[0]?.task.origin).toMatch(new RegExp(`^gen${process.pid}@.`))
  })

  it('declares each queue once, however many ask at once', async () => {
    const { celery, declared } = testApp()
    const ping = celery.task('ping', () => undefined)
    await Promise.all([ping.delay(), ping.delay(), ping.applyAsync([], { queue: 'other' })])
    await ping.delay()
    expect(declared).toEqual(['celery', 'other'])
  })

  it('rejects what cannot be sent, naming its place', async () => {
    const { celery, sent } = testApp()
    const store = celery.task('store', (_context, value: unknown) => value)
    await expect(store.delay({ user: { callback: () => 1 } })).rejects.toThrow('args[0].user.callback is a function')
    expect(sent).toEqual([])
  })

  it('rejects when no queue takes the message, and the next call tries to declare again', async () => {
    const { celery, sent } = testApp()
    const ping = celery.task('ping', () => undefined)
    await expect(ping.applyAsync([], { exchange: 'nowhere', routingKey: 'x' })).rejects.toMatchObject({
      code: 'ERR_CELERY_NOT_ROUTED',
    })
    await ping.delay()
    expect(sent).toHaveLength(1)
  })

  it('declares a queue again that was removed since, and sends to that', async () => {
    const { celery, sent, declared } = testApp()
    await celery.sendTask('add', [1, 2])
    const other = celery.createBroker()
    await other.deleteQueue('celery')
    await celery.sendTask('add', [3, 4])
    expect(declared).toEqual(['celery', 'celery'])
    expect(sent).toHaveLength(2)
    expect(await other.size('celery')).toBe(1)
    await other.close()
    await celery.close()
  })

  it('refuses a message without end by its size', async () => {
    const { celery } = testApp()
    const store = celery.task('store', (_context, value: string) => value.length)
    await expect(store.delay('x'.repeat(64 * 1024 * 1024))).rejects.toMatchObject({
      code: 'ERR_CELERY_TOO_LARGE',
      taskName: 'store',
    })
    const broker = celery.createBroker()
    expect(await broker.size('celery')).toBe(0)
    await broker.close()
  })

  it('tells the listeners', async () => {
    const { celery } = testApp()
    const heard: unknown[] = []
    const listener = (event: unknown) => void heard.push(event)
    celery.on('task-sent', listener)
    const ping = celery.task('ping', () => undefined)
    const { id } = await ping.delay()
    celery.off('task-sent', listener)
    await ping.delay()
    expect(heard).toEqual([{ id, name: 'ping', queue: 'celery' }])
  })

  it('goes on when a listener throws, and logs that', async () => {
    const { celery, lines } = testApp()
    celery.on('task-sent', () => {
      throw new Error('no')
    })
    await celery.task('ping', () => undefined).delay()
    expect(lines.map(({ text }) => text)).toEqual(['a listener failed'])
  })
})

describe('the options of a call', () => {
  it('are all written', async () => {
    const { celery, sent } = testApp()
    const task = celery.task('task', (_context, id: string) => id)
    const result = await task.applyAsync(['42'], {
      kwargs: { copies: 2 },
      countdown: '1 minute',
      expires: 120,
      queue: 'mail',
      priority: 7,
      retries: 1,
      headers: { trace: 'abc' },
      ignoreResult: true,
      taskId: 'my-id',
      shadow: 'another',
      timeLimit: '5 minutes',
      softTimeLimit: 240,
      argsrepr: '(***,)',
      kwargsrepr: '{***}',
      replyTo: 'my-queue',
    })
    expect(result.id).toBe('my-id')
    expect(sent[0]?.target.routingKey).toBe('mail')
    expect(sent[0]?.task).toMatchObject({
      id: 'my-id',
      args: ['42'],
      kwargs: { copies: 2 },
      eta: new Date(NOW + 60_000),
      expires: new Date(NOW + 120_000),
      priority: 7,
      retries: 1,
      headers: { trace: 'abc' },
      ignoreResult: true,
      shadow: 'another',
      timeLimit: 300,
      softTimeLimit: 240,
      argsrepr: '(***,)',
      kwargsrepr: '{***}',
      replyTo: 'my-queue',
    })
    expect(sent[0]?.message.properties.expiration).toBe('120000')
  })

  it('win over those of the task, which win over the route', async () => {
    const { celery, sent } = testApp({
      taskRoutes: { 'school.*': { queue: 'routed', priority: 1, expires: 10, headers: { from: 'route' } } },
    })
    const plain = celery.task('school.plain', () => undefined)
    const own = celery.task('school.own', { queue: 'own', priority: 2, expires: '20 seconds' }, () => undefined)
    await plain.delay()
    await own.delay()
    await own.applyAsync([], { queue: 'called', priority: 3, expires: 30, headers: { from: 'call' } })
    expect(
      sent.map(({ target, task }) => [target.routingKey, task.priority, Number(task.expires) - NOW, task.headers]),
    ).toEqual([
      ['routed', 1, 10_000, { from: 'route' }],
      ['own', 2, 20_000, { from: 'route' }],
      ['called', 3, 30_000, { from: 'call' }],
    ])
  })

  it('have the task written by another serializer, and compressed', async () => {
    const { celery, sent } = testApp()
    const task = celery.task('task', { serializer: 'msgpack', compression: 'gzip' }, (_context, text: string) => text)
    await task.delay('a'.repeat(1000))
    await task.applyAsync(['b'], { serializer: 'json' })
    expect(sent.map(({ message }) => message.contentType)).toEqual(['application/x-msgpack', 'application/json'])
    expect(sent[0]?.message.body.length).toBeLessThan(100)
    expect(sent[0]?.task.args).toEqual(['a'.repeat(1000)])
  })

  it('send nothing of the limits that the settings have for workers', async () => {
    const { celery, sent } = testApp({ taskTimeLimit: 300, taskSoftTimeLimit: 200 })
    await celery.task('plain', () => undefined).delay()
    await celery.task('own', { timeLimit: 60 }, () => undefined).delay()
    expect(sent.map(({ task }) => [task.timeLimit, task.softTimeLimit])).toEqual([
      [undefined, undefined],
      [60, undefined],
    ])
  })

  it('that are wrong are named, all of them, before anything is sent', async () => {
    const { celery, sent } = testApp()
    const task = celery.task('task', () => undefined)
    const wrong = {
      countdown: 1,
      eta: new Date(Number.NaN),
      priority: 1.5,
      retries: -1,
      taskId: '',
      timeLimit: '5 fortnights',
      colour: 'red',
    }
    const error = await task.applyAsync([], wrong as object).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(TypeError)
    for (const text of [
      '`countdown` and `eta`',
      '`eta` must',
      '`priority`',
      '`retries`',
      '`taskId`',
      '`timeLimit`',
      '`colour`',
    ]) {
      expect((error as Error).message).toContain(text)
    }
    expect(sent).toEqual([])
  })

  it('carry links, also those that were read from a message', async () => {
    const { celery, sent } = testApp()
    const add = celery.task('add', (_context, x: number, y: number) => x + y)
    const data = { task: 'py.log', args: [], kwargs: {}, options: {}, subtask_type: null, immutable: true }
    await add.applyAsync([1, 2], { link: [add.s(3), data], linkError: celery.signature('py.sorry') })
    expect(sent[0]?.task.callbacks).toMatchObject([{ task: 'add', args: [3] }, data])
    expect(sent[0]?.task.errbacks).toMatchObject([{ task: 'py.sorry', args: [] }])
  })
})

describe('a call inside of a running task', () => {
  const running = () => ({ request: taskRequest({ id: 'parent', rootId: 'root' }), children: [], over: false })

  it('has the task as its parent, and its result becomes a child', async () => {
    const { celery, sent } = testApp()
    const ping = celery.task('ping', () => undefined)
    const task = running()
    const { id } = await runInTask(task, () => ping.delay())
    expect(sent[0]?.task).toMatchObject({ rootId: 'root', parentId: 'parent' })
    expect(task.children).toEqual([[[id, null], null]])
  })

  it('has its priority where the settings say so', async () => {
    const { celery, sent } = testApp({ taskInheritParentPriority: true })
    const ping = celery.task('ping', () => undefined)
    const { request } = running()
    const parent = { ...running(), request: { ...request, deliveryInfo: { ...request.deliveryInfo, priority: 6 } } }
    await runInTask(parent, () => ping.delay())
    await runInTask(parent, () => ping.applyAsync([], { priority: 0 }))
    await ping.delay()
    expect(sent.map(({ message }) => message.properties.priority)).toEqual([6, 0, 0])
  })
})

describe('a task that lives elsewhere', () => {
  it('is called by its name', async () => {
    const { celery, sent } = testApp({ taskRoutes: { 'py.*': 'python' } })
    await celery.sendTask('py.add', [1, 2], { kwargs: { base: 10 }, priority: 3 })
    expect(sent[0]?.target.routingKey).toBe('python')
    expect(sent[0]?.task).toMatchObject({ task: 'py.add', args: [1, 2], kwargs: { base: 10 }, priority: 3 })
  })
})

describe('a signature', () => {
  it('sends its arguments behind those of the call, and names of the call over its own', async () => {
    const { celery, sent } = testApp()
    const add = celery.task('add', (_context, ...numbers: number[]) => numbers.length)
    const signature = add.signature([3], { kwargs: { a: 1, b: 1 }, queue: 'math' })
    await signature.applyAsync({ args: [1, 2], kwargs: { b: 2 }, priority: 4 })
    expect(sent[0]?.task).toMatchObject({ args: [1, 2, 3], kwargs: { a: 1, b: 2 }, priority: 4 })
    expect(sent[0]?.target.routingKey).toBe('math')
  })

  it('takes no other arguments when it is immutable', async () => {
    const { celery, sent } = testApp()
    const add = celery.task('add', (_context, x: number, y: number) => x + y)
    await add.si(1, 2).applyAsync({ args: [] })
    await add.signature([1, 2], { immutable: true }).applyAsync({ kwargs: { z: 1 } })
    expect(sent.map(({ task }) => [task.args, task.kwargs])).toEqual([
      [[1, 2], {}],
      [[1, 2], {}],
    ])
  })

  it('never changes: its methods give others', () => {
    const { celery } = testApp()
    const add = celery.task('add', (_context, x: number, y: number) => x + y)
    const one = add.s(2)
    const two = one.set({ queue: 'math', countdown: 5 }).clone([1]).link(add.s(9)).linkError(add.si(0, 0))
    expect(one.toJSON()).toEqual({
      task: 'add',
      args: [2],
      kwargs: {},
      options: {},
      subtask_type: null,
      immutable: false,
    })
    expect(JSON.parse(JSON.stringify(two))).toEqual({
      task: 'add',
      args: [1, 2],
      kwargs: {},
      options: {
        queue: 'math',
        countdown: 5,
        link: [{ task: 'add', args: [9], kwargs: {}, options: {}, subtask_type: null, immutable: false }],
        link_error: [{ task: 'add', args: [0, 0], kwargs: {}, options: {}, subtask_type: null, immutable: true }],
      },
      subtask_type: null,
      immutable: false,
    })
    expect(two.set({ eta: new Date(0) }).toJSON().options).toMatchObject({ eta: '1970-01-01T00:00:00.000000+00:00' })
    expect(two.set({ eta: new Date(0) }).toJSON().options).not.toHaveProperty('countdown')
  })

  it('that travelled is sent with its own options, what it is told of the workflow, and the rest of the chain', async () => {
    const { celery, sent } = testApp()
    const rest = { task: 'c', args: [], kwargs: {}, options: { task_id: 'c-id' }, subtask_type: null, immutable: false }
    const signature = {
      task: 'b',
      args: [2],
      kwargs: { k: 1 },
      options: {
        task_id: 'b-id',
        root_id: 'old',
        queue: 'math',
        priority: 4,
        expires: 60,
        eta: '2026-11-23T12:00:30+00:00',
        time_limit: 300,
        headers: { trace: 'abc' },
        link: rest,
        group_id: 'g',
        group_index: 1,
        chord: rest,
        reply_to: 'caller',
        stamped_headers: ['mon'],
        mon: ['x'],
      },
      subtask_type: null,
      immutable: false,
    }
    await celery.sendSignature(signature, { args: [1], parentId: 'a-id', rootId: 'root', chain: [rest] })
    expect(sent[0]?.target.routingKey).toBe('math')
    expect(sent[0]?.task).toMatchObject({
      id: 'b-id',
      args: [1, 2],
      kwargs: { k: 1 },
      rootId: 'root',
      parentId: 'a-id',
      chain: [rest],
      callbacks: [rest],
      chord: rest,
      priority: 4,
      eta: new Date(NOW + 30_000),
      expires: new Date(NOW + 60_000),
      timeLimit: 300,
      group: 'g',
      groupIndex: 1,
      headers: { trace: 'abc' },
      replyTo: 'caller',
      stampedHeaders: ['mon'],
      stamps: { mon: ['x'] },
    })
  })

  it('and is immutable is sent without the result of the task before it', async () => {
    const { celery, sent } = testApp()
    const signature = { task: 'b', args: [2], kwargs: {}, options: {}, subtask_type: null, immutable: true }
    await celery.sendSignature(signature, { args: [1], parentId: 'a', rootId: 'a' })
    expect(sent[0]?.task.args).toEqual([2])
  })

  it('with options of wrong types is sent without them', async () => {
    const { celery, sent } = testApp()
    const options = { queue: 7, priority: 'high', eta: 'soon', expires: {}, link: 'x', headers: [], task_id: 3 }
    const signature = { task: 'b', args: [], kwargs: {}, options, subtask_type: null, immutable: false }
    await celery.sendSignature(signature, { args: [], parentId: 'a', rootId: 'a' })
    expect(sent[0]?.target.routingKey).toBe('celery')
    expect(sent[0]?.task).toMatchObject({ eta: undefined, expires: undefined, callbacks: [], headers: {} })
  })
})

describe('the event of a sent task', () => {
  it('goes to monitors where the settings say so', async () => {
    const { celery, sent } = testApp({ taskSendSentEvent: true })
    const broker = celery.createBroker()
    const events: unknown[] = []
    const exchange = { name: 'celeryev', type: 'fanout', durable: true, autoDelete: false, arguments: {} } as const
    const queue = {
      name: 'celeryev.test',
      exchange,
      routingKey: '#',
      durable: false,
      autoDelete: true,
      exclusive: false,
      arguments: {},
      passive: false,
    }
    await broker.subscribe(exchange, {
      queue,
      onMessage: ({ body }, routingKey) => void events.push([routingKey, JSON.parse(Buffer.from(body).toString())]),
    })
    const { id } = await celery.task('add', (_context, x: number) => x).delay(2)
    await expect.poll(() => events).toHaveLength(1)
    expect(events[0]).toEqual([
      'task.sent',
      expect.objectContaining({
        type: 'task-sent',
        uuid: id,
        name: 'add',
        args: '(2,)',
        kwargs: '{}',
        root_id: id,
        parent_id: null,
        queue: 'celery',
        exchange: '',
        routing_key: 'celery',
        retries: 0,
        eta: null,
        expires: null,
        timestamp: NOW / 1000,
        clock: 1,
        pid: process.pid,
      }),
    ])
    expect(sent).toHaveLength(2)
    await broker.close()
  })
})

describe('an app', () => {
  it('refuses a second task of the same name, and options that are wrong', () => {
    const { celery } = testApp()
    celery.task('a', () => 1)
    expect(() => celery.task('a', () => 2)).toThrow('a task of this name is there already')
    expect(() => celery.task('b', { acksLate: 'yes', maxRetries: -1, colour: 1 } as object, () => 1)).toThrow(
      /3 problems[\s\S]*`acksLate`[\s\S]*`maxRetries`[\s\S]*`colour`/,
    )
    expect(() => celery.task('', () => 1)).toThrow('expected a name')
  })

  it('lets the configuration change options of tasks', () => {
    const { celery } = testApp({
      taskAnnotations: { '*': { acks_late: true }, 'school.report': { rate_limit: '10/s', max_retries: 9 } },
    })
    expect(celery.task('school.report', { maxRetries: 1 }, () => 1).options).toMatchObject({
      acksLate: true,
      rateLimit: 10,
      maxRetries: 9,
    })
    expect(celery.task('other', { maxRetries: 1 }, () => 1).options).toMatchObject({ acksLate: true, maxRetries: 1 })
  })

  it('takes what tasks do not say from the settings', () => {
    const { celery } = testApp({
      taskAcksLate: true,
      taskTrackStarted: true,
      taskTimeLimit: 300,
      taskDefaultRateLimit: '60/m',
      taskSerializer: 'yaml',
    })
    expect(celery.task('plain', () => 1).options).toMatchObject({
      acksLate: true,
      trackStarted: true,
      timeLimit: 300,
      rateLimit: 1,
      serializer: 'yaml',
      maxRetries: 3,
      defaultRetryDelay: 180,
      retryBackoff: 0,
      retryBackoffMax: 600,
      retryJitter: true,
    })
    expect(
      celery.task('own', { acksLate: false, timeLimit: null, rateLimit: null, maxRetries: null }, () => 1).options,
    ).toMatchObject({ acksLate: false, timeLimit: undefined, rateLimit: undefined, maxRetries: Infinity })
  })

  it('asks for no result where none are kept, with the reason', async () => {
    const { celery } = testApp()
    const result = await celery.task('ping', () => undefined).delay()
    await expect(result.get()).rejects.toMatchObject({ code: 'ERR_CELERY_NO_RESULT_BACKEND' })
  })

  it('gives nothing for the result of a task that ignores it', async () => {
    const { celery } = testApp()
    expect(await (await celery.task('ping', { ignoreResult: true }, () => 1).delay()).get()).toBeUndefined()
  })

  it('counts what it throws away', async () => {
    const { celery } = testApp()
    const ping = celery.task('ping', () => undefined)
    await Promise.all([ping.delay(), ping.delay(), ping.applyAsync([], { queue: 'other' })])
    expect(await celery.purge()).toBe(2)
    expect(await celery.purge(['other'])).toBe(1)
  })

  it('can be used again after it was closed', async () => {
    const { celery, declared } = testApp()
    const ping = celery.task('ping', () => undefined)
    await ping.delay()
    await celery.close()
    await ping.delay()
    expect(declared).toEqual(['celery', 'celery'])
    await celery.ping()
    await celery.close()
  })
})

describe('a command to revoke', () => {
  it('is broadcast as Celery writes it, also when no worker is there', async () => {
    const { celery } = testApp()
    await celery.control.revoke('a')
    const broker = celery.createBroker()
    const heard: unknown[] = []
    const exchange = {
      name: 'celery.pidbox',
      type: 'fanout',
      durable: false,
      autoDelete: false,
      arguments: {},
    } as const
    const queue = {
      name: 'w@h.celery.pidbox',
      exchange,
      routingKey: '',
      durable: false,
      autoDelete: true,
      exclusive: false,
      arguments: {},
      passive: false,
    }
    await broker.subscribe(exchange, {
      queue,
      onMessage: ({ body, headers }) => void heard.push([JSON.parse(Buffer.from(body).toString()), headers]),
    })
    await celery.control.revoke(['a', 'b'], { terminate: true, signal: 'SIGKILL' })
    await celery.asyncResult('c').revoke()
    await expect.poll(() => heard).toHaveLength(2)
    expect(heard[0]).toEqual([
      {
        method: 'revoke',
        arguments: { task_id: ['a', 'b'], terminate: true, signal: 'SIGKILL' },
        destination: null,
        pattern: null,
        matcher: null,
      },
      { clock: 2, expires: 0 },
    ])
    expect(heard[1]).toMatchObject([{ arguments: { task_id: ['c'], terminate: false } }, {}])
    await broker.close()
  })
})
