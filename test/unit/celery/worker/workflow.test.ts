import { describe, expect, it } from 'vitest'
import type { SignatureData } from '../../../../src/celery/protocol/signature-data.ts'
import { call, settle, signature, startWorker } from '../../../support/worker/start-worker.ts'
import { TestHost } from '../../../support/worker/test-host.ts'

function hostWithAdd(config: Readonly<Record<string, unknown>> = {}) {
  const host = new TestHost(config)
  host.task('add', { acksLate: true }, (_context, a: number, b: number) => a + b)
  host.task('fail', { acksLate: true }, () => {
    throw new RangeError('bad')
  })
  return host
}

/** Notes in which order things happen. */
function watchOrder(host: TestHost): string[] {
  const order: string[] = []
  const store = host.backend.store.bind(host.backend)
  const addChordPart = host.backend.addChordPart.bind(host.backend)
  const sendSignature = host.sendSignature.bind(host)
  host.backend.store = async (meta) => {
    order.push(`store ${meta.taskId} ${meta.status}`)
    await store(meta)
  }
  host.backend.addChordPart = (part) => {
    order.push(`part ${part.taskId} ${part.state}`)
    return addChordPart(part)
  }
  host.sendSignature = (sent, options) => {
    order.push(`send ${sent.task}`)
    return sendSignature(sent, options)
  }
  return order
}

describe('after a success', () => {
  it('callbacks, the next of the chain, the result, the chord and the acknowledgement follow in this order', async () => {
    const host = hostWithAdd()
    const order = watchOrder(host)
    await startWorker(host)
    const delivery = host.broker.deliver(
      call('add', {
        id: 't1',
        args: [2, 3],
        callbacks: [signature('cb')],
        chain: [signature('last'), signature('next')],
        chord: signature('body'),
        group: 'g',
        groupIndex: 0,
      }),
    )
    const ack = delivery.ack.bind(delivery)
    delivery.ack = async () => {
      order.push('ack')
      await ack()
    }
    await settle()
    expect(order).toEqual(['send cb', 'send next', 'store t1 SUCCESS', 'part t1 SUCCESS', 'ack'])
  })

  it('the next one gets the result, the rest of the chain, its parent and its root', async () => {
    const host = hostWithAdd()
    await startWorker(host)
    const [third, second] = [signature('third', { task_id: 'c' }), signature('second', { task_id: 'b' })]
    host.broker.deliver(
      call('add', { id: 'a', args: [2, 3], rootId: 'root', parentId: 'p', priority: 3, chain: [third, second] }),
    )
    await settle()
    expect(host.signatures).toEqual([
      { signature: second, options: { args: [5], parentId: 'a', rootId: 'root', chain: [third], priority: undefined } },
    ])
    expect(host.backend.meta('a')?.children).toEqual([[['b', null], null]])
  })

  it('the next one has the same priority with task_inherit_parent_priority', async () => {
    const host = hostWithAdd({ taskInheritParentPriority: true })
    await startWorker(host)
    host.broker.deliver(call('add', { args: [2, 3], priority: 3, chain: [signature('next')] }))
    await settle()
    expect(host.signatures[0]?.options.priority).toBe(3)
  })

  it('one callback is sent as it is, several as a group, with groups among them by themselves', async () => {
    const host = hostWithAdd()
    await startWorker(host)
    host.broker.deliver(call('add', { args: [2, 3], callbacks: [signature('one', { queue: 'q' })] }))
    const tasks = [signature('member')]
    const group: SignatureData = { ...signature('celery.group'), subtask_type: 'group', kwargs: { tasks } }
    const callbacks = [signature('a'), group, signature('b', { task_id: 'own' })]
    host.broker.deliver(call('add', { args: [2, 3], callbacks }))
    await settle()
    const optionsOf = (task: string) => host.signatures.find((one) => one.signature.task === task)?.signature.options
    expect(optionsOf('one')).toEqual({ queue: 'q', task_id: expect.any(String) })
    const a = optionsOf('a')
    expect(a).toMatchObject({ group_id: expect.any(String), group_index: 0 })
    expect(optionsOf('b')).toEqual({ task_id: 'own', group_id: a?.['group_id'], group_index: 1 })
    expect(host.signatures).toHaveLength(4)
    const [other] = host.signatures.filter(({ signature: { task } }) => !['one', 'a', 'b'].includes(task))
    expect(other?.signature.options['group_id']).not.toBe(a?.['group_id'])
  })

  it('all of it happens although nobody wants the result', async () => {
    const host = hostWithAdd()
    await host.backend.setChordSize('g', 1)
    await startWorker(host)
    const more = { ignoreResult: true, chain: [signature('next')], chord: signature('body'), group: 'g', groupIndex: 0 }
    host.broker.deliver(call('add', { args: [2, 3], ...more }))
    await settle()
    expect(host.backend.stored).toEqual([])
    expect(host.signatures.map(({ signature: { task } }) => task)).toEqual(['next', 'body'])
  })
})

describe('after a failure', () => {
  it('it is stored, the chord told, the rest of the chain failed, errbacks sent and the message acknowledged', async () => {
    const host = hostWithAdd()
    const order = watchOrder(host)
    await startWorker(host)
    const chain = [signature('last', { task_id: 'c2' }), signature('next', { task_id: 'c1' }), signature('no id')]
    const delivery = host.broker.deliver(
      call('fail', { id: 't1', rootId: 'r', chain, errbacks: [signature('oops')], chord: signature('b'), group: 'g' }),
    )
    await settle()
    expect(order).toEqual(['store t1 FAILURE', 'part t1 FAILURE', 'store c2 FAILURE', 'store c1 FAILURE', 'send oops'])
    expect(delivery.settled).toEqual(['ack'])
    expect(host.backend.meta('c2')?.result).toEqual({ exc_type: 'RangeError', exc_message: ['bad'], exc_module: 'js' })
    expect(host.signatures).toEqual([
      { signature: signature('oops'), options: { args: ['t1'], parentId: 't1', rootId: 'r' } },
    ])
  })

  it('a chord that the chain would have been a part of is told', async () => {
    const host = hostWithAdd()
    await host.backend.setChordSize('g', 1)
    await startWorker(host)
    const body = signature('body', { task_id: 'b1', link_error: [signature('body failed')] })
    const last = signature('last', { task_id: 'c2', chord: body, group_id: 'g', group_index: 4 })
    host.broker.deliver(call('fail', { id: 't1', chain: [last] }))
    await settle()
    expect(host.backend.parts).toMatchObject([{ groupId: 'g', groupIndex: 4, taskId: 'c2', state: 'FAILURE' }])
    expect(host.backend.meta('b1')).toMatchObject({
      status: 'FAILURE',
      result: { exc_type: 'ChordError', exc_message: ["Dependency c2 raised RangeError('bad')"] },
    })
    expect(host.signatures).toMatchObject([{ signature: { task: 'body failed' }, options: { args: ['b1'] } }])
  })

  it('an errback that cannot be sent keeps the others from nothing', async () => {
    const host = hostWithAdd()
    const { worker } = await startWorker(host)
    host.sendFailures.push(new TypeError('no'))
    const delivery = host.broker.deliver(call('fail', { errbacks: [signature('a')] }))
    await settle()
    expect(delivery.settled).toEqual(['ack'])
    expect(worker.health().resultsLost).toBe(1)
  })
})

describe('a chord', () => {
  const parts = (body: SignatureData) =>
    [0, 1].map((index) =>
      call('add', { id: `p${index}`, args: [index, 10], rootId: 'root', chord: body, group: 'g', groupIndex: index }),
    )

  it('has its body sent after the last part, with all results in their order', async () => {
    const host = hostWithAdd()
    await host.backend.setChordSize('g', 2)
    await startWorker(host)
    const body = signature('sum', { task_id: 'b1' })
    for (const message of parts(body).reverse()) host.broker.deliver(message)
    await settle()
    expect(host.signatures).toEqual([
      { signature: body, options: { args: [[10, 11]], parentId: 'p0', rootId: 'root' } },
    ])
    expect(host.backend.forgotten).toEqual(['g'])
  })

  it('fails with the part that failed, and tells the errbacks of its body', async () => {
    const host = hostWithAdd()
    await host.backend.setChordSize('g', 2)
    await startWorker(host)
    const body = signature('sum', {
      task_id: 'b1',
      link_error: [signature('oops')],
      chain: [signature('then', { task_id: 'n1' })],
    })
    const [first, second] = parts(body)
    if (first === undefined || second === undefined) return
    host.broker.deliver(first)
    host.broker.deliver({ ...second, task: 'fail' } as typeof second)
    await settle()
    expect(host.backend.meta('b1')).toMatchObject({
      status: 'FAILURE',
      result: {
        exc_type: 'ChordError',
        exc_message: ["Dependency p1 raised RangeError('bad')"],
        exc_module: 'celery.exceptions',
      },
    })
    expect(host.backend.meta('n1')?.status).toBe('FAILURE')
    expect(host.signatures).toEqual([
      { signature: signature('oops'), options: { args: ['b1'], parentId: 'b1', rootId: 'root' } },
    ])
  })

  it('counts a revoked part', async () => {
    const host = hostWithAdd()
    await host.backend.setChordSize('g', 2)
    const { worker } = await startWorker(host)
    await worker.controls.revoke(['p1'])
    for (const message of parts(signature('sum', { task_id: 'b1' }))) host.broker.deliver(message)
    await settle()
    expect(host.backend.meta('b1')?.result).toMatchObject({
      exc_message: ["Dependency p1 raised TaskRevokedError('revoked')"],
    })
  })

  it('whose body cannot be sent fails', async () => {
    const host = hostWithAdd()
    await host.backend.setChordSize('g', 2)
    await startWorker(host)
    host.sendFailures.push(new TypeError('no such queue'))
    for (const message of parts(signature('sum', { task_id: 'b1' }))) host.broker.deliver(message)
    await settle()
    expect(host.backend.meta('b1')?.result).toMatchObject({
      exc_type: 'ChordError',
      exc_message: ["Callback error: TypeError('no such queue')"],
    })
    expect(host.backend.meta('p1')?.status).toBe('SUCCESS')
  })

  it('has its part counted again when the store was away, before the message is acknowledged', async () => {
    const host = hostWithAdd()
    await host.backend.setChordSize('g', 1)
    const { clock } = await startWorker(host)
    const { BackendConnectionError } = await import('../../../../src/celery/backends/errors.ts')
    host.backend.failures.push(undefined, new BackendConnectionError('map://', 'down'))
    const [part] = parts(signature('sum'))
    if (part === undefined) return
    const delivery = host.broker.deliver(part)
    await settle()
    expect(delivery.settled).toEqual([])
    clock.advance(1000)
    await settle()
    expect(host.signatures).toHaveLength(1)
    expect(delivery.settled).toEqual(['ack'])
  })
})
