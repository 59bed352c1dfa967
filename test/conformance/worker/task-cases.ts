import { describe, expect, it, vi } from 'vitest'
import { call } from '../../support/worker/start-worker.ts'
import { WorkerBench } from './bench.ts'
import type { WorkerVariant } from './variant.ts'

class Busy extends Error {}

export function taskCases(variant: WorkerVariant): void {
  describe('a task', () => {
    it('runs, and its result can be waited for', async () => {
      const bench = new WorkerBench(variant)
      const { app } = bench
      const add = app.task('add', (_context, a: number, b: number) => a + b)
      await bench.worker()
      const results = await Promise.all([1, 2, 3].map((n) => add.delay(n, 10)))
      expect(await Promise.all(results.map((result) => result.get({ timeout: 10 })))).toEqual([11, 12, 13])
    })

    it('gets keyword arguments, and what JSON has not', async () => {
      const bench = new WorkerBench(variant)
      const { app } = bench
      const echo = app.task('echo', ({ kwargs }, ...args: unknown[]) => ({ args, kwargs }))
      await bench.worker()
      const args = [2n ** 70n, 'ü€\u{1f600}', null, [Number.POSITIVE_INFINITY], new Date(0)]
      const result = await echo.applyAsync(args, { kwargs: { key: 'value' } })
      expect(await result.get({ timeout: 10 })).toEqual({ args, kwargs: { key: 'value' } })
    })

    it('that fails gives its error to who waits', async () => {
      const bench = new WorkerBench(variant)
      const { app } = bench
      const fail = app.task('fail', () => {
        throw new RangeError('too far')
      })
      await bench.worker()
      const result = await fail.delay()
      await expect(result.get({ timeout: 10 })).rejects.toMatchObject({
        excType: 'RangeError',
        excMessage: ['too far'],
        excModule: 'js',
      })
    })

    it('that is not registered fails who waits for it', async () => {
      const bench = new WorkerBench(variant)
      const { app } = bench
      const worker = await bench.worker()
      const result = await app.sendTask('py.unknown', ['secret'])
      await expect(result.get({ timeout: 10 })).rejects.toMatchObject({
        excType: 'NotRegistered',
        excMessage: ['py.unknown'],
        excModule: 'celery.exceptions',
      })
      expect(worker.health().malformed).toBe(1)
      expect(await bench.waiting()).toBe(0)
      expect(JSON.stringify(bench.lines)).not.toContain('secret')
    })

    it('that has expired is not run', async () => {
      const bench = new WorkerBench(variant)
      const { app } = bench
      let runs = 0
      const work = app.task('work', () => ++runs)
      await bench.worker()
      await bench.publish(call('work', { expires: new Date(Date.now() - 1000) }))
      await work.delay()
      await vi.waitFor(() => expect(runs).toBe(1))
      expect(bench.events.filter(([name]) => name === 'task-revoked')).toMatchObject([
        ['task-revoked', { expired: true }],
      ])
    })

    it('with an ETA runs when its time has come', async () => {
      const bench = new WorkerBench(variant)
      const { app } = bench
      let ranAt = 0
      app.task('when', () => {
        ranAt = Date.now()
      })
      const worker = await bench.worker()
      const eta = new Date(Date.now() + 500)
      await bench.publish(call('when', { eta }))
      await vi.waitFor(() => expect(worker.health().scheduled).toBe(1))
      await vi.waitFor(() => expect(ranAt).toBeGreaterThanOrEqual(Number(eta)))
      expect(worker.health().scheduled).toBe(0)
    })

    it('with an ETA does not keep others from running, however many there are', async () => {
      const bench = new WorkerBench(variant)
      const { app } = bench
      const work = app.task('work', (_context, n: number) => n)
      const worker = await bench.worker({ concurrency: 2, prefetchMultiplier: 1 })
      const eta = new Date(Date.now() + 3_600_000)
      for (let i = 0; i < 20; i++) await bench.publish(call('work', { eta }))
      const result = await work.delay(99)
      expect(await result.get({ timeout: 10 })).toBe(99)
      expect(worker.health().scheduled).toBe(20)
      await worker.stop()
      expect(await bench.waiting()).toBe(20)
    })

    it('is tried again until it succeeds', async () => {
      const bench = new WorkerBench(variant)
      const { app } = bench
      const seen: unknown[] = []
      const work = app.task('work', { maxRetries: 5, acksLate: true }, ({ request, retry }) => {
        seen.push([request.id, request.retries, request.parentId])
        if (request.retries < 2) throw retry({ countdown: 0.05, cause: new Busy('busy') })
        return 'done'
      })
      await bench.worker()
      const result = await work.delay()
      expect(await result.get({ timeout: 10 })).toBe('done')
      expect(seen).toEqual([
        [result.id, 0, undefined],
        [result.id, 1, result.id],
        [result.id, 2, result.id],
      ])
      expect(await bench.waiting()).toBe(0)
    })

    it('shows how far it is', async () => {
      const bench = new WorkerBench(variant)
      const { app } = bench
      let finish = () => {}
      const gate = new Promise<void>((resolve) => {
        finish = resolve
      })
      const work = app.task('work', async ({ updateState }) => {
        await updateState('PROGRESS', { done: 5 })
        await gate
      })
      await bench.worker()
      const result = await work.delay()
      for await (const { state, info } of result.states()) {
        if (state !== 'PROGRESS') continue
        expect(info).toEqual({ done: 5 })
        finish()
      }
      expect(await result.get({ timeout: 10 })).toBeNull()
    })

    it('is ended by its time limits', async () => {
      const bench = new WorkerBench(variant)
      const { app } = bench
      const deaf = app.task('deaf', { timeLimit: 0.1 }, () => new Promise(() => undefined))
      const obedient = app.task(
        'obedient',
        { softTimeLimit: 0.1 },
        ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
      )
      await bench.worker()
      const results = [await deaf.delay(), await obedient.delay()]
      const errors = await Promise.all(results.map((result) => result.get({ timeout: 10, propagate: false })))
      expect(errors).toMatchObject([{ excType: 'TimeLimitExceeded' }, { excType: 'SoftTimeLimitExceeded' }])
    })

    it('that was revoked while it waited for its ETA is not run', async () => {
      const bench = new WorkerBench(variant)
      const { app } = bench
      const id = `${bench.name}-task`
      app.task('work', () => 1)
      const worker = await bench.worker()
      await app.backend?.expect(id)
      await bench.publish(call('work', { id, eta: new Date(Date.now() + 3_600_000) }))
      await vi.waitFor(() => expect(worker.health().scheduled).toBe(1))
      await worker.controls.revoke([id])
      await expect(app.asyncResult(id).get({ timeout: 10 })).rejects.toMatchObject({ excType: 'TaskRevokedError' })
      await worker.stop()
      expect(await bench.waiting()).toBe(0)
    })
  })
}
