import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRedisBackend } from '../../src/celery/backends/redis/create-redis-backend.ts'
import type { ResultBackend } from '../../src/celery/backends/result-backend.ts'
import { createRpcBackend } from '../../src/celery/backends/rpc/create-rpc-backend.ts'
import { createAmqpBroker } from '../../src/celery/brokers/amqp/amqp-broker.ts'
import type { Broker } from '../../src/celery/brokers/broker.ts'
import type { AmqpAddress, RedisAddress } from '../../src/celery/brokers/broker-address.ts'
import { Decimal } from '../../src/celery/protocol/decimal.ts'
import { toExceptionData } from '../../src/celery/protocol/exception-data.ts'
import { PlainDate } from '../../src/celery/protocol/plain-date.ts'
import { PlainTime } from '../../src/celery/protocol/plain-time.ts'
import type { TaskMeta } from '../../src/celery/protocol/task-meta.ts'
import { Uuid } from '../../src/celery/protocol/uuid.ts'
import { AsyncResult } from '../../src/celery/results/async-result.ts'
import { createResultContext } from '../../src/celery/results/create-result-context.ts'
import { isTaskError, TaskRevokedError } from '../../src/celery/results/errors.ts'
import { restoreGroup } from '../../src/celery/results/restore-group.ts'
import { watchBeforeSend } from '../../src/celery/results/watch-before-send.ts'
import { parseBrokerUrl } from '../../src/celery/settings/parse-broker-url.ts'
import { failure, state, success, until } from '../conformance/backends/bench.ts'
import { pythonCeleries } from '../support/services/python-celery.ts'
import { amqpUrl } from '../support/services/rabbitmq.ts'
import { redisUrl } from '../support/services/redis.ts'
import { PythonLines } from './python-lines.ts'

const [pythons, redis, amqp] = [await pythonCeleries(), await redisUrl(), await amqpUrl()]
const script = fileURLToPath(new URL('./celery-results.py', import.meta.url))

/** What Python answers about a result. */
interface Seen {
  readonly state: string
  readonly ready: boolean
  readonly result: Shape | Thrown
  readonly traceback: string | null
  readonly date_done: string | null
  readonly children: unknown
  readonly extended: unknown
}
type Shape = readonly [type: string, repr: string | number]
interface Thrown {
  readonly class: string
  readonly module: string
  readonly args: readonly Shape[]
}

const contextOf = (backend: ResultBackend) =>
  createResultContext({ backend, isInsideTask: () => false, revoke: async () => undefined })

/** What both sides make of each other's values; `typed` since kombu 5.3. */
const values: Readonly<Record<string, { readonly ours: unknown; readonly python: Shape; readonly typed?: true }>> = {
  number: { ours: 5, python: ['int', '5'] },
  text: { ours: 'Grüße, 世界, 🎓, \u0000 "quoted"', python: ['str', `'Grüße, 世界, 🎓, \\x00 "quoted"'`] },
  nothing: { ours: null, python: ['NoneType', 'None'] },
  nested: {
    ours: { a: [1, { b: [null, true, 1.5] }], ä: {} },
    python: ['dict', "{'a': [1, {'b': [None, True, 1.5]}], 'ä': {}}"],
  },
  big: { ours: 2n ** 80n + 1n, python: ['int', '1208925819614629174706177'] },
  minus: { ours: -(2n ** 63n), python: ['int', '-9223372036854775808'] },
  nan: { ours: [Number.NaN, Infinity, -Infinity], python: ['list', '[nan, inf, -inf]'] },
  float: { ours: 1e22, python: ['float', '1e+22'] },
  megabyte: { ours: 'ä'.repeat(500_000), python: ['str', 500_002] },
  bytes: { ours: new Uint8Array(Buffer.from('plain')), python: ['bytes', "b'plain'"], typed: true },
  binary: { ours: Uint8Array.of(255, 254, 0), python: ['bytes', "b'\\xff\\xfe\\x00'"], typed: true },
  datetime: {
    ours: new Date('2026-11-23T10:53:24.472Z'),
    python: ['datetime', expect.stringContaining('datetime.datetime(2026, 11, 23, 10, 53, 24, 472') as never],
    typed: true,
  },
  date: { ours: new PlainDate('2026-11-23'), python: ['date', 'datetime.date(2026, 11, 23)'], typed: true },
  time: {
    ours: new PlainTime('10:53:24.500000'),
    python: ['time', 'datetime.time(10, 53, 24, 500000)'],
    typed: true,
  },
  decimal: { ours: new Decimal('19.90'), python: ['Decimal', "Decimal('19.90')"], typed: true },
  uuid: {
    ours: new Uuid('7b8d3c1e-5a0c-4f0e-9a57-0c6f1d5f7f10'),
    python: ['UUID', "UUID('7b8d3c1e-5a0c-4f0e-9a57-0c6f1d5f7f10')"],
    typed: true,
  },
}

class GradeError extends Error {
  override readonly name = 'GradeError'
}

describe.skipIf(pythons.length === 0 || redis === undefined)('results in Redis (python3-celery, redis-server)', () => {
  describe.each(pythons)('with Celery $version', ({ python, version }) => {
    const isOld = version.startsWith('5.2')
    const ids: string[] = []
    let lines: PythonLines
    let backend: ResultBackend
    let admin: ReturnType<typeof createClient>
    const taskId = () => {
      const id = randomUUID()
      ids.push(id)
      return id
    }
    const seenBy = (id: string) => lines.ask<Seen>('read', id)
    const resultOf = <T>(id: string) => new AsyncResult<T>(id, contextOf(backend))

    beforeAll(async () => {
      const url = redis ?? ''
      const options = { result_expires: 60, result_extended: true }
      lines = new PythonLines(python, [script, url, 'memory://', JSON.stringify(options)])
      backend = createRedisBackend({
        address: parseBrokerUrl(url, { role: 'result' }) as RedisAddress,
        resultExpires: 60,
      })
      admin = createClient({ url })
      await admin.connect()
    })
    afterAll(async () => {
      for (const id of ids) await backend.forget(id)
      await backend.close()
      await admin.close()
      lines.close()
    })

    for (const [name, { ours, python: theirs, typed }] of Object.entries(values)) {
      if (typed && isOld) continue // older versions write texts, or nothing at all
      it(`agree on the value "${name}", whoever stored it`, async () => {
        const [theirId, ourId] = [taskId(), taskId()]
        await lines.ask('store', theirId, name)
        expect(await resultOf(theirId).get({ timeout: 5 })).toEqual(ours)
        await backend.store(success(ourId, ours))
        expect((await seenBy(ourId)).result).toEqual(theirs)
      })
    }

    it('reads failures with their class, arguments and stack', async () => {
      const id = taskId()
      await lines.ask('store', id, 'value', 'FAILURE', 'Traceback…')
      const error = await resultOf(id)
        .get({ timeout: 5 })
        .catch((caught: unknown) => caught)
      expect(isTaskError(error, 'ValueError')).toBe(true)
      expect(error).toMatchObject({
        message: 'ValueError: bad, 42',
        excMessage: ['bad', 42],
        excModule: 'builtins',
        traceback: 'Traceback…',
      })
    })

    it.each([
      ['key', 'KeyError: x', 'builtins'],
      ['custom', 'BadGrade: mathematics, {"grade":7}', '__main__'],
      ['unicode', 'RuntimeError: Grüße, 世界', 'builtins'],
      ['big', 'OverflowError: 1208925819614629174706176', 'builtins'],
      ['empty', 'StopIteration', 'builtins'],
      ['object', expect.stringMatching(/^ValueError: <object object at/), 'builtins'],
    ])('reads the failure "%s"', async (name, message, excModule) => {
      const id = taskId()
      await lines.ask('store', id, name, 'FAILURE')
      await expect(resultOf(id).get({ timeout: 5 })).rejects.toMatchObject({ message, excModule })
    })

    it('reads RETRY, STARTED and states of tasks, which are not ready', async () => {
      const [retry, started, progress] = [taskId(), taskId(), taskId()]
      await lines.ask('store', retry, 'value', 'RETRY')
      await lines.ask('store', started, { pid: 4711, hostname: 'celery@host' }, 'STARTED')
      await lines.ask('store', progress, { done: 3 }, 'PROGRESS')
      expect(await resultOf(retry).state()).toBe('RETRY')
      expect(await resultOf(retry).info()).toMatchObject({ excType: 'ValueError' })
      expect(await resultOf(started).info()).toEqual({ pid: 4711, hostname: 'celery@host' })
      expect(await resultOf(progress).info()).toEqual({ done: 3 })
      expect(await resultOf(progress).ready()).toBe(false)
    })

    it('reads REVOKED with its reason', async () => {
      const id = taskId()
      await lines.ask('revoke', id, 'expired')
      const error = await resultOf(id)
        .get({ timeout: 5 })
        .catch((caught: unknown) => caught)
      expect(error).toBeInstanceOf(TaskRevokedError)
      expect(error).toMatchObject({ reason: 'expired', code: 'ERR_CELERY_TASK_REVOKED' })
    })

    it('reads children and when the task was done', async () => {
      const [id, parent, child] = [taskId(), taskId(), taskId()]
      await lines.ask('store_children', id, parent, child)
      const result = resultOf(id)
      const children = await result.children()
      expect(children?.map((one) => one.asTuple())).toEqual([
        [[child, [[parent, null], null]], null],
        [[parent, null], [[[child, null], null]]],
      ])
      const done = await result.dateDone()
      expect(Math.abs(Date.now() - Number(done))).toBeLessThan(60_000)
    })

    it('reads what `result_extended` adds', async () => {
      const id = taskId()
      const fields = {
        ...{ task: 'school.send', args: ['ä', 1], kwargs: { copies: 2 }, hostname: 'celery@host', retries: 1 },
        ...{ group: 'g', parent_id: 'p', delivery_info: { routing_key: 'mail' } },
      }
      await lines.ask('store', id, 'number', 'SUCCESS', null, fields)
      const meta = await backend.get(id)
      expect(meta?.extended).toMatchObject({
        ...{ name: 'school.send', args: ['ä', 1], kwargs: { copies: 2 } },
        ...{ worker: 'celery@host', retries: 1, queue: 'mail' },
      })
      expect(meta).toMatchObject({ groupId: 'g', parentId: 'p' })
    })

    it('is read: every field of a success', async () => {
      const [id, child] = [taskId(), taskId()]
      const extended = {
        ...{ name: 'school.send', args: ['ä', 1], kwargs: { copies: 2 } },
        ...{ worker: 'celery@host', retries: 1, queue: 'mail' },
      }
      await backend.store(success(id, 1, { children: [[[child, null], null]], extended }))
      expect(await seenBy(id)).toEqual({
        state: 'SUCCESS',
        ready: true,
        result: ['int', '1'],
        traceback: null,
        date_done: '2026-11-23T10:53:39.140305+00:00',
        children: [[[child, null], null]],
        extended: ['school.send', ['ä', 1], { copies: 2 }, 'celery@host', 1, 'mail'],
      })
    })

    it('is read: states that are not ready', async () => {
      const [retry, progress] = [taskId(), taskId()]
      await backend.store(failure(retry, { status: 'RETRY', dateDone: undefined }))
      await backend.store(state(progress, 'PROGRESS', { done: 3 }))
      expect(await seenBy(retry)).toMatchObject({ state: 'RETRY', ready: false, result: { class: 'ValueError' } })
      expect(await seenBy(progress)).toMatchObject({ state: 'PROGRESS', ready: false, result: ['dict', "{'done': 3}"] })
    })

    const errors: Readonly<Record<string, { readonly error: unknown; readonly thrown: Thrown }>> = {
      'an error of JavaScript': {
        error: new RangeError('out of range'),
        thrown: { class: 'RangeError', module: 'celery.exceptions', args: [['str', "'out of range'"]] },
      },
      'an error of a class of its own': {
        error: new GradeError('Grüße'),
        thrown: { class: 'GradeError', module: 'celery.exceptions', args: [['str', "'Grüße'"]] },
      },
      'an error of Python': {
        error: Object.assign(new Error(), { excType: 'KeyError', excModule: 'builtins', excArgs: ['x', 2n ** 70n] }),
        thrown: {
          class: 'KeyError',
          module: 'builtins',
          args: [
            ['str', "'x'"],
            ['int', String(2n ** 70n)],
          ],
        },
      },
      'something else that was thrown': {
        error: 'just a text',
        thrown: { class: 'Error', module: 'celery.exceptions', args: [['str', "'just a text'"]] },
      },
    }
    for (const [title, { error, thrown }] of Object.entries(errors)) {
      it(`is raised again in Python: ${title}`, async () => {
        const id = taskId()
        await backend.store(failure(id, { result: toExceptionData(error) }))
        expect(await lines.ask('wait', id, 5)).toEqual({ thrown })
      })
    }

    /** Stores a result when Python is seen to wait. */
    const storeFor = async (id: string, meta: TaskMeta) => {
      const listeners = async () => {
        const [, count] = (await admin.sendCommand(['PUBSUB', 'NUMSUB', `celery-task-meta-${id}`])) as unknown[]
        return Number(count)
      }
      await until(async () => (await listeners()) === 1, 'Python to wait')
      await backend.store(meta)
    }

    it('wakes a client in Python that waits', async () => {
      const [good, bad, revoked] = [taskId(), taskId(), taskId()]
      const waitGood = lines.ask('wait', good, 10)
      await storeFor(good, success(good, { pages: 3 }))
      expect(await waitGood).toEqual({ value: ['dict', "{'pages': 3}"] })
      const waitBad = lines.ask<{ thrown: Thrown }>('wait', bad, 10)
      await storeFor(bad, failure(bad, { result: toExceptionData(new TypeError('no')) }))
      expect((await waitBad).thrown).toMatchObject({ class: 'TypeError', args: [['str', "'no'"]] })
      const waitRevoked = lines.ask<{ thrown: Thrown }>('wait', revoked, 10)
      const result = { exc_type: 'TaskRevokedError', exc_message: ['expired'], exc_module: 'celery.exceptions' }
      await storeFor(revoked, failure(revoked, { status: 'REVOKED', result }))
      expect((await waitRevoked).thrown).toMatchObject({ class: 'TaskRevokedError', module: 'celery.exceptions' })
    })

    it('is woken by what Python publishes', async () => {
      const id = taskId()
      const seen: unknown[] = []
      const states = (async () => {
        for await (const { state, info } of resultOf(id).states()) seen.push([state, info])
      })()
      const got = resultOf<number>(id).get({ timeout: 10 })
      const channels = async () => ((await admin.sendCommand(['PUBSUB', 'CHANNELS', `*${id}`])) as unknown[]).length
      await until(async () => (await channels()) === 1, 'a subscription')
      await lines.ask('store', id, { done: 1 }, 'PROGRESS')
      await lines.ask('store', id, 'number')
      expect(await got).toBe(5)
      await states
      expect(seen).toEqual([
        ['PROGRESS', { done: 1 }],
        ['SUCCESS', 5],
      ])
      await until(async () => (await channels()) === 0, 'no subscription')
    })

    it('leaves a SUCCESS alone that the other side stored', async () => {
      const [theirs, ours] = [taskId(), taskId()]
      await lines.ask('store', theirs, 'number')
      await backend.store(failure(theirs))
      expect(await resultOf(theirs).get({ timeout: 5 })).toBe(5)
      await backend.store(success(ours, 'first'))
      await lines.ask('store', ours, 'value', 'FAILURE')
      expect(await resultOf(ours).get({ timeout: 5 })).toBe('first')
    })

    it('expires as Python lets it expire', async () => {
      const [theirs, ours] = [taskId(), taskId()]
      await lines.ask('store', theirs, 'number')
      await backend.store(success(ours))
      for (const id of [theirs, ours]) {
        const seconds = await admin.ttl(`celery-task-meta-${id}`)
        expect(seconds).toBeGreaterThan(50)
        expect(seconds).toBeLessThanOrEqual(60)
      }
    })

    it('restores a group that Python saved, nested as it was', async () => {
      const group = randomUUID()
      const members = [taskId(), taskId(), taskId()]
      await lines.ask('save_group', group, members)
      for (const [i, id] of members.entries()) await lines.ask('store', id, i)
      const restored = await restoreGroup(group, contextOf(backend))
      expect(restored?.asTuple()).toEqual(await lines.ask('restore_group', group))
      expect(await restored?.get({ timeout: 5 })).toEqual([0, [1, 2]])
    })

    it('counts parts of a chord together with Python, and lets Python send the body', async () => {
      const [group, one, two] = [randomUUID(), taskId(), taskId()]
      await lines.ask('set_chord_size', group, 2)
      const part = { groupId: group, groupIndex: 1, taskId: one, state: 'SUCCESS', result: { ä: [2n ** 70n] } } as const
      expect(await backend.addChordPart(part)).toEqual({ kind: 'incomplete' })
      expect(await lines.ask('chord_part', group, two, 0, 'SUCCESS', 'first', taskId())).toEqual([
        ['first', { ä: [Number(2n ** 70n)] }],
      ])
    })

    it('completes a chord that Python began', async () => {
      const [group, one, two] = [randomUUID(), taskId(), taskId()]
      expect(await lines.ask('chord_part', group, one, 1, 'SUCCESS', ['last'], taskId())).toBeNull()
      await backend.setChordSize(group, 2)
      const part = { groupId: group, groupIndex: 0, taskId: two, state: 'SUCCESS', result: 'first' } as const
      expect(await backend.addChordPart(part)).toEqual({ kind: 'complete', results: ['first', ['last']] })
      await backend.forgetChord(group)
    })

    it('knows a part that failed in Python', async () => {
      const [group, one, two] = [randomUUID(), taskId(), taskId()]
      await lines.ask('chord_part', group, one, 1, 'FAILURE', 'value', taskId())
      await backend.setChordSize(group, 2)
      const part = { groupId: group, groupIndex: 0, taskId: two, state: 'SUCCESS', result: 'first' } as const
      expect(await backend.addChordPart(part)).toMatchObject({
        kind: 'failed',
        taskId: one,
        result: { exc_type: 'ValueError', exc_message: ['bad', 42] },
      })
      await backend.forgetChord(group)
    })

    it('nests the results of a chord as the group that Python saved', async () => {
      const group = randomUUID()
      const members = [taskId(), taskId(), taskId()]
      await lines.ask('save_group', group, members)
      await backend.setChordSize(group, 3)
      const progress = []
      for (const [i, id] of [...members.entries()].reverse()) {
        const part = { groupId: group, groupIndex: i, taskId: id, state: 'SUCCESS', result: `r${i}` } as const
        progress.push(await backend.addChordPart(part))
      }
      expect(progress.at(-1)).toEqual({ kind: 'complete', results: ['r0', ['r1', 'r2']] })
      await backend.forgetChord(group)
    })
  })
})

describe.skipIf(pythons.length === 0 || amqp === undefined)(
  'results over rpc:// (python3-celery, rabbitmq-server)',
  () => {
    describe.each(pythons)('with Celery $version', ({ python }) => {
      let lines: PythonLines
      let broker: Broker
      let backend: ResultBackend

      beforeAll(async () => {
        const url = amqp ?? ''
        lines = new PythonLines(python, [script, 'rpc://', url, '{}'])
        broker = createAmqpBroker({ address: parseBrokerUrl(url) as AmqpAddress })
        backend = createRpcBackend({ address: { kind: 'rpc', text: 'rpc://' }, broker, resultExpires: 60 })
      })
      afterAll(async () => {
        await backend.close()
        await broker.close()
        lines.close()
      })

      it('come back from Python, in all states', async () => {
        const [good, bad] = [randomUUID(), randomUUID()]
        const [result, failed] = [
          await watchBeforeSend<number>(good, contextOf(backend)),
          await watchBeforeSend(bad, contextOf(backend)),
        ]
        const request = (id: string) => ({ id, reply_to: backend.replyTo, correlation_id: id })
        const seen: unknown[] = []
        const states = (async () => {
          for await (const { state, info } of result.states()) seen.push([state, info])
        })()
        const got = result.get({ timeout: 10 })
        await lines.ask('store', good, { done: 1 }, 'PROGRESS', null, request(good))
        await lines.ask('store', good, 'number', 'SUCCESS', null, request(good))
        await lines.ask('store', bad, 'custom', 'FAILURE', 'Traceback…', request(bad))
        expect(await got).toBe(5)
        await states
        expect(seen.at(-1)).toEqual(['SUCCESS', 5])
        await expect(failed.get({ timeout: 10 })).rejects.toMatchObject({
          excType: 'BadGrade',
          traceback: 'Traceback…',
        })
      })

      it('go to a client in Python', async () => {
        const replyTo = await lines.ask<string>('oid')
        const [good, bad] = [randomUUID(), randomUUID()]
        await backend.store(state(good, 'STARTED', { pid: 1, hostname: 'h' }), { replyTo })
        await backend.store(success(good, { pages: 3 }), { replyTo })
        await backend.store(failure(bad, { result: toExceptionData(new GradeError('no')) }), { replyTo })
        expect(await lines.ask('wait', good, 10)).toEqual({ value: ['dict', "{'pages': 3}"] })
        expect(await lines.ask('wait', bad, 10)).toMatchObject({
          thrown: { class: 'GradeError', args: [['str', "'no'"]] },
        })
      })

      it('vanish without an error when the client has gone', async () => {
        await backend.store(success(randomUUID()), { replyTo: randomUUID() })
      })
    })
  },
)
