import fc from 'fast-check'
import { type Arg, arg, parser } from 'twopi/webargs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { TestRequest } from '../../support/test-request.ts'
import { argsOf, rawJson, refusalOf } from './refusal.ts'

/** What one field makes of one value: the value, or the messages. */
function read(field: Arg<unknown>, value: unknown): unknown {
  const result = field['~standard'].validate(value)
  if (result instanceof Promise) throw new Error('It took its time.')
  return result.issues === undefined ? result.value : result.issues.map(({ message }) => message)
}
const inQuery = (field: Arg<unknown>, query: string) =>
  argsOf({ n: field }, { url: `/?${query}` }, { location: 'query' })
const NOT_AN_INTEGER = ['Not a valid integer.']
const NOT_A_NUMBER = ['Not a valid number.']
const TOO_LARGE = ['Number too large.']

describe('arg.int', () => {
  it.each([
    ['5', 5],
    ['-5', -5],
    ['+5', 5],
    ['-0', 0],
    ['007', 7],
    [5, 5],
    ['9007199254740991', 9007199254740991],
    ['9007199254740992', TOO_LARGE],
    ['-9007199254740993', TOO_LARGE],
    ['9'.repeat(300), TOO_LARGE],
    ['9'.repeat(5000), NOT_AN_INTEGER],
    [2 ** 53, TOO_LARGE],
    [9007199254740993n, TOO_LARGE],
    [1.5, NOT_AN_INTEGER],
    [Number.NaN, NOT_AN_INTEGER],
    [Number.POSITIVE_INFINITY, NOT_AN_INTEGER],
    ['', NOT_AN_INTEGER],
    [' ', NOT_AN_INTEGER],
    [' 5', NOT_AN_INTEGER],
    ['5\n', NOT_AN_INTEGER],
    ['1abc', NOT_AN_INTEGER],
    ['1.0', NOT_AN_INTEGER],
    ['1e3', NOT_AN_INTEGER],
    ['0x10', NOT_AN_INTEGER],
    ['1_000', NOT_AN_INTEGER],
    ['٣', NOT_AN_INTEGER],
    [true, NOT_AN_INTEGER],
    [[5], NOT_AN_INTEGER],
    [{}, NOT_AN_INTEGER],
    [null, ['Field may not be null.']],
    [undefined, ['Missing data for required field.']],
  ])('makes of %s %s', (value, expected) => {
    expect(read(arg.int(), value)).toEqual(expected)
  })

  it('reads every safe integer from its text, and no other number', () => {
    fc.assert(fc.property(fc.maxSafeInteger(), (n) => void expect(read(arg.int(), String(n))).toBe(n === 0 ? 0 : n)))
    fc.assert(
      fc.property(fc.string(), (text) => {
        const value = read(arg.int(), text)
        if (typeof value === 'number') expect(text).toMatch(/^[+-]?\d+$/)
      }),
    )
  })

  it("keeps to its bounds, in marshmallow's words", () => {
    expect(read(arg.int({ min: 1 }), '0')).toEqual(['Must be greater than or equal to 1.'])
    expect(read(arg.int({ max: 9 }), '10')).toEqual(['Must be less than or equal to 9.'])
    expect(read(arg.int({ min: 1, max: 9 }), '0')).toEqual([
      'Must be greater than or equal to 1 and less than or equal to 9.',
    ])
    expect(read(arg.int({ min: 1, max: 9 }), '9')).toBe(9)
  })
})

describe('arg.number', () => {
  it.each([
    ['1.5', 1.5],
    ['.5', 0.5],
    ['5.', 5],
    ['1e3', 1000],
    ['-2.5e-3', -0.0025],
    ['1.50000000000000000000', 1.5],
    ['0.1234567890123456789', 0.12345678901234568],
    ['9007199254740992', 9007199254740992],
    ['9007199254740993', TOO_LARGE],
    ['9007199254740993.0', TOO_LARGE],
    ['1.00000000000000000001', TOO_LARGE],
    ['1e400', TOO_LARGE],
    ['1e-400', TOO_LARGE],
    [9007199254740993n, TOO_LARGE],
    ['', NOT_A_NUMBER],
    ['1,5', NOT_A_NUMBER],
    ['NaN', NOT_A_NUMBER],
    ['Infinity', NOT_A_NUMBER],
    ['0x10', NOT_A_NUMBER],
    ['1e', NOT_A_NUMBER],
    ['.', NOT_A_NUMBER],
    [true, NOT_A_NUMBER],
    [Number.NaN, NOT_A_NUMBER],
    [Number.POSITIVE_INFINITY, TOO_LARGE],
  ])('makes of %s %s', (value, expected) => {
    expect(read(arg.number(), value)).toEqual(expected)
  })

  it('reads every finite number from the text that JavaScript writes', () => {
    const finite = fc.double({ noNaN: true, noDefaultInfinity: true })
    fc.assert(fc.property(finite, (n) => void expect(read(arg.number(), String(n))).toBe(n === 0 ? 0 : n)))
  })
})

describe('arg.bigint', () => {
  it.each([
    ['9007199254740993', 9007199254740993n],
    ['+5', 5n],
    ['-0', 0n],
    [5, 5n],
    [5n, 5n],
    [2 ** 60, TOO_LARGE],
    [1.5, NOT_AN_INTEGER],
    ['', NOT_AN_INTEGER],
    ['1n', NOT_AN_INTEGER],
    ['9'.repeat(5000), NOT_AN_INTEGER],
  ])('makes of %s %s', (value, expected) => {
    expect(read(arg.bigint(), value)).toEqual(expected)
  })

  it('keeps to its bounds', () => {
    const field = arg.bigint({ min: 1n, max: 18446744073709551615n })
    expect(read(field, '18446744073709551615')).toBe(18446744073709551615n)
    expect(read(field, '18446744073709551616')).toEqual([
      'Must be greater than or equal to 1 and less than or equal to 18446744073709551615.',
    ])
  })
})

describe('integers beyond 2^53 in JSON', () => {
  const body = rawJson('{"n": 9007199254740993, "m": [1152921504606847000]}')

  it('are exact for arg.bigint', async () => {
    const shape = { n: arg.bigint(), m: arg.list(arg.bigint()) }
    expect(await argsOf(shape, body)).toEqual({ n: 9007199254740993n, m: [1152921504606847000n] })
  })

  it('are refused by every field for numbers', async () => {
    expect((await refusalOf({ n: arg.int(), m: arg.list(z.number()) }, body)).body).toEqual({
      json: { n: TOO_LARGE, m: { 0: ['Invalid input: expected number, received bigint'] } },
    })
  })

  it('are refused also when they are written as fractions', async () => {
    for (const literal of ['1.00000000000000000001', '9007199254740993.0', '1e400', '1e-400', '-1e999']) {
      for (const field of [arg.int(), arg.number(), arg.bigint(), z.number()]) {
        expect((await refusalOf({ n: field }, rawJson(`{"n": ${literal}}`))).status).toBe(422)
      }
    }
    expect(await argsOf({ n: arg.number() }, rawJson('{"n": 0.1234567890123456789}'))).toEqual({
      n: 0.12345678901234568,
    })
  })
})

describe('arg.bool', () => {
  it.each(['true', 'True', 'TRUE', 't', 'T', 'yes', 'Yes', 'YES', 'y', 'Y', 'on', 'On', 'ON', '1', 1, true])(
    'takes %j for true',
    (value) => {
      expect(read(arg.bool(), value)).toBe(true)
    },
  )
  it.each(['false', 'False', 'FALSE', 'f', 'F', 'no', 'No', 'NO', 'n', 'N', 'off', 'Off', 'OFF', '0', 0, false])(
    'takes %j for false',
    (value) => {
      expect(read(arg.bool(), value)).toBe(false)
    },
  )
  it.each(['', ' ', 'tRUE', '2', 2, 'null', 'constructor', [], {}])('refuses %j', (value) => {
    expect(read(arg.bool(), value)).toEqual(['Not a valid boolean.'])
  })
})

describe('arg.string', () => {
  it('takes texts only', () => {
    expect(read(arg.string(), '')).toBe('')
    for (const value of [5, true, [], {}, 5n]) expect(read(arg.string(), value)).toEqual(['Not a valid string.'])
  })

  it('counts characters and not their halves', () => {
    expect(read(arg.string({ max: 1 }), '😀')).toBe('😀')
    expect(read(arg.string({ min: 2 }), '😀')).toEqual(['Shorter than minimum length 2.'])
    expect(read(arg.string({ max: 2 }), 'abc')).toEqual(['Longer than maximum length 2.'])
    expect(read(arg.string({ min: 1, max: 2 }), 'abc')).toEqual(['Length must be between 1 and 2.'])
    expect(read(arg.string({ min: 2, max: 2 }), 'a')).toEqual(['Length must be 2.'])
  })

  it('refuses what databases refuse: NUL and halves of surrogate pairs', () => {
    for (const text of ['a\0b', '\uD800', 'a\uDC00b', '\uDE00\uD83D']) {
      expect(read(arg.string(), text)).toEqual(['Not a valid string.'])
    }
  })

  it('matches a pattern, the same each time', () => {
    const field = arg.string({ pattern: /^[a-z]+$/g })
    expect([read(field, 'abc'), read(field, 'abc')]).toEqual(['abc', 'abc'])
    expect(read(field, 'ABC')).toEqual(['String does not match expected pattern.'])
  })
})

describe('arg.oneOf', () => {
  it('takes its choices only', () => {
    const field = arg.oneOf(['name', 'seats'])
    expect(read(field, 'seats')).toBe('seats')
    for (const value of ['', 'constructor']) expect(read(field, value)).toEqual(['Must be one of: name, seats.'])
    for (const value of [['name'], 0, {}]) expect(read(field, value)).toEqual(['Not a valid string.'])
  })
})

describe('arg.date and arg.dateTime', () => {
  it.each([
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
    ['0001-01-01', '0001-01-01T00:00:00.000Z'],
    ['2023-02-29', undefined],
    ['2024-13-01', undefined],
    ['2024-1-1', undefined],
    ['2024-02-29T00:00:00Z', undefined],
    ['', undefined],
    [0, undefined],
  ])('make of the day %j %j', (value, expected) => {
    const found = read(arg.date(), value)
    expect(found instanceof Date ? found.toISOString() : found).toEqual(expected ?? ['Not a valid date.'])
  })

  it.each([
    ['2024-02-29T12:00:00Z', '2024-02-29T12:00:00.000Z'],
    ['2024-02-29t12:00:00.125z', '2024-02-29T12:00:00.125Z'],
    ['2024-02-29T12:00:00.123456789+02:00', '2024-02-29T10:00:00.123Z'],
    ['2024-02-29T12:00:00', undefined],
    ['2023-02-29T12:00:00Z', undefined],
    ['2024-02-29T24:00:00Z', undefined],
    ['2024-02-29 12:00:00Z', undefined],
    ['2024-02-29', undefined],
    [1709208000, undefined],
  ])('make of the moment %j %j', (value, expected) => {
    const found = read(arg.dateTime(), value)
    expect(found instanceof Date ? found.toISOString() : found).toEqual(expected ?? ['Not a valid datetime.'])
  })

  it('keep to their bounds', () => {
    const min = new Date('2024-01-01T00:00:00Z')
    expect(read(arg.date({ min }), '2023-12-31')).toEqual(['Must be greater than or equal to 2024-01-01.'])
    expect(read(arg.dateTime({ max: min }), '2024-01-02T00:00:00Z')).toEqual([
      'Must be less than or equal to 2024-01-01T00:00:00.000Z.',
    ])
  })
})

describe('the options that all fields have', () => {
  it('say what happens when a field is missing', async () => {
    expect(await inQuery(arg.int({ optional: true }), '')).toEqual({})
    expect(await inQuery(arg.int({ default: 7 }), '')).toEqual({ n: 7 })
    expect(await inQuery(arg.int({ default: 7 }), 'n=1')).toEqual({ n: 1 })
    expect((await refusalOf({ n: arg.int({ default: 7 }) }, { url: '/?n=' }, { location: 'query' })).body).toEqual({
      query: { n: NOT_AN_INTEGER },
    })
  })

  it('let null through where it is said', async () => {
    expect(await argsOf({ n: arg.int({ nullable: true }) }, { json: { n: null } })).toEqual({ n: null })
    expect((await refusalOf({ n: arg.int({ nullable: true }) }, { json: {} })).status).toBe(422)
  })

  it('make a default anew for each request', async () => {
    const shape = { tags: arg.list(arg.string(), { default: [] }), at: arg.date({ default: () => new Date(0) }) }
    const request = () => parser.parse(shape, new TestRequest({ json: {} }))
    const [first, second] = [await request(), await request()]
    first.tags.push('mine')
    expect(second).toEqual({ tags: [], at: new Date(0) })
    expect(first.at).not.toBe(second.at)
  })

  it('are refused at set-up where they cannot work', () => {
    expect(() => arg.int({ optional: true, default: 1 })).toThrow(TypeError)
    expect(() => arg.int({ min: 2, max: 1 })).toThrow('`min` must not be greater than `max`, found 2 and 1')
    expect(() => arg.int({ min: Number.NaN })).toThrow(TypeError)
    expect(() => arg.string({ min: -1 })).toThrow('`min` must be a whole number from 0, found -1')
    expect(() => arg.list(arg.int(), { max: 1.5 })).toThrow('`max` must be a whole number from 0, found 1.5')
    expect(() => arg.oneOf([])).toThrow(TypeError)
    expect(() => arg.delimited(arg.int(), { delimiter: '' })).toThrow(TypeError)
    expect(() => arg.object({ a: 5 as never })).toThrow('`fields.a` must be a Standard Schema')
  })
})

describe('arg.list', () => {
  it.each([
    ['n=1', { n: [1] }],
    ['n=1&n=2', { n: [1, 2] }],
    ['n=2&m=1&n=3', { n: [2, 3] }],
  ])('reads %s', async (query, expected) => {
    expect(await inQuery(arg.list(arg.int()), query)).toEqual(expected)
  })

  it('names items by their indexes', async () => {
    const { body } = await refusalOf(
      { n: arg.list(arg.int({ min: 1 })) },
      { url: '/?n=1&n=x&n=0' },
      { location: 'query' },
    )
    expect(body).toEqual({ query: { n: { 1: NOT_AN_INTEGER, 2: ['Must be greater than or equal to 1.'] } } })
  })

  it('takes no single value in JSON', async () => {
    expect((await refusalOf({ n: arg.list(arg.string()) }, { json: { n: 'a' } })).body).toEqual({
      json: { n: ['Not a valid list.'] },
    })
  })

  it('tells what is wrong with the items before how many there are, as webargs does', async () => {
    const { body } = await refusalOf({ n: arg.list(arg.int(), { max: 1 }) }, { json: { n: [1, 'x'] } })
    expect(body).toEqual({ json: { n: { 1: NOT_AN_INTEGER } } })
  })

  it('bounds how many there are', async () => {
    expect((await refusalOf({ n: arg.list(arg.int(), { max: 1 }) }, { json: { n: [1, 2] } })).body).toEqual({
      json: { n: ['Longer than maximum length 1.'] },
    })
  })

  it('waits for items that take their time', async () => {
    const slow = z.string().refine(async (text) => text !== 'bad', 'No.')
    expect(await argsOf({ n: arg.list(slow) }, { json: { n: ['a'] } })).toEqual({ n: ['a'] })
    expect((await refusalOf({ n: arg.list(slow) }, { json: { n: ['a', 'bad'] } })).body).toEqual({
      json: { n: { 1: ['No.'] } },
    })
  })
})

describe('arg.delimited', () => {
  const ints = arg.delimited(arg.int())

  it.each([
    ['n=1,2', { n: [1, 2] }],
    ['n=1', { n: [1] }],
    ['n=', { n: [] }],
    ['n=1,2&n=3', { n: [1, 2] }],
  ])('reads %s as webargs 8 does', async (query, expected) => {
    expect(await inQuery(ints, query)).toEqual(expected)
  })

  it('keeps an empty item, which a text may be and an integer not', async () => {
    expect(await inQuery(arg.delimited(arg.string()), 'n=1,,2')).toEqual({ n: ['1', '', '2'] })
    expect((await refusalOf({ n: ints }, { url: '/?n=1,,2' }, { location: 'query' })).body).toEqual({
      query: { n: { 1: NOT_AN_INTEGER } },
    })
  })

  it('takes a text in JSON, and no list', async () => {
    expect(await argsOf({ n: ints }, { json: { n: '1,2' } })).toEqual({ n: [1, 2] })
    expect((await refusalOf({ n: ints }, { json: { n: [1, 2] } })).body).toEqual({
      json: { n: ['Not a valid delimited list.'] },
    })
  })

  it('may have another delimiter', async () => {
    expect(await inQuery(arg.delimited(arg.int(), { delimiter: '|' }), 'n=1|2')).toEqual({ n: [1, 2] })
  })
})

describe('arg.object', () => {
  const shape = {
    room: arg.object({ floor: arg.int(), tags: arg.list(arg.string(), { optional: true }), seats: z.int() }),
  }

  it('reads an object in JSON', async () => {
    expect(await argsOf(shape, { json: { room: { floor: 1, seats: 2 } } })).toEqual({ room: { floor: 1, seats: 2 } })
  })

  it("names its members, with marshmallow's words for what is no object", async () => {
    expect((await refusalOf(shape, { json: { room: { floor: 'x', tags: ['a', 5], extra: 1 } } })).body).toEqual({
      json: {
        room: {
          extra: ['Unknown field.'],
          floor: NOT_AN_INTEGER,
          tags: { 1: ['Not a valid string.'] },
          seats: ['Missing data for required field.'],
        },
      },
    })
    for (const room of [5, 'x', [1]]) {
      expect((await refusalOf(shape, { json: { room } })).body).toEqual({
        json: { room: { _schema: ['Invalid input type.'] } },
      })
    }
  })

  it('may leave out or include what nobody declared', async () => {
    const json = { room: { a: 1, b: 2 } }
    const room = (unknown: 'exclude' | 'include') => ({ room: arg.object({ a: arg.int() }, { unknown }) })
    expect(await argsOf(room('exclude'), { json })).toEqual({ room: { a: 1 } })
    expect(await argsOf(room('include'), { json })).toEqual({ room: { a: 1, b: 2 } })
  })

  it('waits for members that take their time', async () => {
    const slow = { o: arg.object({ a: z.string().refine(async (text) => text !== 'bad', 'No.') }) }
    expect(await argsOf(slow, { json: { o: { a: 'x' } } })).toEqual({ o: { a: 'x' } })
    expect((await refusalOf(slow, { json: { o: { a: 'bad' } } })).body).toEqual({ json: { o: { a: ['No.'] } } })
  })
})

describe('the JSON Schema of a field', () => {
  const schemaOf = (field: Arg<unknown>, side: 'input' | 'output' = 'input') =>
    field['~standard'].jsonSchema[side]({ target: 'draft-2020-12' })

  it('says its type, its bounds, its default and its description', () => {
    expect(schemaOf(arg.int({ min: 1, max: 9, default: 1, description: 'The page.' }))).toEqual({
      type: 'integer',
      minimum: 1,
      maximum: 9,
      default: 1,
      description: 'The page.',
    })
    expect(schemaOf(arg.string({ min: 1, pattern: /^a/, nullable: true }))).toEqual({
      anyOf: [{ type: 'string', minLength: 1, pattern: '^a' }, { type: 'null' }],
    })
    expect(schemaOf(arg.oneOf(['a', 'b']))).toEqual({ type: 'string', enum: ['a', 'b'] })
    expect(schemaOf(arg.dateTime())).toEqual({ type: 'string', format: 'date-time' })
  })

  it('tells what comes in from what comes out', () => {
    expect(schemaOf(arg.delimited(arg.int()))).toMatchObject({ type: 'string' })
    expect(schemaOf(arg.delimited(arg.int()), 'output')).toEqual({ type: 'array', items: { type: 'integer' } })
  })

  it('goes down into lists and objects, whichever library made what is in them', () => {
    const field = arg.list(arg.object({ a: arg.int(), b: z.string(), c: arg.bool({ optional: true }) }), { max: 5 })
    expect(schemaOf(field)).toEqual({
      type: 'array',
      maxItems: 5,
      items: {
        type: 'object',
        properties: { a: { type: 'integer' }, b: { type: 'string' }, c: { type: 'boolean' } },
        required: ['a', 'b'],
      },
    })
  })
})
