import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Decimal } from '../../../../src/celery/protocol/decimal.ts'
import { PlainDate } from '../../../../src/celery/protocol/plain-date.ts'
import { PlainTime } from '../../../../src/celery/protocol/plain-time.ts'
import { readJson } from '../../../../src/celery/protocol/read-json.ts'
import { Uuid } from '../../../../src/celery/protocol/uuid.ts'
import { writeJson } from '../../../../src/celery/protocol/write-json.ts'

describe('writeJson', () => {
  it('writes plain values as JSON.stringify does', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        fc.pre(!JSON.stringify(value).includes('__type__'))
        // Negative zeros and numbers beyond 2^53 are spelled as floats.
        fc.pre(!/-0\.0|e\+1[5-9]|e\+20/.test(writeJson(value)))
        expect(writeJson(value)).toBe(JSON.stringify(value))
      }),
      { numRuns: 500 },
    )
  })

  it('writes every value so that it is read as the same', () => {
    const leaf = fc.oneof(
      fc.double(),
      fc.bigInt().filter((n) => !Number.isSafeInteger(Number(n))),
      fc.string({ unit: 'binary' }),
      fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
      fc.uint8Array(),
      fc.constantFrom(null, true, false, Number.NaN, Number.POSITIVE_INFINITY, -0),
    )
    const value = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie('value')), fc.dictionary(fc.string(), tie('value'))),
    })).value
    fc.assert(
      fc.property(value, (one) => {
        expect(readJson(writeJson(one))).toEqual(one)
      }),
      { numRuns: 500 },
    )
  })

  it.each([
    [10n ** 30n, '1000000000000000000000000000000'],
    [5n, '5'],
    [Number.NaN, 'NaN'],
    [Number.NEGATIVE_INFINITY, '-Infinity'],
    [-0, '-0.0'],
    [1e21, '1e+21'],
    [2 ** 53 - 1, '9007199254740991'],
    [2 ** 53, '9.007199254740992e+15'],
    [undefined, 'null'],
    [[undefined, 1], '[null,1]'],
    [{ a: undefined, b: 1 }, '{"b":1}'],
    [new Date('2026-11-23T10:53:24.472Z'), '{"__type__":"datetime","__value__":"2026-11-23T10:53:24.472000+00:00"}'],
    [new Uint8Array(Buffer.from('grüß')), '{"__type__":"bytes","__value__":"grüß"}'],
    [Buffer.from([255, 0]), '{"__type__":"base64","__value__":"/wA="}'],
    [new Decimal('19.90'), '{"__type__":"decimal","__value__":"19.90"}'],
    [
      new Uuid('8eec5a4c-7d1c-4d2a-9c57-0c1ce2f3a6b7'),
      '{"__type__":"uuid","__value__":{"hex":"8eec5a4c7d1c4d2a9c570c1ce2f3a6b7"}}',
    ],
    [new PlainDate('2026-11-23'), '{"__type__":"date","__value__":"2026-11-23"}'],
    [new PlainTime('08:15'), '{"__type__":"time","__value__":"08:15"}'],
    ['\ud800"\\\n', '"\\ud800\\"\\\\\\n"'],
    [Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
    [Object(5), '5'],
    [{ toJSON: () => [1n] }, '[1]'],
    [
      new (class Point {
        x = 1
        #y = 2
        get y() {
          return this.#y
        }
      })(),
      '{"x":1}',
    ],
    [{ __type__: 'a', __value__: 'b', more: 1 }, '{"__type__":"a","__value__":"b","more":1}'],
    [new Array(2), '[null,null]'],
  ])('writes %o as %s', (value, text) => {
    expect(writeJson(value)).toBe(text)
  })

  const cyclic: Record<string, unknown> = { list: [] }
  cyclic['list'] = [1, { again: cyclic }]
  const endless = {
    toJSON(): unknown {
      return endless
    },
  }
  const deep = (levels: number) => Array.from({ length: levels }).reduce<unknown>((inner) => [inner], 1)

  it.each([
    [[{ user: { callback: () => 1 } }], 'args[0].user.callback is a function, which cannot be sent'],
    [[Symbol('x')], 'args[0] is a symbol, which cannot be sent'],
    [{ 'a b': { c: Symbol('x') } }, 'args["a b"].c is a symbol'],
    [[cyclic], 'args[0] contains itself'],
    [endless, 'args contains itself'],
    [deep(401), 'args is nested deeper than 400 levels'],
    [[new Map()], 'args[0] is a Map, which cannot be sent; send Object.fromEntries(map)'],
    [[new Set()], 'args[0] is a Set, which cannot be sent; send [...set]'],
    [[Promise.resolve(1)], 'args[0] is a Promise, which cannot be sent; await it'],
    [[new Error('x')], 'args[0] is an Error'],
    [[/x/], 'args[0] is a RegExp'],
    [[new Float64Array(1)], 'args[0] is a Float64Array, which cannot be sent; send a Uint8Array of it, or an array'],
    [[new ArrayBuffer(1)], 'args[0] is an ArrayBuffer'],
    [[new Date(Number.NaN)], 'args[0] is an invalid Date'],
    [[new Date('+012026-01-01T00:00:00Z')], 'args[0] is a Date outside the years 1 to 9999'],
    [[10n ** 4300n], 'args[0] has more than 4300 digits'],
    [[{ __type__: 'a', __value__: 1 }], 'args[0] has exactly the members "__type__" and "__value__"'],
  ])('refuses what cannot be sent, with its place: %#', (value, message) => {
    expect(() => writeJson(value, 'args')).toThrow(TypeError)
    expect(() => writeJson(value, 'args')).toThrow(message)
  })

  it('writes 400 levels, and the same object twice', () => {
    const shared = { a: 1 }
    expect(() => writeJson(deep(400))).not.toThrow()
    expect(writeJson([shared, shared])).toBe('[{"a":1},{"a":1}]')
  })

  it('shortens the place of something very deep', () => {
    const inner = Array.from({ length: 30 }).reduce<unknown>(
      (one) => ({ a: one }),
      () => 1,
    )
    expect(() => writeJson(inner, 'args')).toThrow('args.a.a.a.a.a.a….a.a.a is a function')
  })

  it('sends a datetime on as it came, with its microseconds, or without an offset', () => {
    for (const text of ['2026-11-23T10:53:24.472227+00:00', '2026-07-01T08:15:00', '2026-07-01T08:15:00+02:00']) {
      const typed = `{"__type__":"datetime","__value__":"${text}"}`
      expect(writeJson(readJson(typed, { timezone: 'Europe/Berlin' }))).toBe(typed)
    }
  })

  it('writes a datetime anew once it was changed', () => {
    const date = readJson('{"__type__":"datetime","__value__":"2026-07-01T08:15:00"}') as Date
    date.setUTCHours(9)
    expect(writeJson(date)).toContain('2026-07-01T09:15:00.000000+00:00')
  })
})
