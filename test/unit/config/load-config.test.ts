import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { type } from 'arktype'
import fc from 'fast-check'
import { isTwopiError } from 'twopi'
import { ConfigError, configSources, loadConfig, redactConfig } from 'twopi/config'
import * as v from 'valibot'
import { afterAll, beforeAll, describe, expect, expectTypeOf, test, vi } from 'vitest'
import { z } from 'zod'
import type { StandardSchemaV1 } from '../../../src/lib/standard-schema.ts'

let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'twopi-config-'))
})
afterAll(() => rmSync(dir, { recursive: true }))

function file(name: string, text: string): string {
  const path = join(dir, name)
  writeFileSync(path, text)
  return path
}

function problemsOf(load: () => unknown): Record<string, string> {
  try {
    load()
  } catch (error) {
    if (error instanceof ConfigError)
      return Object.fromEntries(error.problems.map(({ name, message }) => [name, message]))
    throw error
  }
  throw new Error('expected a ConfigError')
}

describe('keys and variables', () => {
  test('an object of schemas is read from prefixed variables, nested by two underscores', () => {
    const config = loadConfig(
      { port: z.number(), db: { url: z.string(), poolSize: z.number().default(10) }, CELERY_BROKER_URL: z.string() },
      {
        env: {
          TWOPI_PORT: '5005',
          TWOPI_DB__URL: 'sqlite://',
          TWOPI_CELERY_BROKER_URL: 'memory://',
          PORT: '1',
          TWOPI_OTHER: 'x',
        },
      },
    )
    expect(config).toEqual({ port: 5005, db: { url: 'sqlite://', poolSize: 10 }, CELERY_BROKER_URL: 'memory://' })
    expectTypeOf(config).toEqualTypeOf<{
      readonly port: number
      readonly db: { readonly url: string; readonly poolSize: number }
      readonly CELERY_BROKER_URL: string
    }>()
  })

  const env = { TWOPI_DB__POOL_SIZE: '5', TWOPI_REDIS_URL: 'redis://h', TWOPI_UNKNOWN: 'x' }
  const expected = { db: { poolSize: 5 }, redisUrl: 'redis://h' }
  test('one zod schema shows its keys, through optional and default too', () => {
    const schema = z.strictObject({
      db: z.object({ poolSize: z.number(), since: z.date().optional() }).optional(),
      redisUrl: z.string(),
    })
    const config = loadConfig(schema, { env })
    expect(config).toEqual(expected)
    expectTypeOf(config.db?.poolSize).toEqualTypeOf<number | undefined>()
    expectTypeOf(config.db?.since).toEqualTypeOf<Date | undefined>()
  })
  test('one valibot schema shows its keys', () => {
    const config = loadConfig(
      v.strictObject({ db: v.optional(v.object({ poolSize: v.number() })), redisUrl: v.string() }),
      { env },
    )
    expect(config).toEqual(expected)
    expectTypeOf(config.redisUrl).toEqualTypeOf<string>()
  })
  test('one arktype schema shows its keys', () => {
    const config = loadConfig(type({ 'db?': { poolSize: 'number' }, redisUrl: 'string' }), { env })
    expect(config).toEqual(expected)
    expectTypeOf(config.redisUrl).toEqualTypeOf<string>()
  })
  test('below a schema whose keys cannot be seen, variables are camel-cased', () => {
    const labels = loadConfig({ labels: z.record(z.string(), z.string()) }, { env: { TWOPI_LABELS__TEAM_NAME: 'a' } })
    expect(labels).toEqual({ labels: { teamName: 'a' } })
    const opaque = { '~standard': { version: 1 as const, vendor: 'test', validate: (value: unknown) => ({ value }) } }
    expect(loadConfig(opaque, { env })).toEqual({ db: { poolSize: '5' }, redisUrl: 'redis://h', unknown: 'x' })
    expect(() => loadConfig(opaque, { env, prefix: '' })).toThrow(/`prefix` must not be empty/)
  })

  test.each([
    ['redisUrl', 'REDIS_URL'],
    ['redis_url', 'REDIS_URL'],
    ['REDIS_URL', 'REDIS_URL'],
    ['apiURL', 'API_URL'],
    ['s3Bucket', 'S3_BUCKET'],
    ['HTTPPort', 'HTTP_PORT'],
    ['log-level', 'LOG_LEVEL'],
  ])('the key %s is the variable %s', (key, name) => {
    expect(loadConfig({ [key]: z.string() }, { prefix: '', env: { [name]: 'x' } })).toEqual({ [key]: 'x' })
  })

  test('process.env is the default and an empty prefix reads plain names', () => {
    vi.stubEnv('TWOPI_PORT', '1')
    vi.stubEnv('PORT', '2')
    expect(loadConfig({ port: z.number() })).toEqual({ port: 1 })
    expect(loadConfig({ port: z.number() }, { prefix: '' })).toEqual({ port: 2 })
  })
})

describe('what a text becomes', () => {
  const read = (schema: z.ZodType, text: string): unknown => {
    const shape = { x: schema }
    const config: Readonly<Record<string, unknown>> = loadConfig(shape, { env: { TWOPI_X: text } })
    return config['x']
  }
  test.each<[string, string, z.ZodType, unknown]>([
    ['text', '123', z.string(), '123'],
    ['text', 'true', z.string(), 'true'],
    ['text', '["a"]', z.string(), '["a"]'],
    ['text, offered first,', '5', z.union([z.number(), z.string()]), '5'],
    ['a number', '-1.5e3', z.number(), -1500],
    ['a number', '0', z.number().optional(), 0],
    ['a boolean', 'true', z.boolean(), true],
    ['a boolean', 'false', z.boolean().default(true), false],
    ['a bigint', '123456789012345678901', z.bigint(), 123456789012345678901n],
    ['a list of texts', 'a, b,,c', z.array(z.string()), ['a', 'b', 'c']],
    ['a list of one', '5', z.array(z.string()), ['5']],
    ['a list of numbers', '1,2', z.array(z.number()), [1, 2]],
    ['a list of numbers', '1', z.array(z.number()), [1]],
    ['a tuple', '1,2,true', z.tuple([z.string(), z.number(), z.boolean()]), ['1', 2, true]],
    ['a JSON list', '["a,b","c"]', z.array(z.string()), ['a,b', 'c']],
    ['a JSON object', '{"a":1,"__proto__":{"b":1}}', z.object({ a: z.number() }), { a: 1 }],
    ['what a coercion makes of it', '2020-01-01', z.coerce.date(), new Date('2020-01-01')],
    ['what the schema itself reads', 'yes', z.stringbool(), true],
  ])('%s is read from %j', (_, text, schema, expected) => {
    expect(read(schema, text)).toEqual(expected)
  })
  test.each<[string, string, z.ZodType]>([
    ['a number', '0x10', z.number()],
    ['a number', '1abc', z.number()],
    ['a number', ' 1', z.number()],
    ['a number', '01', z.number()],
    ['a number', '1_000', z.number()],
    ['a number', 'Infinity', z.number()],
    ['a number', '1e999', z.number()],
    ['a number', '9007199254740993', z.number()],
    ['a boolean', '1', z.boolean()],
    ['a boolean', 'yes', z.boolean()],
    ['a boolean', 'True', z.boolean()],
    ['a bigint', '1.0', z.bigint()],
    ['a list of numbers', '1,x', z.array(z.number())],
    ['an object', '[1]', z.object({ a: z.number() })],
  ])('%s is not read from %j', (_, text, schema) => {
    expect(() => read(schema, text)).toThrow(ConfigError)
  })
  test('an arktype object does not take a comma-separated list', () => {
    expect(() => loadConfig(type({ db: { 'port?': 'number' } }), { env: { TWOPI_DB: 'a,b' } })).toThrow(ConfigError)
  })
  test('a field of text keeps every text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ minLength: 1 }), fc.json(), fc.double().map(String)), (text) => {
        expect(loadConfig({ x: z.string() }, { env: { TWOPI_X: text } })).toEqual({ x: text })
      }),
    )
  })
  test('every finite number comes back from its text', () => {
    fc.assert(
      fc.property(fc.double({ noDefaultInfinity: true, noNaN: true }), (number) => {
        fc.pre(!Number.isInteger(number) || Number.isSafeInteger(number))
        expect(loadConfig({ x: z.number() }, { env: { TWOPI_X: JSON.stringify(number) } }).x).toBe(number + 0)
      }),
    )
  })
})

describe('sources', () => {
  test('overrides win over the environment, which wins over files, of which the later win', () => {
    const first = file('first.env', 'TWOPI_A=1\nTWOPI_B=1\nexport TWOPI_C="1"\nTWOPI_D=1 # note\nOTHER=x\n')
    const second = file('second.env', 'TWOPI_B=2\nTWOPI_C=2\nTWOPI_D=2\n')
    const text = z.string()
    const config = loadConfig(
      { a: text, b: text, c: text, d: text },
      { files: [first, second], env: { TWOPI_C: '3', TWOPI_D: '3' }, overrides: { d: '4' } },
    )
    expect(config).toEqual({ a: '1', b: '2', c: '3', d: '4' })
    expect(configSources(config)).toEqual({
      a: `TWOPI_A (${first})`,
      b: `TWOPI_B (${second})`,
      c: 'TWOPI_C',
      d: 'overrides',
    })
    expect(process.env['TWOPI_A']).toBeUndefined()
  })
  test('a file that is not there is passed over, another that cannot be read is a problem', () => {
    const missing = join(dir, 'missing.env')
    expect(loadConfig({ a: z.string().optional() }, { files: [missing], env: {} })).toEqual({})
    expect(problemsOf(() => loadConfig({}, { files: [dir], env: {} }))).toEqual({ [dir]: 'cannot be read (EISDIR)' })
  })
  test('an empty variable counts as not set', () => {
    const below = file('below.env', 'TWOPI_A=below\n')
    const env = { TWOPI_A: '', TWOPI_B: '', TWOPI_C: undefined }
    expect(
      loadConfig({ a: z.string(), b: z.number().default(5), c: z.string().optional() }, { files: [below], env }),
    ).toEqual({
      a: 'below',
      b: 5,
    })
  })
  test('an override is taken as it is, below other keys of the same object', () => {
    const shape = { db: { host: z.string(), port: z.number(), tags: z.array(z.string()) }, at: z.date() }
    const overrides = { db: { port: 1, tags: ['a'], host: undefined }, at: new Date(0) }
    const config = loadConfig(shape, { env: { TWOPI_DB__HOST: 'h', TWOPI_DB__PORT: '2' }, overrides })
    expect(config).toEqual({ db: { host: 'h', port: 1, tags: ['a'] }, at: new Date(0) })
    expect(Object.isFrozen(overrides.db.tags)).toBe(false)
    expect(problemsOf(() => loadConfig({ a: z.number() }, { env: {}, overrides: JSON.parse('{"a":"1"}') }))).toEqual({
      'a (overrides)': 'Invalid input: expected number, received string',
    })
  })
  test('overrides are checked by the compiler', () => {
    // @ts-expect-error a number is wanted
    expect(() => loadConfig({ a: z.number() }, { env: {}, overrides: { a: 'x' } })).toThrow(ConfigError)
    // @ts-expect-error no such key
    expect(loadConfig({ a: z.number().optional() }, { env: {}, overrides: { b: 1 } })).toEqual({})
    expect(() => loadConfig({}, { overrides: null as unknown as object })).toThrow(TypeError)
  })
  test('keys such as __proto__ and constructor are harmless', () => {
    const overrides = JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}')
    loadConfig({ a: z.string().optional() }, { env: { TWOPI___PROTO____POLLUTED: '1' }, overrides })
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })
})

describe('secrets in files', () => {
  test('NAME_FILE gives the text of a file without its last newline', () => {
    const path = file('secret', 'first\nsecond\r\n')
    const config = loadConfig({ db: { password: z.string() } }, { env: { TWOPI_DB__PASSWORD_FILE: path } })
    expect(config.db.password).toBe('first\nsecond')
    expect(configSources(config)).toEqual({ 'db.password': 'TWOPI_DB__PASSWORD_FILE' })
  })
  test('a declared key that ends in file is its own variable', () => {
    expect(
      loadConfig({ log: z.string().optional(), logFile: z.string() }, { env: { TWOPI_LOG_FILE: '/var/log/x' } }),
    ).toEqual({
      logFile: '/var/log/x',
    })
  })
  test('an empty file counts as not set', () => {
    const env = { TWOPI_KEY_FILE: file('empty', '\n') }
    expect(problemsOf(() => loadConfig({ key: z.string() }, { env }))).toEqual({ TWOPI_KEY: 'is not set' })
  })
  test('NAME and NAME_FILE together are a problem, told once', () => {
    const env = { TWOPI_KEY: 'x', TWOPI_KEY_FILE: file('both', 'y') }
    expect(problemsOf(() => loadConfig({ key: z.string() }, { env }))).toEqual({
      'TWOPI_KEY, TWOPI_KEY_FILE': 'are both set; set one of them',
    })
  })
  test('a file that cannot be read is a problem and its name stays out of the message', () => {
    const problems = problemsOf(() => loadConfig({ key: z.string() }, { env: { TWOPI_KEY_FILE: 's3cr3t-itself' } }))
    expect(problems).toEqual({ TWOPI_KEY_FILE: 'must name a file that can be read, found one that cannot (ENOENT)' })
  })
  test('only the source that wins is read', () => {
    const below = file('pointer.env', 'TWOPI_KEY_FILE=/not/there\n')
    expect(loadConfig({ key: z.string() }, { files: [below], env: { TWOPI_KEY: 'x' } })).toEqual({ key: 'x' })
  })
})

describe('problems', () => {
  test('are all told at once by the names of the variables, in one error with a code', () => {
    const shape = {
      port: z.number().max(10),
      db: { url: z.string(), on: z.boolean() },
      tags: z.array(z.number()),
      name: z.string().optional(),
    }
    const env = { TWOPI_PORT: '99', TWOPI_DB__ON: 'yes', TWOPI_TAGS: '1,x,3' }
    let error: unknown
    try {
      loadConfig(shape, { env })
    } catch (caught) {
      error = caught
    }
    expect(isTwopiError(error) && error.code).toBe('ERR_CONFIG_INVALID')
    expect(error).toBeInstanceOf(ConfigError)
    expect((error as Error).message).toBe(
      [
        'the configuration has 4 problems:',
        '  TWOPI_PORT: Too big: expected number to be <=10',
        '  TWOPI_DB__URL: is not set',
        '  TWOPI_DB__ON: Invalid input: expected boolean, received string',
        '  TWOPI_TAGS[1]: Invalid input: expected number, received string',
      ].join('\n'),
    )
    expect((error as ConfigError).problems[1]).toEqual({
      name: 'TWOPI_DB__URL',
      path: ['db', 'url'],
      message: 'is not set',
    })
  })
  test.each([
    ['zod', z.object({ db: z.object({ url: z.string(), port: z.number() }) })],
    ['valibot', v.object({ db: v.object({ url: v.string(), port: v.number() }) })],
    ['arktype', type({ db: { url: 'string', port: 'number' } })],
  ])('each missing key of a nested object is named with one schema of %s', (_, schema) => {
    expect(problemsOf(() => loadConfig(schema, { env: {} }))).toEqual({
      TWOPI_DB__URL: 'is not set',
      TWOPI_DB__PORT: 'is not set',
    })
  })
  test('a whole and a part of it are not mixed', () => {
    const env = { TWOPI_DB: '{"host":"h"}', TWOPI_DB__HOST: 'h' }
    expect(problemsOf(() => loadConfig({ db: { host: z.string() } }, { env }))).toMatchObject({
      'TWOPI_DB, TWOPI_DB__HOST': 'set a whole and a part of it; set one of them',
    })
  })
  test('a problem inside JSON is told with its place', () => {
    const env = { TWOPI_DB: '{"port":"x"}' }
    expect(problemsOf(() => loadConfig(z.object({ db: z.object({ port: z.number() }) }), { env }))).toEqual({
      'TWOPI_DB.port': 'Invalid input: expected number, received string',
    })
  })
  test('a check of the whole is told as the configuration', () => {
    const schema = z.object({ a: z.number() }).refine(() => false, 'must agree')
    expect(problemsOf(() => loadConfig(schema, { env: { TWOPI_A: '1' } }))).toEqual({ configuration: 'must agree' })
  })
  test("an error thrown by the schema's own code is told without its text", () => {
    const schema = {
      url: v.pipe(
        v.string(),
        v.transform((text) => new URL(text)),
      ),
    }
    expect(problemsOf(() => loadConfig(schema, { env: { TWOPI_URL: 's3cr3t' } }))).toEqual({
      TWOPI_URL: "is refused: the schema's own code threw TypeError",
    })
  })
  test('an empty text in an override is told like any other', () => {
    const overrides = { key: '', other: 1 }
    const schema = { key: z.string().min(1, 'is empty'), other: z.number() }
    expect(problemsOf(() => loadConfig(schema, { env: {}, overrides }))).toEqual({ 'key (overrides)': 'is empty' })
  })
  test('a field with two issues is offered as every thing it may stand for', () => {
    const twice = (value: unknown) => (value === 5 ? { value } : { issues: [{ message: 'one' }, { message: 'two' }] })
    const schema = { '~standard': { version: 1 as const, vendor: 'test', validate: twice } }
    expect(loadConfig({ x: schema }, { env: { TWOPI_X: '5' } })).toEqual({ x: 5 })
  })
  test('values stay out of the messages of every library', () => {
    const env = { TWOPI_A: 'hunter2', TWOPI_B: 'swordfish', TWOPI_C: 'xyz', TWOPI_D: 'x"y"z-rosebud' }
    expect(
      problemsOf(() =>
        loadConfig(v.object({ a: v.number(), b: v.picklist(['p']), c: v.pipe(v.string(), v.email()) }), { env }),
      ),
    ).toEqual({
      TWOPI_A: 'expected number',
      TWOPI_B: 'expected "p"',
      TWOPI_C: 'expected a valid email',
    })
    expect(problemsOf(() => loadConfig(type({ a: 'number', b: "'p'|'q'", d: 'string.email' }), { env }))).toEqual({
      TWOPI_A: 'expected a number',
      TWOPI_B: 'expected "p" or "q"',
      TWOPI_D: 'expected an email address',
    })
    const echo = z.string().refine(() => false, { error: ({ input }) => `no ${String(input)}` })
    expect(problemsOf(() => loadConfig({ c: echo }, { env }))).toEqual({ TWOPI_C: 'is refused by the schema' })
    const cross = z
      .object({ a: z.string(), b: z.string() })
      .refine(() => false, { path: ['a'], error: () => 'is not swordfish' })
    expect(problemsOf(() => loadConfig(cross, { env }))).toEqual({ TWOPI_A: 'is refused by the schema' })
  })
  describe('tell what is expected, also of a value that looks like it', () => {
    const text = (schema: StandardSchemaV1, value: string) =>
      problemsOf(() => loadConfig({ x: schema }, { env: { TWOPI_X: value } }))['TWOPI_X']
    const names = ['express', 'fastify', 'hono', 'fetch'] as const
    const levels = ['production', 'development'] as const
    test.each<[string, StandardSchemaV1, string, string]>([
      ['an enum of zod', z.enum(names), 'fastfy', 'expected one of "express"|"fastify"|"hono"|"fetch"'],
      ['another enum of zod', z.enum(levels), 'prod', 'expected one of "production"|"development"'],
      ['a list of valibot', v.picklist(levels), 'prod', 'expected "production" | "development"'],
      ['a literal of valibot', v.literal('production'), 'prod', 'expected "production"'],
      ['a union of arktype', type("'production'|'development'"), 'prod', 'expected "development" or "production"'],
      ['a unit of arktype', type("'production'"), 'prod', 'expected "production"'],
      ['a minimum of zod', z.string().min(8), 'string', 'expected at least 8 characters'],
      ['a maximum of zod', z.string().max(2), 'string', 'expected at most 2 characters'],
      ['a length of zod', z.string().length(2), 'characters', 'expected exactly 2 characters'],
      ['a start of zod', z.string().startsWith('abcd'), 'string', 'expected text that starts with "abcd"'],
      ['a pattern of zod', z.string().regex(/^match$/), 'pattern', 'expected text that matches /^match$/'],
      ['a format of zod', z.email(), 'address', 'expected a valid email'],
      ['a minimum of valibot', v.pipe(v.string(), v.minLength(8)), 'string', 'expected length >=8'],
      ['a start of valibot', v.pipe(v.string(), v.startsWith('ab')), 'x', 'expected text that starts with "ab"'],
      ['a minimum of arktype', type('string >= 8'), 'string', 'expected at least length 8'],
      [
        'two rules of arktype',
        type('string.email & string > 5'),
        'ab',
        'expected an email address and at least length 6',
      ],
      ['an integer of zod', z.number().int(), '5005.5', 'expected integer'],
      ['an integer of valibot', v.pipe(v.number(), v.integer()), '5005.5', 'expected a valid integer'],
      ['an integer of arktype', type('number.integer'), '5005.5', 'expected an integer'],
      ['a bound of zod', z.number().max(10), '10.5', 'Too big: expected number to be <=10'],
      ['a multiple of zod', z.number().multipleOf(5), '55.5', 'Invalid number: must be a multiple of 5'],
      ['a multiple of valibot', v.pipe(v.number(), v.multipleOf(5)), '7', 'expected a multiple of 5'],
      ['a date of zod', z.coerce.date().max(new Date(0)), '2001-02-03', 'Too big: expected date to be <=0'],
      ['a union of zod', z.union([z.number(), z.boolean()]), 'x', 'expected number or boolean'],
      ['a union with an integer', z.union([z.number().int(), z.boolean()]), '1.5', 'expected integer or boolean'],
      [
        'a union with a bound',
        z.union([z.literal('auto'), z.number().max(10)]),
        '99',
        'Too big: expected number to be <=10',
      ],
      ['a strict object of zod', z.strictObject({}), '{"secret":1}', 'has a key that the schema does not know'],
      ['a text of the user', z.string().min(8, 'is too short'), 'abc', 'is too short'],
      [
        'a text of the user that looks like the value',
        z.string().min(8, 'needs 8 letters'),
        'letter',
        'expected at least 8 characters',
      ],
    ])('%s', (_, schema, value, expected) => {
      expect(text(schema, value)).toBe(expected)
    })
    test('a key that is missing in JSON is said to be missing', () => {
      const env = { TWOPI_DB: '{"on":true}' }
      for (const schema of [v.object({ db: v.object({ port: v.number() }) }), type({ db: { port: 'number' } })])
        expect(problemsOf(() => loadConfig(schema, { env }))).toEqual({ 'TWOPI_DB.port': 'is missing' })
    })
    test('whatever piece of an allowed word is given, the allowed words are told', () => {
      const piece = fc.constantFrom(...names, ...levels).chain((word) => fc.subarray([...word], { minLength: 1 }))
      fc.assert(
        fc.property(
          piece.map((letters) => letters.join('')),
          (value) => {
            fc.pre(!(names as readonly string[]).includes(value))
            for (const schema of [z.enum(names), v.picklist(names), type("'express'|'fastify'|'hono'|'fetch'")])
              for (const name of names) expect(text(schema, value)).toContain(`"${name}"`)
          },
        ),
      )
    })
  })
  test('no secret shows in an error, whatever its text', () => {
    const noise = fc.string({ unit: fc.constantFrom(...'":,[]{}\\ \n1'), maxLength: 5 })
    const echo = z.string().refine(() => false, { error: ({ input }) => `bad ${JSON.stringify(input)}`.slice(0, 14) })
    const kinds = ['express', 'fastify', 'hono'] as const
    const schemas = [
      { x: echo },
      { x: z.enum(kinds) },
      { x: z.string().min(80) },
      { x: z.union([z.literal('auto'), z.number().int().max(10)]) },
      { x: z.strictObject({ port: z.number() }) },
      { x: z.unknown().superRefine((input, { addIssue }) => addIssue(`no ${String(input)}`)) },
      { x: v.picklist(kinds) },
      { x: v.pipe(v.string(), v.minLength(80)) },
      { x: v.pipe(v.string(), v.startsWith('production')) },
      {
        x: v.pipe(
          v.string(),
          v.rawCheck(({ dataset, addIssue }) => addIssue({ expected: `${dataset.value}` })),
        ),
      },
      { x: v.strictObject({ port: v.number() }) },
      { x: type('string >= 80') },
      { x: type("'express'|'fastify'|5|true") },
      { x: type('string.email & string > 80') },
      { x: type('string').narrow((text, ctx) => ctx.mustBe(`other than ${text}`)) },
      { x: v.pipe(v.string(), v.email()) },
      { x: v.array(v.number()) },
      { x: type('string.email') },
      { x: type("'a'|'b'") },
      { x: z.email() },
    ]
    fc.assert(
      fc.property(fc.constantFrom(...schemas), noise, noise, (schema, before, after) => {
        try {
          loadConfig(schema, { env: { TWOPI_X: `${before}Kq7x${after}` } })
        } catch (error) {
          expect(`${inspect(error)}${JSON.stringify(error)}`).not.toContain('Kq7x')
          return true
        }
        return false
      }),
    )
  })
})

describe('mistakes in the calling code', () => {
  test('a schema that answers with a promise is refused', () => {
    const schema = { a: z.string().refine(async () => true) }
    expect(() => loadConfig(schema, { env: { TWOPI_A: 'x' } })).toThrow(
      /`schema.a` must answer at once, found a promise/,
    )
    expect(() => loadConfig(schema, { env: { TWOPI_A: 'x' } })).toThrow(TypeError)
    expect(() => loadConfig(v.objectAsync({ a: v.string() }), { env: { TWOPI_A: 'x' } })).toThrow(
      /`schema` must answer at once/,
    )
  })
  test('zod answers with a promise when a transform throws, which is told without the value', () => {
    const schema = { url: z.string().transform((text) => new URL(text)) }
    expect(() => loadConfig(schema, { env: { TWOPI_URL: 's3cr3t' } })).toThrow(
      /^`schema.url` [^3]*a transform that throws/,
    )
  })
  test('what is no schema and keys that share a variable are told at once', () => {
    const shape = { db: { port: 5 }, redisUrl: z.string(), REDIS_URL: z.string() }
    expect(() => loadConfig(shape as unknown as { db: z.ZodType })).toThrow(
      /^loadConfig: 2 problems\n.*`schema.db.port` must be a Standard Schema.*found number\n.*found `redisUrl` and `REDIS_URL` for `REDIS_URL`/,
    )
  })
})

describe('the result', () => {
  const load = () =>
    loadConfig(
      {
        port: z.number(),
        password: z.string(),
        db: { url: z.string(), apiKey: z.string(), pin: z.string(), hosts: z.array(z.object({ name: z.string() })) },
        at: z.coerce.date(),
        home: z.string().transform((text) => new URL(text)),
      },
      {
        env: {
          TWOPI_PORT: '5005',
          TWOPI_PASSWORD: 'hunter2',
          TWOPI_DB__URL: 'redis://u:swordfish@h/0',
          TWOPI_DB__API_KEY: 'rosebud',
          TWOPI_DB__PIN_FILE: file('pin', '1234\n'),
          TWOPI_DB__HOSTS: '[{"name":"a"}]',
          TWOPI_AT: '2020-01-01',
          TWOPI_HOME: 'http://u:xyzzy@h/',
        },
      },
    )
  const safe = {
    port: 5005,
    password: '***',
    db: { url: 'redis://u:***@h/0', apiKey: '***', pin: '***', hosts: [{ name: 'a' }] },
    at: new Date('2020-01-01'),
    home: 'http://u:***@h/',
  }

  test('is frozen all the way down, lists too, and read-only for the compiler', () => {
    const config = load()
    for (const value of [config, config.db, config.db.hosts, config.db.hosts[0]])
      expect(Object.isFrozen(value)).toBe(true)
    expect(() => {
      // @ts-expect-error read-only
      config.port = 1
    }).toThrow(TypeError)
    expect(() => {
      // @ts-expect-error read-only
      config.db.url = 'x'
    }).toThrow(TypeError)
    expectTypeOf(config.db.hosts).toEqualTypeOf<readonly { readonly name: string }[]>()
    expectTypeOf(config.at).toEqualTypeOf<Date>()
    expectTypeOf(config.home).toEqualTypeOf<URL>()
  })
  test('holds the values, and hides its secrets when it is printed or written as JSON', () => {
    const config = load()
    expect(config.db.pin).toBe('1234')
    expect(redactConfig(config)).toEqual(safe)
    expect(inspect(config)).toBe(inspect(safe))
    expect(inspect({ config: config.db })).toBe(inspect({ config: safe.db }))
    expect(JSON.stringify(config)).toBe(JSON.stringify(safe))
    expect(`${String(config)}`).toBe('[object Object]')
    expect(Object.keys(config)).toEqual(Object.keys(safe))
  })
  test('does not freeze a default that the schema owns', () => {
    const tags = ['a']
    const config = loadConfig({ tags: z.array(z.string()).default(() => tags) }, { env: {} })
    expect(config.tags).toEqual(['a'])
    expect(Object.isFrozen(tags)).toBe(false)
  })
  test('redactConfig serves any object', () => {
    expect(redactConfig({ token: 't', list: ['redis://u:p@h', 'mailto:a@b.c'], note: 'a: b', none: null })).toEqual({
      token: '***',
      list: ['redis://u:***@h', 'mailto:***@b.c'],
      note: 'a: b',
      none: null,
    })
    expect(configSources({})).toEqual({})
  })
})
