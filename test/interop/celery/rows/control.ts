import { describe, expect, it } from 'vitest'
import type { World } from '../harness/world.ts'

/** Python's commands, and our worker. */
export function control(world: () => World): void {
  describe('remote control from Python', () => {
    it('greets our worker when one in Python starts, without an error', () => {
      const { pythonWorker } = world()
      const start = pythonWorker.log.slice(0, pythonWorker.log.indexOf(' ready.'))
      expect(start).toContain('mingle: sync with 1 nodes')
      expect(start).toContain('mingle: sync complete')
      expect(start).not.toMatch(/ERROR|CRITICAL|WARNING|Traceback/)
    })

    it('hears from our worker on the command line', async () => {
      const { commandLine, store, ask, nodes, id } = world()
      await ask(`
        send('ts.gate', '${id}-active')
        wait_started('${id}-active')
      `)
      const [ping, active] = await Promise.all([
        commandLine('inspect', 'ping', '-d', nodes.ts),
        commandLine('inspect', 'active', '-d', nodes.ts, '--json'),
      ])
      expect(ping).toMatch(new RegExp(`${nodes.ts}: OK\\s+pong\\s+1 node online\\.\\s+exit 0`))
      expect(active).toContain('"name": "ts.gate"')
      expect(active).toContain('exit 0')
      await store.rPush(`${id}-active:open`, '1')
    })

    it('gets answers of both kinds of workers', async () => {
      const { ask, nodes } = world()
      const answers = await ask<Record<string, unknown>[]>(`app.control.ping(timeout=5, limit=2)`)
      expect(answers).toEqual(expect.arrayContaining([{ [nodes.ts]: { ok: 'pong' } }, { [nodes.py]: { ok: 'pong' } }]))
    })

    it('is told what our worker has and does', async () => {
      const { ask, nodes, id } = world()
      const seen = await ask<Record<string, Record<string, unknown>[]>>(`
        asked = app.control.inspect(destination=['${nodes.ts}'], timeout=5)
        running = send('ts.gate', '${id}-inspected')
        later = app.send_task('ts.add', (1, 2), countdown=60)
        wait_started('${id}-inspected')
        def one(reply):
            return reply['${nodes.ts}']
        while not one(asked.scheduled()):
            pass
        found = {'registered': one(asked.registered()), 'active': one(asked.active()), 'reserved': one(asked.reserved()),
                 'scheduled': one(asked.scheduled()), 'query': one(asked.query_task([running.id]))[running.id][0],
                 'id': running.id, 'later': later.id}
        later.revoke()
        while later.id not in one(asked.revoked()):
            pass
        let_through('${id}-inspected')
        running.get(timeout=SECONDS)
        return found
      `)
      expect(seen['registered']).toEqual(expect.arrayContaining(['ts.add', 'ts.gate', 'any.count']))
      expect(seen['active']).toMatchObject([
        { id: seen['id'], name: 'ts.gate', hostname: nodes.ts, acknowledged: true },
      ])
      expect(seen['reserved']).toEqual([])
      expect(seen['scheduled']).toMatchObject([{ request: { id: seen['later'], name: 'ts.add' } }])
      expect(seen['query']).toBe('active')
    })

    it('changes limits, queues and the number of tasks at a time', async () => {
      const { ask, nodes, id } = world()
      const answers = await ask<unknown[]>(`
        def told(method, **arguments):
            reply = app.control.broadcast(method, arguments=arguments, destination=['${nodes.ts}'], reply=True, timeout=5)
            return reply[0]['${nodes.ts}']
        found = [told('rate_limit', task_name='ts.add', rate_limit='1000/s'), told('rate_limit', task_name='ts.no', rate_limit='1/s'),
                 told('rate_limit', task_name='ts.add', rate_limit='many'), told('rate_limit', task_name='ts.add', rate_limit=0),
                 told('time_limit', task_name='ts.add', hard=60, soft=30),
                 told('add_consumer', queue='${id}.both'), told('pool_grow', n=1), told('pool_shrink', n=1), told('nonsense')]
        sum = app.send_task('ts.add', (1, 2), queue='${id}.both').get(timeout=SECONDS)
        return found + [sum, told('cancel_consumer', queue='${id}.both')]
      `)
      expect(answers).toEqual([
        { ok: 'new rate limit set successfully' },
        { error: 'unknown task' },
        { error: expect.stringContaining('Invalid rate limit string') },
        { ok: 'rate limit disabled successfully' },
        { ok: 'time limits set successfully' },
        { ok: `add consumer ${id}.both` },
        { ok: 'pool will grow' },
        { ok: 'pool will shrink' },
        { error: "KeyError('nonsense')" },
        3,
        { ok: `no longer consuming from ${id}.both` },
      ])
    })

    it('shuts our worker down, from the command line', async () => {
      const { startTypescriptWorker, commandLine, typescriptWorker, id } = world()
      const node = `leaving@${id}`
      const worker = await startTypescriptWorker({ node, queues: [`${id}.default`] })
      await commandLine('control', '-d', node, 'shutdown')
      expect(await worker.ended).toBe(0)
      expect(typescriptWorker.isOver).toBe(false)
    })
  })
}
