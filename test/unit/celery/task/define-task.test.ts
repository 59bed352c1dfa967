import { type } from 'arktype'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineTask, type TaskDefinition } from '../../../../src/celery/task/define-task.ts'
import { TaskArgumentsError } from '../../../../src/celery/task/errors.ts'
import { Ignore, Retry } from '../../../../src/celery/task/signals.ts'
import { taskContext, taskOptions } from './task-options.ts'

/** A task that gives what its function was called with. */
function task(definition: Partial<TaskDefinition> = {}) {
  return defineTask({
    name: 'school.report',
    options: taskOptions(),
    declared: {},
    fn: (context, ...args) => ({ args, kwargs: context.kwargs }),
    random: () => 0,
    ...definition,
  })
}

const run = (made: ReturnType<typeof task>, args: unknown[], kwargs: Record<string, unknown> = {}) =>
  made.run(taskContext(kwargs), args, kwargs)

const problemOf = (fn: () => unknown): TaskArgumentsError => {
  try {
    fn()
  } catch (error) {
    if (error instanceof TaskArgumentsError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('the arguments of a task', () => {
  it('come as they are when nothing is declared', () => {
    expect(run(task(), [1, 'a'], { copies: 2 })).toEqual({ args: [1, 'a'], kwargs: { copies: 2 } })
  })

  it('may be given by name where their names are declared', () => {
    const made = task({ declared: { parameters: ['class_id', 'copies', 'paper'] } })
    expect(run(made, ['42'], { copies: 2 })).toEqual({ args: ['42', 2], kwargs: {} })
    expect(run(made, [], { paper: 'A4', class_id: '42', by: 'post' })).toEqual({
      args: ['42', undefined, 'A4'],
      kwargs: { by: 'post' },
    })
  })

  it('are refused when given by name and by position, in the words of Python', () => {
    const made = task({ declared: { parameters: ['class_id', 'copies'] } })
    expect(() => run(made, ['42', 1], { copies: 2 })).toThrow(
      "school.report() got multiple values for argument 'copies'",
    )
  })

  it('are read by the schemas', () => {
    const made = task({
      declared: {
        parameters: ['class_id', 'copies'],
        args: z.tuple([z.string(), z.coerce.number()]),
        kwargs: z.object({ by: z.string().default('post') }),
      },
    })
    expect(run(made, ['42'], { copies: '2' })).toEqual({ args: ['42', 2], kwargs: { by: 'post' } })
  })

  it('are read by schemas that answer later', async () => {
    const args = z.tuple([z.string().refine(async (id) => id !== '0')])
    const made = task({ declared: { args } })
    await expect(run(made, ['1'])).resolves.toMatchObject({ args: ['1'] })
    await expect(run(made, ['0'])).rejects.toThrow(TaskArgumentsError)
  })

  it.each([
    ['zod', z.tuple([z.string(), z.number()]), z.object({ to: z.object({ city: z.literal('Bern') }) })],
    ['valibot', v.tuple([v.string(), v.number()]), v.object({ to: v.object({ city: v.literal('Bern') }) })],
    ['arktype', type(['string', 'number']), type({ to: { city: "'Bern'" } })],
  ])('that %s refuses are named with all their paths and none of their values', (_library, args, kwargs) => {
    const made = task({ declared: { args, kwargs, parameters: ['class_id', 'copies'] } })
    const error = problemOf(() => run(made, ['42', 'hunter2-secret'], { to: { city: 'Secretville' } }))
    expect(error.problems).toHaveLength(2)
    expect(error.message).toContain("school.report() argument 'copies': ")
    expect(error.message).toContain("argument 'to.city': ")
    expect(error.message).not.toMatch(/hunter2|Secretville/)
    expect(error).toMatchObject({ code: 'ERR_CELERY_ARGUMENTS', excType: 'TypeError', excModule: 'builtins' })
    expect(error.excArgs).toEqual([error.message])
  })

  it('make no message without end', () => {
    const made = task({ declared: { args: z.array(z.number()) } })
    const error = problemOf(() => run(made, Array(100_000).fill('x')))
    expect(error.message.length).toBeLessThan(2000)
    const named = task({ declared: { kwargs: z.record(z.string(), z.number()) } })
    expect(problemOf(() => run(named, [], { ['k'.repeat(100_000)]: 'x' })).message.length).toBeLessThan(1000)
  })

  it('are refused when a schema throws, which says no more than of which kind', async () => {
    const made = task({
      declared: {
        args: z.tuple([
          z.string().transform((text) => {
            throw new RangeError(`what is ${text}?`)
          }),
        ]),
      },
    })
    await expect(run(made, ['secret'])).rejects.toThrow(
      "school.report() arguments are refused: the schema's own code threw RangeError",
    )
  })
})

describe('a run of a task', () => {
  it('gives no promise when its function gives none', () => {
    expect(run(task({ fn: () => 3 }), [])).toBe(3)
  })

  it('lets methods of the context be taken out of it, whatever was read', async () => {
    const states: unknown[] = []
    const made = task({
      declared: { kwargs: z.object({ n: z.coerce.number() }) },
      fn: async ({ updateState, kwargs, signal }) => {
        await updateState('PROGRESS', kwargs)
        return signal.aborted
      },
    })
    const context = { ...taskContext({ n: '1' }), updateState: async (...state: unknown[]) => void states.push(state) }
    expect(await made.run(context, [], { n: '1' })).toBe(false)
    expect(states).toEqual([['PROGRESS', { n: 1 }]])
  })

  it('goes through before and after, in this order', async () => {
    const seen: unknown[] = []
    const made = task({
      declared: {
        before: () => void seen.push('before'),
        after: (_context, outcome) => void seen.push(outcome),
      },
      fn: () => void seen.push('run'),
    })
    await run(made, [])
    expect(seen).toEqual(['before', 'run', { state: 'SUCCESS', result: undefined }])
  })

  it('fails by what before throws, and tells after what it came to', async () => {
    const seen: unknown[] = []
    const error = new Error('no')
    const made = task({
      declared: {
        before: () => {
          throw error
        },
        after: (_context, outcome) => void seen.push(outcome),
      },
    })
    await expect(run(made, [])).rejects.toBe(error)
    expect(seen).toEqual([{ state: 'FAILURE', error }])
  })

  it('keeps its result when after throws, and logs that', async () => {
    const made = task({
      declared: {
        after: () => {
          throw new Error('no')
        },
      },
      fn: () => 3,
    })
    const context = taskContext()
    expect(await made.run(context, [], {})).toBe(3)
    expect(context.lines).toEqual(['the `after` hook of the task failed'])
  })

  it('throws a retry for the errors of autoretryFor, and after knows', async () => {
    const seen: unknown[] = []
    const made = task({
      options: taskOptions({ autoretryFor: [RangeError], retryBackoff: 2, retryJitter: false }),
      declared: { after: (_context, { state }) => void seen.push(state) },
      fn: () => {
        throw new RangeError()
      },
    })
    const retry = await (run(made, []) as Promise<unknown>).catch((error: unknown) => error)
    expect(retry).toBeInstanceOf(Retry)
    expect((retry as Retry).plan.countdown).toBe(2)
    const ignoring = task({
      declared: { after: (_context, { state }) => void seen.push(state) },
      fn: () => {
        throw new Ignore()
      },
    })
    await expect(run(ignoring, [])).rejects.toBeInstanceOf(Ignore)
    expect(seen).toEqual(['RETRY', 'IGNORED'])
  })
})
