import { type HttpRequest, type PathParameters, pipeline, type Reply, steps } from 'twopi/http'
import { type ArgLocation, arg, inLocations, parser, useArgs } from 'twopi/webargs'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { TestRequest, type TestRequestInit } from '../../support/test-request.ts'
import { argsOf, codesOf, refusalOf } from './refusal.ts'

/** A request with path parameters, as a router gives them. */
function requestAt(params: PathParameters, init: TestRequestInit = {}): HttpRequest {
  const request = new TestRequest(init)
  request.setParams(params)
  return request
}

describe('one location', () => {
  const shape = { 'x-num': arg.int(), tags: arg.list(arg.string(), { optional: true }) }
  const where: Readonly<Record<'query' | 'headers' | 'cookies' | 'json' | 'form', TestRequestInit>> = {
    query: { url: '/?x-num=5&tags=a' },
    headers: { headers: { 'X-Num': '5', Tags: 'a' } },
    cookies: { headers: { cookie: 'x-num=5; tags=a' } },
    json: { json: { 'x-num': 5, tags: ['a'] } },
    form: { form: { 'x-num': '5', tags: 'a' } },
  }

  it.each(Object.entries(where))('is read: %s', async (location, init) => {
    expect(await argsOf(shape, init, { location: location as ArgLocation })).toEqual({ 'x-num': 5, tags: ['a'] })
  })

  it('is read: path', async () => {
    expect(await parser.parse({ id: arg.int() }, requestAt({ id: '5' }), { location: 'path' })).toEqual({ id: 5 })
  })

  it.each(Object.entries(where))('is the name under which errors stand: %s', async (location) => {
    expect(await refusalOf({ n: arg.int() }, {}, { location: location as ArgLocation })).toMatchObject({
      status: 422,
      body: { [location]: { n: ['Missing data for required field.'] } },
    })
  })

  it('is JSON when nobody says which', async () => {
    expect(await argsOf({ n: arg.int() }, { url: '/?n=1', json: { n: 2 } })).toEqual({ n: 2 })
  })

  it('gives the first of repeated values where one is declared', async () => {
    expect(await argsOf({ n: z.string() }, { url: '/?n=a&n=b' }, { location: 'query' })).toEqual({ n: 'a' })
    expect(
      await argsOf(
        { n: z.string() },
        {
          form: [
            ['n', 'a'],
            ['n', 'b'],
          ],
        },
        { location: 'form' },
      ),
    ).toEqual({ n: 'a' })
    expect(await argsOf({ n: z.string() }, { headers: { cookie: 'n=a; n=b' } }, { location: 'cookies' })).toEqual({
      n: 'a',
    })
  })

  it('gives a list where one is declared, however many values came', async () => {
    for (const list of [
      arg.list(arg.string()),
      z.array(z.string()),
      z.array(z.string()).nonempty(),
      v.array(v.string()),
    ]) {
      expect(await argsOf({ n: list }, { url: '/?n=a' }, { location: 'query' })).toEqual({ n: ['a'] })
      expect(await argsOf({ n: list }, { url: '/?n=a&n=b' }, { location: 'query' })).toEqual({ n: ['a', 'b'] })
      expect(
        await argsOf(
          { n: list },
          {
            headers: [
              ['N', 'a, b'],
              ['N', 'c'],
            ],
          },
          { location: 'headers' },
        ),
      ).toEqual({
        n: ['a', 'b', 'c'],
      })
    }
  })

  it('says that a list is missing when no value came', async () => {
    expect(codesOf(await refusalOf({ n: z.array(z.string()) }, {}, { location: 'query' }))).toEqual(['query.n missing'])
    expect(await argsOf({ n: z.array(z.string()).default([]) }, {}, { location: 'query' })).toEqual({ n: [] })
  })

  it('gives one text to a schema that takes a text or a list', async () => {
    const either = z.union([z.string(), z.array(z.string())])
    expect(await argsOf({ n: either }, { url: '/?n=a&n=b' }, { location: 'query' })).toEqual({ n: 'a' })
  })

  it('keeps texts that cannot be decoded as far as they go', async () => {
    expect(await argsOf({ n: z.string() }, { url: '/?n=%zz%E4' }, { location: 'query' })).toEqual({ n: '%zz\uFFFD' })
    expect(await argsOf({ n: z.string() }, { headers: { cookie: 'n=%zz' } }, { location: 'cookies' })).toEqual({
      n: '%zz',
    })
  })
})

describe('a schema for a whole location', () => {
  it('may be a list', async () => {
    expect(await argsOf(z.array(z.int()), { json: [1, 2] })).toEqual([1, 2])
    expect((await refusalOf(z.array(z.int()), { json: [1, 'x'] })).body).toMatchObject({
      json: { 1: [expect.any(String)] },
    })
    expect(codesOf(await refusalOf(z.array(z.int()), {}))).toEqual(['json missing'])
  })

  it('may be a union of objects', async () => {
    const shape = z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('a'), a: z.string() }),
      z.object({ kind: z.literal('b'), b: z.int() }),
    ])
    expect(await argsOf(shape, { json: { kind: 'b', b: 1 } })).toEqual({ kind: 'b', b: 1 })
    expect(codesOf(await refusalOf(shape, { json: { kind: 'a', c: 1 } }))).toEqual(['json.c unknown', 'json.a missing'])
  })

  it('says what is wrong with it as a whole under _schema', async () => {
    const shape = z.object({ a: z.int(), b: z.int() }).refine(({ a, b }) => a < b, 'a must be less than b.')
    expect((await refusalOf(shape, { json: { a: 2, b: 1 } })).body).toEqual({
      json: { _schema: ['a must be less than b.'] },
    })
    const nested = { range: shape }
    expect((await refusalOf(nested, { json: { range: { a: 2, b: 1 } } })).body).toEqual({
      json: { range: { _schema: ['a must be less than b.'] } },
    })
    expect((await refusalOf(nested, { json: { range: 5 } })).body).toMatchObject({
      json: { range: { _schema: [expect.any(String)] } },
    })
  })

  it('may be of a library that shows nothing of it', async () => {
    const shape = {
      '~standard': {
        version: 1 as const,
        vendor: 'somebody',
        validate: (value: unknown) => ({ value: { got: value } }),
      },
    }
    expect(await argsOf(shape, { url: '/?a=1&a=2&b=3' }, { location: 'query' })).toEqual({ got: { a: '1', b: '3' } })
    expect(await argsOf(shape, { json: [1] })).toEqual({ got: [1] })
    expect(await argsOf(shape, {})).toEqual({ got: undefined })
  })
})

describe('several locations in one declaration', () => {
  const shape = inLocations({
    path: { id: arg.int() },
    query: { json: arg.bool({ default: false }), tags: z.array(z.string()).optional() },
    headers: { 'x-trace': arg.string({ optional: true }) },
    cookies: { theme: arg.oneOf(['dark', 'light'], { optional: true }) },
    json: z.object({ query: z.string(), seats: z.int() }),
  })

  it('are merged into one args', async () => {
    const init = { url: '/?tags=a', headers: { 'x-trace': 't', cookie: 'theme=dark' }, json: { query: 'q', seats: 1 } }
    expect(await parser.parse(shape, requestAt({ id: '7' }, init))).toEqual({
      id: 7,
      json: false,
      tags: ['a'],
      'x-trace': 't',
      theme: 'dark',
      query: 'q',
      seats: 1,
    })
  })

  it('are all reported together, each by its name', async () => {
    const init = { url: '/?json=perhaps', headers: { cookie: 'theme=red' }, json: { seats: 'x', more: 1 } }
    await expect(parser.parse(shape, requestAt({ id: 'x' }, init))).rejects.toMatchObject({
      status: 422,
      messagesDict: {
        path: { id: ['Not a valid integer.'] },
        query: { json: ['Not a valid boolean.'] },
        cookies: { theme: ['Must be one of: dark, light.'] },
        json: {
          more: ['Unknown field.'],
          query: ['Missing data for required field.'],
          seats: ['Invalid input: expected number, received string'],
        },
      },
    })
  })

  it('are reported together also when the body cannot be read, which gives the status', async () => {
    const init = { url: '/?json=perhaps', body: '{', headers: { 'content-type': 'application/json' } }
    await expect(parser.parse(shape, requestAt({ id: '1' }, init))).rejects.toMatchObject({
      status: 400,
      code: 'ERR_ARGS_MALFORMED',
      messagesDict: { query: { json: ['Not a valid boolean.'] }, json: ['Invalid JSON body.'] },
    })
  })

  it('need no promise when all are texts', () => {
    const step = useArgs(inLocations({ query: { a: arg.int() }, headers: { b: arg.string() } }))
    expect(step({ request: new TestRequest({ url: '/?a=1', headers: { b: 'x' } }) })).toEqual({
      args: { a: 1, b: 'x' },
    })
  })

  it('never let what was sent along stand in for what another location declares', async () => {
    const open = inLocations({ query: z.looseObject({ q: z.string() }), json: { id: arg.int({ optional: true }) } })
    expect(await argsOf(open, { url: '/?q=x&id=9&extra=1', json: {} })).toEqual({ q: 'x', extra: '1' })
    const included = inLocations({ json: { name: arg.string() }, path: { id: arg.int() } })
    const request = requestAt({ id: '1' }, { json: { name: 'x', id: 666 } })
    expect(await parser.parse(included, request, { unknown: { json: 'include' } })).toEqual({ name: 'x', id: 1 })
  })

  it('are refused at set-up when they cannot work, with everything that is wrong', () => {
    const wrong = inLocations({
      path: { id: arg.int() },
      json: { id: arg.int() as never },
      form: { a: 5 as never },
    } as never)
    expect(() => useArgs(wrong)).toThrow(TypeError)
    expect(() => useArgs(wrong)).toThrow(
      '`form.a` must be a Standard Schema (zod, valibot, arktype, arg), found number; ' +
        'a request has one body, so "json" and "form" exclude each other; ' +
        '"id" is declared in "path" and "json"; a name may be in one location only',
    )
    expect(() => useArgs(inLocations({}))).toThrow('inLocations() needs at least one location, found none')
    expect(() => useArgs(inLocations({ body: { a: arg.int() } } as never))).toThrow(
      'inLocations() has no location "body"',
    )
    expect(() => useArgs(inLocations({ json: { a: arg.int() } }), { many: true })).toThrow('`many` needs one shape')
  })
})

describe('two useArgs in a row', () => {
  it('merge what they give, asynchronous or not', async () => {
    const run = pipeline(
      useArgs({ a: arg.int() }, { location: 'query' }),
      steps(useArgs(z.object({ b: z.string() }))),
      useArgs({ c: arg.string({ optional: true }) }, { location: 'headers' }),
      ({ args }) => args,
    )
    const outcome = await run({ request: new TestRequest({ url: '/?a=1', json: { b: 'x' }, headers: { c: 'y' } }) })
    expect((outcome as Reply).data).toEqual({ a: 1, b: 'x', c: 'y' })
  })

  it('read the body once', async () => {
    const request = new TestRequest({ json: { a: 1, b: 2 } })
    const run = pipeline(
      useArgs({ a: arg.int() }, { unknown: { json: 'exclude' } }),
      useArgs({ b: arg.int() }, { unknown: { json: 'exclude' } }),
      ({ args }) => args,
    )
    expect(((await run({ request })) as Reply).data).toEqual({ a: 1, b: 2 })
  })

  it('let what is declared go before what merely came along, whichever stands first', async () => {
    const path = useArgs({ id: arg.int() }, { location: 'path' })
    const body = useArgs({ name: arg.string() }, { unknown: { json: 'include' } })
    const request = () => requestAt({ id: '1' }, { json: { name: 'x', id: 666, more: true } })
    for (const run of [pipeline(path, body, ({ args }) => args), pipeline(body, path, ({ args }) => args)]) {
      expect(((await run({ request: request() })) as Reply).data).toEqual({ id: 1, name: 'x', more: true })
    }
  })

  it('are refused at set-up when they declare one name', () => {
    const again = useArgs({ a: arg.int() }) as () => object
    expect(() => pipeline(useArgs(z.object({ a: z.string(), b: z.string() })), again, () => 1)).toThrow(
      new TypeError('"a": declared by an earlier useArgs already'),
    )
    expect(() => pipeline(useArgs({ a: arg.int() }), steps(again), () => 1)).toThrow(TypeError)
    const list = useArgs({ b: arg.int() }, { many: true }) as () => object
    expect(() => pipeline(list, again, () => 1)).toThrow('`args` of a useArgs with `many` is a list')
    expect(() => pipeline(again, list, () => 1)).toThrow('`args` of a useArgs with `many` is a list')
  })
})

describe('many', () => {
  const shape = { n: arg.int({ min: 1 }) }

  it('reads a list of the shape', async () => {
    expect(await argsOf(shape, { json: [{ n: 1 }, { n: 2 }] }, { many: true })).toEqual([{ n: 1 }, { n: 2 }])
    expect(await argsOf(shape, { json: [] }, { many: true })).toEqual([])
    expect(await argsOf(z.object({ n: z.int() }), { json: [{ n: 1 }] }, { many: true })).toEqual([{ n: 1 }])
  })

  it('names errors by their index', async () => {
    const json = [{ n: 1 }, { n: 'x' }, 5, {}, { n: 1, m: 1 }]
    expect((await refusalOf(shape, { json }, { many: true })).body).toEqual({
      json: {
        1: { n: ['Not a valid integer.'] },
        2: { _schema: ['Invalid input type.'] },
        3: { n: ['Missing data for required field.'] },
        4: { m: ['Unknown field.'] },
      },
    })
  })

  it.each([[{ json: { n: 1 } }], [{}], [{ json: null }]])('refuses %j as webargs 8 does', async (init) => {
    expect(await refusalOf(shape, init as TestRequestInit, { many: true })).toMatchObject({
      status: 422,
      body: { json: { _schema: ['Invalid input type.'] } },
    })
  })

  it('waits for items that take their time', async () => {
    const slow = { n: z.int().refine(async (n) => n > 0, 'Too low.') }
    expect(await argsOf(slow, { json: [{ n: 1 }, { n: 2 }] }, { many: true })).toEqual([{ n: 1 }, { n: 2 }])
    expect((await refusalOf(slow, { json: [{ n: 1 }, { n: 0 }] }, { many: true })).body).toEqual({
      json: { 1: { n: ['Too low.'] } },
    })
  })

  it('is refused at set-up where there is no JSON', () => {
    expect(() => useArgs(shape, { many: true, location: 'query' })).toThrow(
      '`many` needs the location "json", found "query"',
    )
  })
})

describe('json_or_form', () => {
  const shape = { n: arg.int(), tags: arg.list(arg.string(), { default: [] }) }
  const either = { location: 'json_or_form' } as const

  it('takes either', async () => {
    expect(await argsOf(shape, { json: { n: 1, tags: ['a'] } }, either)).toEqual({ n: 1, tags: ['a'] })
    expect(await argsOf(shape, { form: { n: '1', tags: 'a' } }, either)).toEqual({ n: 1, tags: ['a'] })
  })

  it('names errors after itself, and JSON that cannot be read after JSON, as webargs does', async () => {
    for (const init of [{ json: { n: 'x' } }, { form: { n: 'x' } }]) {
      expect((await refusalOf(shape, init, either)).body).toEqual({ json_or_form: { n: ['Not a valid integer.'] } })
    }
    expect((await refusalOf(shape, {}, either)).body).toEqual({
      json_or_form: { n: ['Missing data for required field.'] },
    })
    const broken = { body: '{', headers: { 'content-type': 'application/json' } }
    expect(await refusalOf(shape, broken, either)).toMatchObject({
      status: 400,
      body: { json: ['Invalid JSON body.'] },
    })
  })

  it('says in words which types it takes', async () => {
    const other = { body: 'n=1', headers: { 'content-type': 'text/plain' } }
    expect(await refusalOf(shape, other, either)).toMatchObject({
      status: 415,
      body: { json_or_form: [expect.stringContaining('must be JSON ("application/json") or a form')] },
    })
  })

  it('refuses what nobody declared in both', async () => {
    for (const init of [{ json: { n: 1, x: 1 } }, { form: { n: '1', x: '1' } }]) {
      expect(codesOf(await refusalOf(shape, init, either))).toEqual(['json_or_form.x unknown'])
    }
  })
})
