import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MaxRetriesExceededError } from '../../../../src/celery/task/errors.ts'
import type { ResolvedTaskOptions } from '../../../../src/celery/task/resolved-task-options.ts'
import { retryDelay } from '../../../../src/celery/task/retry-delay.ts'
import { planRetry, retryOnFailure } from '../../../../src/celery/task/retry-rules.ts'
import { Ignore, Reject, Retry } from '../../../../src/celery/task/signals.ts'
import { taskOptions } from './task-options.ts'

const request = (retries: number) => ({ id: 'id-1', task: 'school.report', retries })
const rules = { retryBackoff: 1, retryBackoffMax: 600, retryJitter: false, defaultRetryDelay: 180 }

describe('the wait before an automatic retry', () => {
  it.each([
    [0, 1],
    [1, 2],
    [5, 32],
    [10, 600],
    [5000, 600],
  ])('after %i retries is %i seconds with a factor of 1 and at most 600', (retries, seconds) => {
    expect(retryDelay(rules, retries, () => 0.5)).toBe(seconds)
  })

  it('is the default delay without backoff', () => {
    expect(retryDelay({ ...rules, retryBackoff: 0, retryJitter: true }, 4, () => 0.5)).toBe(180)
  })

  it('is a random part of itself with jitter, never more', () => {
    fc.assert(
      fc.property(fc.nat(40), fc.double({ min: 0, max: 0.999, noNaN: true }), (retries, random) => {
        const whole = retryDelay(rules, retries, () => random)
        const part = retryDelay({ ...rules, retryJitter: true }, retries, () => random)
        expect(part).toBeGreaterThanOrEqual(0)
        expect(part).toBeLessThanOrEqual(whole)
      }),
    )
  })
})

describe('a retry that a task asks for', () => {
  const task = { maxRetries: 3, defaultRetryDelay: 180 }
  const plan = (retry: unknown) => (retry as Retry).plan

  it('waits for the default delay, a countdown or an eta', () => {
    expect(plan(planRetry(request(0), task, {}, 0)).countdown).toBe(180)
    expect(plan(planRetry(request(0), task, { countdown: '2 minutes' }, 0)).countdown).toBe(120)
    expect(plan(planRetry(request(0), task, { eta: new Date(61_500) }, 1500)).countdown).toBe(60)
    expect(plan(planRetry(request(0), task, { eta: new Date(0) }, 1500)).countdown).toBe(0)
  })

  it('is refused after maxRetries, with the cause when there is one', () => {
    const cause = new Error('no connection')
    expect(planRetry(request(2), task, { cause }, 0)).toBeInstanceOf(Retry)
    expect(planRetry(request(3), task, { cause }, 0)).toBe(cause)
    expect(planRetry(request(3), task, {}, 0)).toBeInstanceOf(MaxRetriesExceededError)
    expect((planRetry(request(3), task, {}, 0) as Error).message).toBe(
      "Can't retry school.report[id-1]: all 3 retries are used",
    )
  })

  it('takes another limit for this call, and null for none', () => {
    expect(planRetry(request(7), task, { maxRetries: 8 }, 0)).toBeInstanceOf(Retry)
    expect(planRetry(request(1_000_000), task, { maxRetries: null }, 0)).toBeInstanceOf(Retry)
    expect(planRetry(request(0), task, { maxRetries: 0 }, 0)).toBeInstanceOf(MaxRetriesExceededError)
  })
})

describe('a failure of a task with autoretryFor', () => {
  class Lost extends Error {}
  class Gone extends Lost {}
  const task: ResolvedTaskOptions = taskOptions({
    maxRetries: 2,
    autoretryFor: [Lost],
    dontAutoretryFor: [Gone],
    retryBackoff: 3,
    retryJitter: false,
  })

  it('is a retry for the named classes and those below, and not for the others', () => {
    const lost = new Lost()
    const retry = retryOnFailure(request(1), task, lost, Math.random)
    expect(retry).toBeInstanceOf(Retry)
    expect((retry as Retry).plan).toMatchObject({ cause: lost, countdown: 6 })
    for (const error of [new Error('other'), new Gone(), 'text', undefined]) {
      expect(retryOnFailure(request(1), task, error, Math.random)).toBe(error)
    }
  })

  it('stays what it is once the retries are used', () => {
    const lost = new Lost()
    expect(retryOnFailure(request(2), task, lost, Math.random)).toBe(lost)
  })

  it('never makes a retry of what a task threw to end its run', () => {
    const all = taskOptions({ autoretryFor: [Error] })
    for (const signal of [new Ignore(), new Reject(), new Retry(plainPlan)]) {
      expect(retryOnFailure(request(0), all, signal, Math.random)).toBe(signal)
    }
  })
})

const plainPlan = {
  cause: undefined,
  countdown: 0,
  args: undefined,
  kwargs: undefined,
  queue: undefined,
  priority: undefined,
}
