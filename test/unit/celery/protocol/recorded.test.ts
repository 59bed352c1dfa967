import { beforeAll, describe, expect, it } from 'vitest'
import { decodeMeta } from '../../../../src/celery/protocol/decode-meta.ts'
import { type DecodeOptions, decodeTask } from '../../../../src/celery/protocol/decode-task.ts'
import { encodeMeta } from '../../../../src/celery/protocol/encode-meta.ts'
import { encodeTask } from '../../../../src/celery/protocol/encode-task.ts'
import { reprArgs, reprKwargs } from '../../../../src/celery/protocol/python-repr.ts'
import { readJson } from '../../../../src/celery/protocol/read-json.ts'
import { loadSerializer } from '../../../../src/celery/protocol/serializers.ts'
import type { SignatureData } from '../../../../src/celery/protocol/signature-data.ts'
import type { TaskMessage } from '../../../../src/celery/protocol/task-message.ts'
import { recordedMessage, recordings } from '../../../support/celery-recorded.ts'

const ANY: DecodeOptions = { accept: ['json', 'msgpack', 'yaml'] }
const signature = (changes: Partial<SignatureData>): SignatureData => ({
  task: 'py.add',
  args: [],
  kwargs: {},
  options: {},
  subtask_type: null,
  immutable: false,
  ...changes,
})

/** What each recorded message must be read as. */
const expected: Readonly<Record<string, Partial<TaskMessage>>> = {
  simple: { task: 'py.add', args: [2, 3], kwargs: {}, chain: [], eta: undefined, retries: 0, origin: 'gen1@recorder' },
  kwargs: { args: [2], kwargs: { y: 3, label: "it's" } },
  unicode: { args: ['grüß 😀 \u2028', 'line\nbreak "quoted" \\ \x00'], kwargs: { ключ: '値' } },
  numbers: {
    args: [0, -1, 2 ** 53 - 1, 2n ** 53n, 2n ** 53n + 1n, -(2n ** 63n), 10n ** 30n, 0.1, 1e22, 5, -0, 1e-7],
  },
  'not-finite': { args: [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY] },
  empty: { args: [], kwargs: {} },
  nested: { args: [[1, [2, [3, [4, [5]]]]], { a: { b: { c: { d: {} } } } }, [], {}, null, true, false] },
  'eta-expires': { eta: new Date('2026-11-23T10:53:24.472Z'), expires: new Date('2099-01-01') },
  'eta-whole-second': { eta: new Date('2026-11-23T10:53:24Z') },
  // The sender's zone is Berlin, but every worker of Celery reads what has no offset as UTC.
  'eta-naive': { eta: new Date('2026-07-01T08:15:00Z') },
  'eta-offset': { eta: new Date('2026-07-01T11:45:00Z') },
  expired: { expires: new Date('2001-01-01') },
  options: {
    retries: 2,
    timeLimit: 300,
    softTimeLimit: 250.5,
    priority: 6,
    shadow: 'add again',
    ignoreResult: true,
    headers: { 'x-tenant': 'a', 'x-number': 7 },
    rootId: 'root-1',
    parentId: 'parent-1',
  },
  argsrepr: { args: ['secret'], argsrepr: '(<hidden>,)', kwargsrepr: '{}' },
  gzip: { args: ['x'.repeat(2000)], headers: {} },
  zlib: { args: ['x'.repeat(2000)] },
  brotli: { args: ['x'.repeat(2000)] },
  msgpack: {
    args: [2, 2 ** 40, -(2 ** 40), 2n ** 60n, 1.5, 'grüß', new Uint8Array([255, 0]), null, true],
    kwargs: { a: { b: [1] } },
  },
  'yaml-alias': {
    args: [
      [1, 2],
      [1, 2],
    ],
  },
  linked: {
    callbacks: [signature({ task: 'py.add', args: [10], options: {} })],
    errbacks: [signature({ task: 'py.oops', args: [], options: {}, immutable: true })],
  },
  chained: {
    args: [2, 3],
    chain: [
      expect.objectContaining({ task: 'py.add', args: [1, 1], immutable: true }),
      expect.objectContaining({ task: 'py.add', args: [4], immutable: false }),
    ],
  },
  grouped: { args: [2, 2], group: expect.stringMatching(/^[\da-f-]{36}$/) },
  'chord-part': {
    group: 'group-1',
    groupIndex: 0,
    chord: expect.objectContaining({ task: 'py.tsum', options: expect.objectContaining({ group_id: 'group-1' }) }),
  },
  'protocol-1': { task: 'py.add', args: [2], kwargs: { y: 3 }, retries: 0, group: undefined },
  'protocol-1-options': {
    args: [2, 3],
    eta: new Date('2026-11-23T10:53:24.472Z'),
    expires: new Date('2099-01-01'),
    timeLimit: 300,
    softTimeLimit: 250,
    group: 'group-1',
    retries: 1,
    callbacks: [signature({ task: 'py.add', args: [1], options: {} })],
  },
}

describe.each(recordings)('what Celery $celery wrote', (recording) => {
  beforeAll(async () => {
    await loadSerializer('msgpack')
    await loadSerializer('yaml')
  })

  const read = (name: string) => {
    const message = recordedMessage(recording, name)
    return message && decodeTask(message, ANY)
  }

  it.each(Object.keys(expected))('is read: the message "%s"', (name) => {
    const task = read(name)
    if (task === undefined) return expect(recording.messages[name]).toHaveProperty('unable')
    return expect(task).toMatchObject(expected[name] ?? {})
  })

  it('is all looked at here', () => {
    const elsewhere = ['typed', 'bytes', 'bzip2', 'zstd', 'yaml', 'pickle', 'stamped']
    expect(Object.keys(recording.messages).sort()).toEqual([...Object.keys(expected), ...elsewhere].sort())
  })

  it('carries the ids and the queue for replies', () => {
    const task = read('simple')
    expect(task?.id).toMatch(/^00000000-0000-4000-8000-\d{12}$/)
    expect(task?.rootId).toBe(task?.id)
    expect(task?.replyTo).toBe('0b6b3a3e-5a0f-3c1e-8f2d-6a1f2f3c4d5e')
    const old = read('protocol-1')
    expect(old?.rootId).toBe(old?.id)
  })

  it('is refused by name when it is pickled or compressed with bzip2', () => {
    const pickled = recordedMessage(recording, 'pickle')
    expect(() => pickled && decodeTask(pickled, ANY)).toThrow(
      expect.objectContaining({
        code: 'ERR_CELERY_CONTENT_TYPE',
        taskName: 'py.add',
        message: expect.stringContaining('pickle'),
      }),
    )
    const zipped = recordedMessage(recording, 'bzip2')
    expect(() => zipped && decodeTask(zipped, ANY)).toThrow(
      expect.objectContaining({
        code: 'ERR_CELERY_COMPRESSION',
        message: expect.stringContaining('application/x-bz2'),
      }),
    )
  })

  it('has typed values since 5.3, and texts before', () => {
    const args = read('typed')?.args ?? []
    expect(args.map(String).slice(3)).toEqual([
      recording.celery === '5.2.6' ? '2026-11-23T00:00:00' : '2026-11-23',
      '08:15:30',
      '19.90',
      '8eec5a4c-7d1c-4d2a-9c57-0c1ce2f3a6b7',
    ])
    expect(args[0]).toEqual(
      recording.celery === '5.2.6' ? '2026-11-23T10:53:24.472227Z' : new Date('2026-11-23T10:53:24.472Z'),
    )
    const bytes = read('bytes')
    if (bytes)
      expect(bytes.args.map((one) => Buffer.from(one as Uint8Array).toString('hex'))).toEqual([
        '706c61696e',
        '6772c3bcc39f',
        'ff00fe',
      ])
  })

  it('numbers the members of a group since 5.3', () => {
    expect(read('grouped')?.groupIndex).toBe(recording.celery === '5.2.6' ? undefined : 1)
  })

  it('has stamps since 5.3', () => {
    const task = read('stamped')
    if (recording.celery === '5.2.6') expect(task).toMatchObject({ stampedHeaders: undefined, stamps: {} })
    else
      expect(task).toMatchObject({
        stampedHeaders: ['monitoring', 'tenants'],
        stamps: { monitoring: 'x', tenants: ['a', 'b'] },
      })
  })

  it('is read from YAML with the types of PyYAML', () => {
    const args = read('yaml')?.args ?? []
    expect(args.slice(0, 7)).toEqual([2, 10n ** 20n, 1.5, 'yes', '1e5', '089', 'grüß 😀'])
    expect(Buffer.from(args[7] as Uint8Array).toString('hex')).toBe('ff00')
    expect(args.slice(8, 11)).toEqual([null, true, new Date('2026-11-23T10:53:24.472Z')])
    expect(String(args[11])).toBe('2026-11-23')
  })

  it('is written by us with the same headers, properties and body, but for the language', () => {
    for (const name of [
      'simple',
      'kwargs',
      'options',
      'linked',
      'chained',
      'chord-part',
      'grouped',
      'argsrepr',
      'nested',
    ]) {
      const message = recordedMessage(recording, name)
      const task = read(name)
      if (message === undefined || task === undefined) throw new Error(name)
      const ours = encodeTask(task)
      expect(Object.keys(ours.headers).slice(0, 15)).toEqual(Object.keys(message.headers).slice(0, 15))
      expect(ours.headers).toMatchObject({ ...message.headers, lang: 'js' })
      expect(ours.properties).toEqual({ ...message.properties, expiration: undefined })
      expect(readJson(Buffer.from(ours.body).toString())).toEqual(readJson(Buffer.from(message.body).toString()))
    }
  })

  it('shows arguments as we do', () => {
    const shown = ['simple', 'kwargs', 'unicode', 'nested', 'not-finite', 'empty', 'gzip', 'msgpack']
    for (const name of recording.celery === '5.2.6' ? shown : [...shown, 'typed', 'bytes']) {
      const task = read(name)
      expect([name, reprArgs(task?.args ?? []), reprKwargs(task?.kwargs ?? {})]).toEqual([
        name,
        task?.argsrepr,
        task?.kwargsrepr,
      ])
    }
  })

  it('shows 300 random lists of arguments as we do, also when they are cut', () => {
    const ours = recording.reprs.map(({ args, size }) => reprArgs(readJson(args) as unknown[], size))
    expect(ours).toEqual(recording.reprs.map(({ repr }) => repr))
    expect(ours.filter((text) => text.includes('...')).length).toBeGreaterThan(100)
  })
})

const results: Readonly<Record<string, object>> = {
  success: {
    status: 'SUCCESS',
    result: 5,
    traceback: undefined,
    children: [],
    dateDone: expect.stringMatching(/\+00:00$/),
  },
  'success-none': { status: 'SUCCESS', result: null },
  started: { status: 'STARTED', result: { pid: 7, hostname: 'w1@recorder' }, dateDone: undefined },
  progress: { status: 'PROGRESS', result: { done: 3, of: 10 } },
  failure: {
    status: 'FAILURE',
    result: { exc_type: 'ValueError', exc_message: ['bad', 42], exc_module: 'builtins' },
    traceback: 'Traceback (most recent call last):\n…',
  },
  'failure-own-class': { result: { exc_type: 'PaymentError', exc_message: ['no money'], exc_module: '__main__' } },
  'failure-odd-argument': { result: { exc_type: 'ValueError', exc_message: ['<Odd>'], exc_module: 'builtins' } },
  'failure-key-error': { result: { exc_type: 'KeyError', exc_message: ['name'], exc_module: 'builtins' } },
  retry: { status: 'RETRY', result: { exc_type: 'ValueError' }, dateDone: undefined },
  'retry-exception': { status: 'RETRY', result: { exc_type: 'Retry', exc_module: 'celery.exceptions' } },
  revoked: {
    status: 'REVOKED',
    result: { exc_type: 'TaskRevokedError', exc_message: ['revoked'], exc_module: 'celery.exceptions' },
  },
  'group-parent': { groupId: 'group-1', parentId: 'parent-1' },
  extended: {
    extended: { name: 'py.add', args: [2, 3], kwargs: { y: 1 }, worker: 'w1@recorder', retries: 1, queue: 'celery' },
  },
}

describe.each(recordings)('results that Celery $celery stored', (recording) => {
  it.each(Object.keys(results))('are read: %s', (name) => {
    const meta = decodeMeta(recording.results[name] ?? '')
    expect(meta).toMatchObject(results[name] ?? {})
    expect(meta.taskId).toMatch(/^00000000-0000-4000-8000-\d{12}$/)
  })

  it('are written by us with the same members in the same order', () => {
    for (const text of Object.values(recording.results)) {
      const ours = encodeMeta(decodeMeta(text))
      const compact = typeof ours === 'string' ? ours : ''
      const members = (json: string) => Object.entries({ ...(readJson(json) as object), date_done: 0 })
      expect(members(compact)).toEqual(members(text))
    }
  })

  it('have stamps beside the extended members since 5.3', () => {
    const { extended } = decodeMeta(recording.results['extended-stamps'] ?? '')
    if (recording.celery !== '5.2.6') expect(extended).toMatchObject({ stampedHeaders: ['mon'], stamps: { mon: 'x' } })
    expect(extended?.name).toBe('py.add')
  })
})
