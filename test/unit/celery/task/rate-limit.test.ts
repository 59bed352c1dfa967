import { describe, expect, it } from 'vitest'
import { parseRateLimit } from '../../../../src/celery/task/rate-limit.ts'

describe('a rate limit', () => {
  it.each([
    ['100/m', 100 / 60],
    ['10/s', 10],
    ['1800/h', 0.5],
    ['2.5', 2.5],
    [3, 3],
    [0, undefined],
    ['0/m', undefined],
    [null, undefined],
    [undefined, undefined],
  ])('of %j is %j per second', (rate, perSecond) => {
    expect(parseRateLimit(rate)).toBe(perSecond)
  })

  it.each(['fast', '10/d', '-1/s', -1, Number.NaN, '1e3/s'])('of %j is refused', (rate) => {
    expect(() => parseRateLimit(rate)).toThrow("`rateLimit` must be a number per second or a text such as '100/m'")
  })
})
