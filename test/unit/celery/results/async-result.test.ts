import { getEventListeners } from 'node:events'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { AsyncResult } from '../../../../src/celery/results/async-result.ts'
import { TaskError, TaskRevokedError, TaskTimeoutError } from '../../../../src/celery/results/errors.ts'
import { watchBeforeSend } from '../../../../src/celery/results/watch-before-send.ts'
import { failure, progress, success, TestStore } from './test-store.ts'

let store: TestStore
let result: AsyncResult<number>

beforeEach(() => {
  store = new TestStore()
  result = new AsyncResult<number>('a', store.context)
})

/** Until a subscription stands. */
const subscribed = (count = 1) => vi.waitFor(() => expect(store.open).toBe(count))

describe('get()', () => {
  it('gives what was stored before', async () => {
    store.say(success('a', 5))
    expect(await result.get()).toBe(5)
    expect(store.open).toBe(0)
  })

  it('waits for what is stored later, passing over states on the way, and ends its subscription', async () => {
    const got = result.get()
    await subscribed()
    store.say(progress('a', { done: 1 }))
    store.say(success('a', 6))
    expect(await got).toBe(6)
    expect(store.open).toBe(0)
  })

  it('does not ask again for what it knows', async () => {
    store.say(success('a', 5))
    await result.get()
    store.metas.clear()
    expect(await result.get()).toBe(5)
    expect(await result.ready()).toBe(true)
    expect(store.gets).toBe(0)
  })

  it('throws the failure of the task, by the name of its class', async () => {
    store.say(failure('a', 'FAILURE', 'ValueError', 'bad', 42))
    const error = await result.get().catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(TaskError)
    expect(error).toMatchObject({
      code: 'ERR_CELERY_TASK_FAILED',
      message: 'ValueError: bad, 42',
      taskId: 'a',
      excType: 'ValueError',
      excMessage: ['bad', 42],
      excModule: 'builtins',
      traceback: 'Traceback (most recent call last):\n',
    })
  })

  it('throws that a task was revoked, and why', async () => {
    store.say(failure('a', 'REVOKED', 'TaskRevokedError', 'expired'))
    const error = await result.get().catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(TaskRevokedError)
    expect(error).toMatchObject({ code: 'ERR_CELERY_TASK_REVOKED', reason: 'expired' })
  })

  it('gives the failure instead of throwing it without `propagate`', async () => {
    store.say(failure('a'))
    expect(await result.get({ propagate: false })).toBeInstanceOf(TaskError)
  })

  it('keeps the original error as the cause where the task ran in this process', async () => {
    const cause = new RangeError('original')
    const eager = new AsyncResult('a', store.context, {
      meta: failure('a', 'FAILURE', 'RangeError', 'original'),
      cause,
    })
    await expect(eager.get()).rejects.toMatchObject({ excType: 'RangeError', cause })
  })

  it('gives undefined at once when the task stores no result', async () => {
    expect(await new AsyncResult('a', store.context, { ignored: true }).get()).toBeUndefined()
  })

  it('throws after the time-out, and leaves no subscription', async () => {
    await expect(result.get({ timeout: '20 milliseconds' })).rejects.toThrow(new TaskTimeoutError('a', 20).message)
    await expect(result.get({ timeout: 0 })).rejects.toMatchObject({ code: 'ERR_CELERY_TIMEOUT', taskId: 'a' })
    await subscribed(0)
  })

  it('throws the reason of its signal, before and while it waits, and leaves no listener', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const got = result.get({ signal: controller.signal, timeout: '1 hour' })
    await subscribed()
    controller.abort(reason)
    await expect(got).rejects.toBe(reason)
    await expect(result.get({ signal: controller.signal })).rejects.toBe(reason)
    expect(getEventListeners(controller.signal, 'abort')).toEqual([])
    await subscribed(0)
  })

  it('leaves no listener at a signal when the result comes', async () => {
    const { signal } = new AbortController()
    store.say(success('a', 5))
    await result.get({ signal })
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  it('throws what the store says when it gives up, or refuses at once', async () => {
    const lost = new Error('lost')
    const got = result.get()
    await subscribed()
    store.fail(lost)
    await expect(got).rejects.toBe(lost)
    store.refusal = new Error('refused')
    await expect(result.get()).rejects.toBe(store.refusal)
  })

  it('throws when a task before it in its chain fails, without waiting for its own state', async () => {
    const first = new AsyncResult('first', store.context)
    const second = new AsyncResult('second', store.context, { parent: first })
    const last = new AsyncResult('last', store.context, { parent: second })
    const got = last.get()
    await subscribed(3)
    store.say(failure('first', 'FAILURE', 'KeyError', 'x'))
    await expect(got).rejects.toMatchObject({ taskId: 'first', excType: 'KeyError' })
    await subscribed(0)
  })

  it('does not look at the tasks before it without `propagate`', async () => {
    store.say(failure('first'))
    const last = new AsyncResult('last', store.context, { parent: new AsyncResult('first', store.context) })
    const got = last.get({ propagate: false })
    await subscribed()
    store.say(success('last', 1))
    expect(await got).toBe(1)
  })

  it('refuses to wait inside a running task, unless told that it may', async () => {
    store.say(success('a', 5))
    store.insideTask = true
    await expect(result.get()).rejects.toThrow(TypeError)
    expect(await result.get({ disableSyncSubtasks: false })).toBe(5)
  })

  it.each([-1, Number.NaN, 2 ** 31, '3 fortnights' as '3 days'])('refuses the time-out %s', async (timeout) => {
    await expect(result.get({ timeout })).rejects.toThrow(/`timeout` must be/)
  })
})

describe('what asks for the present state', () => {
  it('says PENDING where nothing is stored', async () => {
    expect(await result.state()).toBe('PENDING')
    expect(await result.info()).toBeUndefined()
    expect(await result.ready()).toBe(false)
    expect(await result.children()).toBeUndefined()
    expect(await result.dateDone()).toBeUndefined()
  })

  it('tells the progress', async () => {
    store.say(progress('a', { done: 3 }))
    expect(await result.state()).toBe('PROGRESS')
    expect(await result.info()).toEqual({ done: 3 })
  })

  it('tells the failure', async () => {
    store.say(failure('a', 'FAILURE', 'ValueError', 'bad'))
    expect(await result.failed()).toBe(true)
    expect(await result.successful()).toBe(false)
    expect(await result.ready()).toBe(true)
    expect(await result.info()).toBeInstanceOf(TaskError)
    expect(await result.traceback()).toMatch(/^Traceback/)
    expect(await result.dateDone()).toEqual(new Date('2026-11-23T10:53:39.140Z'))
  })

  it('reads the date of older versions of Celery, which has no offset, as UTC', async () => {
    store.say({ ...success('a', 1), dateDone: '2026-11-23T10:53:39.140305' })
    expect(await result.dateDone()).toEqual(new Date('2026-11-23T10:53:39.140Z'))
  })

  it('tells why a task is tried again, as an error', async () => {
    store.say(failure('a', 'RETRY', 'OSError', 2, 'gone'))
    expect(await result.ready()).toBe(false)
    expect(await result.info()).toMatchObject({ message: 'OSError: 2, gone' })
  })

  it('makes results of its children', async () => {
    const children = [
      [['b', null], null],
      [['g', null], [[['c', null], null]]],
    ]
    store.say({ ...success('a', 1), children })
    const found = await result.children()
    expect(found?.map((child) => child.asTuple())).toEqual(children)
    store.say(success('c', 7))
    expect(await found?.[1]?.get()).toEqual([7])
  })

  it('says whose children cannot be read', async () => {
    store.say({ ...success('a', 1), children: ['b'] })
    await expect(result.children()).rejects.toMatchObject({ code: 'ERR_CELERY_BACKEND_DATA', id: 'a' })
  })
})

describe('states()', () => {
  it('gives every state from the present one to the last, and ends', async () => {
    store.say(progress('a', 1))
    const seen: unknown[] = []
    for await (const state of result.states()) {
      seen.push(state)
      if (seen.length === 1) {
        store.say(progress('a', 2))
        store.say(success('a', 3))
      }
    }
    expect(seen).toEqual([
      { state: 'PROGRESS', info: 1 },
      { state: 'PROGRESS', info: 2 },
      { state: 'SUCCESS', info: 3 },
    ])
    expect(store.open).toBe(0)
    expect(await result.get()).toBe(3)
  })

  it('gives the known outcome alone, once the task is ready', async () => {
    store.say(success('a', 3))
    await result.get()
    const seen: unknown[] = []
    for await (const { state } of result.states()) seen.push(state)
    expect(seen).toEqual(['SUCCESS'])
  })

  it('ends its subscription when the loop is left', async () => {
    store.say(progress('a', 1))
    for await (const _ of result.states()) break
    await subscribed(0)
  })

  it('throws what the store says, and the reason of its signal', async () => {
    const controller = new AbortController()
    const lost = new Error('lost')
    const first = result.states().next()
    await subscribed()
    store.fail(lost)
    await expect(first).rejects.toBe(lost)
    const second = result.states({ signal: controller.signal }).next()
    await subscribed()
    controller.abort(lost)
    await expect(second).rejects.toBe(lost)
    expect(getEventListeners(controller.signal, 'abort')).toEqual([])
    await subscribed(0)
  })
})

it('forgets its result and those before it in the chain', async () => {
  const last = new AsyncResult('last', store.context, { parent: result })
  store.say(success('a', 1))
  store.say(success('last', 2))
  await last.get()
  await last.forget()
  expect(store.metas.size).toBe(0)
  expect(await last.state()).toBe('PENDING')
})

it('revokes by what the app gave it', async () => {
  await result.revoke({ terminate: true, signal: 'SIGKILL' })
  expect(store.revoked).toEqual([[['a'], { terminate: true, signal: 'SIGKILL' }]])
})

it('is written as Python writes a result, and shows nothing of its store', () => {
  const last = new AsyncResult('last', store.context, { parent: result })
  expect(JSON.stringify({ last })).toBe('{"last":[["last",[["a",null],null]],null]}')
  expect(`${last}`).toBe('last')
  expect(Object.keys(last)).toEqual(['id', 'parent'])
})

it('is made before sending only where results come once, after the store is ready for it', async () => {
  await watchBeforeSend('a', store.context)
  expect(store.expected).toEqual([])
  store.shared = false
  const made = await watchBeforeSend<number>('b', store.context)
  expect(store.expected).toEqual(['b'])
  expect(made.id).toBe('b')
})
