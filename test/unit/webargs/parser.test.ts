import { type } from 'arktype'
import { HttpError, pipeline } from 'twopi/http'
import { type ArgsOptions, ArgsParser, arg, parser, useArgs } from 'twopi/webargs'
import * as v from 'valibot'
import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { z as z3 } from 'zod/v3'
import { schemaFacts } from '../../../src/webargs/schema-facts.ts'
import { TestRequest } from '../../support/test-request.ts'
import { argsOf, refusalOf } from './refusal.ts'

const inQuery = { location: 'query' } as const

describe('useArgs', () => {
  it('costs no promise where nothing takes its time', () => {
    const step = useArgs({ n: arg.int(), s: z.string().optional(), l: arg.list(type('string')) }, { location: 'query' })
    expect(step({ request: new TestRequest({ url: '/?n=1&l=a' }) })).toEqual({ args: { n: 1, l: ['a'] } })
    expect(() => step({ request: new TestRequest({ url: '/?n=x' }) })).toThrow('query.n: Not a valid integer.')
  })

  it('gives a promise where a schema takes its time', async () => {
    const slow = z.string().refine(async () => true)
    const step = useArgs({ a: slow, b: arg.int(), c: slow }, { location: 'query' })
    const result = step({ request: new TestRequest({ url: '/?a=x&b=1&c=y' }) })
    expect(result).toBeInstanceOf(Promise)
    expect(await result).toEqual({ args: { a: 'x', b: 1, c: 'y' } })
  })

  it('starts all checks before it waits for any, and runs each once', async () => {
    const started: string[] = []
    const waiting: (() => void)[] = []
    const slow = (name: string) =>
      z.string().refine(async () => {
        started.push(name)
        await new Promise<void>((resolve) => waiting.push(resolve))
        return true
      })
    const shape = { a: slow('a'), b: slow('b') }
    const parse = async () => {
      const done = parser.parse(shape, new TestRequest({ url: '/?a=x&b=y' }), inQuery)
      await vi.waitFor(() => expect(new Set(started)).toEqual(new Set(['a', 'b'])))
      for (const resolve of waiting.splice(0)) resolve()
      return done
    }
    // zod has to find out that they take their time.
    await parse()
    started.length = 0
    expect(await parse()).toEqual({ a: 'x', b: 'y' })
    expect(started).toEqual(['a', 'b'])
  })

  it('fails with what a check throws, which is no fault of the request', async () => {
    const broken = z.string().refine(() => {
      throw new RangeError('a bug')
    })
    const bug = async () => {
      throw new RangeError('a later bug')
    }
    const failing = v.pipeAsync(v.string(), v.checkAsync<string, string>(bug, 'No.'))
    await expect(argsOf({ a: broken }, { json: { a: 'x' } })).rejects.toThrow('a bug')
    await expect(argsOf({ a: failing }, { json: { a: 'x' } })).rejects.toThrow('a later bug')
    await expect(argsOf({ a: failing, b: broken }, { json: { a: 'x', b: 'x' } })).rejects.toThrow('a bug')
  })

  it('lets through what is no fault of the arguments', async () => {
    const request = new TestRequest({ json: {} })
    request.json = () => Promise.reject(new TypeError('Something else has read this body.'))
    await expect(parser.parse({ a: arg.int() }, request)).rejects.toThrow(TypeError)
  })

  it('is refused at set-up with a shape that is none, and everything that is wrong with it', () => {
    expect(() => useArgs({ a: 5, b: arg.int(), c: null } as never)).toThrow(
      new TypeError(
        '`shape.a` must be a Standard Schema (zod, valibot, arktype, arg), found number; ' +
          '`shape.c` must be a Standard Schema (zod, valibot, arktype, arg), found null',
      ),
    )
    for (const shape of [null, 5, 'x', [], undefined]) expect(() => useArgs(shape as never)).toThrow(TypeError)
    expect(() => useArgs(JSON.parse('{"__proto__": 5}'))).toThrow('a field named "__proto__"')
  })

  it('is refused at set-up with options that cannot work, and everything that is wrong with them', () => {
    const wrong = {
      location: 'body',
      layout: 'xml',
      messages: 'all',
      unknown: { body: 'raise', json: 'drop' },
      statuses: { invalid: 200, malformed: 400.5, tooLarge: 500 },
      limits: { depth: 0, values: -1 },
    } as unknown as ArgsOptions
    expect(() => new ArgsParser(wrong)).toThrow(TypeError)
    const message = (() => {
      try {
        return String(new ArgsParser(wrong))
      } catch (error) {
        return (error as Error).message
      }
    })()
    for (const name of [
      'location',
      'layout',
      'messages',
      'unknown',
      'unknown.json',
      'statuses.invalid',
      'statuses.malformed',
      'statuses.tooLarge',
      'limits.depth',
      'limits.values',
    ]) {
      expect(message).toContain(`\`${name}\` must be`)
    }
  })

  it('takes options that are undefined for options that are not there', async () => {
    const none = {
      location: undefined,
      firstOf: undefined,
      layout: undefined,
      many: undefined,
      messages: undefined,
      unknown: { json: undefined },
      statuses: { invalid: undefined },
      limits: { depth: undefined },
      errorHandler: undefined,
    }
    expect(
      await argsOf(
        { n: arg.int({ optional: undefined, min: undefined, default: undefined }) },
        { json: { n: 1 } },
        none as never,
      ),
    ).toEqual({ n: 1 })
    expect(await refusalOf({ n: arg.int() }, { json: { n: 1, m: 1 } }, none as never)).toMatchObject({ status: 422 })
  })
})

describe('a parser of its own', () => {
  it('gives its declarations its defaults, which a call may change', async () => {
    const mine = new ArgsParser({ location: 'query', layout: 'flat', statuses: { invalid: 400 } })
    const step = mine.useArgs({ n: arg.int() })
    expect(() => step({ request: new TestRequest({ url: '/?n=x' }) })).toThrow(
      expect.objectContaining({ status: 400, layout: 'flat' }),
    )
    const other = mine.useArgs({ n: arg.int() }, { layout: 'problem', statuses: { invalid: 409 } })
    expect(() => other({ request: new TestRequest({ url: '/?n=x' }) })).toThrow(
      expect.objectContaining({ status: 409, layout: 'problem' }),
    )
  })

  it('has a useArgs that may be taken off it', () => {
    const { useArgs: take } = new ArgsParser({ location: 'query' })
    expect(take({ n: arg.int() })({ request: new TestRequest({ url: '/?n=1' }) })).toEqual({ args: { n: 1 } })
  })

  it('shows its handler every error, and throws what the handler gives', async () => {
    const seen: unknown[] = []
    const mine = new ArgsParser({
      location: 'query',
      errorHandler: (error, request) => {
        seen.push([error.code, request.path])
        return request.path === '/own' ? new HttpError(418, 'Own words.') : undefined
      },
    })
    const run = pipeline(mine.useArgs({ n: arg.int() }), () => 1)
    expect(() => run({ request: new TestRequest({ url: '/own?n=x' }) })).toThrow('Own words.')
    expect(() => run({ request: new TestRequest({ url: '/other?n=x' }) })).toThrow('query.n: Not a valid integer.')
    await expect(mine.parse({ n: arg.int() }, new TestRequest({ url: '/own' }))).rejects.toMatchObject({ status: 418 })
    expect(seen).toEqual([
      ['ERR_ARGS_INVALID', '/own'],
      ['ERR_ARGS_INVALID', '/other'],
      ['ERR_ARGS_INVALID', '/own'],
    ])
  })

  it('keeps its options from later changes of the object they came in', async () => {
    const options = { unknown: { json: 'exclude' as 'exclude' | 'raise' } }
    const mine = new ArgsParser(options)
    options.unknown.json = 'raise'
    expect(await mine.parse({}, new TestRequest({ json: { a: 1 } }))).toEqual({})
  })
})

describe('what can be seen of a schema', () => {
  const object = {
    kind: 'object',
    keys: [
      ['a', false],
      ['b', true],
    ],
    open: false,
  }
  const list = { kind: 'list', keys: [], open: false }
  const other = { kind: 'other', keys: [], open: false }
  const fields = { a: z.string(), b: z.array(z.int()).optional() }
  const fields3 = { a: z3.string(), b: z3.array(z3.number()).optional() }
  const fieldsV = { a: v.string(), b: v.optional(v.array(v.number())) }

  it.each([
    ['an object of zod', z.object(fields), object],
    ['a checked object of zod', z.object(fields).refine(() => true), object],
    ['a transformed object of zod', z.object(fields).transform(() => 1), object],
    ['a preprocessed list of zod', z.preprocess((x) => x, z.array(z.string())), list],
    ['a loose object of zod', z.looseObject(fields), { ...object, open: true }],
    [
      'an extended object of zod',
      z.intersection(z.object({ a: z.string() }), z.object({ b: z.array(z.int()) })),
      object,
    ],
    ['an object with a date of zod', z.object({ a: z.date(), b: z.array(z.date()) }), object],
    ['an optional list of zod', z.array(z.string()).optional(), list],
    ['a list or null of zod', z.array(z.string()).nullable(), list],
    ['a tuple of zod', z.tuple([z.string()]), list],
    ['a lazy list of zod', z.lazy(() => z.array(z.string())), list],
    ['a text or a list of zod', z.union([z.string(), z.array(z.string())]), other],
    ['a text of zod', z.string(), other],
    ['an object of zod 3', z3.object(fields3), object],
    ['a checked object of zod 3', z3.object(fields3).refine(() => true), object],
    ['a loose object of zod 3', z3.object(fields3).passthrough(), { ...object, open: true }],
    ['a strict object of zod 3', z3.object(fields3).strict(), object],
    ['a list with a default of zod 3', z3.array(z3.string()).default([]), list],
    [
      'an intersection of zod 3',
      z3.intersection(z3.object({ a: z3.string() }), z3.object({ b: z3.array(z3.string()) })),
      object,
    ],
    ['an object of valibot', v.object(fieldsV), object],
    [
      'a checked object of valibot',
      v.pipe(
        v.object(fieldsV),
        v.check(() => true),
      ),
      object,
    ],
    ['a loose object of valibot', v.looseObject(fieldsV), { ...object, open: true }],
    [
      'an intersection of valibot',
      v.intersect([v.object({ a: v.string() }), v.object({ b: v.array(v.string()) })]),
      object,
    ],
    [
      'a variant of valibot',
      v.variant('a', [v.object({ a: v.literal('x'), b: v.array(v.string()) }), v.object({ a: v.literal('y') })]),
      object,
    ],
    ['a list or nothing of valibot', v.union([v.array(v.string()), v.undefined()]), list],
    ['a text or a list of valibot', v.union([v.array(v.string()), v.string()]), other],
    ['a lazy list of valibot', v.lazy(() => v.array(v.string())), list],
    ['an object of arktype', type({ a: 'string', 'b?': 'number[]' }), object],
    [
      'an object that takes more of arktype',
      type({ a: 'string', b: 'string[]', '[string]': 'unknown' }),
      { ...object, open: true },
    ],
    ['a piped list of arktype', type('string[]').pipe((items) => items.length), list],
    ['a list of arg', arg.list(arg.int()), list],
    ['a delimited list of arg, which is a text', arg.delimited(arg.int()), other],
    ['an object of arg', arg.object({ a: arg.int(), b: arg.list(arg.int(), { nullable: true }) }), object],
  ])('is what it declares: %s', (_title, schema, expected) => {
    const facts = schemaFacts(schema)
    expect(facts && { ...facts, keys: [...facts.keys] }).toEqual(expected)
  })

  it('is nothing of a schema that only has the standard', () => {
    const schema = { '~standard': { version: 1 as const, vendor: 'x', validate: (value: unknown) => ({ value }) } }
    expect(schemaFacts(schema)).toBeUndefined()
  })
})
