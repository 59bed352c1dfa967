import { around, HttpError, HttpResponse, pipeline, type RequestContext, reply, steps } from 'twopi/http'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { compose } from '../../../src/http/pipeline.ts'
import { testContext } from '../../support/test-request.ts'

const greeting = ({ request }: RequestContext) => ({ name: request.query.get('name') ?? 'you' })
const context = () => testContext({ method: 'GET', url: '/?name=Ada' })

describe('pipeline', () => {
  it('stays synchronous while its steps are', () => {
    const run = pipeline(greeting, ({ name }) => `Hello, ${name}`)
    expect(run(context())).toMatchObject({ data: 'Hello, Ada', status: 200 })
  })

  it('goes on synchronously after an asynchronous step', async () => {
    const order: string[] = []
    const run = pipeline(
      async () => {
        order.push('one')
        return { one: 1 }
      },
      () => void order.push('two'),
      ({ one }) => {
        order.push('three')
        queueMicrotask(() => order.push('microtask'))
        return one
      },
    )
    await run(context())
    expect(order.slice(0, 3)).toEqual(['one', 'two', 'three'])
  })

  it('throws what a synchronous step threw, and rejects with what a later one threw', async () => {
    const fail = () => {
      throw new HttpError(409)
    }
    expect(() => pipeline(fail, () => 'never')(context())).toThrow(HttpError)
    await expect(
      pipeline(
        async () => ({}),
        fail,
        () => 'never',
      )(context()),
    ).rejects.toThrow(HttpError)
  })

  it('ends with a reply, a finished response or a web Response that a step returns', () => {
    for (const answer of [reply('x', 201), new HttpResponse(202, {}, null), new Response(null, { status: 203 })]) {
      const never = () => {
        throw new Error('must not run')
      }
      expect(pipeline(() => answer, never)(context())).toBe(answer)
    }
  })

  it('lets a later step replace what an earlier one added', () => {
    const run = pipeline(
      () => ({ token: null as string | null }),
      () => ({ token: 'abc' }),
      ({ token }) => {
        expectTypeOf(token).toEqualTypeOf<string>()
        return token
      },
    )
    expect(run(context())).toMatchObject({ data: 'abc' })
  })

  it('takes additions of any shape, one called status included', () => {
    const run = pipeline(
      () => ({ status: 7 }),
      ({ status }) => {
        expectTypeOf(status).toEqualTypeOf<number>()
        return { status }
      },
    )
    expect(run(context())).toMatchObject({ data: { status: 7 }, status: 200 })
  })

  it('refuses what is not a function when it is made, and says which', () => {
    expect(() => compose([greeting, undefined])).toThrow('argument 2 is undefined')
    expect(() => compose([])).toThrow('needs at least a view')
  })
})

describe('around', () => {
  it('may pass additions on and see the outcome', async () => {
    const session = around<RequestContext, { session: string }>(async (_context, next) => {
      const outcome = await next({ session: 'open' })
      return outcome.status === 200 ? reply('committed') : outcome
    })
    expect(await pipeline(session, ({ session }) => ({ session }))(context())).toMatchObject({ data: 'committed' })
  })

  it('stays synchronous when it does', () => {
    const run = pipeline(
      around((_context: RequestContext, next) => next()),
      () => 5,
    )
    expect(run(context())).toMatchObject({ data: 5 })
  })

  it('may answer without calling the rest', () => {
    const run = pipeline(
      around(() => reply('cached')),
      () => {
        throw new Error('must not run')
      },
    )
    expect(run(context())).toMatchObject({ data: 'cached' })
  })

  it('must not call the rest twice', async () => {
    const run = pipeline(
      around(async (_context: RequestContext, next) => {
        await next()
        return next()
      }),
      () => 1,
    )
    await expect(run(context())).rejects.toThrow('next() was called twice')
  })

  it('says where it belongs when it is called by itself', () => {
    const step = around((_context: RequestContext, next) => next())
    expect(() => step(context())).toThrow('runs only inside view()')
  })

  it('nests: the first is outermost', async () => {
    const order: string[] = []
    const named = (name: string) =>
      around(async (_context: RequestContext, next) => {
        order.push(`${name} in`)
        const outcome = await next()
        order.push(`${name} out`)
        return outcome
      })
    await pipeline(named('a'), named('b'), () => order.push('view'))(context())
    expect(order).toEqual(['a in', 'b in', 'view', 'b out', 'a out'])
  })
})

describe('steps', () => {
  it('groups steps, those around the rest too, into one', async () => {
    const seen: number[] = []
    const watch = around(async (_context: RequestContext, next) => {
      const outcome = await next()
      seen.push(outcome.status)
      return outcome
    })
    const group = steps(greeting, watch, ({ name }) => ({ shout: name.toUpperCase() }))
    const run = pipeline(group, ({ name, shout }) => reply(`${name} ${shout}`, 201))
    expect(await run(context())).toMatchObject({ data: 'Ada ADA' })
    expect(seen).toEqual([201])
  })

  it('may hold groups', () => {
    const group = steps(steps(greeting), ({ name }) => ({ length: name.length }))
    expect(pipeline(group, ({ length }) => length)(context())).toMatchObject({ data: 3 })
  })
})

describe('what a step may not do', () => {
  const secret = () => ({ secret: 1 })

  it('passes nothing over: a text, a number, false or a list is an error, not an answer that is ignored', () => {
    for (const result of ['Forbidden', 0, false, ['no']]) {
      const step = (() => result) as unknown as () => undefined
      expect(() => pipeline(step, secret)(context()), String(result)).toThrow(/must return an object to add/)
    }
    // @ts-expect-error a text does not end the request
    expect(() => pipeline(() => 'Forbidden', secret)(context())).toThrow(TypeError)
  })

  it('adds no `__proto__`', () => {
    const step = () => JSON.parse('{"__proto__":{"admin":true}}') as object
    expect(() => pipeline(step, secret)(context())).toThrow('must not add `__proto__`')
  })

  it('loses the outcome: a step around the rest must give it back', async () => {
    const forgets = around((async (_context: RequestContext, next: () => unknown) => void (await next())) as never)
    await expect(pipeline(forgets, secret)(context())).rejects.toThrow('must return what next() gave')
    // @ts-expect-error an object with a status is no answer
    const invents = around(async () => ({ status: 401 }))
    await expect(pipeline(invents, secret)(context())).rejects.toThrow('must return what next() gave')
  })

  it('may answer while the rest still runs, whose failure then ends nothing', async () => {
    const impatient = around((_context: RequestContext, next) => {
      next()
      return reply('late', 503)
    })
    const fails = async () => {
      throw new Error('too late')
    }
    expect(await pipeline(impatient, fails)(context())).toMatchObject({ status: 503 })
    await new Promise((resolve) => setImmediate(resolve)) // an unhandled rejection would fail the run
  })
})
