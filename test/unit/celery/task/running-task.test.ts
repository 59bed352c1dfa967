import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { currentTask, type RunningTask, runInTask } from '../../../../src/celery/task/running-task.ts'
import { taskRequest } from './task-options.ts'

const running = (id: string): RunningTask => ({ request: taskRequest({ id }), children: [], over: false })

describe('the current task', () => {
  it('is undefined outside of tasks', () => {
    expect(currentTask()).toBeUndefined()
  })

  it('is known at any depth, after any await, and apart for each of two at once', async () => {
    const read = async (id: string) =>
      runInTask(running(id), async () => {
        await setImmediate()
        return currentTask()?.id
      })
    expect(await Promise.all([read('a'), read('b')])).toEqual(['a', 'b'])
  })

  it('is the inner one inside another, and the outer one again when that is over', async () => {
    const inner = running('inner')
    await runInTask(running('outer'), async () => {
      await runInTask(inner, async () => {
        expect(currentTask()?.id).toBe('inner')
        inner.over = true
        expect(currentTask()?.id).toBe('outer')
      })
    })
  })
})
