import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readTable, TableError } from '../../../../../src/celery/brokers/amqp/read-table.ts'
import { writeTable } from '../../../../../src/celery/brokers/amqp/write-table.ts'
import { Decimal } from '../../../../../src/celery/protocol/decimal.ts'
import { Uuid } from '../../../../../src/celery/protocol/uuid.ts'
import { encodeTable } from './encode-table.ts'

/** A table of one entry named `k`, of raw bytes. */
function entry(tag: string, ...value: readonly number[]): Buffer {
  return Buffer.from([1, 0x6b, tag.charCodeAt(0), ...value])
}

function read(bytes: Buffer): unknown {
  return readTable(bytes, 0, bytes.length)['k']
}

/** Tags as they are written, wherever they stand. */
function tags(values: Record<string, unknown>): string[] {
  return Object.values(writeTable(values)).map((value) => String.fromCharCode(encodeTable({ k: value })[6] ?? 0))
}

const eight = [0, 0, 1, 0, 0, 0, 0, 0]

describe('reading a table of AMQP', () => {
  const cases: readonly (readonly [tag: string, bytes: readonly number[], value: unknown])[] = [
    ['t', [1], true],
    ['t', [0], false],
    ['b', [0xff], -1],
    ['B', [0xff], 255],
    ['s', [0xff, 0xfe], -2],
    ['U', [0xff, 0xfe], -2],
    ['u', [0xff, 0xfe], 65_534],
    ['I', [0xff, 0xff, 0xff, 0xfd], -3],
    ['i', [0xff, 0xff, 0xff, 0xfd], 4_294_967_293],
    ['l', eight, 2 ** 40],
    ['L', eight, 2 ** 40],
    ['L', [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe], -2],
    ['l', [0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], 9_223_372_036_854_775_807n],
    ['f', [0x3f, 0, 0, 0], 0.5],
    ['d', [0x3f, 0xe0, 0, 0, 0, 0, 0, 0], 0.5],
    ['S', [0, 0, 0, 2, 0xc3, 0xa4], 'ä'],
    ['S', [0, 0, 0, 3, 0xef, 0xbf, 0xbd], '\ufffd'],
    ['S', [0, 0, 0, 2, 0xff, 0xfe], Uint8Array.of(0xff, 0xfe)],
    ['x', [0, 0, 0, 2, 1, 2], Uint8Array.of(1, 2)],
    ['A', [0, 0, 0, 3, 0x74, 1, 0x56], [true, null]],
    ['F', [0, 0, 0, 4, 1, 0x61, 0x74, 1], { a: true }],
    ['T', [0, 0, 0, 0, 0, 0, 0, 60], new Date(60_000)],
    ['T', [0, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], 0x7fffffffffffffn],
    ['V', [], null],
  ]
  for (const [index, [tag, bytes, value]] of cases.entries()) {
    it(`reads the tag ${tag} (${index})`, () => {
      expect(read(entry(tag, ...bytes))).toEqual(value)
    })
  }

  it('reads decimals with their places and sign', () => {
    const texts = [
      [2, 0, 0, 7, 198],
      [3, 0, 0, 0, 5],
      [0, 0, 0, 0, 5],
      [1, 0xff, 0xff, 0xff, 0xf1],
    ].map((bytes) => String(read(entry('D', ...bytes))))
    expect(texts).toEqual(['19.90', '0.005', '5', '-1.5'])
  })

  it('names an unknown tag', () => {
    expect(() => read(entry('?', 1))).toThrow(new TableError('a header has the unknown type 0x3f'))
  })

  it('takes no key for the prototype', () => {
    const key = '__proto__'
    const bytes = Buffer.concat([Buffer.from([key.length]), Buffer.from(key), Buffer.from([0x74, 1])])
    const table = readTable(bytes, 0, bytes.length)
    expect(Object.getPrototypeOf(table)).toBe(Object.prototype)
    expect(Object.entries(table)).toEqual([[key, true]])
  })

  it('throws nothing but a TableError, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        try {
          readTable(Buffer.from(bytes), 0, bytes.length)
        } catch (error) {
          expect(error).toBeInstanceOf(TableError)
        }
      }),
      { numRuns: 3000 },
    )
  })

  it('reads no byte behind its end', () => {
    const bytes = Buffer.concat([entry('S', 0, 0, 0, 9), Buffer.from('not of it')])
    expect(() => readTable(bytes, 0, 7)).toThrow(TableError)
  })

  it('refuses tables that are nested without end', () => {
    let bytes = Buffer.alloc(0)
    for (let level = 0; level < 100; level++) {
      const length = Buffer.alloc(4)
      length.writeUInt32BE(bytes.length)
      bytes = Buffer.concat([Buffer.from([1, 0x61, 0x46]), length, bytes])
    }
    expect(() => readTable(bytes, 0, bytes.length)).toThrow('nested more than 64 levels')
  })
})

describe('writing a table of AMQP', () => {
  it('writes integers as I or l, never with a tag that py-amqp misreads', () => {
    const values = [0, 1, -1, 127, 128, 200, 300, 32_767, 40_000, 2 ** 31 - 1, -(2 ** 31)]
    expect(new Set(tags(Object.fromEntries(values.map((value, i) => [`k${i}`, value]))))).toEqual(new Set(['I']))
    expect(tags({ a: 2 ** 31, b: -(2 ** 31) - 1, c: Number.MAX_SAFE_INTEGER, d: 5n, e: 2n ** 63n - 1n })).toEqual(
      Array.from('lllll'),
    )
  })

  it('writes what is no integer as d, null as V, bytes as x, dates as T', () => {
    expect(tags({ a: 0.5, b: 1e300, c: Number.NaN, d: -0 })).toEqual(['d', 'd', 'd', 'd'])
    expect(tags({ a: null, b: Uint8Array.of(1), c: new Date(0), d: true, e: 'x', f: [], g: {} })).toEqual(
      Array.from('VxTtSAF'),
    )
    expect(tags({ a: new Decimal('19.90'), b: new Uuid('0'.repeat(32)) })).toEqual(['D', 'S'])
  })

  it('gives back what it wrote', () => {
    const leaf = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.integer(),
      fc.maxSafeInteger(),
      fc.double({ noNaN: true }),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.boolean(),
      fc.constant(null),
      fc
        .date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true })
        .map((date) => new Date(date.setMilliseconds(0))),
      fc.uint8Array().map((bytes) => new Uint8Array(bytes)),
    )
    const key = fc.oneof(fc.string({ maxLength: 20 }), fc.constantFrom('!', 'value', 'constructor', ''))
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc.array(tie('any'), { maxLength: 4 }),
        fc.dictionary(key, tie('any'), { maxKeys: 4 }),
      ),
    })).any
    fc.assert(
      fc.property(fc.dictionary(key, value, { maxKeys: 6 }), (table) => {
        const bytes = encodeTable(writeTable(table))
        expect(normal(readTable(bytes, 4, bytes.length))).toEqual(normal(table))
      }),
      { numRuns: 1000 },
    )
  })

  it('leaves out what is undefined, and changes nothing in what it is given', () => {
    const given = Object.freeze({ a: undefined, b: Object.freeze([Object.freeze({ '!': 'int32', value: 1 })]) })
    const bytes = encodeTable(writeTable(given))
    expect(readTable(bytes, 4, bytes.length)).toEqual({ b: [{ '!': 'int32', value: 1 }] })
  })

  const wrong: readonly (readonly [what: string, value: unknown, text: string])[] = [
    ['a function', () => 1, 'the header a.b must be a value that AMQP can hold, found a function'],
    ['a symbol', Symbol('x'), 'found a symbol'],
    ['a map', new Map(), 'found an object of a class'],
    ['an integer of more than 64 bits', 2n ** 63n, 'the header a.b is beyond 64 bits'],
    ['a date before 1970', new Date(-1000), 'must be a date from 1970 on'],
    ['no date', new Date(Number.NaN), 'must be a date from 1970 on'],
    ['a decimal of many digits', new Decimal('123456789012345'), 'give it as text'],
  ]
  for (const [what, value, text] of wrong) {
    it(`refuses ${what}, and names the place`, () => {
      expect(() => writeTable({ a: { b: value } })).toThrow(TypeError)
      expect(() => writeTable({ a: { b: value } })).toThrow(text)
    })
  }

  it('refuses what contains itself', () => {
    const list: unknown[] = []
    list.push(list)
    expect(() => writeTable({ list })).toThrow('nested more than 64 levels')
  })

  it('refuses a name of more than 255 bytes', () => {
    expect(() => writeTable({ ['ä'.repeat(128)]: 1 })).toThrow(TypeError)
  })
})

/** Integers are one thing, in whatever form, and so are zeros. */
function normal(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value
  if (Object.is(value, -0)) return 0
  if (Array.isArray(value)) return value.map(normal)
  if (value === null || typeof value !== 'object' || value instanceof Date || value instanceof Uint8Array) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, normal(one)]))
}
