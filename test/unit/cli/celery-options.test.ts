import { describe, expect, it } from 'vitest'
import {
  choiceOption,
  levelOption,
  listOption,
  numberOption,
  textOption,
} from '../../../src/cli/celery/read-options.ts'
import { UsageError } from '../../../src/cli/errors.ts'

describe('an option of the command for workers', () => {
  it('that is not given is undefined', () => {
    for (const read of [textOption, listOption]) expect(read({}, 'x')).toBe(undefined)
    expect(numberOption({}, 'x', { least: 0, whole: true })).toBe(undefined)
    expect(choiceOption({}, 'x', ['a'])).toBe(undefined)
    expect(levelOption({}, 'x')).toBe('info')
  })

  it.for([
    ['a', ['a']],
    ['a,b', ['a', 'b']],
    [' a , b ', ['a', 'b']],
    ['', undefined],
    ['a,', undefined],
    [',', undefined],
  ] as const)('is a list of names: %j', ([x, names]) => {
    if (names === undefined) expect(() => listOption({ x }, 'x')).toThrow(UsageError)
    else expect(listOption({ x }, 'x')).toEqual(names)
  })

  it.for([
    ['0', 0, true, 0],
    ['12', 0, true, 12],
    ['12', 12, true, 12],
    ['11', 12, true, undefined],
    ['1.5', 0, true, undefined],
    ['1.5', 0, false, 1.5],
    ['9007199254740991', 0, true, 9007199254740991],
    ['9007199254740992', 0, true, undefined],
    [`1${'0'.repeat(306)}`, 0, false, undefined],
    [`1${'0'.repeat(400)}`, 0, false, undefined],
    ['-1', 0, false, undefined],
    ['1e3', 0, false, undefined],
    ['0x10', 0, true, undefined],
    ['NaN', 0, false, undefined],
    ['Infinity', 0, false, undefined],
    [' 1', 0, true, undefined],
    ['1.', 0, false, undefined],
    ['', 0, true, undefined],
  ] as const)('is a number: %s from %d on, whole %j, is %j', ([x, least, whole, value]) => {
    if (value === undefined) expect(() => numberOption({ x }, 'x', { least, whole })).toThrow(UsageError)
    else expect(numberOption({ x }, 'x', { least, whole })).toBe(value)
  })

  it.for([
    ['a', 'a'],
    ['b', 'b'],
    ['A', undefined],
    ['', undefined],
    ['constructor', undefined],
  ] as const)('is one of some words: %j', ([x, word]) => {
    if (word === undefined) expect(() => choiceOption({ x }, 'x', ['a', 'b'])).toThrow('must be `a` or `b`')
    else expect(choiceOption({ x }, 'x', ['a', 'b'])).toBe(word)
  })

  it.for([
    ['DEBUG', 'debug'],
    ['warning', 'warn'],
    ['Critical', 'error'],
    ['error', 'error'],
    ['loud', undefined],
    ['__proto__', undefined],
  ] as const)('is a level: %j', ([x, level]) => {
    if (level === undefined) expect(() => levelOption({ x }, 'x')).toThrow(UsageError)
    else expect(levelOption({ x }, 'x')).toBe(level)
  })
})
