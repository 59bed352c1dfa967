import { type } from 'arktype'
import { type ArgLocation, ArgsParser, type ArgsShape, arg, type UnknownPolicy } from 'twopi/webargs'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { TestRequest, type TestRequestInit } from '../../support/test-request.ts'
import { argsOf, codesOf, refusalOf } from './refusal.ts'

type Tested = Exclude<ArgLocation, 'files' | 'path'>

const where: Readonly<Record<Tested, TestRequestInit>> = {
  query: { url: '/?a=1&b=2' },
  headers: { headers: { a: '1', b: '2' } },
  cookies: { headers: { cookie: 'a=1; b=2' } },
  json: { json: { a: 1, b: '2' } },
  form: { form: { a: '1', b: '2' } },
  json_or_form: { form: { a: '1', b: '2' } },
}

const byDefault: Readonly<Record<Tested, UnknownPolicy>> = {
  query: 'exclude',
  headers: 'exclude',
  cookies: 'exclude',
  json: 'raise',
  form: 'raise',
  json_or_form: 'raise',
}

const shapes: Readonly<Record<string, ArgsShape>> = {
  fields: { a: arg.int() },
  'a schema of zod': z.object({ a: z.coerce.number() }),
  'a strict schema of zod': z.strictObject({ a: z.coerce.number() }),
  'a schema of valibot': v.object({ a: v.pipe(v.unknown(), v.transform(Number)) }),
  'a strict schema of valibot': v.strictObject({ a: v.pipe(v.unknown(), v.transform(Number)) }),
  'a schema of arktype': type({ a: type('string|number').pipe((value) => Number(value)) }),
}

describe.each(Object.keys(where) as Tested[])('fields of %s that nobody declared', (location) => {
  it.each(Object.keys(shapes))('are met as webargs 8 does, or as told, by %s', async (name) => {
    const shape = shapes[name] as ArgsShape
    for (const policy of [undefined, 'raise', 'exclude', 'include'] as const) {
      const options = { location, unknown: policy === undefined ? {} : { [location]: policy } }
      switch (policy ?? byDefault[location]) {
        case 'raise':
          expect(codesOf(await refusalOf(shape, where[location], options))).toEqual([`${location}.b unknown`])
          break
        case 'exclude':
          expect(await argsOf(shape, where[location], options)).toEqual({ a: 1 })
          break
        default:
          expect(await argsOf(shape, where[location], options)).toEqual({ a: 1, b: '2' })
      }
    }
  })
})

describe('fields that nobody declared', () => {
  it('are refused in the path', async () => {
    const request = new TestRequest()
    request.setParams({ a: '1', b: '2' })
    await expect(new ArgsParser({ location: 'path' }).parse({ a: arg.int() }, request)).rejects.toMatchObject({
      messagesDict: { path: { b: ['Unknown field.'] } },
    })
  })

  it('are let through by a schema that says itself that it takes more', async () => {
    const open: readonly ArgsShape[] = [
      z.looseObject({ a: z.string() }),
      z.object({ a: z.string() }).catchall(z.string()),
      z.record(z.string(), z.string()),
      v.looseObject({ a: v.string() }),
      v.objectWithRest({ a: v.string() }, v.string()),
      v.record(v.string(), v.string()),
      type({ a: 'string', '[string]': 'string' }),
    ]
    for (const shape of open) {
      expect(await argsOf(shape, { json: { a: 'x', b: 'y' } })).toEqual({ a: 'x', b: 'y' })
      expect(await argsOf(shape, { url: '/?a=x&b=y' }, { location: 'query' })).toEqual({ a: 'x', b: 'y' })
    }
  })

  it('are named together with everything else that is wrong', async () => {
    const shape = z.object({ a: z.int() })
    expect(codesOf(await refusalOf(shape, { json: { b: 1, c: 1, a: 'x' } }))).toEqual([
      'json.b unknown',
      'json.c unknown',
      'json.a invalid_type',
    ])
  })

  it('are named once, however often they came', async () => {
    const options = { location: 'query', unknown: { query: 'raise' } } as const
    expect(codesOf(await refusalOf({ a: arg.int() }, { url: '/?a=1&b=1&b=2' }, options))).toEqual(['query.b unknown'])
  })

  it('follow the call, then the parser, then the location', async () => {
    const parser = new ArgsParser({ unknown: { json: 'exclude', query: 'raise' } })
    const request = new TestRequest({ url: '/?b=1', json: { a: 1, b: 1 } })
    expect(await parser.parse({ a: arg.int() }, request)).toEqual({ a: 1 })
    await expect(parser.parse({ a: arg.int() }, request, { unknown: { json: 'raise' } })).rejects.toThrow(
      'Unknown field.',
    )
    await expect(parser.parse({}, request, { location: 'query' })).rejects.toThrow('Unknown field.')
  })

  it('are the business of the schema in nested objects', async () => {
    expect(await argsOf({ o: z.object({ a: z.int() }) }, { json: { o: { a: 1, b: 1 } } })).toEqual({ o: { a: 1 } })
    expect(
      codesOf(await refusalOf({ o: z.strictObject({ a: z.int() }) }, { json: { o: { a: 1, b: 1, c: 1 } } })),
    ).toEqual(['json.o.b unknown', 'json.o.c unknown'])
    for (const strict of [v.strictObject({ a: v.number() }), type({ '+': 'reject', a: 'number' })]) {
      expect((await refusalOf({ o: strict }, { json: { o: { a: 1, secret: 1 } } })).body).toEqual({
        json: { o: { secret: ['Unknown field.'] } },
      })
    }
  })
})
