import { type } from 'arktype'
import fc from 'fast-check'
import { view } from 'twopi/fetch'
import { type ArgLocation, type ArgsShape, arg, inLocations, type UseArgsOptions, useArgs } from 'twopi/webargs'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { TestRequest } from '../../support/test-request.ts'
import { argsOf, codesOf, rawJson, refusalOf } from './refusal.ts'

describe('prototypes', () => {
  const shapes: readonly ArgsShape[] = [
    { a: arg.int({ optional: true }) },
    z.looseObject({ a: z.unknown().optional() }),
    z.record(z.string(), z.unknown()),
    v.looseObject({ a: v.optional(v.unknown()) }),
    v.record(v.string(), v.unknown()),
    type({ 'a?': 'unknown' }),
  ]
  const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '__defineGetter__']

  it('are left alone by JSON, whatever becomes of unknown fields', async () => {
    for (const shape of shapes) {
      for (const policy of ['exclude', 'include'] as const) {
        const bodies = names.map((name) => `{"${name}": {"polluted": 1, "prototype": {"polluted": 1}}}`)
        for (const body of [...bodies, '{"\\u005f_proto__": {"polluted": 1}}']) {
          const args = await argsOf(shape, rawJson(body), { unknown: { json: policy } })
          expect(Object.getPrototypeOf(args)).toBe(Object.prototype)
          expect((args as { polluted?: unknown }).polluted).toBeUndefined()
        }
      }
    }
    expect({}).not.toHaveProperty('polluted')
  })

  it('are left alone by texts', async () => {
    const pairs = names.map((name) => `${name}=polluted&${name}=again`).join('&')
    for (const shape of shapes) {
      for (const policy of ['exclude', 'include'] as const) {
        const where = { query: { url: `/?${pairs}` }, cookies: { headers: { cookie: pairs.replaceAll('&', '; ') } } }
        for (const [location, init] of Object.entries(where)) {
          const args = await argsOf(shape, init, { location: location as ArgLocation, unknown: { [location]: policy } })
          expect(Object.getPrototypeOf(args)).toBe(Object.prototype)
        }
      }
    }
  })

  it('give no field that was not sent', async () => {
    const shape = { constructor: arg.string({ optional: true }), toString: arg.string({ optional: true }) }
    for (const location of ['query', 'headers', 'cookies', 'path'] as const) {
      expect(Object.keys((await argsOf(shape, {}, { location })) as object)).toEqual([])
    }
    expect(Object.keys((await argsOf(shape, { json: {} })) as object)).toEqual([])
    expect(await argsOf(shape, { json: { constructor: 'x' } })).toEqual({ constructor: 'x' })
  })

  it('give names to errors like any other', async () => {
    const { body } = await refusalOf({}, rawJson('{"constructor": 1, "toString": 1}'))
    expect(body).toEqual({ json: { constructor: ['Unknown field.'], toString: ['Unknown field.'] } })
    const query = { location: 'query', unknown: { query: 'raise' } } as const
    expect(codesOf(await refusalOf({}, { url: '/?__proto__=1&constructor=1' }, query))).toEqual([
      'query.constructor unknown',
    ])
  })
})

describe('the limits', () => {
  const any = { a: z.unknown() }
  const nested = (depth: number) => `{"a": ${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`
  interface Tree {
    readonly a?: Tree | undefined
  }
  const tree: z.ZodType<Tree> = z.lazy(() => z.object({ a: tree.optional() }))

  it('bound how long a name in JSON is, which arktype writes once for each fault below it', async () => {
    await argsOf(any, rawJson(JSON.stringify({ a: { ['k'.repeat(1000)]: 1 } })))
    const shape = { m: type({ '[string]': 'number[]' }) }
    const json = { m: { ['k'.repeat(100_000)]: Array(1000).fill('x') } }
    expect(await refusalOf(shape, { json })).toMatchObject({
      status: 413,
      body: { json: ['The JSON has a name of more than 1000 characters.'] },
    })
    expect((await refusalOf(any, { json: { a: { four: 1 } } }, { limits: { nameLength: 3 } })).status).toBe(413)
  })

  it('bound how deep JSON is nested', async () => {
    await argsOf(any, rawJson(nested(64)))
    expect(await refusalOf(any, rawJson(nested(65)))).toMatchObject({
      status: 413,
      body: { json: ['The JSON is nested more than 64 deep.'] },
      error: { code: 'ERR_ARGS_TOO_LARGE', issues: [{ code: 'too_large' }] },
    })
    expect((await refusalOf(any, rawJson(nested(3)), { limits: { depth: 2 } })).status).toBe(413)
    for (const deep of [
      '['.repeat(400_000) + ']'.repeat(400_000),
      `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`,
    ]) {
      for (const shape of [any, tree]) expect((await refusalOf(shape, rawJson(deep))).status).toBe(413)
    }
  })

  it('bound how many values JSON has', async () => {
    const list = (length: number) => ({ json: { a: new Array(length).fill(0) } })
    await argsOf(any, list(9999))
    expect((await refusalOf(any, list(10_000))).body).toEqual({ json: ['The JSON has more than 10000 values.'] })
    const object = { json: { a: Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`k${i}`, i])) } }
    expect((await refusalOf(any, object, { limits: { values: 20 } })).status).toBe(413)
    await argsOf(any, object, { limits: { values: 21 } })
    expect((await refusalOf(any, { json: new Array(30_000).fill({}) }, { many: true })).status).toBe(413)
  })

  it('bound how many fields texts have', async () => {
    const pairs = (length: number) => Array.from({ length }, (_, i) => `k${i}=1`)
    await argsOf({}, { url: `/?${pairs(1000).join('&')}` }, { location: 'query' })
    const where = {
      query: { url: `/?${pairs(1001).join('&')}` },
      cookies: { headers: { cookie: pairs(1001).join('; ') } },
      form: { body: pairs(1001).join('&'), headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      headers: { headers: pairs(1001).map((pair) => pair.split('=') as [string, string]) },
    }
    for (const [location, init] of Object.entries(where)) {
      expect(await refusalOf({}, init, { location: location as ArgLocation })).toMatchObject({
        status: 413,
        body: { [location]: ['There are more than 1000 fields.'] },
      })
    }
    expect((await refusalOf({ k1: arg.int() }, where.query, { firstOf: ['query'] })).status).toBe(413)
    expect((await refusalOf({}, { url: '/?a&b' }, { location: 'query', limits: { fields: 1 } })).status).toBe(413)
  })

  it('bound how many issues are told', async () => {
    const { error } = await refusalOf({ l: arg.list(arg.int()) }, { json: { l: new Array(5000).fill('x') } })
    expect(error.issues).toHaveLength(1000)
    const few = await refusalOf({}, { json: { a: 1, b: 1, c: 1 } }, { limits: { issues: 2 } })
    expect(codesOf(few)).toEqual(['json.a unknown', 'json.b unknown'])
    const items = new Array(50).fill(5)
    expect(
      (await refusalOf({ a: arg.int() }, { json: items }, { many: true, limits: { issues: 2 } })).error.issues,
    ).toHaveLength(2)
  })

  it('let a full load of arguments through in linear time', async () => {
    const names = Array.from({ length: 1000 }, (_, i) => `k${i}`)
    const shape = Object.fromEntries(names.map((name) => [name, arg.int()]))
    const args = await argsOf(shape, { url: `/?${names.map((name) => `${name}=1`).join('&')}` }, { location: 'query' })
    expect(Object.keys(args as object)).toHaveLength(1000)
  })
})

describe('texts that are no good', () => {
  const texts = [
    '\0',
    'a\0b',
    '\uD800',
    '\uDFFF\uD800',
    '\uFFFE',
    '\u202E',
    '%',
    '%00',
    '%zz',
    '%C0%80',
    '%ED%A0%80',
    '\r\n',
  ]

  it('are refused by arg.string where databases refuse them, and passed on by others', async () => {
    for (const text of ['a\0b', '\uD800']) {
      expect((await refusalOf({ s: arg.string() }, rawJson(JSON.stringify({ s: text })))).status).toBe(422)
      expect(await argsOf({ s: z.string() }, rawJson(JSON.stringify({ s: text })))).toEqual({ s: text })
    }
  })

  it('make sound errors where they are names', async () => {
    for (const layout of ['location', 'flat', 'problem'] as const) {
      for (const text of texts) {
        const { status, body } = await refusalOf({}, rawJson(JSON.stringify({ [text]: 1 })), { layout })
        expect(status).toBe(422)
        expect(JSON.stringify(body)).toContain('Unknown field.')
      }
    }
  })
})

describe('any request', () => {
  const fields = {
    i: arg.int({ optional: true }),
    n: arg.number({ optional: true }),
    b: arg.bigint({ optional: true }),
    t: arg.bool({ optional: true }),
    s: arg.string({ optional: true, max: 5 }),
    d: arg.date({ optional: true }),
    m: arg.dateTime({ optional: true }),
    l: arg.list(arg.int(), { optional: true }),
    c: arg.delimited(arg.int(), { optional: true }),
    o: arg.object({ a: arg.int(), z: z.array(z.string()) }, { optional: true }),
    z: z.object({ a: z.int(), u: z.union([z.string(), z.array(z.int())]) }).optional(),
    v: v.optional(v.pipe(v.array(v.pipe(v.string(), v.email())), v.minLength(2))),
    a: type('string.email[]|number|undefined'),
  }
  const one = z.object({ i: z.int().optional(), l: z.array(z.string()).max(2).optional(), s: z.email().optional() })
  const ark = type({ 'i?': 'number.integer', 'l?': 'string[]<3', 's?': "'a'|'b'" })
  const val = v.object({
    i: v.optional(v.number()),
    l: v.optional(v.array(v.string())),
    s: v.optional(v.pipe(v.string(), v.url())),
  })
  const shapes = [fields, one, ark, val] as const

  const name = fc.oneof(
    fc.constantFrom(...Object.keys(fields), '__proto__', 'constructor', 'toString', ''),
    fc.string({ unit: 'binary' }),
  )
  const text = fc.oneof(
    fc.constantFrom(
      '1',
      '-0',
      '1e999',
      '9'.repeat(30),
      'true',
      '2024-02-30',
      '1,,2',
      '\0',
      '\uD800',
      '%',
      '%zz',
      '%C0%80',
      ',',
    ),
    fc.string({ unit: 'binary' }),
    fc.string(),
  )
  const json = fc.oneof(
    fc.json(),
    fc.dictionary(name, fc.oneof(fc.jsonValue(), text, fc.array(text))).map((value) => JSON.stringify(value)),
    fc
      .tuple(
        fc.constantFrom(...Object.keys(fields)),
        fc.constantFrom('1e400', '9007199254740993', '-1e-999', '[[[[]]]]', '1.0'),
      )
      .map(([key, value]) => `{"${key}":${value}}`),
    fc.string(),
  )
  const pairs = fc.array(fc.tuple(name, text), { maxLength: 8 })
  const query = fc.oneof(
    pairs.map((list) => new URLSearchParams(list).toString()),
    fc.string().map((raw) => raw.replace(/[^\x21-\x7e]|#/g, '')),
  )
  const headerText = text.map((value) => value.replace(/[^\t\x20-\x7e\x80-\xff]/g, ''))
  const layout = fc.constantFrom('location', 'flat', 'problem')
  const policy = fc.constantFrom('raise', 'exclude', 'include')

  /** Sends through an adapter; fails for everything but a reply of ours. */
  async function expectNo5xx(shape: ArgsShape, options: UseArgsOptions, request: Request) {
    const handler = view(useArgs(shape, options) as () => object, () => 'fine')
    const response = await handler(request, { params: { i: '%', l: '\0', constructor: 'x' } })
    const body = await response.text()
    expect([response.status, body]).toEqual([
      expect.toSatisfy((status: number) => [200, 400, 413, 415, 422].includes(status)),
      body,
    ])
    expect(JSON.parse(body)).toBeTypeOf('object')
    expect({}).not.toHaveProperty('polluted')
  }
  const runs = { numRuns: 150 }
  const post = (type: string, body: string | Uint8Array<ArrayBuffer>) =>
    new Request('http://localhost/?i=x&l=1', { method: 'POST', headers: { 'content-type': type }, body })

  it('is answered below 500: JSON', async () => {
    const types = fc.constantFrom(
      'application/json',
      'application/x+json; charset=utf-8',
      'text/plain',
      'application/json; charset=utf-16le',
    )
    await fc.assert(
      fc.asyncProperty(json, types, layout, policy, fc.boolean(), async (body, type, layout, unknown, many) => {
        for (const shape of shapes) {
          await expectNo5xx(shape, { layout, unknown: { json: unknown }, many }, post(type, body))
          await expectNo5xx(shape, { layout, location: 'json_or_form' }, post(type, body))
        }
      }),
      runs,
    )
  })

  it('is answered below 500: bytes', async () => {
    const bytes = fc.uint8Array({ maxLength: 64 }).map((list) => new Uint8Array(list))
    const types = fc.constantFrom('application/json', 'application/x-www-form-urlencoded', 'multipart/form-data', '')
    await fc.assert(
      fc.asyncProperty(bytes, types, async (body, type) => {
        for (const location of ['json', 'form', 'json_or_form'] as const) {
          await expectNo5xx(fields, { location }, post(type, body))
        }
        await expectNo5xx(fields, { firstOf: ['query', 'form', 'json'] }, post(type, body))
      }),
      runs,
    )
  })

  it('is answered below 500: query, form, headers, cookies and path', async () => {
    await fc.assert(
      fc.asyncProperty(query, pairs, headerText, layout, policy, async (search, list, header, layout, policy) => {
        const unknown = { path: policy, query: policy, headers: policy, cookies: policy, form: policy }
        const cookie = list
          .map(([key, value]) => `${key}=${value}`)
          .join('; ')
          .replace(/[^\t\x20-\x7e\x80-\xff]/g, '')
        const headers = { i: header, l: header, s: header, cookie }
        const request = () => new Request(`http://localhost/?${search}`, { headers })
        for (const shape of shapes) {
          for (const location of ['query', 'headers', 'cookies', 'path'] as const) {
            await expectNo5xx(shape, { location, layout, unknown }, request())
          }
          await expectNo5xx(
            shape,
            { location: 'form', layout, unknown },
            post('application/x-www-form-urlencoded', search),
          )
          await expectNo5xx(shape, { firstOf: ['cookies', 'headers', 'query', 'path'], layout }, request())
        }
      }),
      runs,
    )
  })

  it('is answered below 500: several locations at once', async () => {
    const { i, l, s, ...rest } = fields
    const shape = inLocations({ path: { i }, query: { l }, headers: { s }, json: rest })
    await fc.assert(
      fc.asyncProperty(query, json, headerText, policy, async (search, body, header, policy) => {
        const unknown = { path: policy, query: policy, json: policy } as const
        const request = new Request(`http://localhost/?${search}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', s: header },
          body,
        })
        await expectNo5xx(shape, { unknown }, request)
      }),
      runs,
    )
  })

  it('gives integers that are exact or none at all', async () => {
    await fc.assert(
      fc.asyncProperty(fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }), async (n) => {
        const request = rawJson(`{"n": ${n}}`)
        expect(await argsOf({ n: arg.bigint() }, request)).toEqual({ n })
        const safe = n >= Number.MIN_SAFE_INTEGER && n <= Number.MAX_SAFE_INTEGER
        for (const field of [arg.int(), arg.number(), z.number(), v.number(), type('number')]) {
          if (safe) expect(await argsOf({ n: field }, request)).toEqual({ n: Number(n) })
          else expect((await refusalOf({ n: field }, request)).status).toBe(422)
        }
      }),
    )
  })

  it('reads a request with a body that the framework has parsed', async () => {
    class Parsed extends TestRequest {
      protected override readonly parsedBody: unknown
      constructor(body: unknown) {
        super({ headers: { 'content-type': 'application/json' } })
        this.parsedBody = body
      }
    }
    const step = useArgs({ n: arg.int() })
    expect(await step({ request: new Parsed({ n: 5 }) })).toEqual({ args: { n: 5 } })
    await expect(Promise.resolve(step({ request: new Parsed({ n: 2 ** 60 }) }))).rejects.toMatchObject({ status: 422 })
  })
})
