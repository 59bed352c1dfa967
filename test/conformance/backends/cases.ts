import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AddCase } from './add-case.ts'
import { Bench } from './bench.ts'
import { chordCases } from './chord-cases.ts'
import { faultCases } from './fault-cases.ts'
import { handleCases } from './handle-cases.ts'
import { storeCases } from './store-cases.ts'
import type { BackendVariant, Skips } from './variant.ts'
import { watchCases } from './watch-cases.ts'

const groups: Readonly<Record<string, (test: AddCase, variant: BackendVariant) => void>> = {
  'the handle': handleCases,
  'what is stored': storeCases,
  'a watcher': watchCases,
  'a chord': chordCases,
  faults: faultCases,
}

/**
 * The one suite for every result store: the contract `src/celery/backends/result-backend.ts`, sentence by sentence.
 *
 * @param skips - titles of cases that do not hold for this store, each with the reason
 */
export function describeBackend(name: string, variant: BackendVariant, skips: Skips = {}): void {
  describe(`result store: ${name}`, () => {
    let bench: Bench
    const titles = new Set<string>()
    beforeEach(() => {
      bench = new Bench(variant)
    })
    afterEach(() => bench.close())

    const test: AddCase = (title, run, timeoutMs) => {
      titles.add(title)
      if (!(title in skips)) it(title, () => run(bench), timeoutMs)
    }
    for (const [group, register] of Object.entries(groups)) describe(group, () => register(test, variant))

    it('has a reason for every case that is left out', () => {
      expect(Object.keys(skips).filter((title) => !titles.has(title))).toEqual([])
      expect(Object.values(skips).filter((reason) => reason.length < 10)).toEqual([])
    })
  })
}
