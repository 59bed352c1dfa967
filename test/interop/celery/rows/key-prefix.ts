import { describe, expect, it } from 'vitest'
import type { World } from '../harness/world.ts'

export const prefixed = {
  broker_transport_options: { global_keyprefix: 'pre:' },
  result_backend_transport_options: { global_keyprefix: 'pre' },
}

/** All of it below one prefix of keys and channels. */
export function keyPrefix(world: () => World): void {
  describe('with global_keyprefix', () => {
    it('calls, workflows and commands find each other, and no key is outside', async () => {
      const { ask, celery, store, nodes } = world()
      const answers = await ask(`
        late = app.send_task('ts.add', (1, 1), countdown=60)
        late.revoke()
        return [call('ts.add', 1, 2), failure(late)[0],
                chord([sig('ts.add', 1, 1), sig('py.add', 2, 2)], sig('ts.echo'))().get(timeout=SECONDS),
                app.control.inspect(destination=['${nodes.ts}'], timeout=5).ping()]
      `)
      expect(answers).toEqual([3, 'TaskRevokedError', [2, 4], { [nodes.ts]: { ok: 'pong' } }])
      expect(await (await celery.sendTask('py.add', [1, 2])).get({ timeout: '15 seconds' })).toBe(3)
      const keys = await store.keys('*')
      expect(keys.filter((key) => !key.startsWith('pre'))).toEqual([])
      expect(keys.filter((key) => key.startsWith('pre_celery-task-meta-')).length).toBeGreaterThan(5)
    })
  })
}
