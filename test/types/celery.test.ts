import { type as arktype } from 'arktype'
import {
  type AsyncResult,
  createCelery,
  createDbSession,
  type Signature,
  type Task,
  type TaskContext,
  type TaskRequest,
} from 'twopi/celery'
import * as v from 'valibot'
import { describe, expectTypeOf, it } from 'vitest'
import { z } from 'zod'

// These tests are decided by the compiler: a line marked @ts-expect-error that compiles is an error of `npm run types`.
const compiled = (_run: () => unknown): void => undefined

declare const celery: ReturnType<typeof createCelery>

describe('the type of a task', () => {
  it('is what its function takes and returns', () => {
    compiled(() => {
      const report = celery.task('report', async (context, classId: string, copies?: number) => {
        expectTypeOf(context).toEqualTypeOf<TaskContext>()
        expectTypeOf(context.request).toEqualTypeOf<TaskRequest>()
        return { pages: copies ?? classId.length }
      })
      expectTypeOf(report).toEqualTypeOf<Task<[classId: string, copies?: number | undefined], { pages: number }>>()
      expectTypeOf(report.delay('42')).resolves.toEqualTypeOf<AsyncResult<{ pages: number }>>()
      expectTypeOf(report.delay('42', 2)).resolves.toEqualTypeOf<AsyncResult<{ pages: number }>>()
      report.applyAsync(['42'], { countdown: '5 minutes', queue: 'mail', kwargs: { anything: 1 } })
      // @ts-expect-error a number is no text
      report.delay(42)
      // @ts-expect-error the class is missing
      report.delay()
      // @ts-expect-error too many
      report.delay('42', 2, 3)
      // @ts-expect-error the arguments are missing
      report.applyAsync()
      // @ts-expect-error no such option
      report.applyAsync(['42'], { countDown: 5 })
      // @ts-expect-error no such duration
      report.applyAsync(['42'], { countdown: '5 fortnights' })
    })
  })

  it('may have options, and is told of those that do not exist', () => {
    compiled(() => {
      const add = celery.task('add', { acksLate: true, maxRetries: null }, (_context, x: number, y: number) => x + y)
      expectTypeOf(add).toEqualTypeOf<Task<[x: number, y: number], number>>()
      const none = celery.task('none', {}, () => undefined)
      expectTypeOf(none).toEqualTypeOf<Task<[], undefined>>()
      none.delay()
      none.applyAsync()
      none.apply()
      const rest = celery.task('rest', (_context, ...numbers: number[]) => numbers.length)
      rest.delay(1, 2, 3)
      // @ts-expect-error no such option
      celery.task('late', { ackslate: true }, () => 1)
    })
  })

  it('says that arguments are unknown whose types nobody said', () => {
    compiled(() => {
      celery.task('loose', (_context, id) => {
        expectTypeOf(id).toEqualTypeOf<unknown>()
      })
    })
  })

  it('is that of the schemas when there are any, of every library', () => {
    compiled(() => {
      const zod = celery.task(
        'zod',
        {
          args: z.tuple([z.string(), z.string().transform(Number)]),
          kwargs: z.object({ by: z.string().default('post') }),
        },
        ({ kwargs }, id, copies) => {
          expectTypeOf(kwargs).toEqualTypeOf<{ by: string }>()
          expectTypeOf(id).toEqualTypeOf<string>()
          expectTypeOf(copies).toEqualTypeOf<number>()
          return copies
        },
      )
      expectTypeOf(zod).toEqualTypeOf<Task<[string, string], number, { by?: string | undefined }>>()
      zod.delay('42', '2')
      zod.applyAsync(['42', '2'], { kwargs: { by: 'mail' } })
      // @ts-expect-error the schema takes a text
      zod.delay('42', 2)
      // @ts-expect-error by is a text
      zod.applyAsync(['42', '2'], { kwargs: { by: 1 } })

      const valibot = celery.task('valibot', { args: v.tuple([v.number()]) }, (_context, n) => {
        expectTypeOf(n).toEqualTypeOf<number>()
      })
      valibot.delay(1)
      const ark = celery.task('ark', { kwargs: arktype({ n: 'number' }) }, ({ kwargs }) => {
        expectTypeOf(kwargs).toEqualTypeOf<{ n: number }>()
      })
      ark.applyAsync([], { kwargs: { n: 1 } })
      // @ts-expect-error the function takes what the schema does not give
      celery.task('wrong', { args: z.tuple([z.string()]) }, (_context, n: number) => n)
      // @ts-expect-error not a schema
      celery.task('none', { args: [z.string()] }, () => 1)
    })
  })

  it('asks for keyword arguments that are required', () => {
    compiled(() => {
      const mail = celery.task('mail', { kwargs: z.object({ to: z.string() }) }, (_context, id: string) => id)
      mail.applyAsync(['1'], { kwargs: { to: 'a@example.com' } })
      // @ts-expect-error they cannot be given this way
      mail.delay('1')
      // @ts-expect-error they are missing
      mail.applyAsync(['1'])
      // @ts-expect-error they are missing
      mail.applyAsync(['1'], {})
      // @ts-expect-error one of them is missing
      mail.applyAsync(['1'], { kwargs: {} })
    })
  })

  it('gives a result that is typed all the way', () => {
    compiled(async () => {
      const report = celery.task('report', async () => ({ pages: 3 }))
      const result = await report.delay()
      expectTypeOf(await result.get({ timeout: '10 seconds' })).toEqualTypeOf<{ pages: number }>()
      expectTypeOf(await (await report.apply()).get()).toEqualTypeOf<{ pages: number }>()
    })
  })
})

describe('the type of a signature', () => {
  it('knows which arguments are still missing: the first ones', () => {
    compiled(() => {
      const add = celery.task('add', (_context, x: number, y: number) => x + y)
      expectTypeOf(add.s(1, 2)).toEqualTypeOf<Signature<[], number>>()
      expectTypeOf(add.s(2)).toEqualTypeOf<Signature<[number], number>>()
      expectTypeOf(add.s(2).delay(1)).resolves.toEqualTypeOf<AsyncResult<number>>()
      add.s(2).applyAsync({ args: [1], countdown: 5 })
      add.s(1, 2).applyAsync({ queue: 'math' })
      add.s(1, 2).set({ queue: 'math' }).link(add.s(3)).linkError(celery.signature('py.sorry'))
      // @ts-expect-error one is missing
      add.s(2).delay()
      // @ts-expect-error one is missing
      add.s(2).applyAsync()
      // @ts-expect-error a text is no number
      add.s('2')
      // @ts-expect-error too many
      add.s(1, 2, 3)
      // @ts-expect-error an immutable one takes no result, so it needs them all
      add.si(1)
      // @ts-expect-error a text is no signature
      add.s(1, 2).link('py.sorry')
    })
  })

  it('knows arguments that may be left out', () => {
    compiled(() => {
      const report = celery.task('report', (_context, id: string, copies?: number) => id.repeat(copies ?? 1))
      report.s('42').delay()
      report.s(2).delay('42')
      report.signature(['42'], { queue: 'mail', immutable: true }).delay()
    })
  })

  it('of a task that lives elsewhere is what its caller says', () => {
    compiled(() => {
      const sum = celery.signature<[number, number], number>('py.add', [1, 2], { kwargs: { base: 10 } })
      expectTypeOf(sum.applyAsync({ countdown: 5, queue: 'math' })).resolves.toEqualTypeOf<AsyncResult<number>>()
      expectTypeOf(celery.sendTask<number>('py.add', [1, 2])).resolves.toEqualTypeOf<AsyncResult<number>>()
      // @ts-expect-error a text is no number
      celery.signature<[number, number], number>('py.add', ['1', 2])
    })
  })
})

describe('the type of an app', () => {
  it('takes settings by every style of name, and refuses what they cannot be', () => {
    compiled(() => {
      createCelery('school')
      createCelery('school', { CELERY_BROKER_URL: 'redis://localhost', task_acks_late: true, taskTrackStarted: true })
      createCelery('school', process.env, { injectVersion: false })
      // @ts-expect-error true or false
      createCelery('school', { task_acks_late: 'yes, please' })
    })
  })

  it('is a source of sessions', () => {
    compiled(() => {
      const db = createDbSession<{ classes: { id: string } }>(celery)
      expectTypeOf(db.session().selectFrom('classes').select('id').execute()).resolves.toEqualTypeOf<{ id: string }[]>()
    })
  })

  it('types what listeners hear', () => {
    compiled(() => {
      celery.on('task-failed', ({ request, error, runtime }) => {
        expectTypeOf(request).toEqualTypeOf<TaskRequest>()
        expectTypeOf(error).toEqualTypeOf<unknown>()
        expectTypeOf(runtime).toEqualTypeOf<number>()
      })
      // @ts-expect-error no such event
      celery.on('task-lost', () => undefined)
    })
  })
})
