import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { SoftTimeLimitExceeded } from '../../../../src/celery/task/errors.ts'
import type { TaskOptions } from '../../../../src/celery/task/task-options.ts'
import { call, gate, settle, signature, startWorker } from '../../../support/worker/start-worker.ts'
import { TestHost } from '../../../support/worker/test-host.ts'

function hostWithDeaf(options: TaskOptions) {
  const host = new TestHost()
  const slow = gate<unknown>()
  host.task('deaf', options, () => slow.promise)
  return { host, finish: slow.open }
}

describe('the soft time limit', () => {
  it('aborts the signal of the task, which can still end well', async () => {
    const host = new TestHost()
    host.task(
      'tidy',
      { softTimeLimit: 5 },
      ({ signal }) =>
        new Promise((resolve) => signal.addEventListener('abort', () => resolve((signal.reason as Error).message))),
    )
    const { clock } = await startWorker(host)
    host.broker.deliver(call('tidy', { id: 't1' }))
    await settle()
    clock.advance(5000)
    await settle()
    expect(host.backend.meta('t1')).toMatchObject({ status: 'SUCCESS', result: 'Soft time limit (5s) exceeded' })
  })

  it('is the failure of a task that gave its signal on', async () => {
    const host = new TestHost()
    host.task('sleep', { softTimeLimit: 5 }, ({ signal }) => sleep(1e9, undefined, { signal }))
    host.task(
      'throw',
      { softTimeLimit: 5 },
      ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    )
    const { clock } = await startWorker(host)
    for (const id of ['sleep', 'throw']) host.broker.deliver(call(id, { id }))
    await settle()
    clock.advance(5000)
    await settle()
    for (const id of ['sleep', 'throw']) {
      expect(host.backend.meta(id)).toMatchObject({
        status: 'FAILURE',
        result: { exc_type: 'SoftTimeLimitExceeded', exc_message: [5], exc_module: 'billiard.exceptions' },
      })
    }
    expect(host.events.at(-1)).toMatchObject(['task-failed', { error: expect.any(SoftTimeLimitExceeded) }])
  })

  it('does not end a task that does not listen', async () => {
    const { host, finish } = hostWithDeaf({ softTimeLimit: 5 })
    const { worker, clock } = await startWorker(host)
    host.broker.deliver(call('deaf', { id: 't1' }))
    await settle()
    clock.advance(60_000)
    await settle()
    expect(worker.health().running).toBe(1)
    finish(1)
    await settle()
    expect(host.backend.meta('t1')?.status).toBe('SUCCESS')
  })

  it('is seen by a task that looks at its signal only afterwards', async () => {
    const host = new TestHost()
    const later = gate()
    host.task('late', { softTimeLimit: 1 }, async (context) => {
      await later.promise
      return context.signal.aborted
    })
    const { clock } = await startWorker(host)
    host.broker.deliver(call('late', { id: 't1' }))
    await settle()
    clock.advance(1000)
    later.open()
    await settle()
    expect(host.backend.meta('t1')?.result).toBe(true)
  })
})

describe('the hard time limit', () => {
  it('fails the task, frees its place, and ignores how it ends', async () => {
    const { host, finish } = hostWithDeaf({ timeLimit: 10 })
    const { worker, clock } = await startWorker(host, { concurrency: 1 })
    host.broker.deliver(call('deaf', { id: 't1', errbacks: [signature('oops')] }))
    host.broker.deliver(call('deaf', { id: 't2' }))
    await settle()
    clock.advance(10_000)
    await settle()
    expect(host.backend.meta('t1')).toMatchObject({
      status: 'FAILURE',
      result: { exc_type: 'TimeLimitExceeded', exc_message: [10], exc_module: 'billiard.exceptions' },
    })
    expect(host.signatures).toHaveLength(1)
    expect(worker.controls.active().map(({ request }) => request.id)).toEqual(['t2'])
    finish(1)
    await settle()
    expect(host.backend.states('t1')).toEqual(['FAILURE'])
    expect(host.texts('debug')).toEqual(['task ended after the worker had turned away from it'])
  })

  it.each([
    [{ acksOnFailureOrTimeout: true }, 'ack', ['FAILURE']],
    [{ acksOnFailureOrTimeout: false }, 'requeue', []],
  ])('of a late task settles as its options say: %j', async (options, settled, states) => {
    const { host } = hostWithDeaf({ acksLate: true, timeLimit: 10, ...options })
    const { clock } = await startWorker(host)
    const delivery = host.broker.deliver(call('deaf', { id: 't1' }))
    await settle()
    clock.advance(10_000)
    await settle()
    expect(delivery.settled).toEqual([settled])
    expect(host.backend.states('t1')).toEqual(states)
  })

  it('is that of the message, before that of remote control, the task and the worker', async () => {
    for (const [message, remote, task, worker, expected] of [
      [1, 2, 3, 4, 1],
      [undefined, 2, 3, 4, 2],
      [undefined, undefined, 3, 4, 3],
      [undefined, undefined, undefined, 4, 4],
    ] as const) {
      const { host } = hostWithDeaf({ timeLimit: task })
      const started = await startWorker(host, { timeLimit: worker })
      if (remote !== undefined) started.worker.controls.timeLimits.set('deaf', { hard: remote, soft: undefined })
      host.broker.deliver(call('deaf', { id: 't1', timeLimit: message }))
      await settle()
      started.clock.advance(expected * 1000)
      await settle()
      expect(host.backend.meta('t1')?.result).toMatchObject({ exc_message: [expected] })
    }
  })

  it('needs no timer where there is none, and leaves none behind', async () => {
    const host = new TestHost()
    host.task('plain', {}, () => 1)
    host.task('limited', { timeLimit: 10, softTimeLimit: 5 }, () => 1)
    const { clock } = await startWorker(host)
    const timers = clock.timers
    host.broker.deliver(call('plain'))
    host.broker.deliver(call('limited'))
    await settle()
    expect(clock.timers).toBe(timers)
  })
})

describe('a running task that is revoked with terminate', () => {
  it('is aborted, stored as revoked and acknowledged', async () => {
    const host = new TestHost()
    const reasons: unknown[] = []
    host.task('slow', { acksLate: true }, ({ signal }) => {
      signal.addEventListener('abort', () => reasons.push(signal.reason))
      return new Promise(() => undefined)
    })
    const { worker } = await startWorker(host)
    const delivery = host.broker.deliver(call('slow', { id: 't1' }))
    await settle()
    await worker.controls.revoke(['t1'], { terminate: true })
    await settle()
    expect(reasons).toMatchObject([{ code: 'ERR_CELERY_TASK_REVOKED', reason: 'terminated' }])
    expect(host.backend.stored).toMatchObject([
      {
        taskId: 't1',
        status: 'REVOKED',
        result: { exc_type: 'TaskRevokedError', exc_message: ['terminated'], exc_module: 'celery.exceptions' },
      },
    ])
    expect(host.events.at(-1)).toMatchObject(['task-revoked', { terminated: true, expired: false }])
    expect(delivery.settled).toEqual(['ack'])
    expect(worker.health().running).toBe(0)
  })

  it('does not start when it was being acknowledged', async () => {
    const host = new TestHost()
    let runs = 0
    host.task('slow', {}, () => ++runs)
    const { worker } = await startWorker(host)
    const taken = gate()
    host.broker.deliver(call('slow', { id: 't1' }), { gate: taken.promise })
    await settle()
    await worker.controls.revoke(['t1'], { terminate: true })
    taken.open()
    await settle()
    expect(runs).toBe(0)
    expect(host.happened.at(-1)).toBe('task-revoked')
  })

  it('goes on without terminate', async () => {
    const { host, finish } = hostWithDeaf({})
    const { worker } = await startWorker(host)
    host.broker.deliver(call('deaf', { id: 't1' }))
    await settle()
    await worker.controls.revoke(['t1'])
    finish(5)
    await settle()
    expect(host.backend.meta('t1')).toMatchObject({ status: 'SUCCESS', result: 5 })
  })
})
