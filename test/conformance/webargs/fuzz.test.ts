import { type } from 'arktype'
import fc from 'fast-check'
import { type ArgsShape, arg, inLocations, type UseArgsOptions, useArgs } from 'twopi/webargs'
import * as v from 'valibot'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { overSocket, type Send, type TestRequest } from '../http/transport.ts'
import { type ArgsApp, type ArgsRoute, argsApps } from './arg-apps.ts'

const fields = {
  i: arg.int({ optional: true }),
  n: arg.number({ optional: true }),
  b: arg.bigint({ optional: true }),
  t: arg.bool({ optional: true }),
  s: arg.string({ optional: true, max: 5 }),
  d: arg.date({ optional: true }),
  l: arg.list(arg.int(), { optional: true }),
  c: arg.delimited(arg.int(), { optional: true }),
  o: arg.object({ a: arg.int(), z: z.array(z.string()) }, { optional: true }),
  v: v.optional(v.pipe(v.array(v.pipe(v.string(), v.email())), v.minLength(2))),
  a: type('string.email[]|number|undefined'),
}
const { i, l, s, ...rest } = fields
const strict = z.object({ i: z.int().optional(), l: z.array(z.string()).max(2).optional(), s: z.email().optional() })
const include = { json: 'include', form: 'include', query: 'include', headers: 'include', cookies: 'include' } as const

/** Reached by GET where the body does not matter, else by POST. */
const declarations: Readonly<Record<string, readonly [shape: ArgsShape, options: UseArgsOptions]>> = {
  query: [fields, { location: 'query', unknown: { query: 'raise' } }],
  headers: [fields, { location: 'headers', unknown: include }],
  cookies: [fields, { location: 'cookies', unknown: include }],
  'path/:i/:s': [{ i: arg.int(), s: z.string().min(2) }, { location: 'path' }],
  json: [fields, { unknown: include }],
  strict: [strict, { layout: 'problem' }],
  many: [fields, { many: true, layout: 'flat' }],
  form: [fields, { location: 'form', unknown: include }],
  either: [strict, { location: 'json_or_form' }],
  files: [inLocations({ files: { f: arg.file({ optional: true }) }, form: { i, s } }), {}],
  several: [inLocations({ query: { l }, headers: { s }, cookies: { i }, json: rest }), {}],
  first: [fields, { firstOf: ['query', 'cookies', 'form', 'json', 'headers'], layout: 'flat' }],
}
const routes: readonly ArgsRoute[] = Object.entries(declarations).map(([path, [shape, options]]) => ({
  path: `/${path}`,
  parts: [useArgs(shape, options) as () => object, () => 'fine'],
}))

const name = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...Object.keys(fields), 'f') },
  { weight: 1, arbitrary: fc.constantFrom('__proto__', 'constructor', '') },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
)
const text = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      ...['1', '-0', '1e999', '9'.repeat(30), '2024-02-30', '1,,2', '\0', '\uD800', '%', '%zz', '%C0%80', '%00'],
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
  { weight: 1, arbitrary: fc.string() },
)
const json = fc.oneof(
  fc.json(),
  fc.dictionary(name, fc.oneof(fc.jsonValue(), text, fc.array(text))).map((value) => JSON.stringify(value)),
  fc.constantFrom(
    '{"i":1e400}',
    '{"b":9007199254740993}',
    '{"__proto__":{"i":1}}',
    '[[[[]]]]',
    '\ufeff{}',
    '{"i":NaN}',
  ),
  fc.string(),
)
const pairs = fc.array(fc.tuple(name, text), { maxLength: 8 })
const parts = fc
  .array(fc.tuple(name, text, fc.boolean()), { maxLength: 4 })
  .map((list) => list.map(([key, value, file]) => part(key, value, file)).join(''))
const form = pairs.map((list) => new URLSearchParams(list).toString())
const multipart = fc.oneof(
  parts.map((list) => `${list}--edge--\r\n`),
  parts,
)
const contentType = fc.constantFrom(
  'application/json',
  'application/x+json; charset=utf-8',
  'application/json; charset=utf-16le',
  'application/json; charset=nonsense',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=edge',
  'multipart/form-data',
  'text/plain',
  'nonsense',
  '',
)
/** Most bodies are of the type that they say. */
const payload = fc.oneof(
  fc.record({ body: json, type: fc.constant('application/json') }),
  fc.record({ body: form, type: fc.constant('application/x-www-form-urlencoded') }),
  fc.record({ body: multipart, type: fc.constant('multipart/form-data; boundary=edge') }),
  fc.record({ body: fc.oneof(json, form, multipart, fc.uint8Array({ maxLength: 64 })), type: contentType }),
)
const query = fc
  .oneof(
    pairs.map((list) => new URLSearchParams(list).toString()),
    fc.string(),
  )
  .map(inUrl)
const segment = fc.oneof(
  text.map((value) => encodeURIComponent(Buffer.from(value).toString())),
  fc.string().map(inUrl),
)
const header = text.map((value) => value.replace(/[^\t\x20-\x7e\x80-\xff]/g, ''))
const cookie = pairs.map((list) =>
  list
    .map((pair) => pair.join('='))
    .join('; ')
    .replace(/[^\t\x20-\x7e\x80-\xff]/g, ''),
)

const anyRequest: fc.Arbitrary<TestRequest> = fc
  .record({
    route: fc.constantFrom(...routes),
    payload,
    query,
    header,
    cookie,
    first: segment,
    second: segment,
  })
  .map(({ route, payload, query, header, cookie, first, second }) => ({
    method: 'POST',
    path: `${route.path.replace(':i', first).replace(':s', second)}?${query}`,
    headers: [
      ['content-type', payload.type],
      ['i', header],
      ['l', header],
      ['s', header],
      ['cookie', cookie],
    ],
    body: payload.body,
  }))

describe.each(Object.keys(argsApps))('arguments of any kind on %s', (adapter) => {
  const failures: unknown[] = []
  let app: ArgsApp
  let send: Send

  beforeAll(async () => {
    app = await (argsApps[adapter] as (typeof argsApps)[string])(routes, (error) => failures.push(error))
    send = overSocket(app.origin)
  })

  afterAll(() => app.close())

  it('are answered below 500 over a socket', async () => {
    // Always the same requests; what fails is printed with the seed and the path to it.
    await fc.assert(
      fc.asyncProperty(anyRequest, async (request) => {
        failures.length = 0
        const { status, text } = await send(request)
        // A path that its router does not know, or cannot decode, is the framework's to answer.
        const statuses = request.path.startsWith('/path/') ? [200, 400, 404, 415, 422] : [200, 400, 413, 415, 422]
        expect(statuses).toContain(status)
        if (!request.path.startsWith('/path/')) expect(JSON.parse(text)).toBeTypeOf('object')
        expect(failures).toEqual([])
      }),
      { numRuns: 300, seed: 20240229 },
    )
    expect({}).not.toHaveProperty('polluted')
  })
})

/** What a client can write in the line of a request. */
function inUrl(text: string): string {
  return text.replace(/[^\x21-\x7e]|[#/?\\]/g, '')
}

function part(key: string, value: string, file: boolean): string {
  const shown = key.replace(/["\r\n]/g, '')
  return `--edge\r\ncontent-disposition: form-data; name="${shown}"${file ? '; filename="a.txt"' : ''}\r\n\r\n${value}\r\n`
}
