import { ArgsParser, type ArgsShape, arg, inLocations, useArgs } from 'twopi/webargs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { TestRequest, type TestRequestInit } from '../../support/test-request.ts'
import { argsOf, codesOf, rawJson, refusalOf } from './refusal.ts'

/** A parser as those of webargs 5: `BetterFlaskParser` without arguments. */
const asWebargs5 = { firstOf: ['query', 'form', 'json'], layout: 'flat' } as const
const n = { n: arg.int() }
const MISSING = ['Missing data for required field.']

/** What webargs 5.5.3 did, as args or as the body of a refusal. */
const rows: readonly [title: string, shape: ArgsShape, init: TestRequestInit, args: unknown, body?: unknown][] = [
  ['the first location that has a field wins: the query', n, { url: '/?n=1', json: { n: 2 } }, { n: 1 }],
  ['the first location that has a field wins: a form', n, { form: { n: '2' } }, { n: 2 }],
  ['the first location that has a field wins: JSON', n, { json: { n: 3 } }, { n: 3 }],
  [
    'fields may come from different locations',
    { a: arg.int(), b: arg.int() },
    { url: '/?a=1', json: { b: 2 } },
    { a: 1, b: 2 },
  ],
  [
    'a location wins with a value that is wrong, too',
    n,
    { url: '/?n=x', json: { n: 2 } },
    undefined,
    { n: ['Not a valid integer.'] },
  ],
  ['what nobody declared is never seen', n, { url: '/?n=1&x=1', json: { y: 1 } }, { n: 1 }],
  [
    'what nobody declared is never seen by a strict schema',
    z.strictObject({ n: z.int() }),
    { json: { n: 1, y: 1 } },
    { n: 1 },
  ],
  [
    'it is seen in nested objects',
    { o: arg.object({ a: arg.int() }) },
    { json: { o: { a: 1, b: 1 } } },
    undefined,
    { o: { b: ['Unknown field.'] } },
  ],
  ['a missing value stays missing', { n: arg.int({ optional: true }) }, {}, {}],
  ['a missing value has its default', { n: arg.int({ default: 5 }) }, {}, { n: 5 }],
  ['a missing value that must be there', n, {}, undefined, { n: MISSING }],
  ['a list in the query', { l: arg.list(arg.int()) }, { url: '/?l=1&l=2' }, { l: [1, 2] }],
  ['a list of one in the query', { l: arg.list(arg.int()) }, { url: '/?l=1' }, { l: [1] }],
  ['a list in JSON', { l: arg.list(arg.int()) }, { json: { l: [1, 2] } }, { l: [1, 2] }],
  [
    'a single value for a list in JSON is a list of one',
    { l: arg.list(arg.string()) },
    { json: { l: 'a' } },
    { l: ['a'] },
  ],
  [
    'null for a list in JSON is null',
    { l: arg.list(arg.string()) },
    { json: { l: null } },
    undefined,
    { l: ['Field may not be null.'] },
  ],
  ['the first of repeated values', { s: arg.string() }, { url: '/?s=a&s=b' }, { s: 'a' }],
  ['a delimited list as a text', { d: arg.delimited(arg.int()) }, { url: '/?d=1,2' }, { d: [1, 2] }],
  ['a delimited list as a list', { d: arg.delimited(arg.int()) }, { json: { d: [1, 2] } }, { d: [1, 2] }],
  [
    'an empty delimited list has one empty item',
    { d: arg.delimited(arg.int()) },
    { url: '/?d=' },
    undefined,
    { d: { 0: ['Not a valid integer.'] } },
  ],
  ['an empty delimited list of texts', { d: arg.delimited(arg.string()) }, { url: '/?d=' }, { d: [''] }],
  ['the layout has no locations', n, { json: { n: 'x' } }, undefined, { n: ['Not a valid integer.'] }],
  [
    'the layout of nested fields',
    { o: arg.object({ a: arg.int(), l: arg.list(arg.int()) }) },
    { json: { o: { a: 'x', l: [1, 'x'] } } },
    undefined,
    { o: { a: ['Not a valid integer.'], l: { 1: ['Not a valid integer.'] } } },
  ],
  [
    'a nested value that is no object',
    { o: arg.object({ a: arg.int() }) },
    { json: { o: 5 } },
    undefined,
    { o: { _schema: ['Invalid input type.'] } },
  ],
  [
    'what is wrong with all of it',
    z.object({ a: z.int() }).refine(() => false, 'unlucky'),
    { json: { a: 1 } },
    undefined,
    { _schema: ['unlucky'] },
  ],
  ['JSON that cannot be read', n, rawJson('{'), undefined, { json: ['Invalid JSON body.'] }],
  ['an empty body', n, rawJson(''), undefined, { n: MISSING }],
  ['JSON null', n, rawJson('null'), undefined, { n: MISSING }],
  ['JSON that is a number', n, rawJson('5'), undefined, { n: MISSING }],
  ['JSON that is a list', n, rawJson('[1]'), undefined, { n: MISSING }],
  [
    'JSON of another content type counts as none',
    n,
    { body: '{"n": 1}', headers: { 'content-type': 'text/plain' } },
    undefined,
    { n: MISSING },
  ],
  [
    'JSON of another content type, and the field elsewhere',
    n,
    { url: '/?n=1', body: 'x', headers: { 'content-type': 'text/plain' } },
    { n: 1 },
  ],
  ['the last of duplicate keys', n, rawJson('{"n": 1, "n": 2}'), { n: 2 }],
  [
    'an integer of any size',
    { n: arg.bigint() },
    rawJson('{"n": 1208925819614629174706177}'),
    { n: 1208925819614629174706177n },
  ],
  ['digits for an integer in JSON', n, { json: { n: '1' } }, { n: 1 }],
  ['true for an integer', n, { json: { n: true } }, undefined, { n: ['Not a valid integer.'] }],
  ['null for an integer', n, { json: { n: null } }, undefined, { n: ['Field may not be null.'] }],
  [
    'what is wrong in several locations is one map',
    { a: arg.int(), b: arg.int(), c: arg.int() },
    { url: '/?a=x', json: { b: 'x' } },
    undefined,
    { a: ['Not a valid integer.'], b: ['Not a valid integer.'], c: MISSING },
  ],
  [
    'the first of repeated values in a form',
    { s: arg.string() },
    {
      form: [
        ['s', 'a'],
        ['s', 'b'],
      ],
    },
    { s: 'a' },
  ],
  [
    'a list in a form',
    { l: arg.list(arg.string()) },
    {
      form: [
        ['l', 'a'],
        ['l', 'b'],
      ],
    },
    { l: ['a', 'b'] },
  ],
  ['a list that is missing', { l: arg.list(arg.string(), { optional: true }) }, { json: {} }, {}],
  ['an empty list in JSON', { l: arg.list(arg.string()) }, { json: { l: [] } }, { l: [] }],
  [
    'an object for a list in JSON',
    { l: arg.list(arg.string()) },
    { json: { l: {} } },
    undefined,
    { l: { 0: ['Not a valid string.'] } },
  ],
  ['an empty item in a delimited list', { d: arg.delimited(arg.string()) }, { url: '/?d=1,,2' }, { d: ['1', '', '2'] }],
  ['a delimited list that came twice', { d: arg.delimited(arg.int()) }, { url: '/?d=1,2&d=3' }, { d: [1, 2] }],
  [
    'a number for a delimited list',
    { d: arg.delimited(arg.int()) },
    { json: { d: 5 } },
    undefined,
    { d: ['Not a valid delimited list.'] },
  ],
  [
    'JSON under a type of its own',
    n,
    { body: '{"n": 1}', headers: { 'content-type': 'application/x+json; v=1' } },
    { n: 1 },
  ],
  [
    'JSON that is not UTF-8',
    n,
    rawJson(new Uint8Array([0x22, 0xff, 0x22])),
    undefined,
    { json: ['Invalid JSON body.'] },
  ],
]

describe('the look-up of webargs 5', () => {
  it.each(rows)('%s', async (_title, shape, init, args, body) => {
    if (body === undefined) expect(await argsOf(shape, init, asWebargs5)).toEqual(args)
    else
      expect(await refusalOf(shape, init, asWebargs5)).toMatchObject({
        status: 'json' in (body as object) ? 400 : 422,
        body,
      })
  })

  it('takes the locations in the order in which they are named', async () => {
    const init = { url: '/?n=1', json: { n: 2 } }
    expect(await argsOf(n, init, { firstOf: ['json', 'query'] })).toEqual({ n: 2 })
    expect(await argsOf(n, init, { firstOf: ['query', 'json'] })).toEqual({ n: 1 })
  })

  it('refuses a body that cannot be read, though all fields were found before it, which webargs 5 did not look at', async () => {
    expect(await refusalOf(n, { url: '/?n=1', ...rawJson('{') }, asWebargs5)).toMatchObject({
      status: 400,
      body: { json: ['Invalid JSON body.'] },
    })
  })

  it('finds headers whatever the case of their names', async () => {
    const shape = { 'X-Num': arg.int() }
    expect(await argsOf(shape, { headers: { 'x-num': '1' } }, { firstOf: ['query', 'headers'] })).toEqual({
      'X-Num': 1,
    })
  })

  it('answers with the status of a call', async () => {
    const { status, body } = await refusalOf(n, {}, { ...asWebargs5, statuses: { invalid: 400 } })
    expect([status, body]).toEqual([400, { n: MISSING }])
  })

  it('names the location in which a value was found, and for one that is missing the first', async () => {
    const shape = { a: arg.int(), b: arg.int(), c: arg.int() }
    const firstOf = ['query', 'headers', 'json'] as const
    const refusal = await refusalOf(shape, { headers: { b: 'x' }, json: { a: 'x', b: 1 } }, { firstOf })
    expect(codesOf(refusal)).toEqual(['json.a invalid_type', 'headers.b invalid_type', 'query.c missing'])
  })

  it('looks in any order, in the path, headers and cookies too', async () => {
    const shape = { n: arg.int() }
    const init = { url: '/?n=1', headers: { n: '2', cookie: 'n=3' }, json: undefined }
    expect(await argsOf(shape, init, { firstOf: ['cookies', 'headers', 'query'] })).toEqual({ n: 3 })
    expect(await argsOf(shape, init, { firstOf: ['headers', 'cookies'] })).toEqual({ n: 2 })
    const request = new TestRequest(init)
    request.setParams({ n: '4' })
    expect(await new ArgsParser({ firstOf: ['path', 'query'] }).parse(shape, request)).toEqual({ n: 4 })
  })

  it('needs no promise when no body is among the locations', () => {
    const step = useArgs(n, { firstOf: ['query', 'headers'] })
    expect(step({ request: new TestRequest({ url: '/?n=1' }) })).toEqual({ args: { n: 1 } })
  })

  it('waits for schemas that take their time', async () => {
    const slow = { n: z.string().refine(async (text) => text !== 'bad', 'No.') }
    expect(await argsOf(slow, { url: '/?n=a' }, asWebargs5)).toEqual({ n: 'a' })
    expect((await refusalOf(slow, { url: '/?n=bad' }, { firstOf: ['json', 'query'] })).body).toEqual({
      query: { n: ['No.'] },
    })
  })

  it('finds nothing that every object has', async () => {
    expect(
      codesOf(await refusalOf({ constructor: z.unknown().refine((x) => x !== undefined) }, { json: {} }, asWebargs5)),
    ).toEqual(['query.constructor custom'])
  })

  it('makes way for a location that a call names, and for a shape that names its own', async () => {
    const parser = new ArgsParser(asWebargs5)
    const request = new TestRequest({ url: '/?n=1', json: { n: 2 } })
    expect(await parser.parse(n, request, { location: 'json' })).toEqual({ n: 2 })
    expect(await parser.parse(inLocations({ json: n }), request)).toEqual({ n: 2 })
  })

  it('is refused at set-up where it cannot work', () => {
    expect(() => useArgs(n, { firstOf: ['query'], many: true })).toThrow('`many` needs one location, found `firstOf`')
    expect(() => useArgs(n, { firstOf: [] })).toThrow('`firstOf` must name at least one location')
    expect(() => useArgs(n, { firstOf: ['files' as never] })).toThrow('`firstOf` must be one of')
    expect(() => useArgs(n, { firstOf: ['query'], location: 'json' })).toThrow(
      '`location` and `firstOf` exclude each other',
    )
    expect(() => useArgs(z.array(z.string()), { firstOf: ['query'] })).toThrow('`firstOf` needs fields by name')
  })
})
