import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compressionType } from '../../src/celery/protocol/compression.ts'
import { Decimal } from '../../src/celery/protocol/decimal.ts'
import { encodeMeta } from '../../src/celery/protocol/encode-meta.ts'
import { type EncodeOptions, encodeTask } from '../../src/celery/protocol/encode-task.ts'
import { toExceptionData } from '../../src/celery/protocol/exception-data.ts'
import { formatIso, parseIso } from '../../src/celery/protocol/iso-time.ts'
import { PlainDate } from '../../src/celery/protocol/plain-date.ts'
import { PlainTime } from '../../src/celery/protocol/plain-time.ts'
import { reprArgs } from '../../src/celery/protocol/python-repr.ts'
import { resultTuple } from '../../src/celery/protocol/result-tuple.ts'
import type { SerializerName } from '../../src/celery/protocol/serializer.ts'
import { decodeBody, encodeBody, loadSerializer } from '../../src/celery/protocol/serializers.ts'
import type { TaskMessage } from '../../src/celery/protocol/task-message.ts'
import type { TaskMeta } from '../../src/celery/protocol/task-meta.ts'
import { Uuid } from '../../src/celery/protocol/uuid.ts'
import { writeJson } from '../../src/celery/protocol/write-json.ts'
import { aTask } from '../support/celery-task.ts'
import { PythonLines } from '../support/python-lines.ts'
import { pythonCeleries } from '../support/services/python-celery.ts'

// What the real Celery makes of messages and results of ours; what we make of its own is in the recorded fixtures.

const pythons = await pythonCeleries()
const script = fileURLToPath(new URL('./celery-protocol.py', import.meta.url))
const nextTask = { task: 'py.next', args: [1], kwargs: {}, options: {}, subtask_type: null, immutable: false }
const deepest = Array.from({ length: 390 }).reduce<unknown>((inner) => [inner], 1)

function typeOf(compression: string): string | undefined {
  try {
    return compressionType(compression)
  } catch {
    return undefined
  }
}

interface Read {
  readonly args: string
  readonly kwargs: string
  readonly embed: string
  readonly [key: string]: unknown
}

describe.skipIf(pythons.length === 0)('real Celery (needs python3-celery)', () => {
  describe.each(pythons)('$version', ({ python, version }) => {
    const old = version.startsWith('5.2')
    let peer: PythonLines
    beforeAll(async () => {
      await loadSerializer('msgpack')
      await loadSerializer('yaml')
      peer = new PythonLines(python, script)
    })
    afterAll(() => peer.close())

    const read = async (task: Partial<TaskMessage>, options: EncodeOptions = {}) => {
      const message = encodeTask(aTask(task), options)
      const envelope = { ...message, body: Buffer.from(message.body).toString('base64') }
      return (await peer.ask({ kind: 'task', envelope })) as Read
    }
    const readMeta = async (meta: Partial<TaskMeta>) => {
      const whole = {
        taskId: 'id-1',
        status: 'SUCCESS',
        result: 5,
        traceback: undefined,
        children: [],
        dateDone: formatIso(new Date()),
      }
      return (await peer.ask({ kind: 'result', text: encodeMeta({ ...whole, ...meta }) })) as Readonly<
        Record<string, unknown>
      >
    }

    it('reads a task of ours: its arguments, limits, relations and texts', async () => {
      const task = aTask({ kwargs: { y: 1.5 }, timeLimit: 300, softTimeLimit: 2.5, parentId: 'parent-1', replyTo: 'q' })
      expect(await read(task)).toMatchObject({
        task: 'py.add',
        id: task.id,
        args: '[2, 3]',
        kwargs: "{'y': 1.5}",
        embed: "{'callbacks': None, 'errbacks': None, 'chain': None, 'chord': None}",
        timelimit: [300, 2.5],
        argsrepr: '(2, 3)',
        kwargsrepr: "{'y': 1.5}",
        root_id: task.rootId,
        parent_id: 'parent-1',
        reply_to: 'q',
        correlation_id: task.id,
        eta: null,
        expires: null,
      })
    })

    it('reads times of ours to the millisecond', async () => {
      for (const time of [
        '2026-11-23T10:53:24.472Z',
        '2026-11-23T10:53:24Z',
        '2026-11-23T10:53:24.007Z',
        '1970-01-02T00:00:00Z',
      ]) {
        const date = new Date(time)
        expect(await read({ eta: date, expires: date })).toMatchObject({
          eta: date.getTime() / 1000,
          expires: date.getTime() / 1000,
        })
      }
    })

    it('reads a time without an offset as UTC, whatever its own time zone is', async () => {
      const message = encodeTask(aTask())
      const headers = { ...message.headers, eta: '2026-07-01T08:15:00' }
      const envelope = { ...message, headers, body: Buffer.from(message.body).toString('base64') }
      const { eta } = (await peer.ask({ kind: 'task', envelope, timezone: 'Europe/Berlin' })) as Read
      expect(eta).toBe((parseIso('2026-07-01T08:15:00')?.getTime() ?? 0) / 1000)
    })

    it('reads a task of protocol 1', async () => {
      const task = { kwargs: { y: 1 }, callbacks: [nextTask], eta: new Date('2026-11-23T10:53:24.472Z'), timeLimit: 5 }
      expect(await read(task, { protocol: 1 })).toMatchObject({
        task: 'py.add',
        args: '[2, 3]',
        kwargs: "{'y': 1}",
        embed: expect.stringContaining("'callbacks': [{'task': 'py.next', 'args': [1]"),
        eta: 1795431204.472,
        timelimit: [5, null],
      })
    })

    it('reads what follows a task', async () => {
      const { embed } = await read({
        callbacks: [nextTask],
        errbacks: [nextTask],
        chain: [nextTask, nextTask],
        chord: nextTask,
      })
      const one =
        "{'task': 'py.next', 'args': [1], 'kwargs': {}, 'options': {}, 'subtask_type': None, 'immutable': False}"
      expect(embed).toBe(`{'callbacks': [${one}], 'errbacks': [${one}], 'chain': [${one}, ${one}], 'chord': ${one}}`)
    })

    it.each<[string, unknown, string]>([
      [
        'integers of any size',
        [5n, 10n ** 30n, -(2n ** 63n), 2 ** 53 - 1],
        '[5, 1000000000000000000000000000000, -9223372036854775808, 9007199254740991]',
      ],
      ['an integer of 4300 digits', [10n ** 4299n], `[1${'0'.repeat(4299)}]`],
      [
        'floats',
        [0.1, 1e22, 1e-7, -0, 2 ** 53, 1e17, 5e-324],
        '[0.1, 1e+22, 1e-07, -0.0, 9007199254740992.0, 1e+17, 5e-324]',
      ],
      ['what is no number', [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], '[nan, inf, -inf]'],
      ['texts', ['grüß 😀', 'a"\\\n\u2028\x00\x7f', ''], "['grüß 😀', 'a\"\\\\\\n\\u2028\\x00\\x7f', '']"],
      ['half of a surrogate pair', ['\ud800'], "['\\ud800']"],
      ['nothing, in all its forms', [null, undefined, { a: undefined, b: null }], "[None, None, {'b': None}]"],
      ['what is nested as deep as it may be', deepest, `${'['.repeat(390)}1${']'.repeat(390)}`],
    ])('reads %s in JSON', async (_, value, repr) => {
      expect((await read({ args: [value] })).args).toBe(`[${repr}]`)
    })

    it('reads typed values as Python has them, from 5.3 on', async () => {
      const args = [
        new Date('2026-11-23T10:53:24.472Z'),
        new PlainDate('2026-11-23'),
        new PlainTime('08:15:30'),
        new Decimal('19.90'),
        new Uuid('8eec5a4c-7d1c-4d2a-9c57-0c1ce2f3a6b7'),
        Buffer.from('grüß'),
        new Uint8Array([255, 0]),
      ]
      const shown =
        "[datetime.datetime(2026, 11, 23, 10, 53, 24, 472000, tzinfo=datetime.timezone.utc), datetime.date(2026, 11, 23), datetime.time(8, 15, 30), Decimal('19.90'), UUID('8eec5a4c-7d1c-4d2a-9c57-0c1ce2f3a6b7'), b'gr\\xc3\\xbc\\xc3\\x9f', b'\\xff\\x00']"
      const { args: read_ } = await read({ args })
      // Before, kombu knew no typed values and gives them as they are.
      expect(read_).toBe(old ? read_ : shown)
      if (old) expect(read_).toContain("{'__type__': 'decimal', '__value__': '19.90'}")
    })

    it.each<EncodeOptions>([{ serializer: 'msgpack' }, { serializer: 'yaml' }, { serializer: 'yaml', protocol: 1 }])(
      'reads %j',
      async (options) => {
        const args = [
          2,
          -1,
          2 ** 40,
          2n ** 60n,
          1.5,
          'grüß 😀',
          'yes',
          '1e5',
          new Uint8Array([255, 0]),
          null,
          true,
          [[]],
          {},
        ]
        const { args: shown, kwargs } = await read({ args, kwargs: { a: { b: [1] } } }, options)
        expect(shown).toBe(
          "[2, -1, 1099511627776, 1152921504606846976, 1.5, 'grüß 😀', 'yes', '1e5', b'\\xff\\x00', None, True, [[]], {}]",
        )
        expect(kwargs).toBe("{'a': {'b': [1]}}")
      },
    )

    it('reads dates in YAML', async () => {
      const { args } = await read(
        { args: [new Date('2026-11-23T10:53:24.472Z'), 1e21, Number.NaN] },
        { serializer: 'yaml' },
      )
      expect(args).toBe(
        '[datetime.datetime(2026, 11, 23, 10, 53, 24, 472000, tzinfo=datetime.timezone.utc), 1e+21, nan]',
      )
    })

    it('reads what is compressed, by all that both have', async () => {
      const theirs = (await peer.ask({ kind: 'compressions' })) as readonly string[]
      const text = 'x'.repeat(5000)
      const shared = ['gzip', 'brotli', 'zstd'].filter((name) => theirs.includes(typeOf(name) ?? 'none'))
      expect(shared).toContain('gzip')
      for (const compression of shared) expect((await read({ args: [text] }, { compression })).args).toBe(`['${text}']`)
    })

    it('shows random arguments as we do, at every size', async () => {
      const value = fc.jsonValue({ maxDepth: 5 })
      const spaced = fc.array(
        fc.oneof(value, fc.string({ unit: fc.constantFrom('a', ' ', "'", 'ü', '😀', '\n', '\\'), maxLength: 80 })),
        { maxLength: 6 },
      )
      await fc.assert(
        fc.asyncProperty(spaced, fc.integer({ min: 1, max: 200 }), async (args, size) => {
          const text = writeJson(args)
          fc.pre(!text.includes('__type__'))
          expect(reprArgs(JSON.parse(text) as unknown[], size)).toBe(await peer.ask({ kind: 'repr', text, size }))
        }),
        { numRuns: 400 },
      )
    })

    it.each<SerializerName>(['json', 'msgpack', 'yaml'])('gives every value back as it was: %s', async (serializer) => {
      const leaf = fc.oneof(
        fc.string({ unit: 'grapheme' }),
        fc.constantFrom(
          'y',
          'No',
          '1e5',
          '089',
          '1:30',
          '2026-11-23',
          '~',
          '',
          ' a ',
          '- b',
          '#',
          '\n',
          '\x85',
          '\ufeff',
        ),
        fc.maxSafeInteger(),
        fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }),
        fc.double({ noNaN: true }).filter((n) => !Number.isInteger(n) || Math.abs(n) > 2 ** 53),
        fc.constantFrom(null, true, false),
        ...(old && serializer === 'json' ? [] : [fc.uint8Array({ maxLength: 12 })]),
      )
      const tree = fc.letrec((tie) => ({
        tree: fc.oneof(
          { maxDepth: 4 },
          leaf,
          fc.array(tie('tree'), { maxLength: 4 }),
          fc.dictionary(
            fc.string({ unit: 'grapheme' }).filter((key) => key !== '__proto__'),
            tie('tree'),
            { maxKeys: 4 },
          ),
        ),
      })).tree
      await fc.assert(
        fc.asyncProperty(tree, async (value) => {
          const { body, contentType } = encodeBody([value], serializer)
          const ask = { kind: 'echo', body: Buffer.from(body).toString('base64'), type: contentType, serializer }
          const echo = await peer.ask(ask)
          expect(decodeBody(Buffer.from(String(echo), 'base64'), contentType, { accept: [serializer] })).toEqual([
            value,
          ])
        }),
        { numRuns: 150 },
      )
    })

    it('gives a naive datetime and microseconds back as they came', async () => {
      if (old) return
      const sent =
        '[{"__type__": "datetime", "__value__": "2026-07-01T08:15:00"}, {"__type__": "datetime", "__value__": "2026-11-23T10:53:24.472227+00:00"}]'
      const { body } = encodeBody(decodeBody(Buffer.from(sent), 'application/json', { timezone: 'Europe/Berlin' }))
      expect(
        await peer.ask({ kind: 'value', body: Buffer.from(body).toString('base64'), type: 'application/json' }),
      ).toBe(
        '[datetime.datetime(2026, 7, 1, 8, 15), datetime.datetime(2026, 11, 23, 10, 53, 24, 472227, tzinfo=datetime.timezone.utc)]',
      )
    })

    it('reads results of ours', async () => {
      expect(await readMeta({})).toMatchObject({ status: 'SUCCESS', result: '5', children: '[]', task_id: 'id-1' })
      expect(await readMeta({ result: undefined })).toMatchObject({ result: 'None' })
      expect(await readMeta({ status: 'PROGRESS', result: { done: 1 }, dateDone: undefined })).toMatchObject({
        result: "{'done': 1}",
      })
      expect(await readMeta({ children: [resultTuple('c', resultTuple('b'))] })).toMatchObject({
        children: "[[['c', [['b', None], None]], None]]",
      })
      expect((await readMeta({ groupId: 'g', parentId: 'p' }))['keys']).toEqual([
        'status',
        'result',
        'traceback',
        'children',
        'date_done',
        'group_id',
        'parent_id',
        'task_id',
      ])
    })

    class PaymentError extends Error {}
    it.each<[string, unknown, string, string, string]>([
      ['of JavaScript', new TypeError('bad'), 'TypeError', 'celery.exceptions', "('bad',)"],
      ['of a class of ours', new PaymentError('grüß'), 'PaymentError', 'celery.exceptions', "('grüß',)"],
      [
        'with an odd name',
        Object.assign(new Error('x'), { name: 'My Error\0 1.5' }),
        'My Error_ 1.5',
        'celery.exceptions',
        "('x',)",
      ],
      ['that is a text', 'just text', 'Error', 'celery.exceptions', "('just text',)"],
      [
        'of Celery',
        { excType: 'NotRegistered', excModule: 'celery.exceptions', excArgs: ['mail.send'] },
        'NotRegistered',
        'celery.exceptions',
        "('mail.send',)",
      ],
      [
        'of billiard',
        { excType: 'SoftTimeLimitExceeded', excModule: 'billiard.exceptions', excArgs: [5] },
        'SoftTimeLimitExceeded',
        'billiard.exceptions',
        '(5,)',
      ],
      [
        'of Python',
        { excType: 'ValueError', excModule: 'builtins', excArgs: ['bad', 42] },
        'ValueError',
        'builtins',
        "('bad', 42)",
      ],
    ])('makes an exception of an error %s', async (_, error, type, module, args) => {
      for (const status of ['FAILURE', 'RETRY', 'REVOKED']) {
        expect(await readMeta({ status, result: toExceptionData(error), traceback: 'T' })).toMatchObject({
          is_exception: true,
          type,
          module,
          args,
          traceback: 'T',
        })
      }
    })
  })
})
