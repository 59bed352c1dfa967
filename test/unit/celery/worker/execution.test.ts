import { AsyncLocalStorage } from 'node:async_hooks'
import { describe, expect, it } from 'vitest'
import { TaskError } from '../../../../src/celery/results/errors.ts'
import { currentTask } from '../../../../src/celery/task/running-task.ts'
import { Ignore, Reject } from '../../../../src/celery/task/signals.ts'
import type { TaskContext } from '../../../../src/celery/task/task-context.ts'
import { call, gate, settle, startWorker } from '../../../support/worker/start-worker.ts'
import { TestHost } from '../../../support/worker/test-host.ts'

class Broken extends Error {}

describe('a running task', () => {
  it('is told of its call', async () => {
    const host = new TestHost()
    const seen: unknown[] = []
    host.task('look', {}, ({ request, kwargs }, ...args) => void seen.push({ request, kwargs, args }))
    await startWorker(host)
    const eta = new Date(0)
    const message = call('look', {
      id: 't1',
      args: [1],
      kwargs: { a: 2 },
      rootId: 'root',
      parentId: 'parent',
      group: 'g',
      groupIndex: 3,
      eta,
      retries: 1,
      replyTo: 'q',
      headers: { own: 1 },
      stamps: { s: 'v' },
      priority: 5,
      timeLimit: 10,
      softTimeLimit: 5,
    })
    host.broker.deliver(message, { exchange: 'ex', routingKey: 'rk', redelivered: true })
    await settle()
    expect(seen).toEqual([
      {
        args: [1],
        kwargs: { a: 2 },
        request: {
          id: 't1',
          task: 'look',
          args: [1],
          kwargs: { a: 2 },
          retries: 1,
          eta,
          expires: undefined,
          rootId: 'root',
          parentId: 'parent',
          group: 'g',
          groupIndex: 3,
          timeLimit: 10,
          softTimeLimit: 5,
          hostname: 'w1@host',
          deliveryInfo: { queue: 'celery', exchange: 'ex', routingKey: 'rk', priority: 5, redelivered: true },
          replyTo: 'q',
          origin: 'gen1@host',
          ignoreResult: false,
          headers: { own: 1 },
          stamps: { s: 'v' },
          isEager: false,
        },
      },
    ])
  })

  it('is found by the code it calls, until it ends', async () => {
    const host = new TestHost()
    const seen: unknown[] = []
    const later = gate()
    host.task('look', {}, async () => {
      seen.push(currentTask()?.id)
      await Promise.resolve()
      seen.push(currentTask()?.id)
      void later.promise.then(() => seen.push(currentTask()?.id))
    })
    await startWorker(host)
    host.broker.deliver(call('look', { id: 't1' }))
    await settle()
    later.open()
    await settle()
    expect(seen).toEqual(['t1', 't1', undefined])
  })

  it('has its methods without `this`', async () => {
    const host = new TestHost()
    host.task('progress', {}, async ({ updateState, logger, request }) => {
      await updateState('PROGRESS', { done: 1 })
      logger.info({ step: 1 }, 'half of it')
      return request.id
    })
    await startWorker(host)
    host.broker.deliver(call('progress', { id: 't1' }))
    await settle()
    expect(host.backend.stored).toMatchObject([
      { taskId: 't1', status: 'PROGRESS', result: { done: 1 }, dateDone: undefined },
      { taskId: 't1', status: 'SUCCESS', result: 't1', children: [], dateDone: '2026-11-23T00:00:00.000000+00:00' },
    ])
    expect(host.lines).toContainEqual({
      level: 'info',
      fields: { task: 'progress', id: 't1', step: 1 },
      text: 'half of it',
    })
  })

  it('that ends without waiting for a state it stores has its end stored last', async () => {
    const host = new TestHost()
    const slow = gate()
    const store = host.backend.store.bind(host.backend)
    host.backend.store = async (meta) => {
      if (meta.status === 'PROGRESS') await slow.promise
      await store(meta)
    }
    host.task('hasty', {}, ({ updateState }) => {
      void updateState('PROGRESS')
      throw new Broken('bad')
    })
    await startWorker(host)
    host.broker.deliver(call('hasty'))
    await settle()
    expect(host.backend.states()).toEqual([])
    slow.open()
    await settle()
    expect(host.backend.states()).toEqual(['PROGRESS', 'FAILURE'])
  })

  it('cannot store a state after its end', async () => {
    const host = new TestHost()
    const later = gate()
    host.task('late', {}, ({ updateState }) => void later.promise.then(() => updateState('PROGRESS')))
    await startWorker(host)
    host.broker.deliver(call('late'))
    await settle()
    later.open()
    await settle()
    expect(host.backend.states()).toEqual(['SUCCESS'])
  })

  it('cannot store a state while its end is being stored', async () => {
    const host = new TestHost()
    const [later, stored] = [gate(), gate()]
    const store = host.backend.store.bind(host.backend)
    host.backend.store = async (meta) => {
      if (meta.status === 'SUCCESS') await stored.promise
      await store(meta)
    }
    host.task('late', {}, ({ updateState }) => void later.promise.then(() => updateState('PROGRESS')))
    await startWorker(host)
    host.broker.deliver(call('late'))
    await settle()
    later.open()
    await settle()
    stored.open()
    await settle()
    expect(host.backend.states()).toEqual(['SUCCESS'])
  })

  it('goes through the hooks, the first one outermost', async () => {
    const host = new TestHost()
    const order: string[] = []
    const hook =
      (name: string) =>
      async <T>(run: () => Promise<T>) => {
        order.push(`${name} in`)
        try {
          return await run()
        } finally {
          order.push(`${name} out`)
        }
      }
    host.around.push(hook('a'), hook('b'))
    host.task('work', {}, () => {
      order.push('run')
      return 1
    })
    await startWorker(host)
    host.broker.deliver(call('work', { id: 't1' }))
    await settle()
    expect(order).toEqual(['a in', 'b in', 'run', 'b out', 'a out'])
    expect(host.backend.meta('t1')?.result).toBe(1)
  })

  it('fails when a hook does, however its code ended', async () => {
    const host = new TestHost()
    host.around.push(async (run) => {
      await run()
      throw new Broken('commit failed')
    })
    host.task('work', {}, () => 1)
    await startWorker(host)
    host.broker.deliver(call('work', { id: 't1' }))
    await settle()
    expect(host.backend.meta('t1')).toMatchObject({ status: 'FAILURE', result: { exc_message: ['commit failed'] } })
  })

  it('keeps what other code stored for it to find', async () => {
    const host = new TestHost()
    const own = new AsyncLocalStorage<number>()
    const seen: unknown[] = []
    host.around.push((run) => own.run(7, run))
    host.task('work', {}, async () => void seen.push(own.getStore()))
    await startWorker(host)
    host.broker.deliver(call('work'))
    await settle()
    expect(seen).toEqual([7])
  })
})

describe('what comes of a task', () => {
  it('is stored with where it belongs, and more with result_extended', async () => {
    const host = new TestHost({ resultExtended: true })
    host.task('add', {}, (_context, a: number, b: number) => a + b)
    await startWorker(host)
    host.broker.deliver(call('add', { id: 't1', args: [2, 3], group: 'g', parentId: 'p', retries: 1 }))
    await settle()
    expect(host.backend.meta('t1')).toEqual({
      taskId: 't1',
      status: 'SUCCESS',
      result: 5,
      traceback: undefined,
      children: [],
      groupId: 'g',
      parentId: 'p',
      dateDone: '2026-11-23T00:00:00.000000+00:00',
      extended: {
        name: 'add',
        args: [2, 3],
        kwargs: {},
        worker: 'w1@host',
        retries: 1,
        queue: 'celery',
        stampedHeaders: undefined,
        stamps: {},
      },
    })
  })

  it('is null when it returned nothing', async () => {
    const host = new TestHost()
    host.task('nothing', {}, () => undefined)
    await startWorker(host)
    host.broker.deliver(call('nothing', { id: 't1' }))
    await settle()
    expect(host.backend.meta('t1')?.result).toBeNull()
  })

  it('is a failure that Python can read', async () => {
    const host = new TestHost()
    host.task('fail', {}, () => {
      throw new Broken('bad', { cause: new TypeError('deeper') })
    })
    await startWorker(host)
    host.broker.deliver(call('fail', { id: 't1' }))
    await settle()
    expect(host.backend.meta('t1')).toMatchObject({
      status: 'FAILURE',
      result: { exc_type: 'Broken', exc_message: ['bad'], exc_module: 'js' },
      traceback: expect.stringMatching(/deeper.*bad/s),
    })
    expect(host.happened).toEqual(['task-received', 'task-started', 'task-failed'])
  })

  it('keeps the name of an exception that was thrown elsewhere', async () => {
    const host = new TestHost()
    const result = { exc_type: 'ValueError', exc_message: ['bad', 42], exc_module: 'builtins' }
    host.task('fail', {}, () => {
      throw new TaskError({ taskId: 'other', result, traceback: undefined })
    })
    await startWorker(host)
    host.broker.deliver(call('fail', { id: 't1' }))
    await settle()
    expect(host.backend.meta('t1')?.result).toEqual(result)
  })

  it.each([undefined, null, 'text', 5, { a: 1 }])('is a failure whatever was thrown: %j', async (thrown) => {
    const host = new TestHost()
    host.task('fail', {}, () => {
      throw thrown
    })
    await startWorker(host)
    host.broker.deliver(call('fail', { id: 't1' }))
    await settle()
    expect(host.backend.meta('t1')).toMatchObject({ status: 'FAILURE', result: { exc_module: 'js' } })
  })

  it('is a failure when it cannot be written', async () => {
    const host = new TestHost()
    host.task('odd', {}, () => ({ fn: () => 1 }))
    host.task('loop', {}, () => {
      const loop: Record<string, unknown> = {}
      loop['self'] = loop
      return loop
    })
    const { worker } = await startWorker(host)
    const deliveries = [host.broker.deliver(call('odd', { id: 't1' })), host.broker.deliver(call('loop', { id: 't2' }))]
    await settle()
    for (const id of ['t1', 't2']) {
      expect(host.backend.meta(id)).toMatchObject({
        status: 'FAILURE',
        result: { exc_type: 'EncodeError', exc_module: 'kombu.exceptions' },
      })
    }
    expect(deliveries.map(({ settled }) => settled)).toEqual([['ack'], ['ack']])
    expect(worker.state).toBe('running')
  })

  it('is not stored when nobody wants it, by the message or the task', async () => {
    const host = new TestHost()
    host.task('add', {}, () => 1)
    host.task('quiet', { ignoreResult: true }, () => 1)
    host.task('quietFail', { ignoreResult: true }, () => {
      throw new Broken('bad')
    })
    host.task('quietButErrors', { ignoreResult: true, storeErrorsEvenIfIgnored: true }, () => {
      throw new Broken('bad')
    })
    await startWorker(host)
    host.broker.deliver(call('add', { id: 'header', ignoreResult: true }))
    for (const task of ['quiet', 'quietFail', 'quietButErrors']) host.broker.deliver(call(task, { id: task }))
    await settle()
    expect(host.backend.stored.map(({ taskId }) => taskId)).toEqual(['quietButErrors'])
  })

  it('is told with the time it took', async () => {
    const host = new TestHost()
    const slow = gate()
    host.task('slow', {}, () => slow.promise)
    const { clock } = await startWorker(host)
    host.broker.deliver(call('slow', { id: 't1' }))
    await settle()
    clock.advance(1500)
    slow.open()
    await settle()
    expect(host.events.at(-1)).toMatchObject(['task-succeeded', { result: null, runtime: 1.5 }])
  })

  it('has STARTED before it, when that is tracked', async () => {
    const host = new TestHost({ taskTrackStarted: true })
    host.task('add', {}, () => 1)
    await startWorker(host)
    host.broker.deliver(call('add', { id: 't1' }))
    await settle()
    expect(host.backend.stored).toMatchObject([
      { status: 'STARTED', result: { pid: process.pid, hostname: 'w1@host' } },
      { status: 'SUCCESS' },
    ])
  })

  it('runs although STARTED could not be stored', async () => {
    const host = new TestHost()
    host.task('add', { trackStarted: true }, () => 1)
    await startWorker(host)
    host.backend.failures.push(new Error('no'))
    host.broker.deliver(call('add', { id: 't1' }))
    await settle()
    expect(host.backend.states()).toEqual(['SUCCESS'])
  })
})

describe('a task that ends in another way', () => {
  const ways = (_: TaskContext, way: string) => {
    if (way === 'ignore') throw new Ignore()
    throw new Reject('not here', { requeue: way === 'requeue' })
  }

  it.each([
    ['ignore', 'ack', []],
    ['reject', 'reject', [['task-rejected', { requeue: false, reason: 'not here' }]]],
    ['requeue', 'requeue', [['task-rejected', { requeue: true, reason: 'not here' }]]],
  ])('stores nothing, and settles as it says: %s', async (way, settled, events) => {
    const host = new TestHost()
    host.task('odd', { acksLate: true }, ways)
    await startWorker(host)
    const delivery = host.broker.deliver(call('odd', { args: [way] }))
    await settle()
    expect(host.backend.stored).toEqual([])
    expect(delivery.settled).toEqual([settled])
    expect(host.events.slice(2)).toMatchObject(events)
  })

  it('cannot reject what was acknowledged before it ran', async () => {
    const host = new TestHost()
    host.task('odd', {}, ways)
    await startWorker(host)
    const delivery = host.broker.deliver(call('odd', { args: ['requeue'] }))
    await settle()
    expect(delivery.settled).toEqual(['ack'])
    expect(host.texts('warn')).toEqual(['the task cannot be rejected: it was acknowledged before it ran'])
  })
})

describe('what cannot be read', () => {
  const throws = () => {
    throw new Error('not to be read')
  }
  const revoked = Proxy.revocable({}, {})
  revoked.revoke()

  it.each<[string, unknown]>([
    ['an error whose name throws', Object.defineProperty(new Error('x'), 'name', { get: throws })],
    ['an error whose stack throws', Object.defineProperty(new Error('x'), 'stack', { get: throws })],
    ['an error whose cause throws', Object.defineProperty(new Error('x'), 'cause', { get: throws })],
    ['an error whose message is a symbol', Object.assign(new Error('x'), { message: Symbol('x') })],
    ['an error whose message is no text', Object.assign(new Error('x'), { message: Object.create(null) })],
    ['a proxy that throws', new Proxy({}, { get: throws, getPrototypeOf: throws })],
    ['a proxy that is revoked', revoked.proxy],
  ])('fails its task and leaves its place when it is thrown: %s', async (_what, thrown) => {
    const host = new TestHost()
    host.task('odd', { autoretryFor: [Broken] }, () => {
      throw thrown
    })
    const { worker } = await startWorker(host, { concurrency: 1 })
    const delivery = host.broker.deliver(call('odd', { id: 't1' }))
    await settle()
    expect(host.backend.meta('t1')).toMatchObject({ status: 'FAILURE' })
    expect(delivery.settled).toEqual(['ack'])
    expect(worker.health()).toMatchObject({ running: 0, finishing: 0 })
  })
})
