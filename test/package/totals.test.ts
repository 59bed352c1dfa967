import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fencesOf } from './markdown.ts'
import { root } from './sources.ts'
import { node } from './tarball.ts'

/** Runs planted tests with the reporter that ends a run under CI. */
function runPlanted(
  name: string,
  text: string,
): { readonly status: number | null; readonly last: string; readonly output: string } {
  const folder = join(root, 'build', 'planted', name)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'planted.test.ts'), text)
  writeFileSync(
    join(folder, 'vitest.config.ts'),
    `import { TotalsReporter } from '../../../test/support/totals-reporter.ts'
     export default { test: { reporters: [new TotalsReporter()] } }`,
  )
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const { status, output } = node(folder, vitest, 'run', '--root', folder, '--no-color')
  return { status, output, last: output.trim().split('\n').at(-1) ?? '' }
}

describe('a run under CI', () => {
  it('ends with its totals', () => {
    const text = "import { it } from 'vitest'\nit('a', () => {})\nit('b', () => {})\n"
    expect(runPlanted('good', text)).toMatchObject({ status: 0, last: '2 passed, 0 failed' })
  })

  it('fails when a test is skipped in any way, and names it', () => {
    const text = `import { describe, it } from 'vitest'
      it('runs', () => {})
      it.skip('one', () => {})
      it.todo('two')
      it.skipIf(true)('three', () => {})
      it('four', (context) => context.skip('nothing there'))
      describe.skip('five', () => { it('inside', () => {}) })`
    const { status, last, output } = runPlanted('skipped', text)
    expect({ status, last }).toEqual({ status: 1, last: '1 passed, 5 failed' })
    for (const name of ['one', 'two', 'three', 'four', 'five > inside']) {
      expect(output).toContain(`not run: planted.test.ts > ${name}\n`)
    }
  })

  it('counts failed tests, and files that cannot be loaded', () => {
    const failing = "import { it } from 'vitest'\nit('a', () => { throw new Error('planted') })\n"
    expect(runPlanted('failing', failing)).toMatchObject({ status: 1, last: '0 passed, 1 failed' })
    expect(runPlanted('broken', "throw new Error('planted')")).toMatchObject({ status: 1, last: '0 passed, 1 failed' })
  })
})

describe('the README', () => {
  const commands = fencesOf(readFileSync(join(root, 'README.md'), 'utf8'))
    .filter(({ info }) => info === 'sh')
    .flatMap(({ code }) => code.split('\n'))

  it.each(['npm ci && npm start', 'npm ci && npm test'])('has the command `%s` in a `sh` block', (command) => {
    expect(commands.filter((line) => line.startsWith(command))).toHaveLength(1)
  })

  it('has one line that runs the tests, which CI runs too', () => {
    expect(commands.filter((line) => line.includes('npm test'))).toHaveLength(1)
    expect(readFileSync(join(root, '.ci/run'), 'utf8')).toContain("sed -n '/^```sh$/,/^```$/p' README.md")
  })
})
