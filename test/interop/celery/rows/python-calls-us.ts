import { describe, expect, it } from 'vitest'
import type { World } from '../harness/world.ts'

/** Values as Python has them, and what `ts.show` makes of them: with kombu from 5.3 on, and before where it differs. */
const values: readonly (readonly [python: string, shown: string, shownBefore53?: string])[] = [
  ['None', 'null null'],
  ['True', 'boolean true'],
  ['"grüße, 世界 🎈 \\u2028 \\x00 \\\\"', 'text grüße, 世界 🎈 \u2028 \u0000 \\'],
  ['{"a": [1, {"b": [None, []]}], "ü": {}}', '{a: [number 1, {b: [null null, []]}],ü: {}}'],
  ['(1, "x")', '[number 1, text x]'],
  ['2 ** 53', 'bigint 9007199254740992'],
  ['-(2 ** 80)', 'bigint -1208925819614629174706176'],
  ['float("nan")', 'number NaN'],
  ['[float("inf"), float("-inf")]', '[number Infinity, number -Infinity]'],
  ['[1e22, 1.0, 5e-324, 0.1]', '[number 1e+22, number 1, number 5e-324, number 0.1]'],
  ['Decimal("19.900")', 'Decimal 19.900', 'text 19.900'],
  [
    'datetime(2026, 11, 23, 10, 53, 39, 140305, tzinfo=timezone.utc)',
    'Date 2026-11-23T10:53:39.140Z',
    'text 2026-11-23T10:53:39.140305Z',
  ],
  [
    'datetime(2026, 11, 23, 10, 53, 39, tzinfo=timezone(timedelta(hours=2)))',
    'Date 2026-11-23T08:53:39.000Z',
    'text 2026-11-23T10:53:39+02:00',
  ],
  ['datetime(2026, 11, 23, 10, 53, 39)', 'Date 2026-11-23T10:53:39.000Z', 'text 2026-11-23T10:53:39'],
  ['date(2026, 11, 23)', 'PlainDate 2026-11-23', 'text 2026-11-23T00:00:00'],
  ['time(8, 15)', 'PlainTime 08:15:00', 'text 08:15:00'],
  [
    'UUID("8eec5a4c-7d1c-4d2a-9c57-0c1ce2f3a6b7")',
    'Uuid 8eec5a4c-7d1c-4d2a-9c57-0c1ce2f3a6b7',
    'text 8eec5a4c-7d1c-4d2a-9c57-0c1ce2f3a6b7',
  ],
  ['b"bytes \\xc3\\xbc"', 'bytes 627974657320c3bc', 'none'],
  ['b"\\xff\\x00\\xfe"', 'bytes ff00fe', 'none'],
]

/** Python is the client, ours the worker. */
export function pythonCallsUs(world: () => World): void {
  const isOld = () => Number(world().python.version.split('.')[1]) < 3

  describe('Python calls a worker in TypeScript', () => {
    it('which gets every kind of value, and gives it back', async () => {
      const { ask } = world()
      const rows = values.filter((row) => row[2] !== 'none' || !isOld())
      const code = rows.map(([python]) => python).join(', ')
      // One after the other would wait for each.
      const answers = await ask<[string, boolean][]>(`
        values = [${code}]
        sent = [(value, send('ts.show', value), send('ts.echo', value)) for value in values]
        same = lambda given, back: given == back or given != given and back != back
        return [(shown.get(timeout=SECONDS), same(value, echoed.get(timeout=SECONDS)))
                for value, shown, echoed in sent]
      `)
      const expected = rows.map(([python, shown, before]) => [python, (isOld() && before) || shown])
      expect(answers.map(([shown], index) => [rows[index]?.[0], shown])).toEqual(expected)
      const changed = rows.filter((row, index) => !answers[index]?.[1] && !(isOld() && row[2]) && row[0] !== '(1, "x")')
      expect(changed).toEqual([])
    })

    it('which gets positional and keyword arguments', async () => {
      const { ask } = world()
      expect(await ask(`call('ts.add', 2, 3)`)).toBe(5)
      expect(await ask(`call('ts.add', 2, y=3)`)).toBe(5)
      expect(await ask(`call('ts.add', x=2, y=3)`)).toBe(5)
      expect(await ask(`call('ts.arguments', 1, None, a='ü', b={'c': []})`)).toEqual([
        [1, null],
        { a: 'ü', b: { c: [] } },
      ])
    })

    it('which gets an argument of 1 MB', async () => {
      expect(await world().ask(`call('ts.length', 'x' * 1_000_000)`)).toBe(1_000_000)
      expect(await world().ask(`len(call('ts.echo', 'ü' * 500_000))`)).toBe(500_000)
    })

    it('which understands every serializer and compression they share', async () => {
      const { ask } = world()
      const shown = await ask<string[]>(`
        asked = [dict(serializer='msgpack'), dict(serializer='yaml'), dict(compression='gzip'), dict(compression='zlib')]
        if 'application/x-brotli' in compression.encoders():
            asked.append(dict(compression='brotli'))
        value = ['ü', 2 ** 60, None, {'a': [1.5, True]}]
        sent = [app.send_task('ts.show', [value], **options) for options in asked]
        return [result.get(timeout=SECONDS) for result in sent]
      `)
      expect(new Set(shown)).toEqual(
        new Set(['[text ü, bigint 1152921504606846976, null null, {a: [number 1.5, boolean true]}]']),
      )
      expect(shown.length).toBeGreaterThanOrEqual(4)
      expect(await ask(`app.send_task('ts.show', [b'\\xff\\x00'], serializer='msgpack').get(timeout=SECONDS)`)).toBe(
        'bytes ff00',
      )
    })

    it('which waits for the ETA, and until a countdown is over', async () => {
      const { ask } = world()
      const [eta, seen, countdown] = await ask<[string, string, number]>(`
        eta = datetime.now(timezone.utc) + timedelta(seconds=0.7)
        first = app.send_task('ts.request', eta=eta)
        start = datetime.now(timezone.utc)
        second = app.send_task('ts.add', (1, 2), countdown=0.7)
        second.get(timeout=SECONDS)
        waited = (datetime.now(timezone.utc) - start).total_seconds()
        return [eta.isoformat(), first.get(timeout=SECONDS)['eta'], waited]
      `)
      expect(new Date(seen)).toEqual(new Date(eta))
      expect(countdown).toBeGreaterThanOrEqual(0.65)
    })

    it('which revokes what has expired', async () => {
      const { ask, broker } = world()
      const revoked = ['TaskRevokedError', 'celery.exceptions', ['expired']]
      // Expired when it is due.
      expect(await ask(`failure(app.send_task('ts.add', (1, 2), countdown=0.6, expires=0.3))`)).toEqual(revoked)
      if (broker === 'RabbitMQ') return // which throws away itself what has expired
      const code = `
        past = datetime.now(timezone.utc) - timedelta(seconds=1)
        result = app.send_task('ts.add', (1, 2), expires=past)
        return [failure(result), result.state]
      `
      expect(await ask(code)).toEqual([revoked, 'REVOKED'])
    })

    it('which retries as often as it should, and says so', async () => {
      const { ask } = world()
      const [value, tries] = await ask<[number, string[]]>(`
        result = send('ts.flaky', 3)
        value = result.get(timeout=SECONDS)
        return [value, [int(item) for item in store.lrange(f'tries:{result.id}', 0, -1)]]
      `)
      expect([value, tries]).toEqual([3, [0, 1, 2, 3]])
      const seen = await ask(`
        result = send('ts.flaky', 1, 0.5)
        while result.state == 'PENDING':
            pass
        first = [result.state, type(result.info).__name__, list(result.info.args)]
        return [first, result.get(timeout=SECONDS)]
      `)
      expect(seen).toEqual([['RETRY', 'RangeError', ['not yet']], 1])
      const [type, , args] = await ask<unknown[]>(`failure(send('ts.hopeless'))`)
      expect([type, args]).toEqual(['RangeError', ['gone']])
    })

    it('which calls what is linked: on its own queue and on that of a worker in Python', async () => {
      const { ask, id } = world()
      const code = `
        app.send_task('ts.add', (1, 2), link=[sig('ts.record', '${id}-a'), sig('py.record', '${id}-b')])
        bad = app.send_task('ts.fail', link_error=[sig('ts.record', '${id}-c'), sig('py.record', '${id}-d')])
        found = [noted(f'${id}-{name}')[0] for name in 'abcd']
        return [found[:2], found[2:] == [[bad.id]] * 2]
      `
      expect(await ask(code)).toEqual([[[3], [3]], true])
    })

    it('which stores nothing where the result is ignored', async () => {
      const { ask, id } = world()
      const code = `
        result = app.send_task('ts.record', (1, '${id}-ignored'), ignore_result=True)
        found = noted('${id}-ignored')
        call('ts.add', 1, 2), call('ts.add', 1, 2)
        return [found, store.exists(f'celery-task-meta-{result.id}')]
      `
      expect(await ask(code)).toEqual([[[1]], 0])
    })

    it('which gets id, limits, priority and headers of the call, a header of 64 bits too', async () => {
      const { ask, queues } = world()
      const seen = await ask<Record<string, unknown>>(`
        task_id = str(uuid4())
        result = app.send_task('ts.request', task_id=task_id, shadow='another', priority=3, time_limit=300,
                               headers={'tenant': 'acme', 'number': 2 ** 40}, expires=600)
        seen = result.get(timeout=SECONDS)
        assert seen['id'] == task_id == result.id
        assert seen['root'] == task_id
        return seen
      `)
      expect(seen).toMatchObject({
        retries: 0,
        timelimit: [300, null],
        parent: null,
        priority: 3,
        tenant: 'acme',
        routing_key: queues.ts,
        ignore_result: false,
      })
      expect(Number(seen['number'])).toBe(2 ** 40)
      expect(seen['origin']).toMatch(/^gen\d+@/)
      expect(await ask(`call('ts.add', 20, 22)`)).toBe(42)
    })

    it('whose errors have their names and arguments', async () => {
      const { ask } = world()
      const [fail, custom, unknown] = await ask<[string, string, unknown[]][]>(`
        return [failure(send('ts.fail')), failure(send('ts.fail_custom')), failure(send('ts.nothing'))]
      `)
      expect([fail?.[0], fail?.[2]]).toEqual(['RangeError', ['too far']])
      expect([custom?.[0], custom?.[2]]).toEqual(['ShelfError', ['full']])
      expect(unknown).toEqual(['NotRegistered', 'celery.exceptions', ['ts.nothing']])
      const [traceback, state] = await ask<[string, string]>(`
        result = send('ts.fail')
        result.get(timeout=SECONDS, propagate=False)
        return [result.traceback, result.state]
      `)
      expect(traceback).toContain('RangeError: too far')
      expect(state).toBe('FAILURE')
    })

    it('whose limits of time end a task', async () => {
      const { ask } = world()
      const [soft, hard] = await ask<[string, string][]>(`
        slow = send('ts.slow')
        shut = app.send_task('ts.gate', (str(uuid4()),), time_limit=0.3)
        return [failure(slow), failure(shut)]
      `)
      expect(soft?.slice(0, 2)).toEqual(['SoftTimeLimitExceeded', 'billiard.exceptions'])
      expect(hard?.slice(0, 2)).toEqual(['TimeLimitExceeded', 'billiard.exceptions'])
    })

    it('whose states of its own and children it sees', async () => {
      const { ask, id } = world()
      const seen = await ask(`
        result = send('ts.gate', '${id}-state', 'PROGRESS')
        wait_started('${id}-state')
        before = state_of(result.id)
        let_through('${id}-state')
        return [before, result.get(timeout=SECONDS), result.state]
      `)
      expect(seen).toEqual([['PROGRESS', { done: 1, of: 3 }], 'through', 'SUCCESS'])
      const children = await ask(`
        result = send('ts.parent', 'py.add')
        child = result.get(timeout=SECONDS)
        found = AsyncResult(result.id, app=app).children
        return [[one.id for one in found] == [child], found[0].get(timeout=SECONDS)]
      `)
      expect(children).toEqual([true, 3])
    })

    it('which leaves no result where the task is ignored or rejected', async () => {
      const states = await world().ask(`
        sent = [send('ts.ignored'), send('ts.rejected')]
        call('ts.add', 1, 2), call('ts.add', 1, 2)
        return [one.state for one in sent]
      `)
      expect(states).toEqual(['PENDING', 'PENDING'])
    })

    it('which reads messages of protocol 1', async () => {
      const [sum, args, retries, waited] = await world().ask<unknown[]>(`
        legacy = celery.Celery('legacy', set_as_current=False)
        legacy.conf.update(interop.config['settings'], task_protocol=1)
        with_kwargs = legacy.send_task('ts.arguments', [1], {'a': 'ü'})
        again = legacy.send_task('ts.flaky', [1])
        late = legacy.send_task('ts.add', [1, 1], countdown=0.3)
        sum = legacy.send_task('ts.add', [2, 3])
        return [one.get(timeout=SECONDS) for one in (sum, with_kwargs, again, late)]
      `)
      expect([sum, args, retries, waited]).toEqual([5, [[1], { a: 'ü' }], 1, 2])
    })

    it('which does not run what it revoked, and ends what it terminates', async () => {
      const { ask, id } = world()
      const seen = await ask<unknown[][]>(`
        waiting = app.send_task('ts.add', (1, 2), countdown=1)
        running = send('ts.gate', '${id}-running')
        wait_started('${id}-running')
        waiting.revoke()
        running.revoke(terminate=True)
        return [failure(waiting) + [waiting.state], failure(running) + [running.state]]
      `)
      expect(seen[0]).toEqual(['TaskRevokedError', 'celery.exceptions', ['revoked'], 'REVOKED'])
      expect(seen[1]?.slice(0, 2)).toEqual(['TaskRevokedError', 'celery.exceptions'])
      expect(seen[1]?.[3]).toBe('REVOKED')
    })
  })
}
