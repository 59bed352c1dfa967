import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Delayed } from '../../../../../src/celery/brokers/memory/delayed.ts'
import { Heap } from '../../../../../src/celery/brokers/memory/heap.ts'
import { topicMatches } from '../../../../../src/celery/brokers/memory/topic-matches.ts'
import { Fifo } from '../../../../../src/lib/fifo.ts'

describe('a queue in memory', () => {
  it('gives what an array would give, whatever is done to it', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.integer(), fc.constant('shift'), fc.constant('clear'))), (steps) => {
        const fifo = new Fifo<number>()
        const array: number[] = []
        for (const step of steps) {
          if (step === 'shift') expect(fifo.shift()).toBe(array.shift())
          else if (step === 'clear') {
            fifo.clear()
            array.length = 0
          } else {
            fifo.push(step as number)
            array.push(step as number)
          }
          expect(fifo.size).toBe(array.length)
          expect(fifo.peek()).toBe(array[0])
        }
      }),
    )
  })

  it('keeps its order when it is long and is filled while it is emptied', () => {
    const fifo = new Fifo<number>()
    let [put, taken] = [0, 0]
    for (let round = 0; round < 50; round++) {
      for (let i = 0; i < 300; i++) fifo.push(put++)
      for (let i = 0; i < 270; i++) expect(fifo.shift()).toBe(taken++)
    }
    while (fifo.size > 0) expect(fifo.shift()).toBe(taken++)
    expect(taken).toBe(put)
    expect(fifo.shift()).toBeUndefined()
  })

  it('keeps nothing that was taken', () => {
    const fifo = new Fifo<object>()
    for (let i = 0; i < 10; i++) fifo.push({})
    for (let i = 0; i < 9; i++) fifo.shift()
    expect(fifo.size).toBe(1)
    expect(fifo.peek()).toEqual({})
  })
})

describe('a heap', () => {
  it('gives its items in order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), (items) => {
        const heap = new Heap<number>((a, b) => a < b)
        for (const item of items) heap.push(item)
        const found: number[] = []
        while (heap.size > 0) {
          const first = heap.peek()
          found.push(heap.pop()!)
          expect(found.at(-1)).toBe(first)
        }
        expect(found).toEqual([...items].sort((a, b) => a - b))
        expect(heap.pop()).toBeUndefined()
      }),
    )
  })
})

describe('a topic', () => {
  /** The rules as kombu has them: a regular expression. */
  const asKombu = (pattern: string, key: string) => {
    const part = (word: string) => (word === '*' ? '[^.]+' : word.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&'))
    // `#` with the dot beside it, so that it stands for no word as well.
    const text = pattern
      .split('.')
      .map((word, i) => (word === '#' ? '(?:\\.[^.]+)*' : `${i === 0 ? '' : ''}\\.${part(word)}`))
      .join('')
    return new RegExp(`^${text}$`).test(`.${key}`)
  }

  it('fits its pattern as a regular expression does that says the same', () => {
    const word = fc.constantFrom('a', 'b', 'c')
    const pattern = fc.array(fc.constantFrom('a', 'b', '*', '#'), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(pattern, fc.array(word, { minLength: 1, maxLength: 7 }), (parts, words) => {
        expect(topicMatches(parts, words)).toBe(asKombu(parts.join('.'), words.join('.')))
      }),
      { numRuns: 3000 },
    )
  })

  it('without a word fits nothing but `#`', () => {
    expect(topicMatches(['#'], [])).toBe(true)
    expect(topicMatches(['#', '#'], [])).toBe(true)
    expect(topicMatches(['*'], [])).toBe(false)
    expect(topicMatches(['a'], [])).toBe(false)
  })

  it('is compared in no time, however many `#` there are', () => {
    const start = performance.now()
    const words = Array.from({ length: 2000 }, () => 'a')
    expect(topicMatches([...Array.from({ length: 30 }, () => ['#', 'a']).flat(), 'b'], words)).toBe(false)
    expect(performance.now() - start).toBeLessThan(1000)
  })
})

describe('what is delayed', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('is done at its time, what is due together in the order it was added', () => {
    const delayed = new Delayed()
    const done: string[] = []
    const now = Date.now()
    for (const [name, seconds] of Object.entries({ c: 3, a: 1, b1: 2, b2: 2, z: 100 * 86_400 })) {
      delayed.add(now + seconds * 1000, () => done.push(name))
    }
    vi.advanceTimersByTime(999)
    expect(done).toEqual([])
    vi.advanceTimersByTime(2)
    expect(done).toEqual(['a'])
    vi.advanceTimersByTime(1000)
    expect(done).toEqual(['a', 'b1', 'b2'])
    vi.advanceTimersByTime(99 * 86_400_000)
    expect(done).toEqual(['a', 'b1', 'b2', 'c'])
    vi.advanceTimersByTime(86_400_000)
    expect(done.at(-1)).toBe('z')
    expect(vi.getTimerCount()).toBe(0)
  })
})
