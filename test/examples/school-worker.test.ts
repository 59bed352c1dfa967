import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { hasRedis, startRedis } from '../support/services/redis.ts'
import { buildCli } from '../unit/cli/build-cli.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The package and the examples, compiled as a user's application is: `twopi/…` is the package. */
function buildSchool(): string {
  const directory = buildCli()
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'))
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const args = ['-p', join(root, 'examples/tsconfig.json'), '--noCheck', '--outDir', join(directory, 'examples')]
  execFileSync(process.execPath, [tsc, ...args], { cwd: root, stdio: 'inherit' })
  return directory
}

describe.skipIf(!hasRedis())('the school with a worker started by the command line', () => {
  let redis: Awaited<ReturnType<typeof startRedis>>
  let folder: string

  beforeAll(async () => {
    redis = await startRedis()
    folder = mkdtempSync(join(tmpdir(), 'twopi-school-'))
  })
  afterAll(async () => {
    await redis.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('makes reports in that process, by changing the URL only', { timeout: 60_000 }, async () => {
    vi.stubEnv('DATABASE_URL', `sqlite:///${join(folder, 'school.sqlite')}`)
    vi.stubEnv('CELERY_BROKER_URL', redis.url)
    vi.stubEnv('CELERY_RESULT_BACKEND', undefined)
    const directory = buildSchool()
    const { db, prepareDatabase } = await import('../../examples/school/database.ts')
    const { classReport, tasksRunHere } = await import('../../examples/school/tasks.ts')
    const { celery } = await import('../../examples/school/tasks.ts')
    await prepareDatabase()
    await db.run(() => db.session().insertInto('classes').values({ id: '1', name: 'Algebra', seats: 12 }).execute())
    expect(tasksRunHere).toBe(false)

    const app = join(directory, 'examples/school/tasks.js')
    const worker = spawn(
      process.execPath,
      [join(directory, 'dist/cli/main.js'), 'celery', 'worker', '--app', app, '-l', 'info'],
      { stdio: ['ignore', 'inherit', 'pipe'] },
    )
    const ended = once(worker, 'exit')
    const lines: string[] = []
    createInterface({ input: worker.stderr }).on('line', (line) => lines.push(line))
    try {
      const report = await classReport.delay()
      expect(await report.get({ timeout: '30 seconds' })).toEqual({ classes: 1, seats: 12, largest: 'Algebra' })
      expect(lines.join()).toContain('worker is ready')
    } finally {
      worker.kill('SIGTERM')
    }
    expect(await ended, lines.join('\n')).toEqual([0, null])
    await celery.close()
    await db.close()
    rmSync(directory, { recursive: true })
  })
})
