import zlib from 'node:zlib'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { decodeMeta } from '../../src/celery/protocol/decode-meta.ts'
import { decodeTask } from '../../src/celery/protocol/decode-task.ts'
import { encodeTask } from '../../src/celery/protocol/encode-task.ts'
import type { Message } from '../../src/celery/protocol/message.ts'
import { MessageError } from '../../src/celery/protocol/message-error.ts'
import { loadSerializer } from '../../src/celery/protocol/serializers.ts'
import { recordedMessage, recordings } from '../support/celery-recorded.ts'
import { aTask } from '../support/celery-task.ts'

// Whatever lies in a queue or a result store: it is read, or refused by an error of ours that shows none of it. Nothing else
// happens: no other error, no long wait, no memory, no changed prototype.

const ANY = { accept: ['json', 'msgpack', 'yaml'], maxInflatedBytes: 1_000_000 }

const outcome = (message: Message, options: object = ANY): string => {
  try {
    decodeTask(message, options)
    return 'read'
  } catch (error) {
    if (error instanceof MessageError) return error.code
    throw error
  }
}

const withBody = (body: string | Uint8Array, more: Partial<Message> = {}): Message => ({
  body: typeof body === 'string' ? Buffer.from(body) : body,
  contentType: 'application/json',
  contentEncoding: 'utf-8',
  headers: { task: 'py.add', id: 'id-1' },
  properties: {},
  ...more,
})

beforeAll(async () => {
  await loadSerializer('msgpack')
  await loadSerializer('yaml')
})

describe('a message with a long name', () => {
  it.for([['task'], ['id']] as const)('is refused, and shows a part of it: %s', ([header]) => {
    const at = (length: number) =>
      withBody('[[], {}, {}]', { headers: { task: 't', id: 'i', [header]: 'x'.repeat(length) } })
    expect(outcome(at(1024))).toBe('read')
    expect(outcome(at(1025))).toBe('ERR_CELERY_MESSAGE')
    try {
      decodeTask(at(1_000_000), ANY)
    } catch (error) {
      const { taskId, taskName, message } = error as MessageError
      expect(`${taskId}${taskName}${message}`.length).toBeLessThan(1200)
    }
  })

  it('is refused when it is that of a task to come', () => {
    const next = [{ task: 'x'.repeat(1025) }]
    for (const place of ['callbacks', 'errbacks', 'chain']) {
      expect(outcome(withBody(JSON.stringify([[], {}, { [place]: next }])))).toBe('ERR_CELERY_MESSAGE')
    }
  })
})

describe('a message with damaged bytes', () => {
  const recorded = recordings.flatMap((recording) =>
    Object.keys(recording.messages).flatMap((name) => recordedMessage(recording, name) ?? []),
  )

  it('is read or refused, wherever it is damaged', () => {
    const damage = fc.record({
      message: fc.constantFrom(...recorded),
      at: fc.nat(),
      cut: fc.integer({ min: 0, max: 20 }),
      put: fc.uint8Array({ maxLength: 8 }),
    })
    fc.assert(
      fc.property(damage, ({ message, at, cut, put }) => {
        const place = at % (message.body.length + 1)
        const body = Buffer.concat([message.body.subarray(0, place), put, message.body.subarray(place + cut)])
        outcome({ ...message, body })
      }),
      { numRuns: 3000 },
    )
  })

  it('is read or refused with any value in any header', () => {
    const header = fc.constantFrom(
      ...['task', 'id', 'eta', 'expires', 'group', 'group_index', 'retries', 'timelimit', 'root_id', 'parent_id'],
      ...[
        'compression',
        'stamps',
        'stamped_headers',
        'ignore_result',
        'shadow',
        'argsrepr',
        'origin',
        '__proto__',
        'constructor',
      ],
    )
    const value = fc.oneof(
      fc.anything(),
      fc.constantFrom('application/x-gzip', 'brotli', '2026-11-23', '9'.repeat(500)),
    )
    fc.assert(
      fc.property(fc.constantFrom(...recorded), header, value, (message, name, content) => {
        const headers = { ...message.headers }
        Object.defineProperty(headers, name, { value: content, enumerable: true })
        outcome({ ...message, headers })
      }),
      { numRuns: 3000 },
    )
  })

  it('is read or refused with any JSON for a body', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), fc.boolean(), (body, bare) => {
        outcome(withBody(body, bare ? { headers: {} } : {}))
        outcome(withBody(`[[], {}, ${body}]`))
        outcome(withBody(`{"task": "a", "id": "b", "args": ${body}, "callbacks": ${body}}`, { headers: {} }))
      }),
      { numRuns: 1000 },
    )
  })
})

describe('a stored result', () => {
  it('is read or refused, whatever it is', () => {
    const text = fc.oneof(
      fc.json(),
      fc.string(),
      fc
        .record({ status: fc.anything(), result: fc.jsonValue(), task_id: fc.anything() })
        .map((one) => JSON.stringify(one) ?? ''),
    )
    fc.assert(
      fc.property(text, (one) => {
        try {
          decodeMeta(one, { taskId: 'id-1' })
        } catch (error) {
          expect(error).toBeInstanceOf(MessageError)
          expect((error as MessageError).taskId).toBe('id-1')
        }
      }),
      { numRuns: 1000 },
    )
  })
})

describe('an attack', () => {
  it('by millions of small objects, which take fifty times their bytes in memory, is refused before they are made', () => {
    const crowd = (one: string) => `[[${`${one},`.repeat(2_000_000)}0],{},{}]`
    expect(outcome(withBody(crowd('{}')))).toBe('ERR_CELERY_TOO_LARGE')
    // Through the parser for typed values, too.
    expect(outcome(withBody(crowd('[]').replace('0]', '{"__type__":"date","__value__":"2026-11-23"}]')))).toBe(
      'ERR_CELERY_TOO_LARGE',
    )
    const packed = Buffer.alloc(2_000_006, 0x80)
    packed.set([0xdd, 0, 0x1e, 0x84, 0x81])
    expect(outcome(withBody(packed, { contentType: 'application/x-msgpack' }))).toBe('ERR_CELERY_TOO_LARGE')
    expect(outcome(withBody(`["${'{}'.repeat(1_000_000)}"]`))).not.toBe('ERR_CELERY_TOO_LARGE')
  })

  /** Work that an attacker could make long; the limit is a hundred times what it takes. */
  const quickly = (work: () => unknown): unknown => {
    const start = performance.now()
    const result = work()
    expect(performance.now() - start).toBeLessThan(3000)
    return result
  }

  it.each<[string, () => Message, string]>([
    ['a million brackets', () => withBody('['.repeat(1_000_000)), 'ERR_CELERY_TOO_LARGE'],
    ['a million brackets with NaN', () => withBody(`[NaN,${'['.repeat(1_000_000)}`), 'ERR_CELERY_TOO_LARGE'],
    ['a million objects', () => withBody('{"a":'.repeat(1_000_000)), 'ERR_CELERY_TOO_LARGE'],
    ['an integer of a million digits', () => withBody(`[[${'9'.repeat(1_000_000)}], {}, {}]`), 'ERR_CELERY_TOO_LARGE'],
    ['a float of a million digits', () => withBody(`[[0.${'9'.repeat(1_000_000)}], {}, {}]`), 'read'],
    ['an exponent of a million digits', () => withBody(`[[1e${'9'.repeat(1_000_000)}], {}, {}]`), 'read'],
    [
      'a decimal of a million digits',
      () => withBody(`[[{"__type__": "decimal", "__value__": "${'9'.repeat(1_000_000)}"}], {}, {}]`),
      'read',
    ],
    [
      'a decimal that is nearly one',
      () => withBody(`[[{"__type__": "decimal", "__value__": "${'9'.repeat(1_000_000)}x"}], {}, {}]`),
      'read',
    ],
    ['a text of a million backslashes', () => withBody(`["${'\\'.repeat(1_000_000)}", NaN`), 'ERR_CELERY_MESSAGE'],
    ['a million quotes', () => withBody(`["${'\\"'.repeat(1_000_000)}", NaN`), 'ERR_CELERY_MESSAGE'],
    ['a million blanks', () => withBody(`${' '.repeat(1_000_000)}x`), 'ERR_CELERY_MESSAGE'],
    [
      'a million typed values',
      () => withBody(`[[${'{"__type__": "x", "__value__": 1},'.repeat(100_000)}1], {}, {}]`),
      'read',
    ],
    [
      'an eta of a million digits',
      () => withBody('[[], {}, {}]', { headers: { task: 'a', id: 'b', eta: '2'.repeat(1_000_000) } }),
      'ERR_CELERY_MESSAGE',
    ],
    [
      'an eta with a million digits behind the point',
      () =>
        withBody('[[], {}, {}]', {
          headers: { task: 'a', id: 'b', eta: `2026-11-23T10:00:00.${'1'.repeat(1_000_000)}` },
        }),
      'ERR_CELERY_MESSAGE',
    ],
    [
      'a million members of msgpack in 6 bytes',
      () => withBody(Buffer.from('dd000f424001', 'hex'), { contentType: 'application/x-msgpack' }),
      'ERR_CELERY_MESSAGE',
    ],
    [
      'a million brackets of YAML',
      () => withBody('['.repeat(1_000_000), { contentType: 'application/x-yaml' }),
      'ERR_CELERY_TOO_LARGE',
    ],
    [
      'a million dashes of YAML',
      () => withBody('- '.repeat(500_000), { contentType: 'application/x-yaml' }),
      'ERR_CELERY_TOO_LARGE',
    ],
    [
      '100 MB of zeros in 100 kB',
      () =>
        withBody(zlib.deflateSync(Buffer.alloc(100_000_000)), { headers: { task: 'a', id: 'b', compression: 'gzip' } }),
      'ERR_CELERY_TOO_LARGE',
    ],
    [
      '100 MB of zeros in 100 bytes',
      () =>
        withBody(
          zlib.brotliCompressSync(Buffer.alloc(100_000_000), { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 } }),
          { headers: { task: 'a', id: 'b', compression: 'brotli' } },
        ),
      'ERR_CELERY_TOO_LARGE',
    ],
    [
      'a pickle',
      () => withBody(Buffer.from('cos\nsystem\n(S"true"\ntR.'), { contentType: 'application/x-python-serialize' }),
      'ERR_CELERY_CONTENT_TYPE',
    ],
    ['a pickle that says it is JSON', () => withBody(Buffer.from('cos\nsystem\n(S"true"\ntR.')), 'ERR_CELERY_MESSAGE'],
    [
      'an object of Python in YAML',
      () => withBody('!!python/object/apply:os.system ["true"]', { contentType: 'application/x-yaml' }),
      'ERR_CELERY_MESSAGE',
    ],
  ])('by %s comes to an end at once', (_, make, expected) => {
    const message = make()
    expect(quickly(() => outcome(message))).toBe(expected)
  })

  it('on prototypes changes none, wherever the name stands', () => {
    const evil = '{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}'
    const bodies = [
      `[[${evil}], ${evil}, ${evil}]`,
      `[[${evil}, NaN], ${evil}, {"callbacks": [{"task": "a", "kwargs": ${evil}, "options": ${evil}, "__proto__": {"polluted": 1}}]}]`,
      `{"task": "a", "id": "b", "args": [${evil}], "kwargs": ${evil}, "__proto__": {"polluted": 1}}`,
    ]
    for (const body of bodies) {
      const headers = JSON.parse(
        `{"task": "py.add", "id": "id-1", "stamps": ${evil}, "__proto__": {"polluted": 1}, "x": ${evil}}`,
      )
      for (const one of [withBody(body, { headers }), withBody(body, { headers: {} })]) {
        if (outcome(one) !== 'read') continue
        const task = decodeTask(one)
        for (const object of [
          task,
          task.kwargs,
          task.headers,
          task.stamps,
          ...task.callbacks,
          ...task.callbacks.map((sig) => sig.options),
        ]) {
          expect((object as { polluted?: unknown }).polluted).toBeUndefined()
        }
        encodeTask(task)
      }
    }
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })

  it('leaves no argument in an error, whatever is wrong', () => {
    const secret = 'hunter2'
    const bodies = [
      `[["${secret}"`,
      `[["${secret}"], {}]`,
      `{"password": "${secret}"}`,
      `[["${secret}"], ["${secret}"], {}]`,
      `"${secret}"`,
      secret,
    ]
    const headers = [
      {},
      { retries: secret },
      { eta: secret },
      { timelimit: [secret] },
      { group: [secret] },
      { stamps: secret },
    ]
    for (const body of bodies) {
      for (const more of headers) {
        for (const contentType of ['application/json', 'application/x-yaml', 'application/x-msgpack']) {
          try {
            decodeTask(withBody(body, { contentType, headers: { task: 'a', id: 'b', ...more } }), ANY)
          } catch (error) {
            const { stack, cause, ...fields } = error as MessageError
            expect(`${stack} ${String(cause)} ${JSON.stringify(fields)}`).not.toContain(secret)
          }
        }
      }
    }
  })

  it('on the sender by a value that changes while it is written does not end in a half message', () => {
    let calls = 0
    const shifty = { toJSON: () => (++calls > 1 ? () => 1 : 'first') }
    expect(decodeTask(encodeTask(aTask({ args: [shifty], argsrepr: '()' }))).args).toEqual(['first'])
    expect(() => encodeTask(aTask({ args: [shifty] }))).toThrow('args[0].toJSON() is a function')
  })
})
