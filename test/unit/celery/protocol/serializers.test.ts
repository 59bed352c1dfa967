import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { MessageError } from '../../../../src/celery/protocol/message-error.ts'
import { msgpackFrom } from '../../../../src/celery/protocol/msgpack.ts'
import type { SerializerName } from '../../../../src/celery/protocol/serializer.ts'
import {
  decodeBody,
  encodeBody,
  loadSerializer,
  serializerName,
  serializerOf,
} from '../../../../src/celery/protocol/serializers.ts'

const ANY = { accept: ['json', 'msgpack', 'yaml', 'raw'] }
const again = (value: unknown, name: SerializerName) => {
  const { body, contentType } = encodeBody(value, name)
  return decodeBody(body, contentType, ANY)
}

/** What all serializers carry. */
const shared = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string({ unit: 'grapheme' }),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true }).filter((n) => !Object.is(n, -0)),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }).filter((n) => !Number.isSafeInteger(Number(n))),
    fc.date({ min: new Date('1970-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }),
    fc.uint8Array({ maxLength: 20 }),
    fc.constantFrom(
      null,
      true,
      false,
      'yes',
      'null',
      '~',
      '1e5',
      '089',
      '2026-11-23',
      '1:30',
      '- x',
      '\u0085\u2028\ufeff',
      '\u007f',
    ),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(
      fc.string({ unit: 'grapheme' }).filter((key) => key !== '__proto__' && key !== '<<'),
      tie('value'),
      { maxKeys: 5 },
    ),
  ),
})).value

describe('before they are loaded', () => {
  it('msgpack and yaml say how they are loaded, and their messages are refused', () => {
    expect(() => serializerOf('msgpack')).toThrow('serializer "msgpack" is not loaded; list it in `accept_content`')
    expect(() => encodeBody([], 'yaml')).toThrow(TypeError)
    expect(() => decodeBody(Buffer.from('[]'), 'application/x-yaml', ANY)).toThrow(MessageError)
  })
})

describe('the serializers', () => {
  beforeAll(async () => {
    await loadSerializer('msgpack')
    await loadSerializer('application/x-yaml')
    await loadSerializer('json')
    await loadSerializer('raw')
  })

  it.each(['json', 'msgpack', 'yaml'] as const)('read what they wrote: %s', (name) => {
    fc.assert(
      fc.property(shared, (value) => {
        expect(again([value], name)).toEqual([value])
      }),
      { numRuns: name === 'yaml' ? 150 : 300 },
    )
  })

  it.each([
    ['json', 'application/json', 'utf-8'],
    ['msgpack', 'application/x-msgpack', 'binary'],
    ['yaml', 'application/x-yaml', 'utf-8'],
    ['raw', 'application/data', 'binary'],
  ] as const)('have the labels of kombu: %s', (name, contentType, contentEncoding) => {
    expect(encodeBody(name === 'raw' ? new Uint8Array([1]) : 1, name)).toMatchObject({ contentType, contentEncoding })
    expect(serializerName(contentType)).toBe(name)
  })

  it.each(['msgpack', 'yaml'] as const)('refuse in %s what JSON refuses, and what they have no form for', (name) => {
    const refused = (value: unknown) => () => encodeBody({ a: [value] }, name, 'args')
    expect(refused(() => 1)).toThrow('args.a[0] is a function')
    expect(refused(new Map())).toThrow('args.a[0] is a Map')
    expect(refused('\ud800')).toThrow('args.a[0] has half of a surrogate pair')
    expect(refused({ __type__: 1, __value__: 2 })).toThrow('args.a[0] has exactly the members')
    expect(refused(Object.assign([1], {}))).not.toThrow()
    const cycle: unknown[] = []
    cycle.push(cycle)
    expect(refused(cycle)).toThrow('contains itself')
  })

  it('name json for a decimal in msgpack, and for integers beyond 64 bits', async () => {
    const { Decimal } = await import('../../../../src/celery/protocol/decimal.ts')
    expect(() => encodeBody([new Decimal('1')], 'msgpack', 'args')).toThrow(
      'args[0] is a Decimal, which the serializer "msgpack" does not have; use "json"',
    )
    expect(() => encodeBody([2n ** 64n], 'msgpack', 'args')).toThrow('args[0] does not fit into the 64 bits of msgpack')
  })

  it('write undefined as null, and leave it out of objects', () => {
    for (const name of ['msgpack', 'yaml'] as const)
      expect(again([undefined, { a: undefined, b: 1 }], name)).toEqual([null, { b: 1 }])
  })

  it('carry a name `__proto__` as any other in YAML and JSON; msgpack refuses it', () => {
    const value = JSON.parse('{"__proto__": {"polluted": 1}}')
    for (const name of ['json', 'yaml'] as const) {
      const read = again(value, name) as object
      expect(Object.getOwnPropertyNames(read)).toEqual(['__proto__'])
      expect(Object.getPrototypeOf(read)).toBe(Object.prototype)
    }
    expect(() => decodeBody(Buffer.from('81a95f5f70726f746f5f5f01', 'hex'), 'application/x-msgpack', ANY)).toThrow(
      MessageError,
    )
  })

  it('write integers beyond 32 bits as integers in msgpack, and those beyond 2^53 as floats unless they are bigints', () => {
    const hex = (value: unknown) => Buffer.from(encodeBody(value, 'msgpack').body).toString('hex')
    expect([2 ** 40, -(2 ** 40), 2n ** 60n].map(hex)).toEqual([
      'cf0000010000000000',
      'd3ffffff0000000000',
      'cf1000000000000000',
    ])
    expect(hex(2 ** 60)).toBe('cb43b0000000000000')
  })

  it('give long integers of msgpack as texts or numbers when asked to', () => {
    const { body, contentType } = encodeBody([2n ** 60n, 2 ** 40], 'msgpack')
    expect(decodeBody(body, contentType, { ...ANY, bigint: 'string' })).toEqual([String(2n ** 60n), 2 ** 40])
    expect(decodeBody(body, contentType, { ...ANY, bigint: 'number' })).toEqual([2 ** 60, 2 ** 40])
  })

  it('pass bytes and texts on as they are when raw, and nothing else', () => {
    expect(again(new Uint8Array([1, 2]), 'raw')).toEqual(new Uint8Array([1, 2]))
    expect(encodeBody('grüß', 'raw')).toMatchObject({ contentType: 'text/plain', contentEncoding: 'utf-8' })
    expect(again('grüß', 'raw')).toBe('grüß')
    expect(() => encodeBody({}, 'raw', 'result')).toThrow('result must be a text or a Uint8Array')
  })

  it('have no pickle, by name or type, and name those they have', async () => {
    for (const name of ['pickle', 'application/x-python-serialize']) {
      expect(() => serializerName(name)).toThrow('pickle is not supported')
      await expect(loadSerializer(name)).rejects.toThrow('pickle is not supported')
    }
    expect(() => serializerName('xml')).toThrow('use "json", "msgpack" or "yaml"')
  })
})

describe('msgpack that lies', () => {
  const read = (bytes: Uint8Array) => {
    try {
      return decodeBody(bytes, 'application/x-msgpack', ANY)
    } catch (error) {
      if (error instanceof MessageError) return error.code
      throw error
    }
  }

  it.each([
    ['an array of 2^32 - 1 items in 5 bytes', 'ddffffffff'],
    ['a map of 2^31 members', 'df80000000'],
    ['arrays of a thousand that begin one in another', 'dc03e8'.repeat(300)],
    ['a text longer than the rest', 'dbffffffff61'],
    ['bytes longer than the rest', 'c6ffffffff61'],
    ['a length that is cut off', 'dd0000'],
    ['an extension that is cut off', 'c9000000'],
    ['a type that does not exist', 'c1'],
    ['nothing', ''],
    ['more than one value', '0102'],
  ])('is refused before memory is set aside: %s', (_, hex) => {
    expect(read(Buffer.from(hex, 'hex'))).toBe('ERR_CELERY_MESSAGE')
  })

  it('is refused when it is nested too deep', () => {
    expect(read(Buffer.concat([Buffer.alloc(400, 0x91), Buffer.from([1])]))).toBeInstanceOf(Array)
    expect(read(Buffer.concat([Buffer.alloc(401, 0x91), Buffer.from([1])]))).toBe('ERR_CELERY_TOO_LARGE')
    expect(read(Buffer.concat([Buffer.alloc(1_000_000, 0x91), Buffer.from([1])]))).toBe('ERR_CELERY_TOO_LARGE')
  })

  it('is judged as the package judges it: any bytes are read or refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        read(bytes)
      }),
      { numRuns: 3000 },
    )
  })

  it('whose decoder throws says nothing of what was read', () => {
    const serializer = msgpackFrom({
      encode: () => new Uint8Array(),
      decode: () => {
        throw new Error('secret')
      },
    })
    expect(() => serializer.decode(new Uint8Array([1]), {})).toThrow(/^not valid msgpack$/)
  })
})

describe('YAML that is hostile', () => {
  const read = (text: string) => {
    try {
      return decodeBody(Buffer.from(text), 'application/x-yaml', ANY)
    } catch (error) {
      if (error instanceof MessageError) return error.code
      throw error
    }
  }

  it.each([
    ['an object of a class', '!!python/object/apply:os.system ["true"]'],
    ['a tuple of Python', '!!python/tuple [1, 2]'],
    ['a tag of its own', '!mine x'],
    [
      'aliases that become a billion',
      `a: &a [x, x, x]\n${'bcdefghijklmnopqrst'
        .split('')
        .map((c, i) => `${c}: &${c} [${Array(9).fill(`*${String.fromCharCode(97 + i)}`)}]`)
        .join('\n')}`,
    ],
    ['an alias to nothing', '*a'],
    ['two documents', 'a\n---\nb'],
    ['a bracket too few', '[1, 2'],
    ['a day that does not exist', '2026-02-30'],
    ['an integer of 5000 digits', '9'.repeat(5000)],
  ])('is refused: %s', (_, text) => {
    expect(read(text)).toBe('ERR_CELERY_MESSAGE')
  })

  it.each([
    ['flow', '['.repeat(201) + ']'.repeat(201)],
    ['flow, a hundred thousand', '['.repeat(100_000)],
    ['flow, with brackets in texts', '["]", '.repeat(201) + '1'.padEnd(202, ']')],
    ['dashes on one line', `${'- '.repeat(50_000)}x`],
    ['question marks on one line', '? '.repeat(50_000)],
    ['lines', Array.from({ length: 1000 }, (_, i) => `${' '.repeat(i)}-`).join('\n')],
  ])('is refused when it is nested too deep: %s', (_, text) => {
    expect(read(text)).toBe('ERR_CELERY_TOO_LARGE')
  })

  it('is read to 200 levels', () => {
    expect(read('['.repeat(200) + ']'.repeat(200))).toBeInstanceOf(Array)
    expect(read(`${'- '.repeat(99)}x`)).toBeInstanceOf(Array)
  })

  it('reads a few aliases, merged keys, sets and the last of equal names', () => {
    expect(read('a: &x {k: 1}\nb: *x\nc: {<<: *x, l: 2}\nd: !!set {p, q}\ne: 1\ne: 2')).toEqual({
      a: { k: 1 },
      b: { k: 1 },
      c: { k: 1, l: 2 },
      d: ['p', 'q'],
      e: 2,
    })
  })

  it.each([
    ['0x1F', 31],
    ['010', 8],
    ['0b11', 3],
    ['1_000', 1000],
    ['1:30', 90],
    ['-1:30.5', -90.5],
    ['+.inf', Number.POSITIVE_INFINITY],
    ['.NaN', Number.NaN],
    ['1.5e+3', 1500],
    ['off', false],
    ['Y', 'Y'],
    ['2026-11-23 8:15:00.25 +1', new Date('2026-11-23T07:15:00.250Z')],
    ['~', null],
  ])('has the scalars of PyYAML: %s', (text, value) => {
    expect(read(text)).toEqual(value)
  })
})
