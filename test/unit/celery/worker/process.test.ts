import { beforeAll, describe, expect, it } from 'vitest'
import { buildPackage, type ProgramEnd } from '../../../support/worker/build-package.ts'

describe('a process that is a worker', () => {
  let run: (program: string, ...flags: string[]) => Promise<ProgramEnd>
  beforeAll(async () => {
    run = await buildPackage()
  })

  it('survives a promise that a task leaves behind, when it is guarded, and says so', async () => {
    const { code, stdout } = await run('stray-guarded.mjs')
    expect(code).toBe(0)
    expect(stdout).toContain('"err":"left behind"')
    expect(stdout).toContain('["done","done as well"]')
    expect(stdout).toContain('{"listeners":0}')
  }, 30_000)

  it('ends of it as Node does otherwise, and says why', async () => {
    const { code, stderr } = await run('stray.mjs')
    expect(code).toBe(1)
    expect(stderr).toContain('left behind')
  }, 30_000)
})
