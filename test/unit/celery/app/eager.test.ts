import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { TaskError } from '../../../../src/celery/results/errors.ts'
import { currentTask } from '../../../../src/celery/task/running-task.ts'
import { Ignore, Reject } from '../../../../src/celery/task/signals.ts'
import { testApp } from './test-app.ts'

class Lost extends Error {}

describe('apply', () => {
  it('runs the task here, and gives its result', async () => {
    const { celery, sent } = testApp()
    const add = celery.task('add', ({ request }, x: number, y: number) => [x + y, request.isEager, currentTask()?.id])
    const result = await add.apply([2, 3], { taskId: 'my-id' })
    expect(await result.get()).toEqual([5, true, 'my-id'])
    expect(await result.state()).toBe('SUCCESS')
    expect(sent).toEqual([])
  })

  it('has arguments and results go through the serializer, as they would to a worker', async () => {
    const { celery } = testApp()
    const seen: unknown[] = []
    const task = celery.task('task', ({ kwargs }, value: unknown) => {
      seen.push(value, kwargs)
      return { date: new Date(0), nothing: undefined }
    })
    const result = await task.apply([{ big: 2n ** 70n, nothing: undefined }], { kwargs: { at: new Date(0) } })
    expect(seen).toEqual([{ big: 2n ** 70n }, { at: new Date(0) }])
    expect(seen[0]).not.toHaveProperty('nothing')
    expect(await result.get()).toStrictEqual({ date: new Date(0) })
    await expect(task.apply([() => 1])).rejects.toThrow('args[0] is a function')
    const unsendable = celery.task('unsendable', () => ({ fn: () => 1 }))
    await expect((await unsendable.apply()).get()).rejects.toMatchObject({ excType: 'TypeError' })
  })

  it('does not reject when the task fails: get does, with the cause', async () => {
    const { celery } = testApp()
    const lost = new Lost('gone')
    const task = celery.task('task', () => {
      throw lost
    })
    const result = await task.apply()
    expect(await result.state()).toBe('FAILURE')
    const error = await result.get().catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(TaskError)
    expect(error).toMatchObject({ excType: 'Lost', excModule: 'js', excMessage: ['gone'], cause: lost })
  })

  it('fails a bad call readably', async () => {
    const { celery } = testApp()
    const task = celery.task('task', { args: z.tuple([z.number()]) }, (_context, n) => n)
    const result = await task.apply(['x'] as never)
    await expect(result.get()).rejects.toMatchObject({ excType: 'TypeError', excModule: 'builtins' })
  })

  it('tries again without waiting, and gives up when it must', async () => {
    const { celery } = testApp()
    const tries: unknown[] = []
    const task = celery.task(
      'task',
      { autoretryFor: [Lost], maxRetries: 2, retryBackoff: '10 minutes' },
      ({ request, retry }, first: string) => {
        tries.push([request.retries, request.id, request.parentId, first])
        if (request.retries === 0) retry({ args: ['second'], countdown: '1 hour' })
        throw new Lost('gone')
      },
    )
    const events: string[] = []
    for (const name of ['task-started', 'task-retried', 'task-failed'] as const)
      celery.on(name, () => events.push(name))
    const result = await task.apply(['first'], { taskId: 'id' })
    expect(tries).toEqual([
      [0, 'id', undefined, 'first'],
      [1, 'id', 'id', 'second'],
      [2, 'id', 'id', 'second'],
    ])
    expect(await result.state()).toBe('FAILURE')
    expect(events).toEqual([
      'task-started',
      'task-retried',
      'task-started',
      'task-retried',
      'task-started',
      'task-failed',
    ])
  })

  it('goes through what the app wants around it, the first one outermost, for each try', async () => {
    const { celery } = testApp()
    const seen: string[] = []
    for (const name of ['outer', 'inner']) {
      celery.aroundTask(async (run, task) => {
        seen.push(`${name} ${task.name} ${task.request.retries}`)
        try {
          return await run()
        } catch (error) {
          seen.push(`${name} ${(error as Error).constructor.name}`)
          throw error
        }
      })
    }
    const task = celery.task('task', ({ request, retry }) => {
      if (request.retries === 0) retry()
      return 1
    })
    expect(await (await task.apply()).get()).toBe(1)
    expect(seen).toEqual(['outer task 0', 'inner task 0', 'inner Retry', 'outer Retry', 'outer task 1', 'inner task 1'])
  })

  it('calls what is linked, here too, and knows it as its children', async () => {
    const { celery, sent } = testApp()
    const seen: unknown[] = []
    const note = celery.task('note', ({ request }, ...args: unknown[]) => {
      seen.push([args, request.parentId, request.rootId])
    })
    const add = celery.task('add', (_context, x: number, y: number) => x + y)
    const fail = celery.task('fail', () => {
      throw new Lost()
    })
    const result = await add.applyAsync([1, 2], { taskId: 'add-id' })
    expect(sent).toHaveLength(1)
    const eager = await add.apply([1, 2], { taskId: 'add-id', link: [note.s('last'), add.s(4).link(note.s())] })
    expect(seen).toEqual([
      [[3, 'last'], 'add-id', 'add-id'],
      [[7], expect.any(String), 'add-id'],
    ])
    expect(await eager.children()).toHaveLength(2)
    await fail.apply([], { taskId: 'fail-id', linkError: note.s('sorry') })
    expect(seen[2]).toEqual([['fail-id', 'sorry'], 'fail-id', 'fail-id'])
    expect(result.id).toBe('add-id')
  })

  it('sends what is linked and lives elsewhere', async () => {
    const { celery, sent } = testApp()
    const add = celery.task('add', (_context, x: number, y: number) => x + y)
    await add.apply([1, 2], { taskId: 'add-id', link: celery.signature('py.log', ['sum']) })
    expect(sent[0]?.task).toMatchObject({ task: 'py.log', args: [3, 'sum'], parentId: 'add-id', rootId: 'add-id' })
  })

  it('ends without a result when the task says so', async () => {
    const { celery } = testApp()
    const ignore = celery.task('ignore', () => {
      throw new Ignore()
    })
    const reject = celery.task('reject', () => {
      throw new Reject('no')
    })
    const [ignored, rejected] = [await ignore.apply(), await reject.apply()]
    expect([await ignored.state(), await ignored.get()]).toEqual(['IGNORED', undefined])
    expect([await rejected.state(), await rejected.get()]).toEqual(['REJECTED', undefined])
  })

  it('makes a child of a task that is called inside of another', async () => {
    const { celery } = testApp()
    const inner = celery.task('inner', ({ request }) => [request.parentId, request.rootId])
    const outer = celery.task('outer', async () => (await inner.apply()).get({ disableSyncSubtasks: false }))
    const result = await outer.apply([], { taskId: 'outer-id' })
    expect(await result.get()).toEqual(['outer-id', 'outer-id'])
    expect(await result.children()).toHaveLength(1)
  })
})

describe('an app that is always eager', () => {
  it('runs what delay would send', async () => {
    const { celery, sent } = testApp({ taskAlwaysEager: true })
    const add = celery.task('add', (_context, x: number, y: number) => x + y)
    expect(await (await add.delay(1, 2)).get()).toBe(3)
    expect(await (await add.s(2).delay(1)).get()).toBe(3)
    expect(await (await celery.sendTask('add', [1, 2])).get()).toBe(3)
    expect(sent).toEqual([])
  })

  it('still sends what lives elsewhere', async () => {
    const { celery, sent } = testApp({ taskAlwaysEager: true })
    await celery.sendTask('py.add', [1, 2])
    expect(sent).toHaveLength(1)
  })

  it('throws at the caller what the task throws, where the settings say so', async () => {
    const lost = new Lost()
    const config = { taskAlwaysEager: true }
    const fail = () => {
      throw lost
    }
    const quiet = await testApp(config).celery.task('fail', fail).delay()
    expect(await quiet.failed()).toBe(true)
    await expect(
      testApp({ ...config, taskEagerPropagates: true })
        .celery.task('fail', fail)
        .delay(),
    ).rejects.toBe(lost)
  })
})
