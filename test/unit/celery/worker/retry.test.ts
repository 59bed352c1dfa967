import { describe, expect, it } from 'vitest'
import { BrokerConnectionError, NotRoutedError } from '../../../../src/celery/brokers/errors.ts'
import type { RetryOptions } from '../../../../src/celery/task/task-context.ts'
import type { TaskOptions } from '../../../../src/celery/task/task-options.ts'
import { call, settle, signature, startWorker } from '../../../support/worker/start-worker.ts'
import { TestHost } from '../../../support/worker/test-host.ts'

class Busy extends Error {}

function hostThatRetries(options: TaskOptions = {}, retry: RetryOptions = {}) {
  const host = new TestHost()
  host.task('work', options, (context) => {
    throw context.retry(retry)
  })
  return host
}

describe('a task that is to be tried again', () => {
  it('is sent anew, as the same task with one more retry and itself as its parent', async () => {
    const host = hostThatRetries({ defaultRetryDelay: 60 }, { cause: new Busy('busy') })
    const { clock } = await startWorker(host)
    const message = call('work', {
      id: 't1',
      args: [1],
      kwargs: { a: 1 },
      rootId: 'r',
      parentId: 'p',
      group: 'g',
      groupIndex: 2,
      priority: 7,
      callbacks: [signature('cb')],
      errbacks: [signature('eb')],
      chain: [signature('next')],
      chord: signature('body'),
      timeLimit: 9,
      softTimeLimit: 8,
      argsrepr: '(1,)',
      kwargsrepr: "{'a': 1}",
      replyTo: 'rq',
      stamps: { s: 1 },
      stampedHeaders: ['s'],
      replacedTaskNesting: 1,
      shadow: 'sh',
      expires: new Date(clock.now() + 1e6),
      headers: { own: 1, 'x-death': [1], 'x-delivery-count': 2, redelivered: true, clock: 5 },
    })
    const delivery = host.broker.deliver(message)
    await settle()
    expect(host.sent).toHaveLength(1)
    expect(host.sent[0]?.message).toEqual({
      ...message,
      retries: 1,
      parentId: 't1',
      eta: new Date(clock.now() + 60_000),
      headers: { own: 1 },
    })
    expect(host.sent[0]?.options).toMatchObject({ queue: 'celery', priority: 7, serializer: 'json' })
    expect(host.backend.stored).toMatchObject([
      { taskId: 't1', status: 'RETRY', result: { exc_type: 'Busy', exc_message: ['busy'] }, dateDone: undefined },
    ])
    expect(host.events.at(-1)).toMatchObject(['task-retried', { countdown: 60, error: expect.any(Busy) }])
    expect(delivery.settled).toEqual(['ack'])
    // Neither what follows nor the chord: it is not over.
    expect(host.signatures).toEqual([])
    expect(host.backend.parts).toEqual([])
  })

  it('goes to the exchange it came from, or to where the task says', async () => {
    const host = new TestHost()
    host.task('work', {}, (context, queue?: string) => {
      throw context.retry({ queue, countdown: 0 })
    })
    await startWorker(host)
    host.broker.deliver(call('work'), { exchange: 'ex', routingKey: 'rk' })
    host.broker.deliver(call('work', { args: ['slow'] }), { exchange: 'ex', routingKey: 'rk' })
    await settle()
    expect(host.sent[0]?.options).toMatchObject({ exchange: 'ex', routingKey: 'rk' })
    expect(host.sent[0]?.message.eta).toBeUndefined()
    expect(host.sent[1]?.options).toMatchObject({ queue: 'slow' })
    expect(host.sent[1]?.options).not.toHaveProperty('exchange')
  })

  it('can have other arguments, whose texts are written anew', async () => {
    const host = hostThatRetries({}, { args: [2], priority: 1 })
    await startWorker(host)
    host.broker.deliver(call('work', { args: [1], argsrepr: '(1,)' }))
    await settle()
    expect(host.sent[0]?.message).toMatchObject({ args: [2], argsrepr: undefined, priority: 1 })
  })

  it('fails with its cause when there were too many', async () => {
    const host = hostThatRetries({ maxRetries: 2 }, { cause: new Busy('busy') })
    await startWorker(host)
    host.broker.deliver(call('work', { id: 't1', retries: 2 }))
    await settle()
    expect(host.sent).toEqual([])
    expect(host.backend.meta('t1')).toMatchObject({ status: 'FAILURE', result: { exc_type: 'Busy' } })
  })

  it('fails with an error of its own when there is no cause', async () => {
    const host = hostThatRetries({ maxRetries: 0 })
    await startWorker(host)
    host.broker.deliver(call('work', { id: 't1' }))
    await settle()
    expect(host.backend.meta('t1')?.result).toMatchObject({
      exc_type: 'MaxRetriesExceededError',
      exc_module: 'celery.exceptions',
    })
  })

  it('is so by itself for the errors it names, later each time', async () => {
    const host = new TestHost()
    host.task('work', { autoretryFor: [Busy], retryBackoff: 2, retryJitter: false }, () => {
      throw new Busy('busy')
    })
    const { clock } = await startWorker(host)
    for (const retries of [0, 1, 2, 3]) host.broker.deliver(call('work', { id: `t${retries}`, retries }))
    await settle()
    expect(host.sent.map(({ message }) => Number(message.eta) - clock.now())).toEqual([2000, 4000, 8000])
    expect(host.backend.meta('t3')).toMatchObject({ status: 'FAILURE', result: { exc_type: 'Busy' } })
  })

  it('is so by itself when a hook around it throws such an error', async () => {
    const host = new TestHost()
    host.around.push(async (run) => {
      await run()
      throw new Busy('commit failed')
    })
    host.task('work', { autoretryFor: [Busy] }, () => 1)
    await startWorker(host)
    host.broker.deliver(call('work'))
    await settle()
    expect(host.sent).toHaveLength(1)
    expect(host.happened.at(-1)).toBe('task-retried')
  })

  it('shows its hooks that it is to be tried again', async () => {
    const host = new TestHost()
    const seen: unknown[] = []
    host.around.push(async (run) => {
      try {
        return await run()
      } catch (error) {
        seen.push((error as Error).name)
        throw error
      }
    })
    host.task('work', { autoretryFor: [Busy] }, () => {
      throw new Busy('busy')
    })
    await startWorker(host)
    host.broker.deliver(call('work'))
    await settle()
    expect(seen).toEqual(['Retry'])
  })

  it('is acknowledged only when the next try is sent', async () => {
    const host = hostThatRetries({ acksLate: true })
    const { clock } = await startWorker(host)
    host.sendFailures.push(new BrokerConnectionError('hand://', 'down'), new BrokerConnectionError('hand://', 'down'))
    const delivery = host.broker.deliver(call('work', { id: 't1' }))
    await settle()
    expect(delivery.settled).toEqual([])
    expect(host.backend.stored).toEqual([])
    clock.advance(10_000)
    await settle()
    clock.advance(10_000)
    await settle()
    expect(host.sent).toHaveLength(1)
    expect(host.backend.states('t1')).toEqual(['RETRY'])
    expect(delivery.settled).toEqual(['ack'])
  })

  it('fails when the next try can never be sent', async () => {
    const host = hostThatRetries({ acksLate: true })
    await startWorker(host)
    host.sendFailures.push(new NotRoutedError('ex', 'rk'))
    const delivery = host.broker.deliver(call('work', { id: 't1' }))
    await settle()
    expect(host.backend.meta('t1')).toMatchObject({ status: 'FAILURE', result: { exc_type: 'NotRoutedError' } })
    expect(delivery.settled).toEqual(['ack'])
  })
})
