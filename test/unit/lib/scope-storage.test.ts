import { describe, expect, it } from 'vitest'
import { findScopeValue, runInScope, scopeValue } from '../../../src/lib/scope-storage.ts'

describe('the storage of scopes', () => {
  it('has nothing outside of every scope, and nothing of other keys', () => {
    const key = {}
    expect(scopeValue(key)).toBeUndefined()
    runInScope({}, { other: true }, () => expect(scopeValue(key)).toBeUndefined())
    expect(scopeValue(key)).toBeUndefined()
  })

  it('gives the innermost value of a key, and keeps those of others visible', async () => {
    const [one, two] = [{}, {}]
    const outer = { depth: 1 }
    const inner = { depth: 2 }
    const other = { other: true }
    await runInScope(one, outer, () =>
      runInScope(two, other, () =>
        runInScope(one, inner, async () => {
          await Promise.resolve()
          expect(scopeValue(one)).toBe(inner)
          expect(scopeValue(two)).toBe(other)
          expect(findScopeValue(one, (value) => value !== inner)).toBe(outer)
        }),
      ),
    )
  })

  it('keeps branches apart that run at the same time', async () => {
    const key = {}
    const branch = (value: object) =>
      runInScope(key, value, async () => {
        await new Promise((resolve) => setImmediate(resolve))
        return scopeValue(key)
      })
    const values = [{}, {}, {}]
    expect(await Promise.all(values.map(branch))).toEqual(values)
  })

  it('does not hold what is over when one scope is opened from the next for ever', () => {
    const [key, other] = [{}, {}]
    const values: { over: boolean }[] = []
    let seen = 0
    const count = () => {
      let frames = 0
      findScopeValue(key, () => {
        frames++
        return false
      })
      return frames
    }
    const next = (depth: number): void => {
      const value = { over: false }
      values.push(value)
      runInScope(key, value, () => {
        // The one before it ends only now, as one does whose commit takes its time.
        const before = values.at(-2)
        if (before !== undefined) before.over = true
        seen = Math.max(seen, count())
        if (depth > 0) runInScope(other, { over: depth % 2 === 0 }, () => next(depth - 1))
      })
    }
    next(100)
    expect(seen).toBeLessThanOrEqual(3)
  })

  it('keeps what is over where nothing nearer hides it', () => {
    const [key, other] = [{}, {}]
    const value = { over: false }
    runInScope(key, value, () => {
      value.over = true
      runInScope(other, {}, () => expect(scopeValue(key)).toBe(value))
    })
  })
})
