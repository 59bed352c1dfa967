import { describe, expect, it } from 'vitest'
import { type InboxLimits, RpcInbox } from '../../../../src/celery/backends/rpc/rpc-inbox.ts'
import type { TaskMeta } from '../../../../src/celery/protocol/task-meta.ts'

const meta = (taskId: string, status = 'SUCCESS', result: unknown = taskId): TaskMeta => ({
  taskId,
  status,
  result,
  traceback: undefined,
  children: [],
  dateDone: undefined,
})

function receive(box: RpcInbox, state: TaskMeta, bytes: number): void {
  box.receive(state.taskId, { status: state.status, bytes, read: () => ({ ...state }) })
}

const knows = (box: RpcInbox, taskId: string) => {
  const stop = box.watch(taskId, { onMeta: () => undefined, onError: () => undefined })
  stop?.()
  return stop !== undefined
}

function inbox(limits: Partial<InboxLimits> = {}) {
  let now = 0
  const box = new RpcInbox({ tasks: 100, readTasks: 2, bytes: 1000, age: 1000, ...limits }, () => now)
  const seen: unknown[] = []
  const watcher = { onMeta: ({ result }: TaskMeta) => seen.push(result), onError: (error: Error) => seen.push(error) }
  return { box, seen, watcher, later: (ms: number) => (now += ms) }
}

describe('the inbox of rpc://', () => {
  it('lets in only what was expected', () => {
    const { box, seen, watcher } = inbox()
    receive(box, meta('a'), 1)
    expect(box.watch('a', watcher)).toBeUndefined()
    box.expect('a')
    receive(box, meta('a'), 1)
    box.watch('a', watcher)
    expect(seen).toEqual(['a'])
  })

  it('gives the latest state first, then each that comes, and nothing after the last', () => {
    const { box, seen, watcher } = inbox()
    box.expect('a')
    receive(box, meta('a', 'PROGRESS', 1), 1)
    receive(box, meta('a', 'PROGRESS', 2), 1)
    box.watch('a', watcher)
    receive(box, meta('a', 'PROGRESS', 3), 1)
    receive(box, meta('a', 'SUCCESS', 4), 1)
    receive(box, meta('a', 'SUCCESS', 5), 1)
    expect(seen).toEqual([2, 3, 4])
    expect(box.size).toBe(0)
  })

  it('keeps a ready state against states that come late', () => {
    const { box } = inbox()
    box.expect('a')
    receive(box, meta('a', 'SUCCESS', 1), 1)
    receive(box, meta('a', 'STARTED', 2), 1)
    expect(box.get('a')?.result).toBe(1)
  })

  it('gives to everyone who watches, and to nobody who stopped', () => {
    const one = inbox()
    const two = inbox()
    one.box.expect('a')
    one.box.watch('a', one.watcher)
    const stop = one.box.watch('a', two.watcher)
    stop?.()
    stop?.()
    receive(one.box, meta('a'), 1)
    expect([one.seen, two.seen]).toEqual([['a'], []])
  })

  it('forgets the oldest tasks beyond its limit, but none that is watched', () => {
    const { box, seen, watcher } = inbox({ tasks: 3 })
    for (const id of ['a', 'b', 'c']) box.expect(id)
    box.watch('a', watcher)
    box.expect('d')
    box.expect('e')
    expect(['a', 'b', 'c', 'd', 'e'].filter((id) => knows(box, id))).toEqual(['a', 'd', 'e'])
    receive(box, meta('a'), 1)
    expect(seen).toEqual(['a'])
  })

  it('forgets the oldest results beyond its limit of bytes', () => {
    const { box } = inbox({ bytes: 100 })
    for (const id of ['a', 'b', 'c']) box.expect(id)
    receive(box, meta('b'), 60)
    receive(box, meta('a'), 60)
    expect([knows(box, 'a'), knows(box, 'b')]).toEqual([true, false])
    box.forget('a')
    box.expect('d')
    receive(box, meta('d'), 90)
    expect(knows(box, 'd')).toBe(true)
  })

  it('forgets results that nobody read in time', () => {
    const { box, later } = inbox({ age: 1000 })
    for (const id of ['long', 'a', 'watched', 'left', 'b']) box.expect(id)
    box.watch('watched', inbox().watcher)
    const stop = box.watch('left', inbox().watcher)
    for (const id of ['a', 'watched', 'left']) receive(box, meta(id, 'PROGRESS'), 1)
    stop?.()
    later(1001)
    receive(box, meta('b'), 1)
    expect(['long', 'a', 'watched', 'left', 'b'].map((id) => knows(box, id))).toEqual([true, false, true, false, true])
  })

  it('tells who watches that what came cannot be read, or that nothing comes any more', () => {
    const { box, seen, watcher } = inbox()
    const [bad, lost] = [new Error('bad'), new Error('lost')]
    for (const id of ['a', 'b']) box.expect(id)
    box.watch('a', watcher)
    box.watch('b', watcher)
    box.refuse('a', bad)
    box.refuse('unknown', bad)
    box.fail(lost)
    box.fail(lost)
    expect(seen).toEqual([bad, lost])
  })
})
