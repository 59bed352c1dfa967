import { expect } from 'vitest'
import type { AddCase } from './add-case.ts'
import { state, storeFor, success, until } from './bench.ts'
import type { BackendVariant } from './variant.ts'

/** What must hold when the connection is lost, and when others write nonsense. */
export function faultCases(test: AddCase, variant: BackendVariant): void {
  const { interrupt, pokeRaw, capabilities } = variant

  test('refuses what cannot be written with a TypeError, and goes on', async (bench) => {
    const { client, worker } = await bench.pair()
    const id = await bench.expected(client)
    await expect(storeFor(client, worker, success(id, { run: () => 1 }))).rejects.toThrow(TypeError)
    await storeFor(client, worker, success(id, 'good'))
    expect((await bench.read(client, id, 'SUCCESS'))?.result).toBe('good')
  })

  if (pokeRaw) {
    for (const text of ['hello', '', '5', 'null', '[]', '{}', '{"status": 5}', '{"result": 1}']) {
      test(`rejects with ERR_CELERY_BACKEND_DATA when what is stored is \`${text}\`, and forgets it`, async (bench) => {
        const backend = await bench.open()
        const id = bench.taskId()
        await pokeRaw(id, text)
        await expect(backend.get(id)).rejects.toMatchObject({ code: 'ERR_CELERY_BACKEND_DATA' })
        await backend.forget(id)
        await backend.store(success(id))
        expect((await backend.get(id))?.result).toBe(5)
      })
    }
  }

  if (!interrupt) return

  test('keeps a watcher over an interruption', async (bench) => {
    const { client, worker } = await bench.pair()
    const id = await bench.expected(client)
    const watch = await bench.watch(client, id)
    await storeFor(client, worker, state(id, 'STARTED'))
    await watch.count(1)
    await interrupt(client)
    await until(
      () =>
        client.ping().then(
          () => true,
          () => false,
        ),
      'a connection',
    )
    await storeFor(client, worker, success(id, 'after'))
    await watch.count(2)
    expect(watch.metas.at(-1)).toMatchObject({ status: 'SUCCESS', result: 'after' })
    expect(watch.errors).toEqual([])
  })

  test('tells a watcher a result that was stored in the midst of an interruption', async (bench) => {
    const { client, worker } = await bench.pair()
    const ids = await Promise.all(Array.from({ length: 50 }, () => bench.expected(client)))
    const watches = await Promise.all(ids.map((id) => bench.watch(client, id)))
    const cut = interrupt(client)
    await Promise.all(ids.map((id, i) => storeFor(client, worker, success(id, i))))
    await cut
    for (const [i, watch] of watches.entries()) {
      await watch.count(1)
      expect(watch.metas.map(({ result }) => result)).toEqual([i])
    }
  })

  test('stores what is given in the midst of an interruption, or rejects', async (bench) => {
    const { client, worker } = await bench.pair()
    const ids = await Promise.all(Array.from({ length: 100 }, () => bench.expected(client)))
    const outcomes: Promise<'stored' | 'rejected'>[] = []
    for (const [i, id] of ids.entries()) {
      outcomes.push(
        storeFor(client, worker, success(id, i)).then(
          () => 'stored',
          (error: { code: string }) => {
            expect(error.code).toBe('ERR_CELERY_BACKEND_CONNECTION')
            return 'rejected'
          },
        ),
      )
      if (i % 30 === 10) void interrupt(worker)
    }
    for (const [i, outcome] of (await Promise.all(outcomes)).entries()) {
      if (outcome === 'stored') expect((await bench.read(client, ids[i]!, 'SUCCESS'))?.result).toBe(i)
    }
  })

  test('works again after interruptions', async (bench) => {
    const { client, worker } = await bench.pair()
    for (let round = 0; round < 3; round++) {
      await Promise.all([interrupt(client), interrupt(worker)])
      const id = bench.taskId()
      await until(async () => {
        try {
          await client.expect(id)
          await storeFor(client, worker, success(id, round))
          return true
        } catch {
          return false
        }
      }, 'to store again')
      if (capabilities.abilities.shared) expect((await bench.read(client, id, 'SUCCESS'))?.result).toBe(round)
    }
  })

  test('closes in the midst of an interruption', async (bench) => {
    const { client } = await bench.pair()
    const watch = await bench.watch(client, await bench.expected(client))
    const cut = interrupt(client)
    await client.close()
    await cut
    await until(() => watch.errors.length === 1, 'an error')
  })
}
