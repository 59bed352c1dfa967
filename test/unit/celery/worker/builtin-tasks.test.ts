import { describe, expect, it } from 'vitest'
import { call, settle, signature, startWorker } from '../../../support/worker/start-worker.ts'
import { TestHost } from '../../../support/worker/test-host.ts'

function hostWithAdd() {
  const host = new TestHost()
  const kwargs: unknown[] = []
  host.task('add', {}, (context, a: number, b = 0) => {
    kwargs.push(context.kwargs)
    return a + b
  })
  return { host, kwargs }
}

const tuple = (id: unknown) => [[id, null], null]

async function run(host: TestHost, message: ReturnType<typeof call>) {
  await startWorker(host)
  host.broker.deliver(message)
  await settle()
  return host.backend.meta(message.id)
}

describe('the built-in task', () => {
  it('celery.map calls a task with each item', async () => {
    const { host, kwargs } = hostWithAdd()
    const meta = await run(host, call('celery.map', { kwargs: { task: signature('add'), it: [1, 2, 3] } }))
    expect(meta).toMatchObject({ status: 'SUCCESS', result: [1, 2, 3] })
    expect(kwargs).toEqual([{}, {}, {}])
  })

  it('celery.starmap calls a task with arrays of arguments, by position or name', async () => {
    const { host } = hostWithAdd()
    await startWorker(host)
    const it = [
      [1, 2],
      [3, 4],
    ]
    host.broker.deliver(call('celery.starmap', { id: 'named', kwargs: { task: signature('add'), it } }))
    host.broker.deliver(call('celery.starmap', { id: 'placed', args: [signature('add'), it] }))
    await settle()
    for (const id of ['named', 'placed']) expect(host.backend.meta(id)?.result).toEqual([3, 7])
  })

  it('celery.map fails for a task that is not registered, and for what is no array', async () => {
    const { host } = hostWithAdd()
    await startWorker(host)
    host.broker.deliver(call('celery.map', { id: 'a', kwargs: { task: signature('py.no'), it: [1] } }))
    host.broker.deliver(call('celery.map', { id: 'b', kwargs: { task: signature('add'), it: 5 } }))
    host.broker.deliver(call('celery.map', { id: 'c', kwargs: { it: [] } }))
    await settle()
    expect(host.backend.meta('a')?.result).toMatchObject({ exc_type: 'NotRegistered', exc_message: ['py.no'] })
    for (const id of ['b', 'c']) expect(host.backend.meta(id)?.result).toMatchObject({ exc_type: 'TypeError' })
  })

  it('celery.chunks sends a starmap for each part', async () => {
    const { host } = hostWithAdd()
    const it = [
      [1, 1],
      [2, 2],
      [3, 3],
    ]
    const meta = await run(
      host,
      call('celery.chunks', { id: 't1', rootId: 'r', kwargs: { task: signature('add'), it, n: 2 } }),
    )
    expect(host.signatures).toMatchObject([
      {
        signature: {
          task: 'celery.starmap',
          kwargs: {
            it: [
              [1, 1],
              [2, 2],
            ],
          },
        },
        options: { parentId: 't1', rootId: 'r' },
      },
      { signature: { task: 'celery.starmap', kwargs: { it: [[3, 3]] } } },
    ])
    const [first, second] = host.signatures.map(({ signature: { options } }) => options)
    expect(first?.['group_id']).toBe(second?.['group_id'])
    const result = [
      [first?.['group_id'], null],
      [tuple(first?.['task_id']), tuple(second?.['task_id'])],
    ]
    expect(meta).toMatchObject({ result, children: [result] })
  })

  it('celery.accumulate gives what it got, or one of it', async () => {
    const { host } = hostWithAdd()
    await startWorker(host)
    host.broker.deliver(call('celery.accumulate', { id: 'all', args: [1, 2] }))
    host.broker.deliver(call('celery.accumulate', { id: 'one', args: [1, 2], kwargs: { index: 0 } }))
    host.broker.deliver(call('celery.accumulate', { id: 'last', args: [1, 2], kwargs: { index: -1 } }))
    await settle()
    expect(['all', 'one', 'last'].map((id) => host.backend.meta(id)?.result)).toEqual([[1, 2], 1, 2])
  })

  it('celery.backend_cleanup has nothing to do', async () => {
    const { host } = hostWithAdd()
    expect(await run(host, call('celery.backend_cleanup'))).toMatchObject({ status: 'SUCCESS', result: null })
  })

  it('celery.group sends the tasks of a group', async () => {
    const { host } = hostWithAdd()
    const kwargs = {
      tasks: [signature('add', { task_id: 'a' }), signature('add', { task_id: 'b' })],
      result: null,
      group_id: 'g',
      partial_args: [1],
    }
    const meta = await run(host, call('celery.group', { id: 't1', kwargs }))
    expect(host.signatures).toMatchObject([
      {
        signature: { options: { task_id: 'a', group_id: 'g', group_index: 0 } },
        options: { args: [1], parentId: 't1' },
      },
      { signature: { options: { task_id: 'b', group_id: 'g', group_index: 1 } }, options: { args: [1] } },
    ])
    expect(meta?.result).toEqual([
      ['g', null],
      [tuple('a'), tuple('b')],
    ])
  })

  it('celery.chord sends its header, whose size is known before the last one', async () => {
    const { host } = hostWithAdd()
    const order: string[] = []
    const send = host.sendSignature.bind(host)
    host.sendSignature = (sent, options) => {
      order.push(sent.task)
      return send(sent, options)
    }
    host.backend.setChordSize = async (_, size) => void order.push(`size ${size}`)
    const header = { ...signature('celery.group'), kwargs: { tasks: [signature('a'), signature('b')] } }
    const meta = await run(
      host,
      call('celery.chord', { kwargs: { header, body: signature('sum', { task_id: 'b1' }) } }),
    )
    expect(order).toEqual(['a', 'size 2', 'b'])
    expect(host.signatures[1]?.signature.options).toMatchObject({ group_index: 1, chord: { task: 'sum' } })
    expect(meta?.result).toEqual(tuple('b1'))
  })

  it('celery.chord without a header sends its body at once', async () => {
    const { host } = hostWithAdd()
    await run(host, call('celery.chord', { args: [[], signature('sum')] }))
    expect(host.signatures).toMatchObject([{ signature: { task: 'sum' }, options: { args: [[]] } }])
  })

  it('celery.chain is no real task', async () => {
    const { host } = hostWithAdd()
    expect(await run(host, call('celery.chain'))).toMatchObject({
      status: 'FAILURE',
      result: { exc_type: 'TypeError' },
    })
  })

  it('can be replaced by one of the app', async () => {
    const { host } = hostWithAdd()
    host.task('celery.backend_cleanup', {}, () => 'own')
    expect((await run(host, call('celery.backend_cleanup')))?.result).toBe('own')
  })
})

describe('the built-in task celery.chord_unlock', () => {
  const done = (taskId: string, status: string, result: unknown) => ({
    taskId,
    status,
    result,
    traceback: undefined,
    children: [],
    dateDone: undefined,
  })
  const unlock = (changes: Readonly<Record<string, unknown>> = {}) =>
    call('celery.chord_unlock', {
      id: 'u1',
      rootId: 'r',
      args: ['g', signature('sum', { task_id: 'b1', link_error: [signature('oops')] })],
      kwargs: {
        result: [
          tuple('a'),
          [
            ['inner', null],
            [tuple('b'), tuple('c')],
          ],
        ],
        interval: 2,
        ...changes,
      },
    })

  it('tries again as long as a part is not done', async () => {
    const { host } = hostWithAdd()
    await host.backend.store(done('a', 'SUCCESS', 1))
    await host.backend.store(done('b', 'STARTED', { pid: 1 }))
    const { clock } = await startWorker(host)
    host.broker.deliver(unlock())
    host.broker.deliver({ ...unlock(), id: 'u2', retries: 100 } as ReturnType<typeof call>)
    await settle()
    expect(host.sent).toMatchObject([{ message: { id: 'u1', retries: 1 } }, { message: { id: 'u2', retries: 101 } }])
    expect(host.sent[0]?.message.eta).toEqual(new Date(clock.now() + 2000))
  })

  it('sends the body when all are done, with groups within the header as arrays', async () => {
    const { host } = hostWithAdd()
    for (const [id, value] of [
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ] as const)
      await host.backend.store(done(id, 'SUCCESS', value))
    await run(host, unlock())
    expect(host.signatures).toMatchObject([
      { signature: { task: 'sum' }, options: { args: [[1, [2, 3]]], parentId: 'u1', rootId: 'r' } },
    ])
    expect(host.backend.meta('u1')).toBeUndefined()
  })

  it('fails the body when one has failed', async () => {
    const { host } = hostWithAdd()
    const exception = { exc_type: 'ValueError', exc_message: ['bad'], exc_module: 'builtins' }
    await host.backend.store(done('a', 'FAILURE', exception))
    await run(host, unlock())
    expect(host.backend.meta('b1')).toMatchObject({
      status: 'FAILURE',
      result: { exc_type: 'ChordError', exc_message: ["Dependency a raised ValueError('bad')"] },
    })
    expect(host.signatures).toMatchObject([{ signature: { task: 'oops' }, options: { args: ['b1'] } }])
  })

  it('gives up after as many tries as it is told', async () => {
    const { host } = hostWithAdd()
    await run(host, { ...unlock({ max_retries: 1 }), retries: 1 } as ReturnType<typeof call>)
    expect(host.sent).toEqual([])
    expect(host.happened.at(-1)).toBe('task-failed')
  })
})
