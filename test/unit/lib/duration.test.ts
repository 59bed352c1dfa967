import { describe, expect, it } from 'vitest'
import { type Duration, toMilliseconds } from '../../../src/lib/duration.ts'

describe('toMilliseconds', () => {
  it('reads seconds and texts with a unit', () => {
    const table: [Duration, number][] = [
      [0, 0],
      [1.5, 1500],
      ['500 milliseconds', 500],
      ['1 second', 1000],
      ['15 minutes', 900_000],
      ['1.5 hours', 5_400_000],
      ['90 days', 7_776_000_000],
      ['2 weeks', 1_209_600_000],
    ]
    for (const [duration, expected] of table) expect(toMilliseconds(duration), String(duration)).toBe(expected)
  })

  it('refuses everything else, naming the option', () => {
    for (const wrong of [-1, Number.NaN, Number.POSITIVE_INFINITY, '15m', '-1 hours', '', ' 1 hour', '1 hour ', null]) {
      expect(() => toMilliseconds(wrong as Duration, 'lifetime'), String(wrong)).toThrow(/`lifetime` must be/)
    }
  })

  it('is strict at compile time too', () => {
    // @ts-expect-error not a unit
    expect(() => toMilliseconds('5 fortnights')).toThrow(TypeError)
  })
})
