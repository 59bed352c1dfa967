import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { AnswerWatch } from '../../../../src/celery/redis/answer-watch.ts'

describe('the watch for answers', () => {
  beforeEach(() => vi.useFakeTimers())
  afterEach(() => vi.useRealTimers())

  it('calls when nothing is answered in time, once', () => {
    const silence = vi.fn()
    const watch = new AnswerWatch(10, silence)
    watch.sent()
    watch.sent()
    vi.advanceTimersByTime(9999)
    expect(silence).not.toHaveBeenCalled()
    vi.advanceTimersByTime(60_000)
    expect(silence).toHaveBeenCalledTimes(1)
  })

  it('does not call as long as answers come', () => {
    const silence = vi.fn()
    const watch = new AnswerWatch(10, silence)
    watch.sent()
    for (let i = 0; i < 20; i++) {
      vi.advanceTimersByTime(6000)
      watch.sent()
      watch.answered()
    }
    expect(silence).not.toHaveBeenCalled()
  })

  it('has no timer while nothing is awaited', () => {
    const watch = new AnswerWatch(10, () => {})
    watch.sent()
    watch.answered()
    vi.advanceTimersByTime(5000)
    expect(vi.getTimerCount()).toBe(0)
    watch.sent()
    watch.stop()
    expect(vi.getTimerCount()).toBe(0)
  })
})
