import { describe, expect, it } from 'vitest'
import { isTaskError, TaskError, TaskTimeoutError, toTaskError } from '../../../../src/celery/results/errors.ts'
import { isTwopiError } from '../../../../src/lib/twopi-error.ts'
import { failure } from './test-store.ts'

const read = (result: unknown) => new TaskError({ taskId: 'a', result, traceback: undefined })

describe('the failure of a task', () => {
  it.each([
    ['ValueError: bad, 42', { exc_type: 'ValueError', exc_message: ['bad', 42], exc_module: 'builtins' }],
    ['KeyError', { exc_type: 'KeyError', exc_message: [], exc_module: 'builtins' }],
    ['Err: {"n":"12345678901234567890"}, null', { exc_type: 'Err', exc_message: [{ n: 12345678901234567890n }, null] }],
    ['Err: plain text', { exc_type: 'Err', exc_message: 'plain text' }],
    ['Exception: no object', 'no object'],
    ['Exception', null],
    ['Exception', undefined],
    ['Exception', {}],
    ['Exception: 1', { exc_type: 7, exc_message: [1], exc_module: [] }],
  ])('reads as "%s"', (message, result) => {
    expect(read(result)).toMatchObject({ message, excModule: expect.any(String) })
  })

  it('survives values that cannot be shown, and cuts long ones', () => {
    const circular: Record<string, unknown> = {}
    circular['self'] = circular
    expect(read({ exc_type: 'Err', exc_message: [circular] }).message).toBe('Err: …')
    expect(read({ exc_type: 'Err', exc_message: ['x'.repeat(100_000)] }).message.length).toBeLessThan(2100)
  })

  it('is told apart by the name of its class', () => {
    const error: unknown = toTaskError(failure('a', 'FAILURE', 'ValueError', 'bad'))
    expect(isTaskError(error)).toBe(true)
    expect(isTaskError(error, 'ValueError') && error.excType).toBe('ValueError')
    expect(isTaskError(error, 'KeyError')).toBe(false)
    expect(isTaskError(new Error('ValueError'))).toBe(false)
    expect(isTwopiError(error)).toBe(true)
  })

  it('is another error than a time-out', () => {
    const error = new TaskTimeoutError('a', 1500)
    expect(isTaskError(error)).toBe(false)
    expect(error.message).toBe('Task "a" has no result after 1.5 seconds; it may still be waiting or running')
  })
})
