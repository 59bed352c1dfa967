import { isDeepStrictEqual } from 'node:util'
import { Decimal } from 'decimal.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { losesDigits } from '../../../src/http/json-number.ts'
import { parseJson } from '../../../src/http/json-parse.ts'

const digitsOf = (digits: string) => ({ digits })

/** A text that is JSON, with white space, escapes, duplicate and dangerous keys, and numbers of every form. */
const jsonText = fc.letrec<{ text: string }>((tie) => {
  const space = fc.constantFrom('', ' ', '\n\t', '\r\n ')
  const key = fc.oneof(
    fc.constantFrom('"a"', '"b"', '"__proto__"', '"\\u005f_proto__"', '"constructor"', '"prototype"', '"1"', '""'),
    fc.string({ unit: 'binary' }).map((text) => JSON.stringify(text)),
  )
  const number = fc
    .tuple(
      fc.constantFrom('', '-'),
      fc.bigInt({ min: 0n, max: 10n ** 25n }),
      fc.oneof(fc.constant(''), fc.stringMatching(/^\.\d{1,25}$/)),
      fc.oneof(fc.constant(''), fc.stringMatching(/^[eE][+-]?\d{1,4}$/)),
    )
    .map((parts) => parts.join(''))
  const list = <T>(item: fc.Arbitrary<T>) => fc.array(item, { maxLength: 5 })
  return {
    text: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      fc.constantFrom('true', 'false', 'null', '"\\ud83d\\ude00 \\"\\\\"', '"1234567890123456789"'),
      number,
      fc.string({ unit: 'binary' }).map((text) => JSON.stringify(text)),
      fc.tuple(space, list(tie('text'))).map(([s, items]) => `[${s}${items.join(`${s},${s}`)}${s}]`),
      fc
        .tuple(space, list(fc.tuple(key, tie('text'))))
        .map(([s, members]) => `{${s}${members.map(([k, v]) => `${k}${s}:${s}${v}`).join(`,${s}`)}${s}}`),
    ),
  }
}).text

describe('parseJson', () => {
  it('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        fc.pre(!/__proto__|constructor/.test(text))
        expect(parseJson(text)).toStrictEqual(JSON.parse(text))
      }),
    )
  })

  it('reads the same on the way that keeps digits, whatever the text', () => {
    // The number at the end makes the text take that way; each number is then read as ever.
    fc.assert(
      fc.property(jsonText, (text) => {
        const forced = `[${text}, 12345678901234567890]`
        // Not `toStrictEqual`, which takes a key "constructor" for the constructor.
        expect(isDeepStrictEqual(parseJson(forced, { bigNumbers: Number }), parseJson(forced))).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })

  it('refuses what JSON.parse refuses, on both ways', () => {
    fc.assert(
      fc.property(
        jsonText,
        fc.nat(),
        fc.constantFrom('', ',', '"', '}', ']', '.', '-', '0', 'e', '\\', '\0'),
        (text, at, junk) => {
          const position = at % (text.length + 1)
          const broken = `[12345678901234567890,${text.slice(0, position)}${junk}${text.slice(position + 1)}]`
          let valid = true
          try {
            JSON.parse(broken)
          } catch {
            valid = false
          }
          for (const options of [{}, { bigNumbers: 'bigint' }, { bigNumbers: digitsOf }] as const) {
            if (valid) parseJson(broken, options)
            else expect(() => parseJson(broken, options)).toThrow(SyntaxError)
          }
        },
      ),
      { numRuns: 1_000 },
    )
  })

  it.each([[{}], [{ bigNumbers: 'bigint' }], [{ bigNumbers: digitsOf }]] as const)(
    'drops a byte order mark, lets the last of duplicate keys count and leaves dangerous keys out: %o',
    (options) => {
      const text = `\uFEFF{"a":1,"big":[123456789012345],"a":2,"__proto__":{"admin":true},"\\u005f\\u005fproto__":{"b":1},
        "constructor":{"prototype":{"c":1}},"child":{"__proto__":1,"constructor":"kept"}}`
      const forced = text.replace('[123456789012345]', '"1234567890123456789"')
      const value = parseJson(forced, options) as object
      expect(value).toEqual({ a: 2, big: '1234567890123456789', child: { constructor: 'kept' } })
      expect(Object.keys(value)).toEqual(['a', 'big', 'child'])
      expect('admin' in value).toBe(false)
    },
  )

  it('reads depth that a recursive reader could not', () => {
    const text = `${'['.repeat(100_000)}12345678901234567890${']'.repeat(100_000)}`
    let value = parseJson(text, { bigNumbers: 'bigint' })
    while (Array.isArray(value)) value = value[0]
    expect(value).toBe(12345678901234567890n)
  })
})

describe('bigNumbers', () => {
  it('by themselves are rounded', () => {
    expect(parseJson('9007199254740993')).toBe(9007199254740992)
  })

  it("as 'bigint' makes integers beyond 2^53 - 1 bigints and leaves every other number alone", () => {
    const text =
      '[9007199254740991, 9007199254740992, -9007199254740993, 1e20, 12345678901234567890.5, 1, "9007199254740993"]'
    expect(parseJson(text, { bigNumbers: 'bigint' })).toEqual([
      9007199254740991,
      9007199254740992n,
      -9007199254740993n,
      1e20,
      Number('12345678901234567890.5'),
      1,
      '9007199254740993',
    ])
    expect(parseJson('12345678901234567890', { bigNumbers: 'bigint' })).toBe(12345678901234567890n)
  })

  it("as 'exact' also makes NaN of what would become an integer, or no finite number, by rounding", () => {
    const text =
      '[9007199254740991, 1152921504606847000, -9007199254740993, 1e20, 0.1234567890123456789, 1.50000000000000000000]'
    expect(parseJson(text, { bigNumbers: 'exact' })).toEqual([
      9007199254740991,
      1152921504606847000n,
      -9007199254740993n,
      1e20,
      0.12345678901234568,
      1.5,
    ])
    const rounded = '[1.00000000000000000001, 9007199254740993.0, 1e400, -1e999, 1e-400]'
    expect(parseJson(rounded, { bigNumbers: 'exact' })).toEqual(new Array(5).fill(Number.NaN))
  })

  it('as a function is given the digits of exactly the numbers that would lose some', () => {
    const kept = [
      '0',
      '-0',
      '0.1',
      '1.10',
      '1e23',
      '9007199254740992',
      '100000000000000000000',
      '1.5e-7',
      '0e999',
      '5e-324',
    ]
    const lost = ['9007199254740993', '0.1234567890123456789', '1e400', '-1e-400', '123456789.123456789', '1.23e-322']
    expect(parseJson(`[${kept.join()}]`, { bigNumbers: digitsOf })).toEqual(kept.map(Number))
    expect(parseJson(`[${lost.join()}]`, { bigNumbers: digitsOf })).toEqual(lost.map(digitsOf))
  })

  it('as a function keeps a decimal exact', () => {
    const price = parseJson('{"price": 0.1234567890123456789}', { bigNumbers: (digits) => new Decimal(digits) })
    expect(price).toEqual({ price: new Decimal('0.1234567890123456789') })
  })

  it('as a function sees no number that a double holds', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
        expect(losesDigits(JSON.stringify(number))).toBe(false)
        expect(parseJson(`[${JSON.stringify(number)}]`, { bigNumbers: digitsOf })).toEqual([number === 0 ? 0 : number])
      }),
    )
  })

  it('as a function sees every number that a double does not hold', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^-?[1-9]\d{0,24}(\.\d{1,25})?(e-?\d{1,3})?$/), (literal) => {
        const exact = new Decimal(literal).equals(new Decimal(Number(literal)))
        expect(parseJson(literal, { bigNumbers: digitsOf })).toEqual(exact ? Number(literal) : { digits: literal })
      }),
      { numRuns: 1_000 },
    )
  })
})
