import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { drawJitter, isWornOut, recyclePolicy } from '../../../src/db/recycle.ts'

const times = (openedAt: number, usedAt: number, jitter = 1) => ({ openedAt, usedAt, jitter })

describe('the recycling of connections', () => {
  it.each([
    ['the default', undefined, undefined, 3_600_000, 3_600_000],
    ['the default beside a server that waits 8 hours', undefined, 28_800_000, 3_600_000, 3_600_000],
    ['the default beside a server that waits 3 seconds', undefined, 3000, 3_600_000, 1500],
    ['a setting', 60, undefined, 60_000, 60_000],
    ['a setting beside an impatient server', 60, 10_000, 60_000, 5000],
    ['off', false, 3000, undefined, undefined],
  ] as const)('of %s', (_name, setting, serverIdleMs, maxAgeMs, maxIdleMs) => {
    expect(recyclePolicy(setting, serverIdleMs)).toEqual({ maxAgeMs, maxIdleMs })
  })

  it('ends a connection by age, by idleness, and when the clock was set back', () => {
    const policy = { maxAgeMs: 1000, maxIdleMs: 100 }
    expect(isWornOut(times(0, 950), policy, 999)).toBe(false)
    expect(isWornOut(times(0, 950), policy, 1000)).toBe(true)
    expect(isWornOut(times(0, 0), policy, 100)).toBe(true)
    expect(isWornOut(times(500, 500), policy, 499)).toBe(true)
    expect(isWornOut(times(0, 0), { maxAgeMs: undefined, maxIdleMs: undefined }, 1e12)).toBe(false)
  })

  it('never lets a connection live longer for its jitter, nor much shorter', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), (now) => {
        const jitter = drawJitter()
        expect(jitter).toBeGreaterThanOrEqual(0.8)
        expect(jitter).toBeLessThanOrEqual(1)
        const policy = { maxAgeMs: 5000, maxIdleMs: undefined }
        if (now >= 5000) expect(isWornOut(times(0, 0, jitter), policy, now)).toBe(true)
        if (now < 4000) expect(isWornOut(times(0, 0, jitter), policy, now)).toBe(false)
      }),
    )
  })
})
