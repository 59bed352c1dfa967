import { describe, expect, it } from 'vitest'
import { unknownOptions } from '../../../src/lib/unknown-options.ts'

const known = ['maxRetries', 'acksLate', 'queue']

describe('options that do not exist', () => {
  it.each([
    ['ackLate', '`ackLate` is not an option of tasks; `acksLate` is near'],
    ['max_retries', '`max_retries` is not an option of tasks; `maxRetries` is near'],
    ['MaxRetries', '`MaxRetries` is not an option of tasks; `maxRetries` is near'],
    ['colour', '`colour` is not an option of tasks'],
    ['__proto', '`__proto` is not an option of tasks'],
  ])('are named, with those that were meant: %s', (typed, problem) => {
    expect(unknownOptions({ queue: 'mail', [typed]: 1 }, known, 'tasks')).toEqual([problem])
  })

  it('are none when all of them exist', () => {
    expect(unknownOptions({ queue: undefined, acksLate: true, maxRetries: null }, new Set(known), 'tasks')).toEqual([])
  })
})
