import { expect } from 'vitest'
import type { AddCase } from './add-case.ts'
import { failure, state, stays, storeFor, success, until } from './bench.ts'
import type { BackendVariant } from './variant.ts'

/** Waiting for results. */
export function watchCases(test: AddCase, variant: BackendVariant): void {
  const { abilities, fields } = variant.capabilities

  test('is told every state from the moment that watch resolved, in order', async (bench) => {
    const { client, worker } = await bench.pair()
    const id = await bench.expected(client)
    const watch = await bench.watch(client, id)
    const metas = [
      state(id, 'STARTED', { pid: 1, hostname: 'a' }),
      ...Array.from({ length: 20 }, (_, i) => state(id, 'PROGRESS', i)),
      failure(id, { status: 'RETRY' }),
      success(id, 'done'),
    ]
    for (const meta of metas) await storeFor(client, worker, meta)
    await watch.count(metas.length)
    expect(watch.metas.map(({ status, result }) => [status, result])).toEqual(
      metas.map(({ status, result }) => [status, result]),
    )
    if (fields === 'all') expect(watch.metas.at(-1)).toEqual(metas.at(-1))
    expect(watch.errors).toEqual([])
  })

  test('is told the state that is there already first', async (bench) => {
    const { client, worker } = await bench.pair()
    const id = await bench.expected(client)
    await storeFor(client, worker, state(id, 'STARTED'))
    await storeFor(client, worker, state(id, 'PROGRESS', 1))
    await bench.read(client, id, 'PROGRESS')
    await until(async () => (await client.get(id))?.status === 'PROGRESS', 'the state PROGRESS')
    const watch = await bench.watch(client, id)
    await watch.count(1)
    await storeFor(client, worker, success(id))
    await watch.count(2)
    expect(watch.states()).toEqual(['PROGRESS', 'SUCCESS'])
  })

  test('is told a result that is there already, once', async (bench) => {
    const { client, worker } = await bench.pair()
    const id = await bench.expected(client)
    await storeFor(client, worker, success(id, 'there'))
    await bench.read(client, id, 'SUCCESS')
    const watch = await bench.watch(client, id)
    await watch.count(1)
    await stays(() => watch.metas.map(({ result }) => result), ['there'])
    await watch.unwatch()
  })

  for (const make of [success, failure]) {
    test(`is told nothing more after ${make('').status}`, async (bench) => {
      const { client, worker } = await bench.pair()
      const id = await bench.expected(client)
      const watch = await bench.watch(client, id)
      await storeFor(client, worker, make(id))
      await watch.count(1)
      await storeFor(client, worker, state(id, 'STARTED'))
      await storeFor(client, worker, failure(id))
      await stays(() => watch.states(), [make(id).status])
      await watch.unwatch()
    })
  }

  test('may be one of several for a task: each is told everything', async (bench) => {
    const { client, worker } = await bench.pair()
    const id = await bench.expected(client)
    const watches = [await bench.watch(client, id), await bench.watch(client, id)]
    await storeFor(client, worker, state(id, 'STARTED'))
    for (const watch of watches) await watch.count(1)
    await watches[0]!.unwatch()
    await watches[0]!.unwatch()
    await storeFor(client, worker, success(id))
    await watches[1]!.count(2)
    expect(watches.map((watch) => watch.states())).toEqual([['STARTED'], ['STARTED', 'SUCCESS']])
  })

  test('is told nothing more once it has stopped', async (bench) => {
    const { client, worker } = await bench.pair()
    const id = await bench.expected(client)
    const watch = await bench.watch(client, id)
    await watch.unwatch()
    await storeFor(client, worker, success(id))
    await bench.read(client, id, 'SUCCESS')
    await stays(() => watch.states(), [])
  })

  test('may come back after it has stopped', async (bench) => {
    const { client, worker } = await bench.pair()
    const id = await bench.expected(client)
    await (await bench.watch(client, id)).unwatch()
    const watch = await bench.watch(client, id)
    await storeFor(client, worker, success(id))
    await watch.count(1)
    expect(watch.states()).toEqual(['SUCCESS'])
  })

  test('misses nothing that is stored the moment after watch resolved', async (bench) => {
    const { client, worker } = await bench.pair()
    for (let round = 0; round < 30; round++) {
      const id = await bench.expected(client)
      const watch = await bench.watch(client, id)
      await storeFor(client, worker, success(id, round))
      await watch.count(1)
      expect(watch.metas[0]?.result).toBe(round)
    }
  })

  test('misses nothing when watching and storing meet', async (bench) => {
    const { client, worker } = await bench.pair()
    for (let round = 0; round < 30; round++) {
      const id = await bench.expected(client)
      const [watch] = await Promise.all([bench.watch(client, id), storeFor(client, worker, success(id, round))])
      await watch.count(1)
      expect(watch.states()).toEqual(['SUCCESS'])
    }
  })

  test('is one of a thousand at a time, and each is told its own', async (bench) => {
    const { client, worker } = await bench.pair()
    const ids = await Promise.all(Array.from({ length: 1000 }, () => bench.expected(client)))
    const watches = await Promise.all(ids.map((id) => bench.watch(client, id)))
    await Promise.all(ids.map((id, i) => storeFor(client, worker, success(id, i))))
    await Promise.all(watches.map((watch) => watch.count(1)))
    expect(watches.map(({ metas }) => metas.map(({ taskId, result }) => [taskId, result]))).toEqual(
      ids.map((id, i) => [[id, i]]),
    )
    await Promise.all(watches.map((watch) => watch.unwatch()))
  })

  test('may start a watch and a read of its own when it is told', async (bench) => {
    const { client, worker } = await bench.pair()
    const [first, second] = [await bench.expected(client), await bench.expected(client)]
    const results: unknown[] = []
    await client.watch(first, {
      onError: () => {},
      onMeta: ({ result }) => {
        results.push(result)
        void client.watch(second, { onError: () => {}, onMeta: (meta) => results.push(meta.result) })
      },
    })
    await storeFor(client, worker, success(first, 1))
    await until(() => results.length === 1, 'the first')
    await storeFor(client, worker, success(second, 2))
    await until(() => results.length === 2, 'the second')
    expect(results).toEqual([1, 2])
  })

  test('is told by onError that its handle was closed', async (bench) => {
    const { client } = await bench.pair()
    const watch = await bench.watch(client, await bench.expected(client))
    await client.close()
    await until(() => watch.errors.length === 1, 'an error')
    expect(watch.errors).toMatchObject([{ code: 'ERR_CELERY_BACKEND_CONNECTION' }])
    await watch.unwatch()
  })

  test('is not told of the end of its handle when it had its result', async (bench) => {
    const { client, worker } = await bench.pair()
    const id = await bench.expected(client)
    const watch = await bench.watch(client, id)
    await storeFor(client, worker, success(id))
    await watch.count(1)
    await client.close()
    await stays(() => watch.errors, [])
  })

  if (abilities.shared) {
    test('is told by whichever process stores, and in whichever it watches', async (bench) => {
      const [one, two, three] = [await bench.open(), await bench.open(), await bench.open()]
      const id = bench.taskId()
      const watches = [await bench.watch(one, id), await bench.watch(two, id)]
      await three.store(state(id, 'STARTED'))
      await two.store(success(id))
      for (const watch of watches) {
        await watch.count(2)
        expect(watch.states()).toEqual(['STARTED', 'SUCCESS'])
      }
    })

    test('is told what comes after a result was forgotten', async (bench) => {
      const { client, worker } = await bench.pair()
      const id = bench.taskId()
      const watch = await bench.watch(client, id)
      await worker.store(state(id, 'STARTED'))
      await watch.count(1)
      await client.forget(id)
      await worker.store(success(id))
      await watch.count(2)
      expect(watch.states()).toEqual(['STARTED', 'SUCCESS'])
    })
    return
  }

  test('is refused with ERR_CELERY_RESULT_ELSEWHERE where another process sent the task', async (bench) => {
    const { client, worker } = await bench.pair()
    const id = await bench.expected(client)
    await expect(worker.watch(id, { onMeta: () => {}, onError: () => {} })).rejects.toMatchObject({
      code: 'ERR_CELERY_RESULT_ELSEWHERE',
    })
  })

  test('is told a result that came before it, if it was expected', async (bench) => {
    const { client, worker } = await bench.pair()
    const [id, later] = [await bench.expected(client), await bench.expected(client)]
    await storeFor(client, worker, success(id, 'early'))
    await storeFor(client, worker, success(later))
    await bench.read(client, later, 'SUCCESS')
    const watch = await bench.watch(client, id)
    await watch.count(1)
    expect(watch.metas[0]?.result).toBe('early')
  })
}
