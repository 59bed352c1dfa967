import { describe, expect, it, vi } from 'vitest'
import { call, signature } from '../../support/worker/start-worker.ts'
import { WorkerBench } from './bench.ts'
import type { WorkerVariant } from './variant.ts'

export function workflowCases(variant: WorkerVariant): void {
  describe('a workflow', () => {
    it('goes on from task to task, each with the result of the one before', async () => {
      const bench = new WorkerBench(variant)
      const { app } = bench
      const ids: unknown[] = []
      app.task('add', ({ request }, a: number, b: number) => {
        ids.push([request.id, request.parentId, request.rootId])
        return a + b
      })
      await bench.worker()
      const step = (task_id: string, arg: number) => {
        const replyTo = app.backend?.replyTo || undefined
        return { ...signature('add', { task_id, reply_to: replyTo }), args: [arg] }
      }
      // The next one is last.
      const [a, b, c] = ['a', 'b', 'c'].map((step) => `${bench.name}-${step}`) as [string, string, string]
      await app.backend?.expect(c)
      await bench.send(call('add', { id: a, args: [1, 2], chain: [step(c, 30), step(b, 20)] }))
      expect(await app.asyncResult(c).get({ timeout: 10 })).toBe(53)
      expect(ids).toEqual([
        [a, undefined, a],
        [b, a, a],
        [c, b, a],
      ])
    })

    it('that fails tells its errbacks and fails what would have followed', async () => {
      const bench = new WorkerBench(variant)
      const { app } = bench
      const told: unknown[] = []
      app.task('fail', () => {
        throw new RangeError('bad')
      })
      app.task('oops', (_context, id: string) => void told.push(id))
      await bench.worker()
      const [id, next] = [`${bench.name}-a`, `${bench.name}-b`]
      await app.backend?.expect(next)
      await bench.send(
        call('fail', { id, chain: [signature('never', { task_id: next })], errbacks: [signature('oops')] }),
      )
      await expect(app.asyncResult(next).get({ timeout: 10 })).rejects.toMatchObject({ excType: 'RangeError' })
      await vi.waitFor(() => expect(told).toEqual([id]))
    })

    it('calls back with the result', async () => {
      const bench = new WorkerBench(variant)
      const { app } = bench
      const told: unknown[] = []
      const add = app.task('add', (_context, a: number, b: number) => a + b)
      const tell = app.task('tell', (_context, value: number) => void told.push(value))
      await bench.worker()
      await add.applyAsync([1, 2], { link: [tell.signature([]), tell.signature([])] })
      await vi.waitFor(() => expect(told).toEqual([3, 3]))
    })

    if (!variant.chords) return
    it('sends the body of a chord once, with the results in order', async () => {
      const bench = new WorkerBench(variant)
      const { app } = bench
      app.task('double', (_context, n: number) => 2 * n)
      let bodies = 0
      app.task('sum', (_context, values: number[]) => {
        bodies++
        return values
      })
      const body = signature('sum', { task_id: `${bench.name}-body` })
      const group = `${bench.name}-group`
      await bench.worker()
      await app.backend?.setChordSize(group, 20)
      for (let n = 0; n < 20; n++) await bench.send(call('double', { args: [n], chord: body, group, groupIndex: n }))
      const result = await app.asyncResult(`${bench.name}-body`).get({ timeout: 10 })
      expect(result).toEqual(Array.from({ length: 20 }, (_, n) => 2 * n))
      expect(bodies).toBe(1)
    })
  })
}
