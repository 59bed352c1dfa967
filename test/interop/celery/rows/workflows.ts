import { describe, expect, it } from 'vitest'
import type { World } from '../harness/world.ts'

/** Python builds them; their tasks run on workers of both sides. */
export function workflows(world: () => World): void {
  describe('a workflow that Python built', () => {
    it('goes from side to side as a chain', async () => {
      const code = `
        last = chain(sig('ts.add', 1, 2), sig('py.add', 10), sig('ts.add', 100), sig('py.add', 1000)).apply_async()
        value = last.get(timeout=SECONDS)
        results, one = [], last
        while one:
            results.append(one.get(timeout=SECONDS))
            one = one.parent
        return results
      `
      expect(await world().ask(code)).toEqual([1113, 113, 13, 3])
    })

    it('keeps the root, the parent, and arguments that nothing is put before', async () => {
      const code = `
        first = sig('ts.add', 1, 1)
        last = chain(first, app.signature('ts.request', immutable=True), sig('py.echo')).apply_async()
        seen = last.get(timeout=SECONDS)
        return [seen['root'] == seen['parent'] == last.parent.parent.id, seen['id'] == last.parent.id]
      `
      expect(await world().ask(code)).toEqual([true, true])
    })

    it('fails as a whole where one task of a chain fails, on either side', async () => {
      const code = `
        def end(failing, after):
            last = chain(sig('ts.add', 1, 2), sig('py.add', 3), sig(failing), sig(after, 1), sig('py.add', 1)).apply_async()
            error = failure(last)
            while last.parent.state == 'PENDING': # its failure is stored after that of the last one
                pass
            return [error[0], error[2], last.state, last.parent.state, last.parent.parent.parent.state]
        return [end('ts.fail', 'py.add'), end('py.fail', 'ts.add')]
      `
      expect(await world().ask(code)).toEqual([
        ['RangeError', ['too far'], 'FAILURE', 'FAILURE', 'SUCCESS'],
        ['ValueError', ['bad', 42], 'FAILURE', 'FAILURE', 'SUCCESS'],
      ])
    })

    it('sends a group to both', async () => {
      const code = `
        result = group([sig('ts.add', n, n) for n in range(5)] + [sig('py.add', n, n) for n in range(5)]).apply_async()
        return result.get(timeout=SECONDS)
      `
      expect(await world().ask(code)).toEqual([0, 2, 4, 6, 8, 0, 2, 4, 6, 8])
    })

    it('goes on after a chord whose tasks ours ran, those of Python, or both', async () => {
      const code = `
        def collected(names, body):
            return chord([sig(name, n, n) for n, name in enumerate(names)], sig(body))()
        sent = [collected(['ts.add'] * 4, 'py.echo'), collected(['py.add'] * 4, 'ts.echo'),
                collected(['ts.add', 'py.add'] * 2, 'ts.echo'), collected(['py.add', 'ts.add'] * 2, 'py.echo'),
                collected(['ts.add'], 'ts.echo')]
        return [one.get(timeout=SECONDS) for one in sent]
      `
      const all = [0, 2, 4, 6]
      expect(await world().ask(code)).toEqual([all, all, all, all, [0]])
    })

    it('goes on after a chord of chains, and of groups', async () => {
      const code = `
        chains = chord([chain(sig('ts.add', 1, 1), sig('py.add', 5)), chain(sig('py.add', 1, 1), sig('ts.add', 6))],
                       sig('ts.echo'))()
        inner = [chain(sig(name, 1, 1), group(sig('ts.add', 10), sig('py.add', 20)), sig('py.echo'), sig('ts.echo')).apply_async()
                 for name in ('py.add', 'ts.add')]
        groups = chord([group(sig('ts.add', 1, 1), sig('py.add', 2, 2)), sig('ts.add', 3, 3)], sig('py.echo'))()
        chords = chord([chord([sig('ts.add', 1, 1), sig('py.add', 2, 2)], sig('ts.echo')), sig('py.add', 3, 3)],
                       sig('ts.echo'))()
        return [one.get(timeout=SECONDS) for one in (chains, *inner, groups, chords)]
      `
      const [chains, afterTheirs, afterOurs, groups, chords] = await world().ask<unknown[]>(code)
      expect(chains).toEqual([7, 8])
      expect([afterTheirs, afterOurs]).toEqual([
        [12, 22],
        [12, 22],
      ])
      // Python's own order of the parts: that of a group in a header is turned round.
      expect(groups).toEqual([4, 2, 6])
      expect(chords).toEqual([[2, 4], 6])
    })

    it('fails with the name of the task that failed in a chord, on either side', async () => {
      const { ask, id } = world()
      const code = `
        found = []
        for failing, body in (('ts.fail', 'py.echo'), ('py.fail', 'ts.echo')):
            key = f'${id}-{failing}'
            last = sig(body)
            last.link_error(sig('ts.record', key))
            result = chord([sig('ts.add', 1, 1), sig(failing), sig('py.add', 2, 2)], last)()
            error = failure(AsyncResult(result.id, app=app)) # the group before it fails with another error
            found.append([error[0], error[1], error[2][0], noted(key)[0] == [result.id]])
        return found
      `
      const found = await ask<[string, string, string, boolean][]>(code)
      for (const [type, module, , linked] of found) {
        expect([type, module, linked]).toEqual(['ChordError', 'celery.exceptions', true])
      }
      expect(found[0]?.[2]).toMatch(/^Dependency [\da-f-]{36} raised RangeError\('too far'\)$/)
      expect(found[1]?.[2]).toMatch(/^Dependency [\da-f-]{36} raised ValueError\('bad', 42\)$/)
    })

    it('has ours send groups, chords and chains that follow its tasks', async () => {
      const code = `
        first = sig('ts.add', 1, 1)
        ending = chain(first, group(sig('ts.add', 10), sig('py.add', 20), chain(sig('py.add', 30), sig('ts.add', 1)))).apply_async()
        twice = chain(first, group(sig('ts.add', 10), sig('py.add', 20)), sig('ts.echo'),
                      group(sig('py.show'), sig('ts.show')), sig('py.echo')).apply_async()
        nested = chain(first, chord([chain(sig('py.add', 10), sig('ts.add', 1)), sig('ts.add', 20)], chain(sig('ts.echo'), sig('py.show')))).apply_async()
        broken = chain(first, group(sig('ts.add', 10), sig('ts.fail')), sig('py.echo')).apply_async()
        failed = AsyncResult(broken.id, app=app)
        return [ending.get(timeout=SECONDS), twice.get(timeout=SECONDS), nested.get(timeout=SECONDS), failure(failed)[0]]
      `
      expect(await world().ask(code)).toEqual([
        [12, 22, 33],
        ['[12, 22]', '[number 12, number 22]'],
        '[13, 22]',
        'ChordError',
      ])
    })

    it('has ours run maps, starmaps and chunks', async () => {
      const { ask, queues } = world()
      const code = `
        sent = [xmap(sig('ts.show'), [1, 'x', None]).apply_async(), xstarmap(sig('ts.add'), [(1, 1), (2, 2)]).apply_async(),
                chunks(sig('ts.add'), [(n, n) for n in range(5)], 2).apply_async(queue='${queues.ts}')]
        return [one.get(timeout=SECONDS) for one in sent]
      `
      expect(await ask(code)).toEqual([
        ['number 1', 'text x', 'null null'],
        [2, 4],
        [[0, 2], [4, 6], [8]],
      ])
    })

    it('replaces a task of Python with one of ours', async () => {
      const code = `
        sent = [send('py.replaced', 5), chain(sig('py.replaced', 5), sig('ts.add', 1), sig('py.add', 1)).apply_async(),
                chord([sig('py.replaced', 1), sig('ts.add', 1, 1)], sig('ts.echo'))()]
        return [one.get(timeout=SECONDS) for one in sent]
      `
      expect(await world().ask(code)).toEqual([105, 107, [101, 2]])
    })

    it('keeps its stamps', async () => {
      const { ask, python } = world()
      if (Number(python.version.split('.')[1]) < 3) return // which has none
      const code = `
        work = chain(sig('ts.request'), sig('py.echo'))
        work.stamp(mon='itor', many=['a', 'b'])
        single = sig('py.request')
        single.stamp(mon='itor')
        return [work.apply_async().get(timeout=SECONDS)['stamps'], single.apply_async().get(timeout=SECONDS)['stamps']]
      `
      const [ours, theirs] = await ask<Record<string, unknown>[]>(code)
      expect(ours).toMatchObject({ mon: 'itor', many: ['a', 'b'] })
      expect(theirs).toMatchObject({ mon: 'itor' })
    })
  })
}
