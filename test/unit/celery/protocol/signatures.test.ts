import { describe, expect, it } from 'vitest'
import { applySignature } from '../../../../src/celery/protocol/apply-signature.ts'
import { MessageError } from '../../../../src/celery/protocol/message-error.ts'
import { readSignature, readSignatures } from '../../../../src/celery/protocol/read-signature.ts'
import type { SignatureData } from '../../../../src/celery/protocol/signature-data.ts'

const add: SignatureData = {
  task: 'py.add',
  args: [10],
  kwargs: { y: 1, z: 1 },
  options: { queue: 'q', group_id: 'g', stamped_headers: ['mon'], mon: 'x', task_id: 't' },
  subtask_type: null,
  immutable: false,
}

describe('readSignature', () => {
  it('fills in what lacks, and keeps what it does not know', () => {
    expect(readSignature({ task: 'a', kwargs: null, chord_size: 3, immutable: 1 })).toEqual({
      task: 'a',
      args: [],
      kwargs: {},
      options: {},
      subtask_type: null,
      immutable: true,
      chord_size: 3,
    })
    expect(readSignature(add)).toEqual(add)
    expect(readSignature({ task: 'celery.group', subtask_type: 'group' }).subtask_type).toBe('group')
  })

  it.each([
    null,
    'a',
    [],
    {},
    { task: '' },
    { task: 5 },
    { task: 'a', args: {} },
    { task: 'a', kwargs: [] },
    { task: 'a', options: 'x' },
  ])('refuses %j', (value) => {
    expect(() => readSignature(value, 'chord')).toThrow(
      expect.objectContaining({ code: 'ERR_CELERY_MESSAGE', reason: 'chord' }),
    )
  })

  it('reads lists, and nothing as none', () => {
    expect(readSignatures(null, 'chain')).toEqual([])
    expect(readSignatures([add], 'chain')).toEqual([add])
    expect(() => readSignatures(add, 'chain')).toThrow(MessageError)
  })
})

describe('applySignature', () => {
  it('puts arguments before its own, and lets the call win', () => {
    expect(applySignature(add, [1, 2], { y: 5 }, { queue: 'other', countdown: 3 })).toEqual({
      ...add,
      args: [1, 2, 10],
      kwargs: { y: 5, z: 1 },
      options: { ...add.options, queue: 'other', countdown: 3 },
    })
  })

  it('keeps the arguments of an immutable one, but not its options', () => {
    const frozen = { ...add, immutable: true }
    expect(applySignature(frozen, [1], { y: 5 }, { queue: 'other' })).toEqual({
      ...frozen,
      options: { ...add.options, queue: 'other' },
    })
  })

  it('keeps its group and its stamps, and passes over options that are null', () => {
    const options = { group_id: 'h', stamped_headers: ['other'], mon: 'y', task_id: null, queue: undefined }
    expect(applySignature(add, [], {}, options).options).toEqual(add.options)
    expect(applySignature({ ...add, options: {} }, [], {}, options).options).toEqual({
      group_id: 'h',
      stamped_headers: ['other'],
      mon: 'y',
    })
  })

  it('changes nothing of what it is given, and knows `__proto__` as a name', () => {
    const kwargs: Record<string, unknown> = JSON.parse('{"__proto__": {"polluted": 1}}')
    const applied = applySignature(Object.freeze(add), [1], kwargs, JSON.parse('{"__proto__": {"polluted": 1}}'))
    expect(Object.getPrototypeOf(applied.kwargs)).toBe(Object.prototype)
    expect(Object.getPrototypeOf(applied.options)).toBe(Object.prototype)
    expect(Object.hasOwn(applied.kwargs, '__proto__')).toBe(true)
  })
})
