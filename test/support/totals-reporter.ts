import type { Reporter, TestCase, TestModule } from 'vitest/node'

/** What a run came to. */
interface Totals {
  readonly passed: number
  readonly failed: number
  /** Full names of tests that were skipped, are still to be written, or never ran. */
  readonly skipped: readonly string[]
}

/**
 * Ends a run with one line of totals, and fails it when a test was skipped. For machines: there everything a test needs is
 * installed, so a skipped test is a fault, while at a desk it only asks for a program.
 */
export class TotalsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    // A file that failed before its tests were known counts as one failure.
    const broken = modules.filter((module) => module.errors().length > 0).length + unhandled.length
    const { passed, failed, skipped } = totalsOf(tests)
    for (const name of skipped) console.log(`not run: ${name}`)
    if (skipped.length > 0) {
      console.log(`${skipped.length} tests did not run. With CI set nothing may be skipped: install what they need.`)
    }
    console.log(`${passed} passed, ${failed + broken + skipped.length} failed`)
    if (skipped.length > 0) process.exitCode = 1
  }
}

function totalsOf(tests: readonly Pick<TestCase, 'fullName' | 'module' | 'result'>[]): Totals {
  const inState = (...states: readonly string[]) => tests.filter((test) => states.includes(test.result().state))
  return {
    passed: inState('passed').length,
    failed: inState('failed').length,
    skipped: inState('skipped', 'pending').map((test) => `${test.module.relativeModuleId} > ${test.fullName}`),
  }
}
