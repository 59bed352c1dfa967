import { randomUUID } from 'node:crypto'
import { Decimal, PlainDate, PlainTime, TaskError, TaskRevokedError, Uuid } from 'twopi/celery'
import { describe, expect, it } from 'vitest'
import type { World } from '../harness/world.ts'
import { until } from './until.ts'

/** Values as we have them, and what `repr` makes of them in Python: with kombu from 5.3 on, and before where it differs. */
const values: readonly (readonly [value: unknown, repr: string | RegExp])[] = [
  [null, 'None'],
  [true, 'True'],
  ['grüße, 世界 🎈 \u2028 \u0000 \\', "'grüße, 世界 🎈 \\u2028 \\x00 \\\\'"],
  [{ a: [1, { b: [null, []] }], ü: {} }, "{'a': [1, {'b': [None, []]}], 'ü': {}}"],
  [2 ** 31, '2147483648'],
  [-(2n ** 80n), '-1208925819614629174706176'],
  [Number.NaN, 'nan'],
  [[Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], '[inf, -inf]'],
  [[1e22, 5e-324, 0.1], '[1e+22, 5e-324, 0.1]'],
]

const typed: readonly (readonly [value: unknown, repr: string])[] = [
  [new Decimal('19.900'), "Decimal('19.900')"],
  [
    new Date('2026-11-23T10:53:39.140Z'),
    'datetime.datetime(2026, 11, 23, 10, 53, 39, 140000, tzinfo=datetime.timezone.utc)',
  ],
  [new PlainDate('2026-11-23'), 'datetime.date(2026, 11, 23)'],
  [new PlainTime('08:15:00'), 'datetime.time(8, 15)'],
  [new Uuid('8eec5a4c-7d1c-4d2a-9c57-0c1ce2f3a6b7'), "UUID('8eec5a4c-7d1c-4d2a-9c57-0c1ce2f3a6b7')"],
  [new TextEncoder().encode('bytes ü'), "b'bytes \\xc3\\xbc'"],
  [Uint8Array.of(255, 0, 254), "b'\\xff\\x00\\xfe'"],
]

/** Ours is the client, Python the worker. */
export function weCallPython(world: () => World): void {
  const isOld = () => Number(world().python.version.split('.')[1]) < 3
  const wait = { timeout: '15 seconds' } as const
  const get = async (name: string, ...args: unknown[]) => (await world().celery.sendTask(name, args)).get(wait)
  const failureOf = async (sent: Promise<{ get(options: typeof wait): Promise<unknown> }>): Promise<TaskError> => {
    const error = await (await sent).get(wait).catch((caught: unknown) => caught)
    if (error instanceof TaskError) return error
    throw new Error('it did not fail', { cause: error })
  }

  describe('TypeScript calls a worker in Python', () => {
    it('which gets every kind of value, and gives it back', async () => {
      const rows = isOld() ? values : [...values, ...typed]
      const shown = await Promise.all(rows.map(([value]) => get('py.show', value)))
      expect(shown).toEqual(rows.map(([, repr]) => repr))
      const echoed = await Promise.all([...values, ...typed].map(([value]) => get('py.echo', value)))
      expect(echoed.map(text)).toEqual([...values, ...typed].map(([value]) => text(value)))
    })

    it('which gets positional and keyword arguments', async () => {
      const { celery } = world()
      expect(await get('py.add', 2, 3)).toBe(5)
      expect(await (await celery.sendTask('py.add', [2], { kwargs: { y: 3 } })).get(wait)).toBe(5)
      const both = await celery.sendTask('py.arguments', [1, null], { kwargs: { a: 'ü', b: { c: [] } } })
      expect(await both.get(wait)).toEqual([[1, null], { a: 'ü', b: { c: [] } }])
    })

    it('which gets an argument of 1 MB', async () => {
      expect(await get('py.length', 'x'.repeat(1_000_000))).toBe(1_000_000)
      expect(await get('py.echo', 'ü'.repeat(500_000))).toHaveLength(500_000)
    })

    it('which understands every serializer and compression they share', async () => {
      const { celery, ask } = world()
      const options: { serializer?: string; compression?: string }[] = [
        { serializer: 'msgpack' },
        { serializer: 'yaml' },
        { compression: 'gzip' },
        { compression: 'zlib' },
      ]
      if (await ask(`'application/x-brotli' in compression.encoders()`)) options.push({ compression: 'brotli' })
      const value = ['ü', 2n ** 60n, null, { a: [1.5, true] }]
      const results = options.map(async (one) => (await celery.sendTask('py.show', [value], one)).get(wait))
      expect(new Set(await Promise.all(results))).toEqual(
        new Set(["['ü', 1152921504606846976, None, {'a': [1.5, True]}]"]),
      )
      const bytes = await celery.sendTask('py.show', [Uint8Array.of(255, 0)], { serializer: 'msgpack' })
      expect(await bytes.get(wait)).toBe("b'\\xff\\x00'")
    })

    it('which waits for the ETA, and until a countdown is over', async () => {
      const { celery } = world()
      const eta = new Date(Date.now() + 700)
      const first = await celery.sendTask('py.request', [], { eta })
      const start = Date.now()
      const second = await celery.sendTask('py.add', [1, 2], { countdown: 0.7 })
      await second.get(wait)
      expect(Date.now() - start).toBeGreaterThanOrEqual(650)
      const seen = (await first.get(wait)) as { eta: string }
      expect(new Date(seen.eta)).toEqual(eta)
    })

    it('which revokes what has expired', async () => {
      const { celery, broker } = world()
      const late = await failureOf(celery.sendTask('py.add', [1, 2], { countdown: 0.6, expires: 0.3 }))
      expect(late).toBeInstanceOf(TaskRevokedError)
      expect((late as TaskRevokedError).reason).toBe('expired')
      if (broker === 'RabbitMQ') return // which throws away itself what has expired
      const past = await failureOf(celery.sendTask('py.add', [1, 2], { expires: new Date(Date.now() - 1000) }))
      expect(past).toBeInstanceOf(TaskRevokedError)
    })

    it('which retries as often as it should, and says so', async () => {
      const { celery, store } = world()
      const result = await celery.sendTask('py.flaky', [3])
      expect(await result.get(wait)).toBe(3)
      expect(await store.lRange(`tries:${result.id}`, 0, -1)).toEqual(['0', '1', '2', '3'])

      const again = await celery.sendTask('py.flaky', [1, 0.5])
      const seen: unknown[] = []
      for await (const { state, info } of again.states()) {
        seen.push([state, info instanceof TaskError ? [info.excType, info.excMessage] : info])
      }
      expect(seen).toEqual([
        ['RETRY', ['ValueError', ['not yet']]],
        ['SUCCESS', 1],
      ])
      expect(await failureOf(celery.sendTask('py.hopeless'))).toMatchObject({
        excType: 'KeyError',
        excMessage: ['gone'],
      })
    })

    it('which calls what is linked: on its own queue and on that of a worker in TypeScript', async () => {
      const { celery, store, id } = world()
      const record = (name: string, key: string) => celery.signature(name, [`${id}-${key}`])
      await celery.sendTask('py.add', [1, 2], { link: [record('py.record', 'e'), record('ts.record', 'f')] })
      const bad = await celery.sendTask('py.fail', [], { linkError: [record('ts.record', 'g')] })
      const noted = (key: string) => until(key, async () => (await store.lPop(`${id}-${key}`)) ?? undefined)
      expect([await noted('e'), await noted('f')]).toEqual(['[3]', '[3]'])
      expect(await noted('g')).toBe(JSON.stringify([bad.id]))
    })

    it('which stores nothing where the result is ignored', async () => {
      const { celery, store, id } = world()
      const result = await celery.sendTask('py.record', [1, `${id}-unstored`], { ignoreResult: true })
      expect(await result.get(wait)).toBeUndefined()
      await until('it ran', async () => (await store.lLen(`${id}-unstored`)) === 1)
      await get('py.add', 1, 2)
      await get('py.add', 1, 2)
      expect(await store.exists(`celery-task-meta-${result.id}`)).toBe(0)
    })

    it('which gets id, limits, priority and headers of the call', async () => {
      const { celery, queues } = world()
      const taskId = randomUUID()
      const result = await celery.sendTask('py.request', [], {
        taskId,
        shadow: 'another',
        priority: 3,
        timeLimit: 300,
        headers: { tenant: 'acme', number: 40_000 },
        expires: '10 minutes',
      })
      const seen = (await result.get(wait)) as Record<string, unknown>
      expect(seen).toMatchObject({
        id: taskId,
        root: taskId,
        parent: null,
        retries: 0,
        shadow: 'another',
        timelimit: [300, null],
        priority: 3,
        tenant: 'acme',
        number: 40_000,
        routing_key: queues.py,
        ignore_result: false,
      })
      expect(seen['origin']).toMatch(/^gen\d+@/)
    })

    it('whose exceptions have their names and arguments', async () => {
      const { celery, id } = world()
      const [fail, custom, unknown] = await Promise.all([
        failureOf(celery.sendTask('py.fail')),
        failureOf(celery.sendTask('py.fail_custom')),
        failureOf(celery.sendTask('py.nothing')),
      ])
      expect(fail).toMatchObject({ excType: 'ValueError', excMessage: ['bad', 42], excModule: 'builtins' })
      expect(fail?.traceback).toContain("raise ValueError('bad', 42)")
      expect(custom).toMatchObject({ excType: 'ShelfError', excMessage: ['full', { left: 0 }] })
      expect(unknown).toMatchObject({ excType: 'NotRegistered', excMessage: ['py.nothing'] })
      expect(id).toBeTruthy()
    })

    it('whose states of its own and children we see', async () => {
      const { celery, store, id } = world()
      const result = await celery.sendTask('py.gate', [`${id}-pystate`, 'PROGRESS'])
      expect(await store.blPop(`${id}-pystate:started`, 15)).not.toBeNull()
      expect([await result.state(), await result.info()]).toEqual(['PROGRESS', { done: 1, of: 3 }])
      await store.rPush(`${id}-pystate:open`, '1')
      expect(await result.get(wait)).toBe('through')

      const parent = await celery.sendTask('py.parent', ['ts.add'])
      const child = await parent.get(wait)
      const children = await parent.children()
      expect(children?.map((one) => one.id)).toEqual([child])
      expect(await children?.[0]?.get(wait)).toBe(3)
    })

    it('which does not run what it revoked, and ends what it terminates', async () => {
      const { celery, store, id } = world()
      const waiting = await celery.sendTask('py.add', [1, 2], { countdown: 4 })
      const running = await celery.sendTask('py.gate', [`${id}-pyrunning`])
      expect(await store.blPop(`${id}-pyrunning:started`, 15)).not.toBeNull()
      await celery.control.revoke(waiting.id)
      await running.revoke({ terminate: true })
      expect(await failureOf(Promise.resolve(waiting))).toBeInstanceOf(TaskRevokedError)
      const error = await failureOf(Promise.resolve(running))
      expect(error).toBeInstanceOf(TaskRevokedError)
      // Which of them is stored first differs: that of the command, or that of the process that was ended.
      expect(['revoked', 'terminated']).toContain((error as TaskRevokedError).reason)
      // The process that was ended has a successor.
      expect(await get('py.add', 2, 3)).toBe(5)
    })
  })
}

/** Tells values apart by their type too. */
function text(value: unknown): string {
  if (typeof value === 'bigint') return `bigint ${value}`
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`
  if (value instanceof Date) return `Date ${value.toISOString()}`
  for (const type of [Decimal, PlainDate, PlainTime, Uuid]) if (value instanceof type) return `${type.name} ${value}`
  if (Array.isArray(value)) return `[${value.map(text)}]`
  if (typeof value === 'object' && value !== null) return JSON.stringify(value)
  return `${typeof value} ${String(value)}`
}
