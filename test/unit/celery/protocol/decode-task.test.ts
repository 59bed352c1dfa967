import { describe, expect, it } from 'vitest'
import { decodeTask } from '../../../../src/celery/protocol/decode-task.ts'
import { encodeTask } from '../../../../src/celery/protocol/encode-task.ts'
import type { Message } from '../../../../src/celery/protocol/message.ts'
import { MessageError } from '../../../../src/celery/protocol/message-error.ts'
import { aTask } from '../../../support/celery-task.ts'

const message = (
  body: unknown,
  headers: object = { task: 'py.add', id: 'id-1' },
  more: Partial<Message> = {},
): Message => ({
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  contentType: 'application/json',
  contentEncoding: 'utf-8',
  headers: { ...headers },
  properties: {},
  ...more,
})

const caught = (one: Message, options = {}): MessageError => {
  try {
    decodeTask(one, options)
  } catch (error) {
    if (error instanceof MessageError) return error
    throw error
  }
  throw new Error('it was read')
}

const simple = [[2, 3], {}, {}]
const sig = { task: 'py.next', args: [], kwargs: {}, options: {}, subtask_type: null, immutable: false }

describe('decodeTask', () => {
  it('needs no more than a task, an id and three items', () => {
    expect(decodeTask(message(simple))).toEqual(
      aTask({ id: 'id-1', rootId: 'id-1', origin: undefined, priority: undefined }),
    )
    expect(
      decodeTask(message([[2, 3], {}, null], { task: 'py.add', id: 'id-1' }, { contentEncoding: '' })).args,
    ).toEqual([2, 3])
  })

  it('keeps headers that are not of Celery', () => {
    const headers = { task: 'py.add', id: 'id-1', lang: 'go', 'x-death': [{ count: 1 }], redelivered: true, clock: 5 }
    expect(decodeTask(message(simple, headers)).headers).toEqual({
      'x-death': [{ count: 1 }],
      redelivered: true,
      clock: 5,
    })
  })

  it('takes an empty queue for replies for none', () => {
    expect(decodeTask(message(simple, undefined, { properties: { replyTo: '' } })).replyTo).toBeUndefined()
    expect(decodeTask(message(simple, undefined, { properties: { replyTo: 'q', priority: 3 } }))).toMatchObject({
      replyTo: 'q',
      priority: 3,
    })
  })

  it('is tolerant with what is only shown, or not known', () => {
    const headers = {
      task: 'py.add',
      id: 'id-1',
      lang: 7,
      shadow: 5,
      argsrepr: {},
      kwargsrepr: [],
      origin: null,
      stamped_headers: 'mon',
      stamps: 'x',
      ignore_result: 1,
      root_id: '',
      meth: null,
    }
    expect(decodeTask(message(simple, headers))).toMatchObject({
      shadow: undefined,
      argsrepr: undefined,
      kwargsrepr: undefined,
      stampedHeaders: undefined,
      stamps: {},
      ignoreResult: true,
      rootId: 'id-1',
    })
  })

  it("takes a limit of 0 for none, and missing signatures' members for empty", () => {
    const task = decodeTask(
      message([[], {}, { callbacks: [{ task: 'a', args: null, chord_size: 2 }], chain: [] }], {
        task: 'a',
        id: 'i',
        timelimit: [0, 5],
      }),
    )
    expect(task).toMatchObject({ timeLimit: undefined, softTimeLimit: 5, chain: [] })
    expect(task.callbacks).toEqual([{ ...sig, task: 'a', chord_size: 2 }])
  })

  describe('finds the fault in', () => {
    const good = { task: 'py.add', id: 'id-1' }
    it.each<[string, unknown, object, string]>([
      ['an id that is a number', simple, { ...good, id: 5 }, 'id'],
      ['no id', simple, { task: 'py.add' }, 'id'],
      ['an empty id', simple, { ...good, id: '' }, 'id'],
      ['a task that is no text', simple, { ...good, task: ['x'] }, 'task'],
      ['a task that is null', simple, { ...good, task: null }, 'task'],
      ['retries that are text', simple, { ...good, retries: '1' }, 'retries'],
      ['retries below zero', simple, { ...good, retries: -1 }, 'retries'],
      ['retries that are no integer', simple, { ...good, retries: 1.5 }, 'retries'],
      ['a time limit that is text', simple, { ...good, timelimit: '300' }, 'timelimit'],
      ['time limits that are texts', simple, { ...good, timelimit: ['300', null] }, 'timelimit'],
      ['one time limit', simple, { ...good, timelimit: [300] }, 'timelimit'],
      ['a negative time limit', simple, { ...good, timelimit: [-1, null] }, 'timelimit'],
      ['an eta that is no time', simple, { ...good, eta: 'tomorrow' }, 'eta'],
      ['an eta that is a number', simple, { ...good, eta: 1795431213 }, 'eta'],
      ['an eta that is empty', simple, { ...good, eta: '' }, 'eta'],
      ['an eta that does not exist', simple, { ...good, eta: '2026-02-30T00:00:00Z' }, 'eta'],
      ['expires that is a number', simple, { ...good, expires: 60 }, 'expires'],
      ['a group that is a number', simple, { ...good, group: 5 }, 'group'],
      ['a group index that is text', simple, { ...good, group_index: '0' }, 'group_index'],
      ['a root that is an object', simple, { ...good, root_id: {} }, 'root_id'],
      ['a parent that is a number', simple, { ...good, parent_id: 5 }, 'parent_id'],
      ['a nesting that is text', simple, { ...good, replaced_task_nesting: 'x' }, 'replaced_task_nesting'],
      ['no items', [], good, 'body'],
      ['two items', [[2], {}], good, 'body'],
      ['four items', [[2], {}, {}, {}], good, 'body'],
      ['a body that is text', '"secret"', good, 'body'],
      ['a body that is null', 'null', good, 'body'],
      ['a body that is no JSON', '[[secret', good, 'body'],
      ['an empty body', '', good, 'body'],
      ['args that are an object', [{ secret: 1 }, {}, {}], good, 'args'],
      ['args that are text', ['secret', {}, {}], good, 'args'],
      ['kwargs that are an array', [[], ['secret'], {}], good, 'kwargs'],
      ['kwargs that are a date', '[[], {"__type__": "date", "__value__": "2026-11-23"}, {}]', good, 'kwargs'],
      ['kwargs that are text', [[], 'secret', {}], good, 'kwargs'],
      ['embed that is text', [[], {}, 'secret'], good, 'embed'],
      ['embed that is an array', [[], {}, []], good, 'embed'],
      ['callbacks that are an object', [[], {}, { callbacks: sig }], good, 'callbacks'],
      ['callbacks that are texts', [[], {}, { callbacks: ['py.next'] }], good, 'callbacks'],
      ['errbacks without a task', [[], {}, { errbacks: [{ args: [] }] }], good, 'errbacks'],
      ['a chain that is text', [[], {}, { chain: 'secret' }], good, 'chain'],
      ['a chain with bad args', [[], {}, { chain: [{ ...sig, args: 'secret' }] }], good, 'chain'],
      ['a chain with bad kwargs', [[], {}, { chain: [{ ...sig, kwargs: ['secret'] }] }], good, 'chain'],
      ['a chain with bad options', [[], {}, { chain: [{ ...sig, options: 'secret' }] }], good, 'chain'],
      ['a chord that is an array', [[], {}, { chord: [sig] }], good, 'chord'],
      ['no task anywhere', simple, { id: 'id-1' }, 'task'],
      ['a control command', { method: 'ping', arguments: {} }, {}, 'task'],
    ])('%s, and shows no argument', (_, body, headers, reason) => {
      const error = caught(message(body, headers))
      expect(error).toMatchObject({ code: 'ERR_CELERY_MESSAGE', reason })
      const given = headers as { id?: unknown; task?: unknown }
      expect(error.taskId).toBe(typeof given.id === 'string' ? given.id : undefined)
      expect(error.taskName).toBe(typeof given.task === 'string' ? given.task : undefined)
      expect(`${error.stack}${error.cause}`.includes('secret')).toBe(false)
    })
  })

  describe('reads protocol 1', () => {
    it('with nothing but a task and an id', () => {
      expect(decodeTask(message({ task: 'py.add', id: 'i' }, {}))).toMatchObject({
        task: 'py.add',
        id: 'i',
        rootId: 'i',
        args: [],
        kwargs: {},
        retries: 0,
      })
    })

    it('with `taskset` winning over `group`, and no chain', () => {
      const body = { task: 'a', id: 'i', group: 'g1', taskset: 'g2', chain: [sig], chord: sig, errbacks: [sig] }
      expect(decodeTask(message(body, {}))).toMatchObject({ group: 'g2', chain: [], chord: sig, errbacks: [sig] })
    })

    it('with headers of protocol 2, which win', () => {
      const task = decodeTask(
        message(
          { task: 'body', id: 'b', args: [1], retries: 1, shadow: 's' },
          { task: 'header', id: 'h', retries: 2, eta: null },
        ),
      )
      expect(task).toMatchObject({ task: 'header', id: 'h', args: [1], retries: 2, shadow: 's' })
    })

    it('and finds its faults, with the names of the body', () => {
      expect(caught(message({ task: 'a', id: 'i', kwargs: [] }, {}))).toMatchObject({
        reason: 'kwargs',
        taskId: 'i',
        taskName: 'a',
      })
      expect(caught(message({ task: 'a' }, {}))).toMatchObject({ reason: 'id', taskName: 'a' })
    })
  })

  describe('accepts', () => {
    it.each([
      ['application/x-python-serialize', 'pickle'],
      ['application/x-yaml', '"application/x-yaml" is not accepted'],
      ['application/x-msgpack', '"application/x-msgpack" is not accepted'],
      ['text/html', '"text/html" is not accepted'],
      ['', 'no content type'],
    ])('no %s by default', (contentType, words) => {
      const error = caught(message(simple, undefined, { contentType }))
      expect(error).toMatchObject({
        code: 'ERR_CELERY_CONTENT_TYPE',
        reason: 'content-type',
        taskId: 'id-1',
        taskName: 'py.add',
      })
      expect(error.message).toContain(words)
    })

    it('what is listed, by name or MIME type, and pickle under no name', () => {
      expect(decodeTask(message(simple), { accept: ['application/json'] }).args).toEqual([2, 3])
      expect(caught(message(simple), { accept: ['yaml'] }).code).toBe('ERR_CELERY_CONTENT_TYPE')
      for (const accept of [['pickle'], ['application/x-python-serialize']]) {
        expect(() => decodeTask(message(simple), { accept })).toThrow(TypeError)
      }
      expect(() => decodeTask(message(simple), { accept: ['xml'] })).toThrow('serializer "xml" is not known')
    })

    it('raw bytes as what they are, which is no task', () => {
      expect(caught(message('x', undefined, { contentType: 'application/data' })).reason).toBe('body')
    })
  })

  it('reads no more bytes than it may', () => {
    const one = message(simple)
    expect(caught(one, { maxBytes: one.body.length - 1 })).toMatchObject({
      code: 'ERR_CELERY_TOO_LARGE',
      taskId: 'id-1',
    })
    expect(decodeTask(one, { maxBytes: one.body.length }).args).toEqual([2, 3])
    const zipped = encodeTask(aTask({ args: ['x'.repeat(100_000)] }), { compression: 'gzip' })
    expect(caught(zipped, { maxInflatedBytes: 50_000 })).toMatchObject({
      code: 'ERR_CELERY_TOO_LARGE',
      reason: 'compression',
    })
  })

  it('reads bodies that are no Buffer, and those that are part of one', () => {
    const { body } = message(simple)
    const padded = new Uint8Array(body.length + 20).fill(1)
    padded.set(body, 10)
    const view = padded.subarray(10, 10 + body.length)
    expect(decodeTask(message('', undefined, { body: view })).args).toEqual([2, 3])
  })

  it('refuses bytes that are no UTF-8, and reads the replacement character', () => {
    expect(caught(message('', undefined, { body: Buffer.from([0x5b, 0xff, 0x5d]) })).message).toBe(
      'the body is not valid UTF-8',
    )
    expect(decodeTask(message([['\uFFFD'], {}, {}])).args).toEqual(['\uFFFD'])
  })

  it('passes the time zone and the form of long integers on', () => {
    const typed = '[[{"__type__": "datetime", "__value__": "2026-07-01T08:15:00"}, 12345678901234567890], {}, {}]'
    expect(decodeTask(message(typed), { timezone: 'Europe/Berlin', bigint: 'string' }).args).toEqual([
      new Date('2026-07-01T06:15:00Z'),
      '12345678901234567890',
    ])
  })
})
