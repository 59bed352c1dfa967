import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AddCase } from './add-case.ts'
import { Bench } from './bench.ts'
import { consumeCases } from './consume-cases.ts'
import { contentCases } from './content-cases.ts'
import { faultCases } from './fault-cases.ts'
import { handleCases } from './handle-cases.ts'
import { queueCases } from './queue-cases.ts'
import { routingCases } from './routing-cases.ts'
import { settleCases } from './settle-cases.ts'
import { subscribeCases } from './subscribe-cases.ts'
import type { BrokerVariant, Skips } from './variant.ts'

const groups: Readonly<Record<string, (test: AddCase, variant: BrokerVariant) => void>> = {
  'the handle': handleCases,
  'what is published': contentCases,
  routing: routingCases,
  'a subscription': subscribeCases,
  consuming: consumeCases,
  settling: settleCases,
  queues: queueCases,
  faults: faultCases,
}

/**
 * The one suite for every broker: the contract `src/celery/brokers/broker.ts`, sentence by sentence.
 *
 * @param skips - titles of cases that do not hold for this driver, each with the reason
 */
export function describeBroker(name: string, variant: BrokerVariant, skips: Skips = {}): void {
  describe(`broker: ${name}`, () => {
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
