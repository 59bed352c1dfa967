import { describe, expect, test } from 'vitest'

type Times = ReadonlyMap<string, readonly number[]>
type Summary = { readonly median: number; readonly low: number; readonly high: number }

interface Compare {
  compare(
    contenders: readonly { name: string; run: () => unknown }[],
    options: { rounds: number; milliseconds: number; now: () => number; onRound: (round: number) => void },
  ): Promise<Times>
  ratio(times: Times, name: string, base: string): Summary
  added(times: Times, name: string, bare: string): Summary
  addedRatio(times: Times, name: string, peer: string, bare: string): Summary
}

// A script without types of its own.
const script = new URL('../../../bench/lib/compare.mjs', import.meta.url).href
const { compare, ratio, added, addedRatio }: Compare = await import(script)

/** Contenders whose calls take so many milliseconds in each round, by a clock that only they move. */
async function run(costs: Readonly<Record<string, readonly number[]>>, finish: () => unknown = () => undefined) {
  let now = 0
  let round = 0
  const contenders = Object.entries(costs).map(([name, byRound]) => ({
    name,
    run: () => {
      now += byRound[round] as number
      return finish()
    },
  }))
  const onRound = (started: number) => {
    round = started - 1
  }
  return compare(contenders, { rounds: 3, milliseconds: 100, now: () => now, onRound })
}

describe('a comparison', () => {
  const costs = { bare: [1, 2, 9], ours: [2, 2, 27], theirs: [3, 2.5, 18] }

  test('tells the microseconds of one call, by contender and round', async () => {
    expect(Object.fromEntries(await run(costs))).toEqual({
      bare: [1000, 2000, 9000],
      ours: [2000, 2000, 27_000],
      theirs: [3000, 2500, 18_000],
    })
  })

  test('takes a ratio inside each round and gives the median of them, not the ratio of the medians', async () => {
    expect(ratio(await run(costs), 'ours', 'bare')).toEqual({ median: 2, low: 1, high: 3 })
  })

  test('takes a difference inside each round', async () => {
    expect(added(await run(costs), 'ours', 'bare')).toEqual({ median: 1000, low: 0, high: 18_000 })
  })

  test('takes the ratio of two differences inside each round', async () => {
    expect(addedRatio(await run(costs), 'ours', 'theirs', 'bare')).toEqual({ median: 0.5, low: 0, high: 2 })
  })

  test('waits for contenders that give promises, one call after the other', async () => {
    let open = 0
    let most = 0
    const times = await run({ bare: [1, 1, 1] }, async () => {
      most = Math.max(most, ++open)
      await null
      open--
    })
    expect(times.get('bare')).toEqual([1000, 1000, 1000])
    expect(most).toBe(1)
  })
})
