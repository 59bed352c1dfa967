import { Big } from 'big.js'
import { BigNumber } from 'bignumber.js'
import { Decimal } from 'decimal.js'
import fc from 'fast-check'
import { HttpError } from 'twopi/http'
import { describe, expect, it } from 'vitest'
import { stringifyJson } from '../../../src/http/json.ts'
import { JsonError } from '../../../src/http/json-error.ts'

const failure = (run: () => unknown): JsonError => {
  try {
    run()
  } catch (error) {
    if (error instanceof JsonError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

/** Anything that JSON.stringify has an opinion on, boxed values, holes and `toJSON(key)` included. */
const anything = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.anything({
      withBoxedValues: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withNullPrototype: true,
      withObjectString: true,
      withSparseArray: true,
      withTypedArray: true,
      withUnicodeString: true,
    }),
    fc.constantFrom(undefined, () => 1, Symbol('s'), Number.NaN, Number.POSITIVE_INFINITY, -0, '\uD800', new Date(0)),
    fc.array(tie('value')),
    fc.dictionary(fc.string(), tie('value')),
    tie('value').map((inner) => ({ toJSON: (key: string) => ({ key, inner }) })),
    tie('value').map((inner) => Object.assign(() => 1, { toJSON: (key: string) => [key, inner] })),
  ),
})).value

describe('stringifyJson', () => {
  it('writes what JSON.stringify writes, byte for byte, on both of its ways', () => {
    fc.assert(
      fc.property(anything, (value) => {
        let expected: string
        try {
          expected = JSON.stringify(value) ?? 'null'
        } catch {
          return // a cycle or the like: other tests
        }
        expect(stringifyJson(value)).toBe(expected)
        // The setting for decimals takes the writer that keeps the path.
        expect(stringifyJson(value, { decimals: 'number' })).toBe(expected)
      }),
      { numRuns: 2_000 },
    )
  })

  it('writes null for what JSON has no word for', () => {
    expect([undefined, () => 1, Symbol('s')].map((value) => stringifyJson(value))).toEqual(['null', 'null', 'null'])
  })

  it('writes a bigint as a number, digit for digit, and everything around it as ever', () => {
    const data = { id: 2n ** 60n + 1n, list: [-5n, undefined, Object(7n)], skip: undefined, at: new Date(0) }
    expect(stringifyJson(data)).toBe('{"id":1152921504606846977,"list":[-5,null,7],"at":"1970-01-01T00:00:00.000Z"}')
    expect(stringifyJson(12345678901234567890n)).toBe('12345678901234567890')
  })

  it('honours a toJSON of a bigint', () => {
    class Id {
      toJSON() {
        return 10n
      }
    }
    expect(stringifyJson({ id: new Id() })).toBe('{"id":10}')
  })

  it('honours a toJSON that an application gave to all bigints', () => {
    Object.defineProperty(BigInt.prototype, 'toJSON', { value: () => 'big', configurable: true })
    try {
      for (const decimals of ['string', 'number'] as const) {
        expect(stringifyJson([1n], { decimals })).toBe(JSON.stringify([1n]))
      }
    } finally {
      Reflect.deleteProperty(BigInt.prototype, 'toJSON')
    }
  })

  it('reads getters once, in order, when it walks the data itself', () => {
    const read: string[] = []
    const data = {
      get a() {
        read.push('a')
        return 1
      },
      get b() {
        read.push('b')
        return 2
      },
    }
    expect(stringifyJson(data, { decimals: 'number' })).toBe('{"a":1,"b":2}')
    expect(read).toEqual(['a', 'b'])
  })

  it('is not deceived by an object that calls itself a Number', () => {
    const liar = { [Symbol.toStringTag]: 'Number', a: 1n }
    expect(stringifyJson(liar)).toBe('{"a":1}')
  })
})

describe('decimals', () => {
  // Prisma's Decimal is a clone of decimal.js's class, under another name.
  const PrismaDecimal = Decimal.clone({ precision: 20 })
  const digits = '12345678901234567890.12345678901234567891'
  const kinds: readonly (readonly [string, (text: string) => unknown])[] = [
    ['decimal.js', (text) => new Decimal(text)],
    ["Prisma's", (text) => new PrismaDecimal(text)],
    ['big.js', (text) => new Big(text)],
    ['bignumber.js', (text) => new BigNumber(text)],
  ]

  it.each(kinds)('of %s are strings by themselves', (_name, decimal) => {
    expect(stringifyJson({ price: decimal('1.5'), id: 1n })).toBe('{"price":"1.5","id":1}')
    expect(stringifyJson([decimal(digits)])).toBe(`["${digits}"]`)
  })

  it.each(kinds)('of %s are exact numbers by the setting', (_name, decimal) => {
    const data = { price: decimal('1.10'), exact: decimal(digits), list: [decimal('-3'), decimal('0')] }
    const expected = `{"price":1.1,"exact":${digits},"list":[-3,0]}`
    expect(stringifyJson(data, { decimals: 'number' })).toBe(expected)
  })

  it.each(kinds)('of %s stay valid JSON, whatever their size', (_name, decimal) => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
        const text = stringifyJson(decimal(String(number)), { decimals: 'number' })
        expect(JSON.parse(text)).toBe(number === 0 ? 0 : number)
      }),
    )
  })

  it('that are no number are null as numbers', () => {
    const data = [new Decimal('NaN'), new BigNumber('Infinity'), new Decimal('-Infinity')]
    expect(stringifyJson(data, { decimals: 'number' })).toBe('[null,null,null]')
  })

  it('are not taken for decimals when only a part of them looks like it', () => {
    expect(stringifyJson({ s: 1, e: 2, c: [3] }, { decimals: 'number' })).toBe('{"s":1,"e":2,"c":[3]}')
  })

  it('are found behind a toJSON too', () => {
    const money = { toJSON: () => new Decimal('1.10') }
    expect(stringifyJson({ money }, { decimals: 'number' })).toBe('{"money":1.1}')
  })
})

describe('data that cannot be written', () => {
  it('names the path at which circular data begins again', () => {
    const b: unknown[] = [1, 2, 3]
    const data = { a: { b } }
    b.push(data.a)
    const error = failure(() => stringifyJson(data))
    expect(error.code).toBe('ERR_JSON_CIRCULAR')
    expect(error.path).toBe('$.a.b[3]')
    expect(error.message).toBe('The data cannot be written as JSON: `$.a.b[3]` is circular: it is `$.a` again.')
  })

  it('quotes names that are no identifiers in the path', () => {
    const data: Record<string, unknown> = {}
    data['two words'] = { é1: { '0': data } }
    expect(failure(() => stringifyJson(data)).path).toBe('$["two words"].é1["0"]')
  })

  it('writes data that is shared but not circular', () => {
    const shared = { id: 1n }
    expect(stringifyJson([shared, { shared }, shared])).toBe('[{"id":1},{"shared":{"id":1}},{"id":1}]')
  })

  it('writes data that is deeper than the stack of JSON.stringify', () => {
    let deep: unknown = 1
    for (let i = 0; i < 50_000; i++) deep = [deep]
    expect(stringifyJson(deep)).toBe(`${'['.repeat(50_000)}1${']'.repeat(50_000)}`)
  })

  it('ends data without end with an error instead of a crash', () => {
    class Endless {
      toJSON() {
        return { next: new Endless() }
      }
    }
    const error = failure(() => stringifyJson(new Endless()))
    expect(error.code).toBe('ERR_JSON_TOO_DEEP')
    expect(error.path).toBe(`$${'.next'.repeat(20)}…`)
  })

  it('names the path of a getter or a toJSON that throws, and keeps what it threw', () => {
    const cause = new Error('no connection')
    const lazy = {
      get teacher(): never {
        throw cause
      },
    }
    const error = failure(() => stringifyJson({ classes: [{}, lazy] }))
    expect(error.code).toBe('ERR_JSON_VALUE')
    expect(error.path).toBe('$.classes[1].teacher')
    expect(error.cause).toBe(cause)
    expect(failure(() => stringifyJson({ at: new Date(Number.NaN), x: { toJSON: () => JSON.parse('{') } })).path).toBe(
      '$.x',
    )
  })

  it('lets an HttpError through, which is an answer', () => {
    const error = new HttpError(403)
    const data = {
      get secret(): never {
        throw error
      },
    }
    expect(() => stringifyJson(data)).toThrow(error)
  })
})
