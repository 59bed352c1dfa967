import { describe, expect, it } from 'vitest'
import { assertNoProblems } from '../../../src/lib/problems.ts'

describe('assertNoProblems', () => {
  it('lets pass what has no problem', () => {
    expect(() => assertNoProblems('makeTea', [])).not.toThrow()
  })
  it('throws one problem as one line', () => {
    expect(() => assertNoProblems('makeTea', ['`cups` must be a number'])).toThrow(
      new TypeError('makeTea: `cups` must be a number'),
    )
  })
  it('throws several problems as one TypeError with a line for each', () => {
    expect(() => assertNoProblems('makeTea', ['no cups', 'no tea'])).toThrow(
      new TypeError('makeTea: 2 problems\n  - no cups\n  - no tea'),
    )
  })
})
