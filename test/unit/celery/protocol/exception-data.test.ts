import { describe, expect, it } from 'vitest'
import { toExceptionData } from '../../../../src/celery/protocol/exception-data.ts'
import { formatTraceback } from '../../../../src/celery/protocol/format-traceback.ts'

class PaymentError extends Error {}
class NamedError extends Error {
  override readonly name = 'Named'
}

describe('toExceptionData', () => {
  it.each<[string, unknown, object]>([
    ['an error', new Error('bad'), { exc_type: 'Error', exc_message: ['bad'] }],
    ['an error of JavaScript', new TypeError('bad'), { exc_type: 'TypeError', exc_message: ['bad'] }],
    [
      'a class without a name of its own',
      new PaymentError('no money'),
      { exc_type: 'PaymentError', exc_message: ['no money'] },
    ],
    ['a class with a name', new NamedError('x'), { exc_type: 'Named', exc_message: ['x'] }],
    ['a text', 'just text', { exc_type: 'Error', exc_message: ['just text'] }],
    ['nothing', undefined, { exc_type: 'Error', exc_message: [null] }],
    ['an object', { status: 404 }, { exc_type: 'Error', exc_message: [{ status: 404 }] }],
    ['an object that cannot be sent', { f: () => 1 }, { exc_type: 'Error', exc_message: ["{'f': <function>}"] }],
    [
      'an error with an odd name',
      Object.assign(new Error('x'), { name: 'a\0b\ud800' }),
      { exc_type: 'a_b_', exc_message: ['x'] },
    ],
    [
      'an error with an empty name',
      Object.assign(new Error('x'), { name: '' }),
      { exc_type: 'Error', exc_message: ['x'] },
    ],
  ])('names %s so that Python makes a class of it', (_, error, expected) => {
    expect(toExceptionData(error)).toEqual({ exc_module: 'js', ...expected })
  })

  it('takes the class in Python from an error that says it', () => {
    const error = Object.assign(new Error('x'), {
      excType: 'NotRegistered',
      excModule: 'celery.exceptions',
      excArgs: ['mail.send'],
    })
    expect(toExceptionData(error)).toEqual({
      exc_type: 'NotRegistered',
      exc_message: ['mail.send'],
      exc_module: 'celery.exceptions',
    })
  })

  it('replaces arguments that cannot be stored by their texts', () => {
    const cycle: Record<string, unknown> = {}
    cycle['self'] = cycle
    const broken = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('no')
        },
      },
    )
    const excArgs = [1n, Number.NaN, new Map([[1, 2]]), new TypeError('inner'), cycle, broken, Symbol('s')]
    expect(toExceptionData({ excType: 'E', excModule: 'm', excArgs }).exc_message).toEqual([
      1n,
      Number.NaN,
      '{}',
      'TypeError: inner',
      "{'self': {'self': {'self': {...}}}}",
      '<object>',
      '<symbol>',
    ])
  })
})

describe('formatTraceback', () => {
  it('begins with the error as it is now, and has the lines of its stack', () => {
    const error = new PaymentError('no money')
    error.message = 'no money at all'
    const lines = formatTraceback(error).split('\n')
    expect(lines[0]).toBe('PaymentError: no money at all')
    expect(lines[1]).toMatch(/^ {4}at .*exception-data\.test\.ts:\d+:\d+/)
  })

  it('tells causes first, as Python does', () => {
    const error = new Error('third', { cause: new TypeError('second', { cause: 'first' }) })
    const parts = formatTraceback(error).split(
      '\n\nThe above exception was the direct cause of the following exception:\n\n',
    )
    expect(parts.map((part) => part.split('\n')[0])).toEqual([
      'Thrown, though no Error: first',
      'TypeError: second',
      'Error: third',
    ])
  })

  it('comes to an end with causes that go round, and with endless ones', () => {
    const error = new Error('round')
    error.cause = error
    expect(formatTraceback(error)).not.toContain('direct cause')
    let long = new Error('0')
    for (let i = 1; i < 100; i++) long = new Error(String(i), { cause: long })
    expect(formatTraceback(long).match(/direct cause/g)).toHaveLength(9)
    expect(formatTraceback(new Error('x'.repeat(100_000))).length).toBe(32_768)
  })

  it.each<[unknown, string]>([
    [undefined, 'undefined'],
    [null, 'null'],
    ['text', 'Thrown, though no Error: text'],
    [Object.create(null), 'Thrown, though no Error: object'],
    [Object.assign(new Error('x'), { stack: undefined }), 'Error: x'],
    [Object.assign(new Error('x'), { stack: 7 }), 'Error: x'],
    [Object.assign(new Error('x'), { stack: 'no frames' }), 'Error: x'],
  ])('has a text for everything that can be thrown: %#', (error, text) => {
    expect(formatTraceback(error)).toBe(text)
  })
})
