import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Turnstile } from '../../../src/db/turnstile.ts'

describe('a turnstile', () => {
  it('lets one through at a time, in the order of arrival, whatever fails', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ turns: fc.nat(3), fails: fc.boolean() }), { maxLength: 20 }),
        async (jobs) => {
          const turnstile = new Turnstile()
          const order: number[] = []
          let inside = 0
          const run = ({ turns, fails }: (typeof jobs)[number], i: number) =>
            turnstile.run(async () => {
              expect(++inside).toBe(1)
              order.push(i)
              for (let left = turns; left > 0; left--) await Promise.resolve()
              inside--
              if (fails) throw new Error('no')
            })
          const settled = await Promise.allSettled(jobs.map(run))
          expect(order).toEqual(jobs.map((_, i) => i))
          expect(settled.map(({ status }) => status === 'rejected')).toEqual(jobs.map(({ fails }) => fails))
        },
      ),
    )
  })
})
