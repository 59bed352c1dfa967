import { beforeAll, describe, expect, it } from 'vitest'
import { decodeMeta, readMeta } from '../../../../src/celery/protocol/decode-meta.ts'
import { encodeMeta } from '../../../../src/celery/protocol/encode-meta.ts'
import { MessageError } from '../../../../src/celery/protocol/message-error.ts'
import { groupTuple, resultTuple } from '../../../../src/celery/protocol/result-tuple.ts'
import { loadSerializer } from '../../../../src/celery/protocol/serializers.ts'
import type { TaskMeta } from '../../../../src/celery/protocol/task-meta.ts'

const meta: TaskMeta = {
  taskId: 'id-1',
  status: 'SUCCESS',
  result: 5,
  traceback: undefined,
  children: [],
  dateDone: '2026-11-23T10:53:39.140305+00:00',
}
const caught = (work: () => unknown) => {
  try {
    work()
  } catch (error) {
    if (error instanceof MessageError) return error
    throw error
  }
  throw new Error('it was read')
}

describe('encodeMeta', () => {
  it('writes the members in the order of Python', () => {
    expect(encodeMeta(meta)).toBe(
      '{"status":"SUCCESS","result":5,"traceback":null,"children":[],"date_done":"2026-11-23T10:53:39.140305+00:00","task_id":"id-1"}',
    )
    const extended = {
      name: 'py.add',
      args: [2n ** 70n],
      kwargs: {},
      worker: 'w1@host',
      retries: 0,
      queue: undefined,
      stampedHeaders: ['mon'],
      stamps: { mon: 'x' },
    }
    expect(encodeMeta({ ...meta, groupId: 'g', parentId: 'p', extended })).toBe(
      '{"status":"SUCCESS","result":5,"traceback":null,"children":[],"date_done":"2026-11-23T10:53:39.140305+00:00",' +
        '"group_id":"g","parent_id":"p","name":"py.add","args":[1180591620717411303424],"kwargs":{},"worker":"w1@host","retries":0,' +
        '"queue":null,"stamped_headers":["mon"],"mon":"x","task_id":"id-1"}',
    )
  })

  it('writes null for a task that returned nothing', () => {
    expect(encodeMeta({ ...meta, result: undefined, children: undefined, dateDone: undefined })).toContain(
      '"result":null,"traceback":null,"children":null,"date_done":null',
    )
  })

  it('names the member of the result that cannot be stored', () => {
    expect(() => encodeMeta({ ...meta, result: { pages: [() => 1] } })).toThrow('result.pages[0] is a function')
  })

  describe('with other serializers', () => {
    beforeAll(async () => {
      await loadSerializer('msgpack')
      await loadSerializer('yaml')
    })

    it.each(['msgpack', 'yaml'] as const)('writes bytes that are read again: %s', (serializer) => {
      const bytes = encodeMeta({ ...meta, result: [2n ** 60n, 'ü'] }, serializer)
      expect(bytes).toBeInstanceOf(Uint8Array)
      expect(decodeMeta(bytes, { serializer })).toEqual({ ...meta, result: [2n ** 60n, 'ü'] })
    })
  })
})

describe('decodeMeta', () => {
  it('reads what was written, from text and from bytes', () => {
    const extended = {
      name: 'py.add',
      args: [2],
      kwargs: { a: 1 },
      worker: 'w1@host',
      retries: 1,
      queue: 'q',
      stampedHeaders: ['mon'],
      stamps: { mon: ['x'] },
    }
    const full: TaskMeta = { ...meta, status: 'FAILURE', traceback: 'T', groupId: 'g', parentId: 'p', extended }
    for (const one of [meta, full]) {
      const text = encodeMeta(one)
      expect(decodeMeta(text)).toEqual(one)
      expect(decodeMeta(Buffer.from(text))).toEqual(one)
    }
  })

  it('needs a state and an id, which may be known already', () => {
    expect(decodeMeta('{"status": "PROGRESS", "result": {"done": 1}}', { taskId: 'id-1' })).toEqual({
      taskId: 'id-1',
      status: 'PROGRESS',
      result: { done: 1 },
      traceback: undefined,
      children: undefined,
      dateDone: undefined,
      groupId: undefined,
      parentId: undefined,
    })
  })

  it('is tolerant with what is of another type than it should be', () => {
    const text =
      '{"status": "X", "task_id": "i", "traceback": 5, "children": "x", "date_done": 5, "group_id": [], "name": "n", "args": null, "kwargs": 5, "retries": "1"}'
    expect(decodeMeta(text)).toMatchObject({
      traceback: undefined,
      children: undefined,
      dateDone: undefined,
      groupId: undefined,
      extended: { args: [], kwargs: {}, retries: 0, worker: '' },
    })
    expect(
      decodeMeta(
        '{"status": "X", "task_id": "i", "date_done": {"__type__": "datetime", "__value__": "2026-11-23T10:00:00Z"}}',
      ).dateDone,
    ).toBe('2026-11-23T10:00:00.000000+00:00')
    expect(decodeMeta('{"status": "X", "task_id": "i", "date_done": "2026-11-23T10:00:00.5"}').dateDone).toBe(
      '2026-11-23T10:00:00.5+00:00',
    )
  })

  it.each([
    'null',
    '5',
    '[]',
    '"secret"',
    '{}',
    '{"status": 5, "task_id": "i"}',
    '{"status": "SUCCESS"}',
    '{"status": "", "task_id": "i"}',
    '{"secret',
  ])('refuses %s, and shows nothing of it', (text) => {
    const error = caught(() => decodeMeta(text))
    expect(error.code).toBe('ERR_CELERY_MESSAGE')
    expect(error.stack).not.toContain('secret')
  })

  it('says of which task it is, and reads no more than it may', () => {
    expect(caught(() => readMeta([], 'id-1')).taskId).toBe('id-1')
    expect(caught(() => decodeMeta(encodeMeta(meta), { maxBytes: 20, taskId: 'id-1' }))).toMatchObject({
      code: 'ERR_CELERY_TOO_LARGE',
      taskId: 'id-1',
    })
  })
})

describe('result tuples', () => {
  it('refer to tasks, to what came before them, and to groups', () => {
    expect(resultTuple('b', resultTuple('a'))).toEqual([['b', [['a', null], null]], null])
    expect(groupTuple('g', [resultTuple('a'), resultTuple('b')])).toEqual([
      ['g', null],
      [
        [['a', null], null],
        [['b', null], null],
      ],
    ])
  })
})
