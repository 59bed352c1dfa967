import { getEventListeners } from 'node:events'
import { beforeEach, expect, it, vi } from 'vitest'
import { GroupResult } from '../../../../src/celery/results/group-result.ts'
import { restoreGroup } from '../../../../src/celery/results/restore-group.ts'
import type { ResultNode } from '../../../../src/celery/results/result-node.ts'
import { failure, success, TestStore } from './test-store.ts'

const tuple = [
  ['g', null],
  [
    [['a', null], null],
    [
      ['h', null],
      [
        [['b', null], null],
        [['c', null], null],
      ],
    ],
  ],
]

let store: TestStore
let group: ResultNode

beforeEach(() => {
  store = new TestStore()
  group = store.context.fromTuple(tuple, 'g')
})

it('gives results in the order of the tasks, groups within it as lists', async () => {
  const got = group.get()
  await vi.waitFor(() => expect(store.open).toBe(3))
  for (const id of ['c', 'b', 'a']) store.say(success(id, id.toUpperCase()))
  expect(await got).toEqual(['A', ['B', 'C']])
  expect(store.open).toBe(0)
})

it('throws the first failure, and stops waiting for the others', async () => {
  const got = group.get()
  await vi.waitFor(() => expect(store.open).toBe(3))
  store.say(failure('b', 'FAILURE', 'KeyError', 'x'))
  await expect(got).rejects.toMatchObject({ taskId: 'b', excType: 'KeyError' })
  await vi.waitFor(() => expect(store.open).toBe(0))
})

it('stops at the time-out and at its signal, and leaves nothing behind', async () => {
  const controller = new AbortController()
  await expect(group.get({ timeout: '10 milliseconds' })).rejects.toMatchObject({ code: 'ERR_CELERY_TIMEOUT' })
  const got = group.get({ signal: controller.signal })
  await vi.waitFor(() => expect(store.open).toBe(3))
  controller.abort(new Error('enough'))
  await expect(got).rejects.toThrow('enough')
  expect(getEventListeners(controller.signal, 'abort')).toEqual([])
  await vi.waitFor(() => expect(store.open).toBe(0))
})

it('is ready, successful or failed as its tasks are', async () => {
  store.say(success('a', 1))
  store.say(success('b', 2))
  expect([await group.ready(), await group.successful(), await group.failed()]).toEqual([false, false, false])
  expect(group).toBeInstanceOf(GroupResult)
  store.say(failure('c'))
  expect([await group.ready(), await group.successful(), await group.failed()]).toEqual([true, false, true])
  store.say(success('c', 3))
  group = store.context.fromTuple(tuple, 'g')
  expect([await group.ready(), await group.successful(), await group.failed()]).toEqual([true, true, false])
})

it('forgets and revokes all tasks of it, at once', async () => {
  store.say(success('b', 2))
  await group.forget()
  expect(store.metas.size).toBe(0)
  await group.revoke()
  expect(store.revoked).toEqual([[['a', 'b', 'c'], {}]])
})

it('refuses to wait inside a running task', async () => {
  store.insideTask = true
  await expect(group.get()).rejects.toThrow(TypeError)
})

it('is restored from what Python saved', async () => {
  store.groups.set('g', tuple)
  const restored = await restoreGroup('g', store.context)
  expect(restored?.asTuple()).toEqual(tuple)
  expect(await restoreGroup('other', store.context)).toBeUndefined()
  store.groups.set('bad', { not: 'a tuple' })
  await expect(restoreGroup('bad', store.context)).rejects.toMatchObject({ code: 'ERR_CELERY_BACKEND_DATA', id: 'bad' })
})

it('refuses tuples nested beyond reason', () => {
  let nested: unknown = [['a', null], null]
  for (let i = 0; i < 2000; i++) nested = [['a', nested], null]
  expect(() => store.context.fromTuple(nested, 'g')).toThrow(/"g"/)
})
