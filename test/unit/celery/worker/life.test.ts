import { describe, expect, it, vi } from 'vitest'
import { BrokerConnectionError } from '../../../../src/celery/brokers/errors.ts'
import { createWorker } from '../../../../src/celery/worker/create-worker.ts'
import type { Pool } from '../../../../src/celery/worker/pool.ts'
import type { WorkerOptions } from '../../../../src/celery/worker/worker-options.ts'
import { HandClock } from '../../../support/hand-clock.ts'
import { call, gate, settle, startWorker } from '../../../support/worker/start-worker.ts'
import { TestHost } from '../../../support/worker/test-host.ts'

async function workerWithSlow(taskOptions: Readonly<Record<string, unknown>> = {}, options: WorkerOptions = {}) {
  const host = new TestHost()
  const runs: string[] = []
  const reasons: unknown[] = []
  const slow = gate<unknown>()
  host.task('slow', taskOptions, ({ request, signal }) => {
    runs.push(request.id)
    signal.addEventListener('abort', () => reasons.push(signal.reason))
    return slow.promise
  })
  return { host, runs, reasons, finish: () => slow.open(1), ...(await startWorker(host, options)) }
}

describe('a worker that starts', () => {
  it('declares its queues, takes from them and says so', async () => {
    const host = new TestHost()
    const { worker } = await startWorker(host, { queues: ['celery', 'mail'] })
    expect(host.broker.declared).toEqual(['celery', 'mail'])
    expect([...host.broker.queues]).toEqual(['celery', 'mail'])
    expect(worker.state).toBe('running')
    expect(worker.health()).toEqual({
      state: 'running',
      hostname: 'w1@host',
      consuming: true,
      connected: true,
      running: 0,
      finishing: 0,
      reserved: 0,
      scheduled: 0,
      processed: 0,
      malformed: 0,
      received: 0,
      deliveriesLost: 0,
      resultsLost: 0,
      lastDelivery: undefined,
      lastError: undefined,
    })
    expect(host.texts('info')).toEqual(['worker is ready'])
  })

  it('leaves out the queues it shall not take from', async () => {
    const host = new TestHost()
    const { worker } = await startWorker(host, { queues: ['celery', 'mail'], excludeQueues: ['mail'] })
    expect(worker.controls.queues().map(({ name }) => name)).toEqual(['celery'])
  })

  it('has a queue of its own with worker_direct', async () => {
    const host = new TestHost({ workerDirect: true })
    await startWorker(host)
    expect([...host.broker.queues]).toEqual(['celery', 'w1@host.dq2'])
  })

  it('and cannot connect says so, and has failed', async () => {
    const host = new TestHost()
    const failure = new BrokerConnectionError('hand://', 'nobody is there')
    host.broker.failure = failure
    const worker = createWorker(host)
    await expect(worker.start()).rejects.toBe(failure)
    await expect(worker.done).resolves.toEqual({ reason: 'failed', error: failure, interrupted: 0 })
    expect(worker.state).toBe('failed')
    expect(host.broker.closed).toBe(true)
  })

  it('and cannot reach its result store says so, and runs', async () => {
    const host = new TestHost()
    host.backend.connect = async () => {
      throw new Error('no store')
    }
    const { worker } = await startWorker(host)
    await settle()
    expect(worker.state).toBe('running')
    expect(host.texts('warn')).toEqual(['the result store cannot be reached'])
  })

  it('whose logger throws goes on', async () => {
    const host = new TestHost()
    let runs = 0
    host.task('work', { acksLate: true }, () => ++runs)
    const { worker } = await startWorker(host)
    const { info } = host.logger
    host.logger.info = () => {
      throw new Error('disk full')
    }
    host.broker.deliver(call('work'))
    host.task('fine', {}, () => ++runs)
    host.logger.info = info
    host.broker.deliver(call('fine'))
    await settle()
    expect(runs).toBe(1)
    expect(worker.health()).toMatchObject({ state: 'running', running: 0, finishing: 0 })
    expect(host.texts('error')).toEqual(['the worker failed over a message'])
  })

  it('does its work without remote control where that cannot be had, and says so', async () => {
    const host = new TestHost()
    host.task('add', {}, () => 5)
    host.broker.subscribe = () => Promise.reject(new Error('no such thing here'))
    const { worker } = await startWorker(host)
    const delivery = host.broker.deliver(call('add'))
    await settle()
    expect(delivery.settled).toEqual(['ack'])
    expect(worker.state).toBe('running')
    expect(host.texts('warn')).toEqual(['commands cannot be heard: this worker has no remote control'])
  })

  it('hears no commands with worker_enable_remote_control off, and is closed with what it heard them by', async () => {
    const deaf = new TestHost({ workerEnableRemoteControl: false })
    let closed = 0
    let subscribed = 0
    for (const host of [deaf, new TestHost()]) {
      host.broker.subscribe = async () => {
        subscribed++
        return { close: async () => void closed++ }
      }
      const { worker } = await startWorker(host)
      await worker.stop()
    }
    expect([subscribed, closed]).toEqual([1, 1])
  })

  it('is started once', async () => {
    const { worker } = await startWorker(new TestHost())
    await expect(worker.start()).rejects.toThrow(TypeError)
    await worker.stop()
    await expect(worker.start()).rejects.toThrow('this one is stopped')
  })

  it('is told all that is wrong with its options at once', () => {
    const options = { concurrency: 0, prefetchMultiplier: -1, hostname: '%x', pool: 'threads' } as const
    expect(() => createWorker(new TestHost(), options)).toThrow(/4 problems.*concurrency.*prefetchMultiplier.*app.*%x/s)
  })

  it('is told of options that do not exist, and of one queue that is no list', () => {
    const options = { concurency: 3, prefetch_multiplier: 1, queues: 'celery' } as unknown as WorkerOptions
    expect(() => createWorker(new TestHost(), options)).toThrow(
      /3 problems.*`concurency`.*`concurrency` is near.*`prefetch_multiplier`.*`prefetchMultiplier` is near.*`queues` must be a list/s,
    )
  })

  it('says every five seconds that it waits for its broker', async () => {
    const host = new TestHost()
    const connected = gate()
    host.broker.connect = () => connected.promise
    const clock = new HandClock()
    const worker = createWorker(host, {}, { clock })
    const starting = worker.start()
    await settle()
    for (const after of [4999, 1, 5000]) clock.advance(after)
    expect(host.texts('warn')).toEqual(Array(2).fill('the broker cannot be reached yet; it is tried again'))
    connected.open()
    await starting
    clock.advance(60_000)
    expect(host.texts('warn')).toHaveLength(2)
    await worker.stop()
  })

  it('takes more queues, and less, while it runs', async () => {
    const host = new TestHost()
    const { worker } = await startWorker(host)
    const [mail] = host.queues(['mail'])
    if (mail !== undefined) await worker.controls.addQueue(mail)
    expect([...host.broker.queues]).toEqual(['celery', 'mail'])
    await worker.controls.cancelQueue('celery')
    expect(worker.controls.queues().map(({ name }) => name)).toEqual(['mail'])
  })
})

describe('a warm stop', () => {
  it('takes nothing more, finishes what runs, and puts back the rest so that it comes in the same order', async () => {
    const { host, worker, clock, runs, finish } = await workerWithSlow({ acksLate: true }, { concurrency: 1 })
    const running = host.broker.deliver(call('slow', { id: 'running' }))
    host.broker.deliver(call('slow', { id: 'a' }))
    host.broker.deliver(call('slow', { id: 'held', eta: new Date(clock.now() + 1000) }))
    host.broker.deliver(call('slow', { id: 'b' }))
    await settle()
    const released: number[] = []
    for (const [index, delivery] of host.broker.deliveries.entries()) {
      const release = delivery.release.bind(delivery)
      delivery.release = async () => {
        released.push(index)
        await release()
      }
    }
    let isStopped = false
    const stopped = worker.stop().then(() => {
      isStopped = true
    })
    await settle()
    expect(host.broker.cancelled).toBe(true)
    // The last one first, because each is put before those that wait.
    expect(released).toEqual([3, 2, 1])
    expect(isStopped).toBe(false)
    expect(worker.state).toBe('stopping')
    const late = host.broker.deliver(call('slow', { id: 'late' }))
    finish()
    await stopped
    expect(runs).toEqual(['running'])
    expect(running.settled).toEqual(['ack'])
    expect(late.settled).toEqual(['release'])
    expect(host.broker.closed).toBe(true)
    expect(worker.state).toBe('stopped')
    await expect(worker.done).resolves.toEqual({ reason: 'stopped', error: undefined, interrupted: 0 })
  })

  it('waits until results are stored', async () => {
    const { host, worker, finish } = await workerWithSlow()
    const stored = gate()
    const store = host.backend.store.bind(host.backend)
    host.backend.store = async (meta) => {
      await stored.promise
      await store(meta)
    }
    host.broker.deliver(call('slow', { id: 't1' }))
    finish()
    await settle()
    const stopped = worker.stop()
    await settle()
    expect(worker.state).toBe('stopping')
    stored.open()
    await stopped
    expect(host.backend.meta('t1')?.status).toBe('SUCCESS')
  })

  it('cuts off what still runs at the deadline', async () => {
    const { host, worker, clock, reasons } = await workerWithSlow({ acksLate: true })
    const delivery = host.broker.deliver(call('slow', { id: 't1' }))
    await settle()
    const stopped = worker.stop({ deadline: '30 seconds' })
    await settle()
    clock.advance(29_999)
    await settle()
    expect(worker.state).toBe('stopping')
    clock.advance(1)
    await stopped
    expect(reasons).toMatchObject([{ code: 'ERR_CELERY_WORKER_LOST' }])
    await expect(worker.done).resolves.toEqual({ reason: 'killed', error: undefined, interrupted: 1 })
    // Left to the broker, which puts it back when it is closed.
    expect(delivery.settled).toEqual([])
    expect(host.backend.stored).toEqual([])
  })

  it('keeps to the shorter deadline when it is asked again', async () => {
    const { host, worker, clock } = await workerWithSlow()
    host.broker.deliver(call('slow'))
    await settle()
    const first = worker.stop()
    const second = worker.stop({ deadline: 5 })
    await settle()
    clock.advance(5000)
    await Promise.all([first, second])
    expect(worker.state).toBe('stopped')
  })

  it('is what the end of a block of code does', async () => {
    const host = new TestHost()
    const worker = createWorker(host)
    await worker.start()
    await worker[Symbol.asyncDispose]()
    expect(worker.state).toBe('stopped')
  })

  it('of a worker that was not started does nothing', async () => {
    const host = new TestHost()
    const worker = createWorker(host)
    await worker.stop()
    await expect(worker.done).resolves.toMatchObject({ reason: 'stopped' })
    expect(host.broker.closed).toBe(false)
  })

  it('while it starts lets it start no more', async () => {
    const host = new TestHost()
    const connected = gate()
    host.broker.connect = () => connected.promise
    const worker = createWorker(host)
    const started = worker.start()
    await settle()
    const stopped = worker.stop()
    connected.open()
    await Promise.all([started, stopped])
    expect(host.broker.prefetches).toEqual([])
    expect(host.broker.closed).toBe(true)
    expect(worker.state).toBe('stopped')
  })

  it('does not wait for a broker that cannot be reached, and is no failure of the start', async () => {
    const host = new TestHost()
    const gone = gate<Error>()
    host.broker.connect = async () => {
      throw await gone.promise
    }
    host.broker.close = async () => gone.open(new BrokerConnectionError('hand://', 'it was closed'))
    const worker = createWorker(host)
    const started = worker.start()
    await settle()
    await worker.stop()
    await started
    await expect(worker.done).resolves.toEqual({ reason: 'stopped', error: undefined, interrupted: 0 })
    expect(host.texts('error')).toEqual([])
  })
})

describe('a cold stop', () => {
  it('while threads load the app ends those threads, and connects to nothing any more', async () => {
    const host = new TestHost()
    let connections = 0
    host.createBroker = () => {
      connections++
      return host.broker
    }
    const loaded = gate<Pool>()
    const closed = vi.fn(async () => undefined)
    const worker = createWorker(host, {}, { openPool: () => loaded.promise })
    const started = worker.start()
    await settle()
    await worker.kill()
    loaded.open({ concurrency: 1, close: closed } as unknown as Pool)
    await started
    expect(closed).toHaveBeenCalled()
    expect(connections).toBe(0)
  })

  it('aborts what runs and leaves to the broker what is not acknowledged', async () => {
    const { host, worker, reasons } = await workerWithSlow({ acksLate: true }, { concurrency: 1 })
    const running = host.broker.deliver(call('slow', { id: 'running' }))
    const waiting = host.broker.deliver(call('slow', { id: 'waiting' }))
    await settle()
    await worker.kill()
    expect(reasons).toHaveLength(1)
    expect(running.settled).toEqual([])
    expect(waiting.settled).toEqual(['release'])
    expect(host.backend.stored).toEqual([])
    expect(host.broker.closed).toBe(true)
    await expect(worker.done).resolves.toEqual({ reason: 'killed', error: undefined, interrupted: 1 })
  })

  it('tells which tasks are lost, because they were acknowledged before', async () => {
    const { host, worker } = await workerWithSlow()
    host.broker.deliver(call('slow', { id: 'early' }))
    await settle()
    await worker.kill()
    expect(host.lines).toContainEqual({
      level: 'warn',
      fields: { task: 'slow', id: 'early' },
      text: 'cut off, and lost: it was acknowledged before it ran',
    })
  })

  it('ends a warm stop that takes too long', async () => {
    const { host, worker } = await workerWithSlow()
    host.broker.deliver(call('slow'))
    await settle()
    const stopped = worker.stop()
    await settle()
    await worker.kill()
    await stopped
    await expect(worker.done).resolves.toMatchObject({ reason: 'killed', interrupted: 1 })
  })

  it('keeps a task from starting whose acknowledgement is on its way', async () => {
    const { host, worker, runs } = await workerWithSlow()
    const taken = gate()
    host.broker.deliver(call('slow'), { gate: taken.promise })
    await settle()
    await worker.kill()
    taken.open()
    await settle()
    expect(runs).toEqual([])
  })

  it('ends a worker that cannot connect', async () => {
    const host = new TestHost()
    host.broker.connect = () => new Promise(() => undefined)
    const worker = createWorker(host)
    void worker.start()
    await worker.kill()
    await expect(worker.done).resolves.toMatchObject({ reason: 'killed' })
  })
})

describe('a worker that cannot take messages any more', () => {
  it('finishes what runs and ends by itself, with the reason', async () => {
    const { host, worker, finish } = await workerWithSlow()
    host.broker.deliver(call('slow', { id: 't1' }))
    await settle()
    const reason = new BrokerConnectionError('hand://', 'gone for good')
    host.broker.giveUp(reason)
    await settle()
    expect(worker.health()).toMatchObject({ state: 'stopping', consuming: false, connected: false, lastError: reason })
    finish()
    await expect(worker.done).resolves.toEqual({ reason: 'failed', error: reason, interrupted: 0 })
    expect(host.backend.meta('t1')?.status).toBe('SUCCESS')
    expect(worker.state).toBe('failed')
    expect(host.broker.closed).toBe(true)
  })

  it('does not wait for ever', async () => {
    const { host, worker, clock } = await workerWithSlow()
    host.broker.deliver(call('slow'))
    await settle()
    host.broker.giveUp(new Error('gone'))
    await settle()
    clock.advance(60_000)
    await expect(worker.done).resolves.toMatchObject({ reason: 'failed', interrupted: 1 })
  })
})
