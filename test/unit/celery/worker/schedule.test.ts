import { describe, expect, it } from 'vitest'
import { call, gate, settle, startWorker } from '../../../support/worker/start-worker.ts'
import { TestHost } from '../../../support/worker/test-host.ts'

function hostWithWork(config: Readonly<Record<string, unknown>> = {}) {
  const host = new TestHost(config)
  const runs: string[] = []
  host.task('work', { acksLate: true }, ({ request }) => void runs.push(request.id))
  return { host, runs }
}

describe('a task with an ETA', () => {
  it('runs when its time has come, however far that is, in the order of the times', async () => {
    const { host, runs } = hostWithWork()
    const { worker, clock } = await startWorker(host)
    const inMs = (ms: number) => new Date(clock.now() + ms)
    const century = 100 * 365 * 86_400_000
    host.broker.deliver(call('work', { id: 'century', eta: inMs(century) }))
    host.broker.deliver(call('work', { id: 'second', eta: inMs(2000) }))
    host.broker.deliver(call('work', { id: 'first', eta: inMs(1000) }))
    host.broker.deliver(call('work', { id: 'past', eta: inMs(-1000) }))
    await settle()
    expect(runs).toEqual(['past'])
    expect(worker.health()).toMatchObject({ scheduled: 3, reserved: 0 })
    expect(worker.controls.scheduled()).toHaveLength(3)
    clock.advance(999)
    await settle()
    expect(runs).toEqual(['past'])
    clock.advance(1001)
    await settle()
    expect(runs).toEqual(['past', 'first', 'second'])
    clock.advance(2 ** 31)
    await settle()
    expect(runs).toHaveLength(3)
  })

  it('is not acknowledged while it waits', async () => {
    const { host } = hostWithWork()
    const { clock } = await startWorker(host)
    const delivery = host.broker.deliver(call('work', { eta: new Date(clock.now() + 1000) }))
    await settle()
    expect(delivery.settled).toEqual([])
    clock.advance(1000)
    await settle()
    expect(delivery.settled).toEqual(['ack'])
  })

  it('that was revoked meanwhile does not run', async () => {
    const { host, runs } = hostWithWork()
    const { worker, clock } = await startWorker(host)
    const delivery = host.broker.deliver(call('work', { id: 't1', eta: new Date(clock.now() + 1000) }))
    await worker.controls.revoke(['t1'])
    await settle()
    expect(host.backend.meta('t1')?.status).toBe('REVOKED')
    expect(delivery.settled).toEqual(['ack'])
    expect(worker.health().scheduled).toBe(0)
    clock.advance(1000)
    await settle()
    expect(runs).toEqual([])
  })

  it('that has expired meanwhile does not run', async () => {
    const { host, runs } = hostWithWork()
    const { clock } = await startWorker(host)
    const expires = new Date(clock.now() + 500)
    host.broker.deliver(call('work', { id: 't1', eta: new Date(clock.now() + 1000), expires }))
    await settle()
    clock.advance(1000)
    await settle()
    expect(runs).toEqual([])
    expect(host.backend.meta('t1')).toMatchObject({ status: 'REVOKED', result: { exc_message: ['expired'] } })
  })

  it('raises the prefetch count as long as it waits, so that others can run', async () => {
    const { host } = hostWithWork()
    const { worker, clock } = await startWorker(host, { concurrency: 2, prefetchMultiplier: 4 })
    for (const ms of [1000, 1000, 2000]) host.broker.deliver(call('work', { eta: new Date(clock.now() + ms) }))
    await settle()
    expect(worker.controls.prefetchCount).toBe(11)
    clock.advance(1000)
    await settle()
    clock.advance(1000)
    await settle()
    expect(host.broker.prefetches).toEqual([8, 11, 9, 8])
  })

  it('does not raise it beyond worker_eta_task_limit', async () => {
    const { host } = hostWithWork({ workerEtaTaskLimit: 10 })
    const { clock } = await startWorker(host, { concurrency: 2, prefetchMultiplier: 4 })
    for (let i = 0; i < 20; i++) host.broker.deliver(call('work', { eta: new Date(clock.now() + 1000) }))
    await settle()
    expect(host.broker.prefetches.at(-1)).toBe(10)
  })

  it('does not raise it where the broker cannot, or where there is no limit', async () => {
    for (const [adjustablePrefetch, prefetchMultiplier, expected] of [
      [false, 4, 40],
      [true, 0, 0],
    ] as const) {
      const { host } = hostWithWork()
      host.broker.abilities = { nativeDelay: false, adjustablePrefetch }
      const { clock } = await startWorker(host, { prefetchMultiplier })
      host.broker.deliver(call('work', { eta: new Date(clock.now() + 1000) }))
      await settle()
      expect(host.broker.prefetches).toEqual([expected])
    }
  })
})

describe('the number of tasks at a time', () => {
  function hostWithSlow(
    options: Readonly<Record<string, unknown>> = {},
    config: Readonly<Record<string, unknown>> = {},
  ) {
    const host = new TestHost(config)
    const runs: string[] = []
    const gates = new Map<string, () => void>()
    host.task('slow', options, ({ request: { id } }) => {
      runs.push(id)
      const { promise, open } = gate()
      gates.set(id, () => open())
      return promise
    })
    return { host, runs, finish: (id: string) => gates.get(id)?.() }
  }

  it('is kept, and those that wait start in the order they came', async () => {
    const { host, runs, finish } = hostWithSlow()
    const { worker } = await startWorker(host, { concurrency: 2 })
    for (const id of ['a', 'b', 'c', 'd']) host.broker.deliver(call('slow', { id }))
    await settle()
    expect(runs).toEqual(['a', 'b'])
    expect(worker.health()).toMatchObject({ running: 2, reserved: 2 })
    finish('b')
    await settle()
    expect(runs).toEqual(['a', 'b', 'c'])
    finish('a')
    finish('c')
    finish('d')
    await settle()
    finish('d')
    await settle()
    expect(worker.health()).toMatchObject({ running: 0, reserved: 0, processed: 4 })
    expect(worker.controls.totals()).toEqual({ slow: 4 })
  })

  it('can be changed while it runs, and the prefetch count with it', async () => {
    const { host, runs } = hostWithSlow()
    const { worker } = await startWorker(host, { concurrency: 1 })
    for (const id of ['a', 'b', 'c', 'd']) host.broker.deliver(call('slow', { id }))
    worker.controls.resize(3)
    await settle()
    expect(runs).toEqual(['a', 'b', 'c'])
    expect(host.broker.prefetches).toEqual([4, 12])
  })

  it('is 10 unless it is said, with four messages for each', async () => {
    const { host } = hostWithSlow()
    const { worker } = await startWorker(host)
    expect(worker.controls.pool.concurrency).toBe(10)
    expect(host.broker.prefetches).toEqual([40])
  })

  it('is that of the messages taken with worker_disable_prefetch, but for one', async () => {
    const { host, finish } = hostWithSlow({ acksLate: true }, { workerDisablePrefetch: true })
    await startWorker(host, { concurrency: 2 })
    expect(host.broker.prefetches).toEqual([1])
    host.broker.deliver(call('slow', { id: 'a' }))
    await settle()
    expect(host.broker.prefetches).toEqual([1, 2])
    host.broker.deliver(call('slow', { id: 'b' }))
    await settle()
    expect(host.broker.prefetches.at(-1)).toBe(2)
    finish('a')
    finish('b')
    await settle()
    expect(host.broker.prefetches.at(-1)).toBe(1)
  })

  it('does not keep timers and sockets from their turn, however many wait', async () => {
    const host = new TestHost()
    let runs = 0
    host.task('quick', { ignoreResult: true }, () => ++runs)
    await startWorker(host)
    for (let i = 0; i < 10_000; i++) host.broker.deliver(call('quick', { id: `${i}` }))
    await new Promise((resolve) => setImmediate(resolve))
    expect(runs).toBeLessThan(1000)
  })
})

describe('a rate limit', () => {
  it('holds tasks back until it lets them, and puts them back with the rest at a stop', async () => {
    const host = new TestHost()
    const runs: string[] = []
    host.task('mail', { rateLimit: '1/s' }, ({ request }) => void runs.push(request.id))
    const { worker, clock } = await startWorker(host)
    for (const id of ['a', 'b', 'c']) host.broker.deliver(call('mail', { id }))
    await settle()
    expect(runs).toEqual(['a'])
    expect(worker.health().reserved).toBe(2)
    clock.advance(1000)
    await settle()
    expect(runs).toEqual(['a', 'b'])
    const slow = gate()
    host.task('slow', {}, () => slow.promise)
    host.broker.deliver(call('slow'))
    await settle()
    const stopped = worker.stop()
    await settle()
    expect(host.broker.deliveries.map(({ settled }) => settled)).toEqual([['ack'], ['ack'], ['release'], ['ack']])
    clock.advance(5000)
    await settle()
    slow.open()
    await stopped
    expect(runs).toEqual(['a', 'b'])
  })
})
