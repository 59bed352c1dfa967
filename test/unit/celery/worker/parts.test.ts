import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Prefetch } from '../../../../src/celery/worker/prefetch.ts'
import { Revoked } from '../../../../src/celery/worker/revoked.ts'
import { Timetable } from '../../../../src/celery/worker/timetable.ts'
import { Fifo } from '../../../../src/lib/fifo.ts'
import { aTask } from '../../../support/celery-task.ts'
import { HandClock } from '../../../support/hand-clock.ts'

describe('a queue of jobs', () => {
  it('gives what was put in, in its order, whatever is put in and taken in between', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3000 })), (steps) => {
        const fifo = new Fifo<number>()
        const model: number[] = []
        let next = 0
        for (const [index, count] of steps.entries()) {
          for (let i = 0; i < count; i++) {
            if (index % 2 === 1) {
              expect(fifo.shift()).toBe(model.shift())
            } else {
              fifo.push(next)
              model.push(next++)
            }
          }
          expect(fifo.size).toBe(model.length)
        }
        expect(fifo.drain()).toEqual(model)
        expect(fifo.size).toBe(0)
      }),
      { numRuns: 30 },
    )
  })
})

describe('a timetable', () => {
  it('tells items in the order of their times, those of the same time in the order they came', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 })), fc.func(fc.boolean()), (times, isRemoved) => {
        const clock = new HandClock()
        const due: string[] = []
        const table = new Timetable<string>(clock, (item) => due.push(item))
        const items = times.map((at, index) => ({ at, name: `${index}` }))
        for (const { at, name } of items) table.add(clock.now() + at * 10_000, name)
        const removed = table.remove((name) => isRemoved(name))
        const left = items.filter(({ name }) => !isRemoved(name))
        expect(removed.length + left.length).toBe(items.length)
        clock.advance(200_000)
        expect(due).toEqual(left.toSorted((a, b) => a.at - b.at).map(({ name }) => name))
        expect(table.size).toBe(0)
        expect(clock.timers).toBe(0)
      }),
    )
  })

  it('has one timer, however many items there are', () => {
    const clock = new HandClock()
    const table = new Timetable<number>(clock, () => undefined)
    for (let i = 0; i < 1000; i++) table.add(clock.now() + 1000 + ((i * 7919) % 1000), i)
    expect(clock.timers).toBe(1)
    table.drain()
    expect(clock.timers).toBe(0)
  })

  it('takes items while it tells of others', () => {
    const clock = new HandClock()
    const due: number[] = []
    const table: Timetable<number> = new Timetable(clock, (item) => {
      due.push(item)
      if (item < 5) table.add(clock.now() + 10, item + 1)
    })
    table.add(clock.now() + 10, 0)
    clock.advance(1000)
    expect(due).toEqual([0, 1, 2, 3, 4, 5])
  })

  it('notices within a minute when the clock was put forward', () => {
    const clock = new HandClock()
    const due: number[] = []
    const table = new Timetable<number>(clock, (item) => due.push(item))
    table.add(clock.now() + 3_600_000, 1)
    const now = clock.now.bind(clock)
    clock.now = () => now() + 3_600_000
    clock.advance(60_000)
    expect(due).toEqual([1])
  })
})

describe('revoked ids', () => {
  it('are forgotten after three hours', () => {
    const clock = new HandClock()
    const revoked = new Revoked(clock)
    revoked.add('a')
    clock.advance(10_799_999)
    expect(revoked.has('a')).toBe(true)
    revoked.add('b')
    clock.advance(1)
    expect(revoked.has('a')).toBe(false)
    expect(revoked.entries().map(([id]) => id)).toEqual(['b'])
  })

  it('are at most 50,000, the newest', () => {
    const revoked = new Revoked(new HandClock())
    for (let i = 0; i < 50_010; i++) revoked.add(`${i}`)
    expect([revoked.has('9'), revoked.has('10'), revoked.has('50009')]).toEqual([false, true, true])
    // Revoked again, it is one of the newest.
    revoked.add('10')
    revoked.add('new')
    expect(revoked.size).toBe(50_000)
    expect([revoked.has('10'), revoked.has('11')]).toEqual([true, false])
  })

  it('are none that no message can have', () => {
    const revoked = new Revoked(new HandClock())
    revoked.add('x'.repeat(1025))
    expect(revoked.size).toBe(0)
  })

  it('know at most 10,000 values of stamps, those of the headers that were named last', () => {
    const revoked = new Revoked(new HandClock())
    const covers = (header: string, value: unknown) =>
      revoked.covers(aTask({ stampedHeaders: [header], stamps: { [header]: value } }))
    for (let i = 0; i < 2000; i++) revoked.addStamped(`header ${i}`, [1, 2, 3])
    for (let i = 0; i < 10; i++) revoked.addStamped('kept', [i])
    revoked.addStamped('kept', [9])
    revoked.addStamped(
      'header 1999',
      Array.from({ length: 9989 }, (_, n) => n),
    )
    expect([covers('header 0', 1), covers('header 1998', 3), covers('kept', 9)]).toEqual([false, true, true])
    revoked.addStamped(
      'many',
      Array.from({ length: 20_000 }, (_, n) => n),
    )
    expect([covers('kept', 9), covers('many', 0), covers('many', 19_999)]).toEqual([false, false, true])
  })
})

describe('the prefetch count', () => {
  it('is told once at a time, and only as it is in the end', async () => {
    const told: number[] = []
    const answers: (() => void)[] = []
    const prefetch = new Prefetch(10, 4, { etaLimit: undefined, none: false, onError: () => undefined })
    prefetch.setAdjustable(true)
    const consumer = {
      done: new Promise<undefined>(() => undefined),
      addQueue: async () => undefined,
      cancelQueue: async () => undefined,
      cancel: async () => undefined,
      setPrefetch: (count: number) => {
        told.push(count)
        return new Promise<void>((resolve) => answers.push(resolve))
      },
    }
    prefetch.setConsumer(consumer, prefetch.count)
    const turn = () => new Promise((resolve) => setImmediate(resolve))
    for (let i = 1; i <= 5; i++) prefetch.setScheduled(i)
    await turn()
    expect(told).toEqual([45])
    for (let i = 4; i >= 1; i--) prefetch.setScheduled(i)
    await turn()
    expect(told).toEqual([45])
    answers[0]?.()
    await turn()
    expect(told).toEqual([45, 41])
    // What is as it was is not told.
    answers[1]?.()
    prefetch.setScheduled(1)
    await turn()
    expect(told).toEqual([45, 41])
  })
})
