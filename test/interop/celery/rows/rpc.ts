import { TaskError } from 'twopi/celery'
import { describe, expect, it } from 'vitest'
import type { World } from '../harness/world.ts'

/** Results as messages: each client gets those of its own calls. */
export function rpcResults(world: () => World): void {
  describe('with rpc://', () => {
    it('Python gets the results of ours', async () => {
      const answers = await world().ask(`
        sent = [send('ts.add', n, n) for n in range(5)]
        failed = send('ts.fail')
        return [[one.get(timeout=SECONDS) for one in sent], failure(failed)[::2], call('ts.echo', 'ü' * 100_000) == 'ü' * 100_000]
      `)
      expect(answers).toEqual([[0, 2, 4, 6, 8], ['RangeError', ['too far']], true])
    })

    it('Python sees the states before the last', async () => {
      const { ask, id } = world()
      const answers = await ask(`
        result = send('ts.gate', '${id}-rpc', 'PROGRESS')
        seen = []
        def on_message(meta):
            seen.append([meta['status'], meta['result']])
            let_through('${id}-rpc')
        value = result.get(timeout=SECONDS, on_message=on_message)
        return [seen[0], value]
      `)
      expect(answers).toEqual([['PROGRESS', { done: 1, of: 3 }], 'through'])
    })

    it('we get the results of Python', async () => {
      const { celery } = world()
      const wait = { timeout: '15 seconds' } as const
      const sent = await Promise.all([0, 1, 2, 3, 4].map((n) => celery.sendTask('py.add', [n, n])))
      expect(await Promise.all(sent.map((one) => one.get(wait)))).toEqual([0, 2, 4, 6, 8])
      const failed = await celery.sendTask('py.fail')
      const error = await failed.get(wait).catch((caught: unknown) => caught)
      expect(error).toBeInstanceOf(TaskError)
      expect(error).toMatchObject({ excType: 'ValueError', excMessage: ['bad', 42] })
    })

    it('we see the states before the last', async () => {
      const { celery, store, id } = world()
      const result = await celery.sendTask('py.gate', [`${id}-rpc2`, 'PROGRESS'])
      const states: string[] = []
      for await (const { state } of result.states()) {
        states.push(state)
        if (state === 'PROGRESS') await store.rPush(`${id}-rpc2:open`, '1')
      }
      expect(states.at(-2)).toBe('PROGRESS')
      expect(await result.get()).toBe('through')
    })
  })
}
