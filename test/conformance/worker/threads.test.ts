import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { AsyncResult } from '../../../src/celery/results/async-result.ts'
import type { WorkerOptions } from '../../../src/celery/worker/worker-options.ts'
import { builtPackage } from '../../interop/celery/harness/built-package.ts'
import { until } from './faults/ledger.ts'

const appFile = fileURLToPath(new URL('faults/threads-app.ts', import.meta.url))
const SOON = { timeout: 20 }

describe('the pool of threads', { timeout: 60_000 }, () => {
  let file: string
  let built: typeof import('./faults/threads-app.ts')

  beforeAll(async () => {
    file = builtPackage(appFile).app
    built = await import(pathToFileURL(file).href)
  })

  const folder = () => {
    const path = mkdtempSync(join(tmpdir(), 'twopi-threads-'))
    onTestFinished(() => rmSync(path, { recursive: true, force: true }))
    return path
  }

  async function start(options: WorkerOptions = {}, settings: Readonly<Record<string, unknown>> = {}) {
    const queue = `threads-${crypto.randomUUID()}`
    const celery = built.createApp({ task_default_queue: queue, ...settings })
    const worker = celery.worker({ pool: 'threads', app: file, concurrency: 1, ...options })
    onTestFinished(async () => {
      await worker.kill()
      await celery.close()
    })
    await worker.start()
    const call = (name: string, ...args: unknown[]): Promise<AsyncResult<unknown>> => celery.sendTask(name, args)
    const run = async (name: string, ...args: unknown[]) => (await call(name, ...args)).get(SOON)
    const waiting = () => celery.purge([queue])
    return { worker, call, run, waiting }
  }

  it('runs tasks in threads other than that of the worker, one after the other in the same', async () => {
    const { run } = await start()
    const first = await run('thread')
    expect(first).not.toBe(0)
    expect(await run('thread')).toBe(first)
  })

  it('ends a task that computes without end at its hard limit, and runs the next one', async () => {
    const { run, worker } = await start({ timeLimit: 0.3 })
    const [ended, next] = await Promise.allSettled([run('spin'), run('thread')])
    expect(ended).toMatchObject({ reason: { excType: 'TimeLimitExceeded', excMessage: [0.3] } })
    expect(next).toMatchObject({ status: 'fulfilled' })
    expect(worker.controls.pool.processes()).toHaveLength(1)
  })

  it('is told of the soft limit in the midst of a computation that looks at `context.signal`', async () => {
    const { run } = await start()
    expect(await run('until-told')).toEqual([true, expect.stringContaining('Soft time limit (0.2s) exceeded')])
    // The next one in the same thread has a signal of its own.
    expect(await run('until-told')).toEqual([true, expect.stringContaining('Soft time limit (0.2s) exceeded')])
  })

  it('fails a task that ends its thread with WorkerLostError, and no other', async () => {
    const { call, run } = await start({ concurrency: 2 })
    const gate = join(folder(), 'gate')
    const beside = await call('wait-for', gate)
    await expect(run('exit', 3)).rejects.toMatchObject({
      excType: 'WorkerLostError',
      excMessage: [expect.stringContaining('it ended with code 3')],
    })
    writeFileSync(gate, '')
    expect(await beside.get(SOON)).toBeGreaterThan(0)
    expect(await run('thread')).toBeGreaterThan(0)
  })

  it('fails a task whose memory runs out with WorkerLostError, and no other', async () => {
    const { call, run } = await start({ concurrency: 2 }, { worker_max_memory_per_child: 32 * 1024 })
    const gate = join(folder(), 'gate')
    const beside = await call('wait-for', gate)
    await expect(run('fill')).rejects.toMatchObject({
      excType: 'WorkerLostError',
      excMessage: [expect.stringContaining('its memory ran out')],
    })
    writeFileSync(gate, '')
    expect(await beside.get(SOON)).toBeGreaterThan(0)
  })

  it('gives a task back whose thread died, where it says `rejectOnWorkerLost`', async () => {
    const { run } = await start()
    expect(await run('die-once', join(folder(), 'died'))).toBe('died once')
  })

  it('ends the worker, and gives back what it can, when no thread can load the app any more', async () => {
    const own = join(folder(), 'app.mjs')
    const load = (more = '') => writeFileSync(own, `export * from ${JSON.stringify(pathToFileURL(file).href)}\n${more}`)
    load()
    const { worker, call, run, waiting } = await start({ app: own })
    expect(await run('thread')).not.toBe(0)
    load("throw new Error('half of a deployment')")
    await call('exit', 1)
    await call('thread.late')
    expect(await worker.done).toMatchObject({
      reason: 'failed',
      error: { message: expect.stringContaining('no thread can be started any more') },
    })
    expect(await waiting()).toBe(1)
  })

  it('ends the thread of a task that is revoked with `terminate`, and no other', async () => {
    const { worker, call, run } = await start({ concurrency: 2 })
    const spinning = await call('spin')
    await until('it spins', () => worker.health().running === 1)
    worker.controls.revoke([spinning.id], { terminate: true })
    await expect(spinning.get(SOON)).rejects.toMatchObject({ excType: 'TaskRevokedError' })
    expect(await run('thread')).toBeGreaterThan(0)
  })

  it('ends what computes at a cold stop', async () => {
    const { worker, call } = await start()
    await call('spin.late')
    await until('it spins', () => worker.health().running === 1)
    await worker.kill()
    expect(await worker.done).toMatchObject({ reason: 'killed', interrupted: 1 })
    expect(worker.controls.pool.processes()).toEqual([])
  })

  it('carries values that JSON has not to the thread and back', async () => {
    const { Decimal, PlainDate } = built
    const { run } = await start()
    const values = [new Decimal('1.10'), new Date(0), 2n ** 70n, new Uint8Array([0, 255]), new PlainDate('2026-11-23')]
    expect(await run('kinds', ...values)).toEqual(['Decimal', 'Date', 'BigInt', 'Uint8Array', 'PlainDate'])
    const [[decimal, ...others]] = (await run('echo', ...values)) as [[unknown, ...unknown[]]]
    expect(String(decimal)).toBe('1.10')
    expect(others.slice(0, 3)).toEqual(values.slice(1, 4))
    expect(String(others[3])).toBe('2026-11-23')
  })

  it('tells the error of a task as it was thrown', async () => {
    const { run } = await start()
    await expect(run('throw')).rejects.toMatchObject({
      excType: 'RangeError',
      excMessage: ['too far'],
      excModule: 'js',
    })
  })

  it('tries again what asks for it, as often as it may', async () => {
    const { run } = await start()
    await expect(run('call')).rejects.toMatchObject({ excType: 'MaxRetriesExceededError' })
  })

  it('replaces a thread after `worker_max_tasks_per_child` tasks', async () => {
    const { run, worker } = await start({}, { worker_max_tasks_per_child: 2 })
    const ids: unknown[] = []
    for (let i = 0; i < 6; i++) ids.push(await run('thread'))
    expect(new Set(ids).size).toBe(3)
    expect(ids[0]).toBe(ids[1])
    expect(ids[4]).toBe(ids[5])
    expect(worker.controls.pool.processes().length).toBeLessThanOrEqual(1)
  })

  it('does not start when the app cannot be loaded in a thread', async () => {
    const broken = join(folder(), 'broken.mjs')
    const celery = built.createApp()
    const failing = {
      [broken]: 'throw new RangeError("no app today")',
      [join(folder(), 'none.mjs')]: 'export const a = 1',
    }
    for (const [path, text] of Object.entries(failing)) {
      writeFileSync(path, text)
      const worker = celery.worker({ pool: 'threads', app: path })
      await expect(worker.start()).rejects.toThrow(
        /the app could not be loaded in a thread: .*(no app today|exports no app)/,
      )
      expect(await worker.done).toMatchObject({ reason: 'failed', error: expect.any(TypeError) })
    }
    await celery.close()
  })
})
