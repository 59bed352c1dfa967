import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { JsonParser } from '../../../../src/celery/protocol/json-parser.ts'
import { MessageError } from '../../../../src/celery/protocol/message-error.ts'
import { readJson } from '../../../../src/celery/protocol/read-json.ts'

const caught = (work: () => unknown): MessageError => {
  try {
    work()
  } catch (error) {
    if (error instanceof MessageError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

/** JSON with blanks and needless escapes, as other writers make it. */
const spelled = fc
  .tuple(fc.json({ maxDepth: 4 }), fc.constantFrom('', ' ', '\n\t', '\r\n '))
  .map(([text, blank]) => JSON.stringify(JSON.parse(text), null, blank || undefined))

describe('the parser of our own', () => {
  it('reads every JSON that JSON.parse reads, as JSON.parse reads it', () => {
    fc.assert(
      fc.property(spelled, (text) => {
        const plain: unknown = JSON.parse(text)
        fc.pre(!/\d{16}/.test(text) && !text.includes('__type__'))
        expect(new JsonParser(text, {}).parse()).toStrictEqual(plain)
      }),
      { numRuns: 500 },
    )
  })

  it('refuses every text that JSON.parse refuses, but for the literals that Python adds', () => {
    const cut = fc.tuple(
      spelled,
      fc.nat(),
      fc.constantFrom('', ',', '"', '}', ']', '\\', 'x', '0', '-', '.', 'e', '\u0001'),
    )
    fc.assert(
      fc.property(cut, ([text, at, piece]) => {
        const place = at % (text.length + 1)
        const broken = text.slice(0, place) + piece + text.slice(place + 1)
        fc.pre(!/\d{16}/.test(broken) && !/__type__/.test(broken))
        let plain: unknown
        let fails = false
        try {
          plain = JSON.parse(broken)
        } catch {
          fails = true
        }
        if (fails) expect(() => new JsonParser(broken, {}).parse()).toThrow(MessageError)
        else expect(new JsonParser(broken, {}).parse()).toStrictEqual(plain)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('readJson', () => {
  it.each([
    ['9007199254740991', 9007199254740991],
    ['9007199254740993', 9007199254740993n],
    ['-9007199254740993', -9007199254740993n],
    ['9007199254740992', 9007199254740992n],
    ['[1000000000000000000000000000000]', [10n ** 30n]],
    ['0.30000000000000004', 0.30000000000000004],
    ['1234567890123456.5', 1234567890123456.5],
    ['1e+22', 1e22],
    ['1E400', Number.POSITIVE_INFINITY],
    ['NaN', Number.NaN],
    ['[Infinity, -Infinity]', [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]],
    ['-0.0', -0],
    ['{"a": "1234567890123456789"}', { a: '1234567890123456789' }],
    ['{"a": 1, "a": 2}', { a: 2 }],
    ['{"a": NaN, "a": 2}', { a: 2 }],
    ['"\\ud800"', '\ud800'],
    ['{"__type__": "datetime"}', { __type__: 'datetime' }],
  ])('reads %s', (text, value) => {
    expect(readJson(text)).toStrictEqual(value)
  })

  it('gives long integers as numbers or texts when asked to', () => {
    expect(readJson('[12345678901234567890, 5]', { bigint: 'string' })).toEqual(['12345678901234567890', 5])
    expect(readJson('[12345678901234567890, 5]', { bigint: 'number' })).toEqual([12345678901234567000, 5])
  })

  it('gives the same, whether or not another value of the text needs our own parser', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const text = JSON.stringify(value)
        fc.pre(!text.includes('__type__') && !/\d{16}/.test(text))
        expect(readJson(`[${text}, NaN]`)).toStrictEqual([JSON.parse(text), Number.NaN])
      }),
    )
  })

  it('takes `__proto__` for a name like any other, in both parsers', () => {
    for (const text of ['{"__proto__": {"polluted": 1}, "a": 1}', '{"__proto__": {"polluted": 1}, "a": NaN}']) {
      const value = readJson(text) as Record<string, unknown>
      expect(Object.keys(value)).toEqual(['__proto__', 'a'])
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
      expect(value['polluted']).toBeUndefined()
    }
  })

  it.each([
    ['', 'position 0 of 0'],
    ['[1,]', 'position 3 of 4'],
    ['{"secret": tru}', 'position 11 of 15'],
    ['{"secret" 1}', 'position 10 of 12'],
    ["{'secret': 1}", 'position 1 of 13'],
    ['["secret\u0001"]', 'position 10 of 11'],
    ['["secret', 'position 2 of 8'],
    ['01', 'position 1 of 2'],
    ['\uFEFF{}', 'position 0 of 3'],
    ['NaNsecret', 'position 3 of 9'],
  ])('says where %s is wrong and shows nothing of it', (text, place) => {
    const error = caught(() => readJson(text))
    expect(error).toMatchObject({ code: 'ERR_CELERY_MESSAGE', reason: 'body' })
    expect(error.message).toContain(place)
    expect(error.message + String(error.cause)).not.toContain('secret')
  })

  it('reads 400 levels and refuses 401, in both parsers', () => {
    const nested = (levels: number, inner: string) => '['.repeat(levels) + inner + ']'.repeat(levels)
    for (const inner of ['', '"]]]{"', 'NaN', '12345678901234567890', '"__type__"']) {
      expect(() => readJson(nested(400, inner))).not.toThrow()
      expect(caught(() => readJson(nested(401, inner)))).toMatchObject({ code: 'ERR_CELERY_TOO_LARGE' })
    }
  })

  it('refuses an integer of more than 4300 digits before it makes a number of it', () => {
    expect(readJson('9'.repeat(4300))).toBe(10n ** 4300n - 1n)
    expect(caught(() => readJson('9'.repeat(4301)))).toMatchObject({ code: 'ERR_CELERY_TOO_LARGE' })
  })
})

describe('typed values', () => {
  const typed = (type: string, value: unknown) => readJson(JSON.stringify({ __type__: type, __value__: value }))

  it('are found however their names are escaped', () => {
    expect(readJson('{"\\u005f_type__": "decimal", "__value__": "1"}')).toHaveProperty('valueOf')
    expect(String(readJson('{"__\\u0074ype__": "decimal", "__value__": "1.50"}'))).toBe('1.50')
  })

  it.each([
    ['datetime', '2026-11-23T10:53:24.472227+00:00', new Date('2026-11-23T10:53:24.472Z')],
    ['datetime', '2026-11-23T10:53:24', new Date('2026-11-23T10:53:24Z')],
    ['bytes', 'grüß', new Uint8Array(Buffer.from('grüß'))],
    ['base64', '/wD+', new Uint8Array([255, 0, 254])],
  ])('of type %s with %s', (type, value, expected) => {
    expect(typed(type, value)).toStrictEqual(expected)
  })

  it.each([
    ['date', '2026-11-23', '2026-11-23'],
    ['date', '2026-11-23T10:00:00', '2026-11-23'],
    ['time', '08:15:30.5', '08:15:30.5'],
    ['decimal', '19.90', '19.90'],
    ['decimal', 'NaN', 'NaN'],
    ['uuid', { hex: '8eec5a4c7d1c4d2a9c570c1ce2f3a6b7' }, '8eec5a4c-7d1c-4d2a-9c57-0c1ce2f3a6b7'],
  ])('of type %s keep their text', (type, value, text) => {
    expect(String(typed(type, value))).toBe(text)
  })

  it('reads a naive datetime in the time zone that is given', () => {
    const text = '{"__type__": "datetime", "__value__": "2026-07-01T08:15:00"}'
    expect(readJson(text, { timezone: 'Europe/Berlin' })).toEqual(new Date('2026-07-01T06:15:00Z'))
  })

  it.each([
    ['lambda', 'x'],
    ['datetime', 'yesterday'],
    ['datetime', 5],
    ['uuid', 'x'],
    ['uuid', { hex: 5 }],
    ['decimal', 'x'],
    ['bytes', null],
    ['constructor', 'x'],
    [5, 'x'],
  ])('that are none (%s) stay plain data', (type, value) => {
    const object = { __type__: type, __value__: value }
    expect(readJson(JSON.stringify(object))).toStrictEqual(object)
  })

  it('are none with a third member', () => {
    const object = { __type__: 'decimal', __value__: '1', more: 1 }
    expect(readJson(JSON.stringify(object))).toStrictEqual(object)
  })
})
