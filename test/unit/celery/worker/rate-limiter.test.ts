import { beforeEach, describe, expect, it } from 'vitest'
import type { Job } from '../../../../src/celery/worker/job.ts'
import { RateLimiter } from '../../../../src/celery/worker/rate-limiter.ts'
import { HandClock } from '../../../support/hand-clock.ts'

/** The part of a job that the limiter reads. */
const job = (name: string, rateLimit?: number) => ({ task: { name, options: { rateLimit } } }) as unknown as Job

describe('a rate limit', () => {
  let clock: HandClock
  let started: { readonly job: Job; readonly at: number }[]
  let limiter: RateLimiter
  let begun: number
  const submit = (next: Job) => {
    if (limiter.admit(next)) started.push({ job: next, at: clock.monotonic() - begun })
  }
  const times = () => started.map(({ at }) => at)

  beforeEach(() => {
    clock = new HandClock()
    begun = clock.monotonic()
    started = []
    limiter = new RateLimiter({ clock, release: (next) => started.push({ job: next, at: clock.monotonic() - begun }) })
  })

  it('lets a task without one start at once', () => {
    for (let i = 0; i < 100; i++) submit(job('free'))
    expect(started).toHaveLength(100)
    expect(clock.timers).toBe(0)
  })

  it('spreads starts evenly, in their order, with one timer', () => {
    const jobs = Array.from({ length: 5 }, () => job('mail', 10))
    for (const next of jobs) submit(next)
    expect(times()).toEqual([0])
    expect(clock.timers).toBe(1)
    clock.advance(399)
    expect(times()).toEqual([0, 100, 200, 300])
    expect(limiter.size).toBe(1)
    clock.advance(1)
    expect(started.map((start) => start.job)).toEqual(jobs)
    expect(limiter.size).toBe(0)
    expect(clock.timers).toBe(0)
  })

  it('holds for each task by itself', () => {
    for (let i = 0; i < 3; i++) {
      submit(job('slow', 1))
      submit(job('fast', 10))
    }
    clock.advance(200)
    expect(started.map((start) => start.job.task.name)).toEqual(['slow', 'fast', 'fast', 'fast'])
  })

  it('allows no crowd after a pause', () => {
    submit(job('mail', 10))
    clock.advance(60_000)
    for (let i = 0; i < 3; i++) submit(job('mail', 10))
    expect(times()).toEqual([0, 60_000])
    clock.advance(100)
    expect(times()).toEqual([0, 60_000, 60_100])
  })

  it('keeps its rate though timers are late', () => {
    const late: Job[] = []
    const lateClock = new HandClock()
    const lateLimiter = new RateLimiter({
      clock: {
        now: () => lateClock.now(),
        monotonic: () => lateClock.monotonic(),
        yield: (fn) => lateClock.yield(fn),
        setTimer: (ms, fn) => lateClock.setTimer(ms + 4, fn),
      },
      release: (next) => late.push(next),
    })
    for (let i = 0; i < 200; i++) if (lateLimiter.admit(job('mail', 100))) late.push(job('mail'))
    lateClock.advance(1_000)
    expect(late.length).toBeGreaterThanOrEqual(99)
    expect(late.length).toBeLessThanOrEqual(101)
  })

  it('can be changed for those that wait, loosened and lifted', () => {
    for (let i = 0; i < 4; i++) submit(job('mail', 0.001))
    limiter.setLimit('mail', 1)
    clock.advance(1_000)
    expect(times()).toEqual([0, 1_000])
    limiter.setLimit('mail', undefined)
    clock.advance(0)
    expect(started).toHaveLength(4)
    submit(job('mail', 0.001))
    expect(started).toHaveLength(5)
  })

  it('can be set for a task that had none', () => {
    limiter.setLimit('mail', 1)
    submit(job('mail'))
    submit(job('mail'))
    expect(started).toHaveLength(1)
  })

  it('may be so low that no timer of Node reaches so far', () => {
    submit(job('yearly', 1 / (365 * 86_400)))
    submit(job('yearly', 1 / (365 * 86_400)))
    clock.advance(364 * 86_400_000)
    expect(started).toHaveLength(1)
    clock.advance(86_400_000)
    expect(started).toHaveLength(2)
  })

  it('gives back what waits when the worker stops, and rings no more', () => {
    const jobs = Array.from({ length: 3 }, () => job('mail', 1))
    for (const next of jobs) submit(next)
    expect([...limiter.held]).toEqual(jobs.slice(1))
    expect(limiter.drain()).toEqual(jobs.slice(1))
    expect(limiter.size).toBe(0)
    expect(clock.timers).toBe(0)
    clock.advance(60_000)
    expect(started).toHaveLength(1)
  })
})
