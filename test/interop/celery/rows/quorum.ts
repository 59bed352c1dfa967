import { describe, expect, it } from 'vitest'
import type { World } from '../harness/world.ts'

/** Queues that the delays of the broker need: of type quorum, behind exchanges of type topic. */
export const quorumQueues = (names: readonly string[]) => ({
  task_queues: Object.fromEntries(
    names.map((name) => [
      name,
      { exchange: name, exchange_type: 'topic', routing_key: name, queue_arguments: { 'x-queue-type': 'quorum' } },
    ]),
  ),
})

/** The broker itself keeps a message until its time. */
export function quorum(world: () => World): void {
  describe('with quorum queues', () => {
    it('each side runs what the other sent, at once and after a delay that the broker keeps', async () => {
      const { ask, celery } = world()
      const wait = { timeout: '15 seconds' } as const
      const start = Date.now()
      const [now, later] = [
        await celery.sendTask('py.add', [1, 2]),
        await celery.sendTask('py.add', [2, 3], { countdown: 2 }),
      ]
      const theirs = await ask(`
        later = app.send_task('ts.request', countdown=2)
        return [call('ts.add', 1, 2), later.get(timeout=SECONDS)['eta'] is not None]
      `)
      expect(theirs).toEqual([3, true])
      expect(await now.get(wait)).toBe(3)
      expect(await later.get(wait)).toBe(5)
      expect(Date.now() - start).toBeGreaterThanOrEqual(1900)
    })

    it('each side retries what the broker had delayed', async () => {
      const { ask, celery } = world()
      const result = await celery.sendTask('py.flaky', [1, 1])
      expect(await ask(`call('ts.flaky', 1, 1)`)).toBe(1)
      expect(await result.get({ timeout: '15 seconds' })).toBe(1)
    })
  })
}
