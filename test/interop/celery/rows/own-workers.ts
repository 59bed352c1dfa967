import { describe, expect, it } from 'vitest'
import type { World } from '../harness/world.ts'
import { until } from './until.ts'

/** What needs workers with settings of their own: one of each side, for both rows. */
export function ownWorkers(world: () => World): void {
  describe('workers with queues of their own', () => {
    it('take in the order of priorities, and what is sent to one of them alone', async () => {
      const { broker, id, ask, celery, store, startPythonWorker, startTypescriptWorker } = world()
      const argumentsOf = broker === 'Redis' ? {} : { queue_arguments: { 'x-max-priority': 9 } }
      const queues = { py: `${id}.priority`, ts: `${id}.poison` }
      const settings = {
        task_queues: { [queues.py]: argumentsOf, [queues.ts]: argumentsOf },
        worker_direct: true,
        worker_prefetch_multiplier: 1,
      }
      const client = await world().startClient(settings)
      // They wait before anybody takes them.
      await client.ask(`
        for priority in (3, 9, 0, 6, 9, 0):
            app.send_task('ts.record', (priority, '${id}-order-ts'), queue='${queues.ts}', priority=priority)
      `)
      const sending = world().startSender(settings)
      for (const priority of [3, 9, 0, 6, 9, 0]) {
        await sending.sendTask('py.record', [priority, `${id}-order-py`], { queue: queues.py, priority })
      }
      const nodes = { py: `alone.py@${id}`, ts: `alone.ts@${id}` }
      await Promise.all([
        startPythonWorker({ node: nodes.py, queues: [queues.py], words: ['-P', 'solo', '--without-mingle'], settings }),
        startTypescriptWorker({ node: nodes.ts, queues: [queues.ts], words: ['-c', '1'], settings }),
      ])
      const expected = [0, 0, 3, 6, 9, 9]
      if (broker === 'RabbitMQ') expected.reverse()
      for (const key of [`${id}-order-ts`, `${id}-order-py`]) {
        await until(key, async () => (await store.lLen(key)) === 6)
        expect((await store.lRange(key, 0, -1)).map((item) => JSON.parse(item)[0])).toEqual(expected)
      }

      const direct = await ask(`
        from celery.utils.nodenames import worker_direct
        return app.send_task('ts.request', queue=worker_direct('${nodes.ts}')).get(timeout=SECONDS)['routing_key']
      `)
      expect(direct).toBe(`${nodes.ts}.dq2`)
      const theirs = await celery.sendTask('py.add', [1, 2], { queue: `${nodes.py}.dq2` })
      expect(await theirs.get({ timeout: '15 seconds' })).toBe(3)
    })
  })
}
