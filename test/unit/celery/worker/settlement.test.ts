import { describe, expect, it } from 'vitest'
import { BackendConnectionError } from '../../../../src/celery/backends/errors.ts'
import { BrokerConnectionError } from '../../../../src/celery/brokers/errors.ts'
import { Reject } from '../../../../src/celery/task/signals.ts'
import { call, gate, settle, signature, startWorker } from '../../../support/worker/start-worker.ts'
import { TestHost } from '../../../support/worker/test-host.ts'

const down = () => new BackendConnectionError('map://', 'down')

/** A task that waits until the test lets it go on, and counts its runs. */
function hostWithSlow(options: Readonly<Record<string, unknown>> = {}, config: Readonly<Record<string, unknown>> = {}) {
  const host = new TestHost(config)
  const runs: string[] = []
  const slow = gate<unknown>()
  host.task('slow', options, ({ request }) => {
    runs.push(request.id)
    return slow.promise
  })
  return { host, runs, finish: () => slow.open(1) }
}

describe('an acknowledgement', () => {
  it('comes before the task, which waits for it', async () => {
    const { host, runs } = hostWithSlow()
    await startWorker(host)
    const taken = gate()
    const delivery = host.broker.deliver(call('slow'), { gate: taken.promise })
    await settle()
    expect(runs).toEqual([])
    taken.open()
    await settle()
    expect(runs).toHaveLength(1)
    expect(delivery.settled).toEqual(['ack'])
  })

  it('that the broker does not take keeps the task from running: it comes again', async () => {
    const { host, runs } = hostWithSlow()
    const { worker } = await startWorker(host)
    const delivery = host.broker.deliver(call('slow'))
    delivery.lost = true
    await settle()
    expect(runs).toEqual([])
    expect(worker.health()).toMatchObject({ running: 0, processed: 0 })
  })

  it('comes after the result is stored, when it is late', async () => {
    const { host, finish } = hostWithSlow({ acksLate: true })
    await startWorker(host)
    const stored = gate()
    const store = host.backend.store.bind(host.backend)
    host.backend.store = async (meta) => {
      await stored.promise
      await store(meta)
    }
    const delivery = host.broker.deliver(call('slow'))
    finish()
    await settle()
    expect(delivery.settled).toEqual([])
    stored.open()
    await settle()
    expect(delivery.settled).toEqual(['ack'])
  })

  it.each([
    [{ acksOnFailureOrTimeout: true }, 'ack'],
    [{ acksOnFailureOrTimeout: false }, 'reject'],
  ])('of a failed late task is as its options say: %j', async (options, settled) => {
    const host = new TestHost()
    host.task('fail', { acksLate: true, ...options }, () => {
      throw new Error('bad')
    })
    await startWorker(host)
    const delivery = host.broker.deliver(call('fail', { id: 't1' }))
    await settle()
    expect(delivery.settled).toEqual([settled])
    expect(host.backend.meta('t1')?.status).toBe('FAILURE')
  })

  it('that fails after the task is counted, and the task is done all the same', async () => {
    const { host, finish } = hostWithSlow({ acksLate: true })
    const { worker } = await startWorker(host)
    const delivery = host.broker.deliver(call('slow', { id: 't1' }))
    await settle()
    delivery.lost = true
    finish()
    await settle()
    expect(host.backend.meta('t1')?.status).toBe('SUCCESS')
    expect(worker.health()).toMatchObject({ deliveriesLost: 1, state: 'running', running: 0 })
  })
})

describe('a message that the broker gives again', () => {
  it('while its task runs is not run twice, and settled instead of the first', async () => {
    const { host, runs, finish } = hostWithSlow({ acksLate: true })
    await startWorker(host)
    const message = call('slow', { id: 't1' })
    const first = host.broker.deliver(message)
    await settle()
    host.broker.interrupt()
    host.broker.resume()
    const second = host.broker.deliver(message, { redelivered: true })
    await settle()
    finish()
    await settle()
    expect(runs).toEqual(['t1'])
    expect(first.settled).toEqual([])
    expect(second.settled).toEqual(['ack'])
  })

  it('after its task was done, though the broker could not be told, is settled without running', async () => {
    const { host, runs, finish } = hostWithSlow({ acksLate: true })
    await startWorker(host)
    const message = call('slow', { id: 't1' })
    host.broker.deliver(message)
    await settle()
    host.broker.interrupt()
    finish()
    await settle()
    host.broker.resume()
    const second = host.broker.deliver(message, { redelivered: true })
    await settle()
    expect(runs).toEqual(['t1'])
    expect(second.settled).toEqual(['ack'])
    // Only once: the next one is a message of its own.
    host.broker.deliver(message, { redelivered: true })
    await settle()
    expect(runs).toEqual(['t1', 't1'])
  })

  it('since RabbitMQ did not hear the acknowledgement is not run again, once', async () => {
    const { host, runs, finish } = hostWithSlow()
    Object.assign(host.broker, { kind: 'amqp' })
    finish()
    await startWorker(host)
    const message = call('slow', { id: 't1' })
    host.broker.deliver(message)
    await settle()
    // Without an interruption it is another message: perhaps one that another worker died of.
    host.broker.deliver(message, { redelivered: true })
    await settle()
    expect(runs).toEqual(['t1', 't1'])
    // The second time, because that acknowledgement was not heard either.
    for (let i = 0; i < 2; i++) {
      host.broker.interrupt()
      host.broker.resume()
      const again = host.broker.deliver(message, { redelivered: true })
      await settle()
      expect(runs).toEqual(['t1', 't1'])
      expect(again.settled).toEqual(['ack'])
    }
    host.broker.deliver(message, { redelivered: true })
    await settle()
    expect(runs).toHaveLength(3)
  })

  it('of a task acknowledged early, which runs, is acknowledged at once', async () => {
    const { host, runs } = hostWithSlow()
    await startWorker(host)
    const message = call('slow', { id: 't1' })
    host.broker.deliver(message)
    await settle()
    const second = host.broker.deliver(message, { redelivered: true })
    await settle()
    expect(runs).toEqual(['t1'])
    expect(second.settled).toEqual(['ack'])
  })

  it('is run when it is the next try of the same task', async () => {
    const { host, runs } = hostWithSlow({ acksLate: true })
    await startWorker(host)
    host.broker.deliver(call('slow', { id: 't1' }))
    host.broker.deliver(call('slow', { id: 't1', retries: 1 }), { redelivered: true })
    await settle()
    expect(runs).toEqual(['t1', 't1'])
  })

  it('is run when it was not given again, but sent twice with the same id', async () => {
    const { host, runs } = hostWithSlow({ acksLate: true })
    await startWorker(host)
    host.broker.deliver(call('slow', { id: 't1' }))
    host.broker.deliver(call('slow', { id: 't1' }))
    await settle()
    expect(runs).toEqual(['t1', 't1'])
  })

  it('after the task put it back is run', async () => {
    const host = new TestHost()
    let runs = 0
    host.task('again', { acksLate: true }, () => {
      if (++runs === 1) throw new Reject('later', { requeue: true })
    })
    await startWorker(host)
    const message = call('again', { id: 't1' })
    const first = host.broker.deliver(message)
    await settle()
    expect(first.settled).toEqual(['requeue'])
    const second = host.broker.deliver(message, { redelivered: true })
    await settle()
    expect(runs).toBe(2)
    expect(second.settled).toEqual(['ack'])
  })

  it('while its task is being put back is run', async () => {
    const host = new TestHost()
    let runs = 0
    host.task('again', { acksLate: true }, () => {
      if (++runs === 1) throw new Reject('later', { requeue: true })
    })
    await startWorker(host)
    const message = call('again', { id: 't1' })
    const answer = gate()
    host.broker.deliver(message, { gate: answer.promise })
    await settle()
    const second = host.broker.deliver(message, { redelivered: true })
    await settle()
    answer.open()
    await settle()
    expect(runs).toBe(2)
    expect(second.settled).toEqual(['ack'])
  })

  it('is not run when it succeeded elsewhere, with worker_deduplicate_successful_tasks', async () => {
    const { host, runs, finish } = hostWithSlow({ acksLate: true }, { workerDeduplicateSuccessfulTasks: true })
    finish()
    await startWorker(host)
    await host.backend.store({
      taskId: 't1',
      status: 'SUCCESS',
      result: 1,
      traceback: undefined,
      children: [],
      dateDone: undefined,
    })
    const known = host.broker.deliver(call('slow', { id: 't1' }), { redelivered: true })
    const unknown = host.broker.deliver(call('slow', { id: 't2' }), { redelivered: true })
    await settle()
    expect(runs).toEqual(['t2'])
    expect(known.settled).toEqual(['ack'])
    expect(unknown.settled).toEqual(['ack'])
  })
})

describe('a lost connection', () => {
  it('leaves running tasks alone, and drops what has not started', async () => {
    const { host, runs, finish } = hostWithSlow({ acksLate: true })
    const { worker, clock } = await startWorker(host, { concurrency: 1 })
    host.broker.deliver(call('slow', { id: 'running' }))
    host.broker.deliver(call('slow', { id: 'waiting' }))
    host.broker.deliver(call('slow', { id: 'held', eta: new Date(clock.now() + 1000) }))
    await settle()
    host.broker.interrupt()
    expect(worker.health()).toMatchObject({ connected: false, consuming: false, running: 1, scheduled: 0 })
    expect(worker.health().lastError?.message).toBe('connection reset')
    finish()
    await settle()
    expect(runs).toEqual(['running'])
    host.broker.resume()
    expect(worker.health()).toMatchObject({ connected: true, consuming: true })
    host.broker.deliver(call('slow', { id: 'waiting' }), { redelivered: true })
    await settle()
    clock.advance(2000)
    await settle()
    expect(runs).toEqual(['running', 'waiting'])
  })

  it('keeps what can still be settled', async () => {
    const { host, runs, finish } = hostWithSlow({ acksLate: true })
    const { worker, clock } = await startWorker(host, { concurrency: 1 })
    host.broker.deliver(call('slow', { id: 'running' }))
    const waiting = host.broker.deliver(call('slow', { id: 'waiting' }))
    const held = host.broker.deliver(call('slow', { id: 'held', eta: new Date(clock.now() + 1000) }))
    await settle()
    host.broker.interrupt()
    waiting.lost = false
    held.lost = false
    host.broker.deliver(call('slow', { id: 'again' }))
    expect(worker.health().scheduled).toBe(0)
    finish()
    await settle()
    expect(runs).toContain('waiting')
  })

  it('ends long tasks that will come again, when the settings say so', async () => {
    const host = new TestHost({ workerCancelLongRunningTasksOnConnectionLoss: true })
    const reasons: unknown[] = []
    for (const acksLate of [true, false]) {
      host.task(`slow ${acksLate}`, { acksLate }, ({ signal }) => {
        signal.addEventListener('abort', () => reasons.push(acksLate))
        return new Promise(() => undefined)
      })
    }
    const { worker } = await startWorker(host)
    host.broker.deliver(call('slow true'))
    host.broker.deliver(call('slow false'))
    await settle()
    host.broker.interrupt()
    await settle()
    expect(reasons).toEqual([true])
    expect(worker.health().running).toBe(1)
    expect(host.backend.stored).toEqual([])
  })
})

describe('a store that cannot be reached', () => {
  it('is tried until it can, and only then a late task is acknowledged', async () => {
    const { host, finish } = hostWithSlow({ acksLate: true })
    const { worker, clock } = await startWorker(host)
    host.backend.broken = down()
    const delivery = host.broker.deliver(call('slow', { id: 't1' }))
    finish()
    await settle()
    for (let i = 0; i < 20; i++) {
      clock.advance(10_000)
      await settle()
    }
    expect(host.backend.calls).toBeGreaterThan(10)
    expect(delivery.settled).toEqual([])
    expect(worker.health()).toMatchObject({ running: 0, finishing: 1 })
    expect(host.texts('warn').length).toBeLessThan(6)
    host.backend.broken = undefined
    clock.advance(10_000)
    await settle()
    expect(host.backend.meta('t1')?.status).toBe('SUCCESS')
    expect(delivery.settled).toEqual(['ack'])
    expect(worker.health().resultsLost).toBe(0)
  })

  it('is tried later each time, as the settings say', async () => {
    const { host, finish } = hostWithSlow(
      { acksLate: true },
      { resultBackendBaseSleepBetweenRetriesMs: 100, resultBackendMaxSleepBetweenRetriesMs: 300 },
    )
    const { clock } = await startWorker(host)
    host.backend.broken = down()
    host.broker.deliver(call('slow'))
    finish()
    await settle()
    const calls: number[] = []
    for (let ms = 0; ms <= 1000; ms += 50) {
      const before = host.backend.calls
      clock.advance(50)
      await settle()
      if (host.backend.calls > before) calls.push(ms + 50)
    }
    expect(calls).toEqual([100, 300, 600, 900])
  })

  it('is given up after as many tries as the settings say: a late task runs again, the result of an early one is lost', async () => {
    for (const acksLate of [true, false]) {
      const { host, finish } = hostWithSlow({ acksLate }, { resultBackendMaxRetries: 2 })
      const { worker, clock } = await startWorker(host)
      host.backend.broken = down()
      const delivery = host.broker.deliver(call('slow'))
      finish()
      for (let i = 0; i < 5; i++) {
        await settle()
        clock.advance(10_000)
      }
      expect(host.backend.calls).toBe(3)
      expect(delivery.settled).toEqual([acksLate ? 'requeue' : 'ack'])
      expect(worker.health().resultsLost).toBe(acksLate ? 0 : 1)
      expect(host.texts('error')).toHaveLength(1)
    }
  })

  it('stops the worker from starting ever more tasks', async () => {
    const { host, runs, finish } = hostWithSlow({ acksLate: true })
    finish()
    const { worker } = await startWorker(host, { concurrency: 2 })
    host.backend.broken = down()
    for (let i = 0; i < 500; i++) host.broker.deliver(call('slow'))
    for (let i = 0; i < 20; i++) await settle()
    expect(runs.length).toBeLessThanOrEqual(102)
    expect(worker.health().reserved).toBeGreaterThan(390)
  })

  it('does not hold up the next task', async () => {
    const { host, runs, finish } = hostWithSlow()
    finish()
    await startWorker(host, { concurrency: 1 })
    host.backend.broken = down()
    for (const id of ['a', 'b', 'c']) host.broker.deliver(call('slow', { id }))
    await settle()
    expect(runs).toEqual(['a', 'b', 'c'])
  })
})

describe('a result the store will never take', () => {
  it('becomes a failure', async () => {
    const { host, finish } = hostWithSlow({ acksLate: true })
    await startWorker(host)
    host.backend.failures.push(new TypeError('`result` is a function'))
    const delivery = host.broker.deliver(call('slow', { id: 't1' }))
    finish()
    await settle()
    expect(host.backend.meta('t1')).toMatchObject({ status: 'FAILURE', result: { exc_type: 'EncodeError' } })
    expect(delivery.settled).toEqual(['ack'])
  })

  it('whose failure is not taken either is counted, and the rest is done', async () => {
    const { host, finish } = hostWithSlow({ acksLate: true })
    const { worker } = await startWorker(host)
    host.backend.failures.push(new TypeError('no'), new TypeError('no'))
    const delivery = host.broker.deliver(call('slow', { errbacks: [signature('oops')] }))
    finish()
    await settle()
    expect(worker.health().resultsLost).toBe(1)
    expect(host.signatures).toHaveLength(1)
    expect(delivery.settled).toEqual(['ack'])
  })
})

describe('a task whose next one cannot be sent', () => {
  const message = () => call('slow', { id: 't1', chain: [signature('next')] })

  it('is not stored and not acknowledged before it is', async () => {
    const { host, finish } = hostWithSlow({ acksLate: true })
    const { clock } = await startWorker(host)
    host.sendFailures.push(new BrokerConnectionError('hand://', 'down'))
    const delivery = host.broker.deliver(message())
    finish()
    await settle()
    expect([host.backend.states(), delivery.settled]).toEqual([[], []])
    clock.advance(10_000)
    await settle()
    expect(host.signatures).toHaveLength(1)
    expect([host.backend.states(), delivery.settled]).toEqual([['SUCCESS'], ['ack']])
  })

  it('fails when it never can be', async () => {
    const { host, finish } = hostWithSlow({ acksLate: true })
    await startWorker(host)
    host.sendFailures.push(new TypeError('`args[0]` is a function'))
    const delivery = host.broker.deliver(message())
    finish()
    await settle()
    expect(host.backend.meta('t1')).toMatchObject({ status: 'FAILURE', result: { exc_type: 'EncodeError' } })
    expect(delivery.settled).toEqual(['ack'])
  })

  it('is left to the broker when the worker is killed meanwhile', async () => {
    const { host, finish } = hostWithSlow({ acksLate: true })
    const { worker } = await startWorker(host)
    for (let i = 0; i < 9; i++) host.sendFailures.push(new BrokerConnectionError('hand://', 'down'))
    const delivery = host.broker.deliver(message())
    finish()
    await settle()
    await worker.kill()
    await settle()
    expect(delivery.settled).toEqual([])
    expect(host.broker.closed).toBe(true)
    expect(host.texts('error')).toEqual(['what came of the task could not be stored: it will run again'])
  })
})
