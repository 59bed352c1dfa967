import { expect } from 'vitest'
import type { TaskMeta } from '../../../src/celery/protocol/task-meta.ts'
import type { AddCase } from './add-case.ts'
import { failure, state, storeFor, success, until } from './bench.ts'
import type { BackendVariant } from './variant.ts'

const values: Readonly<Record<string, unknown>> = {
  nothing: null,
  'false and true': [false, true],
  numbers: [0, -1, 1.5, 1e22, Number.MAX_SAFE_INTEGER, -273.15],
  'an empty text': '',
  'text in many scripts': 'Grüße, 世界, 🎓, \u0000, "\\\n',
  'empty lists and objects': { list: [], object: {}, lists: [[], [[]]] },
  'names that are no names': { '': 1, __proto__x: 2, constructor: 3, 'ä b': 4 },
  'something nested': { a: [{ b: { c: [null, { d: 'e' }] } }] },
  'a megabyte': 'ä'.repeat(1 << 19),
}

const metas: Readonly<Record<string, (id: string) => TaskMeta>> = {
  SUCCESS: (id) => success(id),
  FAILURE: (id) => failure(id),
  REVOKED: (id) =>
    failure(id, {
      status: 'REVOKED',
      result: { exc_type: 'TaskRevokedError', exc_message: ['expired'], exc_module: 'celery.exceptions' },
      traceback: undefined,
    }),
  RETRY: (id) => failure(id, { status: 'RETRY', dateDone: undefined }),
  STARTED: (id) => state(id, 'STARTED', { pid: 4711, hostname: 'celery@host' }),
  'a state of its own': (id) => state(id, 'PROGRESS', { done: 3, of: 10, text: 'Grüße' }),
}

const children = [[['7b8d3c1e-5a0c-4f0e-9a57-0c6f1d5f7f10', null], null]]

/** Results as such. */
export function storeCases(test: AddCase, variant: BackendVariant): void {
  const { fields, abilities } = variant.capabilities

  test('is nothing for a task that nothing was stored of', async (bench) => {
    const client = await bench.open()
    expect(await client.get(await bench.expected(client))).toBeUndefined()
  })

  for (const [title, make] of Object.entries(metas)) {
    test(`is read back in the state ${title}`, async (bench) => {
      const { client, worker } = await bench.pair()
      const meta = make(await bench.expected(client))
      await storeFor(client, worker, meta)
      const found = await bench.read(client, meta.taskId, meta.status)
      if (fields === 'all') expect(found).toEqual(meta)
      const { dateDone: _, ...core } = meta
      expect(found).toMatchObject(JSON.parse(JSON.stringify(core)))
    })
  }

  for (const [title, value] of Object.entries(values)) {
    test(`may be ${title}`, async (bench) => {
      const { client, worker } = await bench.pair()
      const id = await bench.expected(client)
      await storeFor(client, worker, success(id, value))
      const found = await bench.read(client, id, 'SUCCESS')
      expect(found?.result).toEqual(value)
    })
  }

  test('has the children of a task', async (bench) => {
    const { client, worker } = await bench.pair()
    const id = await bench.expected(client)
    await storeFor(client, worker, success(id, 1, { children }))
    expect((await bench.read(client, id, 'SUCCESS'))?.children).toEqual(children)
  })

  test('is a copy: who changes what he stored or read changes nothing of it', async (bench) => {
    const { client, worker } = await bench.pair()
    const id = await bench.expected(client)
    const result = { list: [1, 2] }
    const watch = await bench.watch(client, id)
    await storeFor(client, worker, success(id, result))
    result.list.push(3)
    await watch.count(1)
    const told = watch.metas[0]!.result as typeof result
    expect(told).toEqual({ list: [1, 2] })
    told.list.push(4)
    const read = (await bench.read(client, id, 'SUCCESS'))!.result as typeof result
    expect(read).toEqual({ list: [1, 2] })
    read.list.push(5)
    expect((await bench.read(client, id, 'SUCCESS'))?.result).toEqual({ list: [1, 2] })
  })

  test('is the last state of several', async (bench) => {
    const { client, worker } = await bench.pair()
    const id = await bench.expected(client)
    const states = [state(id, 'STARTED'), state(id, 'PROGRESS', 1), failure(id, { status: 'RETRY' }), failure(id)]
    for (const meta of states) await storeFor(client, worker, meta)
    expect((await bench.read(client, id, 'FAILURE'))?.status).toBe('FAILURE')
  })

  test('is kept apart by task, for many at the same time', async (bench) => {
    const { client, worker } = await bench.pair()
    const ids = await Promise.all(Array.from({ length: 500 }, () => bench.expected(client)))
    await Promise.all(ids.map((id, i) => storeFor(client, worker, success(id, i))))
    const found = await Promise.all(ids.map((id) => bench.read(client, id, 'SUCCESS')))
    expect(found.map((meta) => [meta?.taskId, meta?.result])).toEqual(ids.map((id, i) => [id, i]))
  })

  test('is gone once it is forgotten, and may be stored anew', async (bench) => {
    const { client, worker } = await bench.pair()
    const id = await bench.expected(client)
    await storeFor(client, worker, success(id, 'old'))
    await bench.read(client, id, 'SUCCESS')
    await client.forget(id)
    await client.forget(id)
    await client.forget(bench.taskId())
    expect(await client.get(id)).toBeUndefined()
    await client.expect(id)
    await storeFor(client, worker, success(id, 'new'))
    expect((await bench.read(client, id, 'SUCCESS'))?.result).toBe('new')
  })

  if (fields === 'all') {
    test('has its group, its parent and everything that `result_extended` adds', async (bench) => {
      const { client, worker } = await bench.pair()
      const id = await bench.expected(client)
      const meta = success(id, 1, {
        groupId: 'group-1',
        parentId: 'parent-1',
        extended: {
          name: 'school.send_report',
          args: ['42', { a: null }],
          kwargs: { copies: 2, ä: [] },
          worker: 'celery@host',
          retries: 3,
          queue: 'mail',
          stampedHeaders: ['monitoring_id'],
          stamps: { monitoring_id: ['a', 'b'] },
        },
      })
      await storeFor(client, worker, meta)
      expect(await bench.read(client, id, 'SUCCESS')).toEqual(meta)
    })
  }

  if (!abilities.shared) {
    test('is dropped when nobody is named to give it to', async (bench) => {
      const { client, worker } = await bench.pair()
      const [dropped, sent] = [await bench.expected(client), await bench.expected(client)]
      await worker.store(success(dropped))
      await worker.store(success(dropped), { replyTo: '' })
      await storeFor(client, worker, success(sent))
      await bench.read(client, sent, 'SUCCESS')
      expect(await client.get(dropped)).toBeUndefined()
    })
    return
  }

  test('is there for everybody once store has resolved', async (bench) => {
    const [worker, one, two] = [await bench.open(), await bench.open(), await bench.open()]
    const id = bench.taskId()
    await worker.store(success(id, 'shared'))
    for (const reader of [one, two, one]) expect((await reader.get(id))?.result).toBe('shared')
    await two.forget(id)
    expect(await one.get(id)).toBeUndefined()
  })

  for (const [title, make] of Object.entries(metas)) {
    test(`stays a SUCCESS, whoever stores the state ${title} afterwards`, async (bench) => {
      const { client, worker } = await bench.pair()
      const id = bench.taskId()
      await worker.store(success(id, 'first'))
      await client.store({ ...make(id), result: 'second' })
      await worker.store({ ...make(id), result: 'third' })
      expect(await client.get(id)).toMatchObject({ status: 'SUCCESS', result: 'first' })
    })
  }

  for (const status of ['FAILURE', 'REVOKED']) {
    test(`does not stay ${status} when the task runs again`, async (bench) => {
      const { client, worker } = await bench.pair()
      const id = bench.taskId()
      await worker.store(failure(id, { status }))
      await worker.store(state(id, 'STARTED'))
      expect((await client.get(id))?.status).toBe('STARTED')
      await worker.store(success(id))
      expect((await client.get(id))?.status).toBe('SUCCESS')
    })
  }

  if (variant.capabilities.expires) {
    test('is gone when its time is over', async (bench) => {
      const { client, worker } = await bench.pair({ resultExpires: 1 })
      const id = bench.taskId()
      await worker.store(success(id))
      expect(await client.get(id)).toBeDefined()
      await until(async () => (await client.get(id)) === undefined, 'no result', 5000)
      await worker.store(state(id, 'STARTED'))
      expect((await client.get(id))?.status).toBe('STARTED')
    })

    test('stays when it has no time to end', async (bench) => {
      for (const resultExpires of [null, 0]) {
        const { client, worker } = await bench.pair({ resultExpires })
        const id = bench.taskId()
        await worker.store(success(id))
        expect(await client.get(id)).toBeDefined()
      }
    })
  }
}
