import { describe, expect, it } from 'vitest'
import { readGlob } from '../../../../src/celery/settings/glob.ts'

describe('a glob', () => {
  it.for([
    ['*', ['', 'anything', 'a\nb'], []],
    ['mail.*', ['mail.', 'mail.send', 'mail.a.b'], ['mail', 'Mail.send', 'xmail.send']],
    ['*.send', ['mail.send', '.send', '.send.send'], ['mail.send2', 'send']],
    ['a*b*c', ['abc', 'aXbXc', 'abcbc', 'abbc'], ['ab', 'acb', 'abcX']],
    ['w?', ['w1', 'w*'], ['w', 'w12']],
    ['**', ['', 'x'], []],
    ['[ab]x', ['ax', 'bx'], ['cx', 'abx', 'x']],
    ['[!ab]x', ['cx', '!x'], ['ax', 'bx']],
    ['[0-9a]', ['0', '5', 'a'], ['-', 'b']],
    ['[a-]', ['a', '-'], ['b']],
    ['[z-a]', [], ['a', 'm', 'z', '-']],
    ['[]]', [']'], ['[', '[]']],
    ['[!]]', ['x'], [']']],
    ['a[b', ['a[b'], ['ab']],
    ['a.+(^$', ['a.+(^$'], ['aa']],
    ['', [''], ['x']],
  ] as const)('%j matches what Python’s does', ([glob, hits, misses]) => {
    const { test } = readGlob(glob)
    expect(hits.filter((text) => !test(text))).toEqual([])
    expect(misses.filter((text) => test(text))).toEqual([])
  })

  it('is no way to keep a worker busy, however many stars it has', () => {
    const start = performance.now()
    expect(readGlob('*e'.repeat(127)).test(`celery@${'e'.repeat(200)}!`)).toBe(false)
    expect(readGlob('*.mail.*.x').test('.mail.'.repeat(50_000))).toBe(false)
    // A regular expression takes years for the first, and minutes for the second.
    expect(performance.now() - start).toBeLessThan(1000)
  })
})
