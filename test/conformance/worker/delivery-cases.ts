import { describe, expect, it, vi } from 'vitest'
import { Reject } from '../../../src/celery/task/signals.ts'
import { WorkerBench } from './bench.ts'
import type { WorkerVariant } from './variant.ts'

/** Lets a test say when tasks go on. */
function gate() {
  let open = () => {}
  const promise = new Promise<void>((resolve) => {
    open = () => resolve()
  })
  return { promise, open }
}

export function deliveryCases(variant: WorkerVariant): void {
  describe('a message', () => {
    it('goes back to where it was when the worker stops before its task starts, and no task runs twice', async () => {
      const bench = new WorkerBench(variant)
      const ran: number[] = []
      const first = gate()
      const work = bench.app.task('work', { acksLate: true }, async (_context, n: number) => {
        ran.push(n)
        if (n < 2) await first.promise
      })
      for (let n = 0; n < 20; n++) await work.delay(n)
      const worker = await bench.worker({ concurrency: 2, prefetchMultiplier: 4 })
      await vi.waitFor(() => expect(worker.health().reserved).toBe(6))
      const stopped = worker.stop()
      await vi.waitFor(async () => expect(await bench.waiting()).toBe(18))
      first.open()
      await stopped
      expect(ran).toEqual([0, 1])
      await bench.worker({ concurrency: 1 })
      await vi.waitFor(() => expect(ran).toHaveLength(20))
      expect(ran.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, n) => n))
      expect(await bench.waiting()).toBe(0)
    })

    it('comes again when the worker is killed while its task runs, if it is acknowledged late', async () => {
      const bench = new WorkerBench(variant)
      const ran: string[] = []
      const hang = gate()
      for (const acksLate of [true, false]) {
        const name = acksLate ? 'late' : 'early'
        const task = bench.app.task(name, { acksLate }, async () => {
          ran.push(name)
          if (ran.length <= 2) await hang.promise
        })
        await task.delay()
      }
      const worker = await bench.worker()
      await vi.waitFor(() => expect(worker.health().running).toBe(2))
      await worker.kill()
      await expect(worker.done).resolves.toMatchObject({ reason: 'killed', interrupted: 2 })
      const second = await bench.worker()
      await vi.waitFor(() => expect(ran.toSorted()).toEqual(['early', 'late', 'late']))
      await second.stop()
      expect(await bench.waiting()).toBe(0)
      hang.open()
    })

    it('is run by one of two workers, also when one of them stops in the middle', async () => {
      const bench = new WorkerBench(variant)
      const ran: number[] = []
      const apps = [bench.app, bench.createApp()]
      const tasks = apps.map((app) =>
        app.task('work', { acksLate: true }, async (_context, n: number) => {
          await new Promise((resolve) => setImmediate(resolve))
          ran.push(n)
        }),
      )
      await Promise.all(Array.from({ length: 300 }, (_, n) => tasks[n % 2]?.delay(n)))
      const workers = await Promise.all(apps.map((app) => bench.worker({ concurrency: 4 }, app)))
      await vi.waitFor(() => expect(ran.length).toBeGreaterThan(50))
      await workers[0]?.stop()
      await vi.waitFor(() => expect(ran.length).toBeGreaterThanOrEqual(300), { timeout: 10_000 })
      await workers[1]?.stop()
      expect(ran.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 300 }, (_, n) => n))
      expect(await bench.waiting()).toBe(0)
    })

    it('that its task rejects is gone, or comes again', async () => {
      const bench = new WorkerBench(variant)
      let runs = 0
      const away = bench.app.task('away', { acksLate: true }, () => {
        throw new Reject('not here')
      })
      const again = bench.app.task('again', { acksLate: true }, () => {
        if (++runs < 3) throw new Reject('later', { requeue: true })
        return runs
      })
      const worker = await bench.worker()
      await away.delay()
      const result = await again.delay()
      expect(await result.get({ timeout: 10 })).toBe(3)
      await vi.waitFor(() => expect(bench.events).toHaveLength(3))
      await worker.stop()
      expect(await bench.waiting()).toBe(0)
    })
  })

  describe('a connection that is cut', () => {
    it('leaves running tasks alone: none is run twice, and later ones run', async () => {
      const bench = new WorkerBench(variant)
      const ran: string[] = []
      const hang = gate()
      const work = bench.app.task('work', { acksLate: true }, async (_context, name: string) => {
        ran.push(name)
        if (name === 'long') await hang.promise
        return name
      })
      const worker = await bench.worker({ concurrency: 2 })
      const long = await work.delay('long')
      await vi.waitFor(() => expect(ran).toEqual(['long']))
      await variant.interrupt(worker)
      const later = await vi.waitFor(() => work.delay('later'), { timeout: 10_000 })
      expect(await later.get({ timeout: 10 })).toBe('later')
      hang.open()
      expect(await long.get({ timeout: 10 })).toBe('long')
      await vi.waitFor(() => expect(worker.health()).toMatchObject({ running: 0, finishing: 0, connected: true }))
      await worker.stop()
      expect(ran).toEqual(['long', 'later'])
      expect(await bench.waiting()).toBe(0)
    })

    it('loses nothing of what was taken and had not started', async () => {
      const bench = new WorkerBench(variant)
      const ran: number[] = []
      const hang = gate()
      const work = bench.app.task('work', async (_context, n: number) => {
        ran.push(n)
        if (n === 0) await hang.promise
      })
      const worker = await bench.worker({ concurrency: 1 })
      for (let n = 0; n < 10; n++) await work.applyAsync([n], n % 3 === 2 ? { countdown: 0.2 } : {})
      await vi.waitFor(() => expect(worker.health().reserved).toBeGreaterThan(0))
      await variant.interrupt(worker)
      hang.open()
      await vi.waitFor(() => expect(ran.length).toBeGreaterThanOrEqual(10), { timeout: 15_000 })
      await worker.stop()
      expect(ran.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 10 }, (_, n) => n))
      expect(await bench.waiting()).toBe(0)
    })
  })
}
