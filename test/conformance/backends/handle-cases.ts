import { expect } from 'vitest'
import type { AddCase } from './add-case.ts'
import { storeFor, success } from './bench.ts'
import type { BackendVariant } from './variant.ts'

/** What a handle is, from the first connection to the end. */
export function handleCases(test: AddCase, variant: BackendVariant): void {
  const { kind, capabilities, secrets = [] } = variant

  test('says its kind and what it can', async (bench) => {
    const backend = await bench.open()
    expect(backend.kind).toBe(kind)
    expect(backend.abilities).toEqual(capabilities.abilities)
    expect(backend.address).toMatch(/^[a-z+]+:/)
  })

  test('shows no secret in its address', async (bench) => {
    const { address } = await bench.open()
    for (const secret of secrets) expect(address).not.toContain(secret)
  })

  test('says where results come to, as long as only the sender can read them', async (bench) => {
    const [one, two] = [await bench.open(), await bench.open()]
    if (capabilities.abilities.shared) expect([one.replyTo, two.replyTo]).toEqual(['', ''])
    else {
      expect(one.replyTo).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
      expect(one.replyTo).not.toBe(two.replyTo)
    }
  })

  test('connects once, however often and at the same time it is asked', async (bench) => {
    const backend = await bench.open()
    await Promise.all([backend.connect(), backend.connect(), backend.ping()])
    await backend.connect()
    await backend.ping()
  })

  test('connects by itself when something is asked of it', async (bench) => {
    const { client, worker } = await bench.pair()
    const id = await bench.expected(client)
    await storeFor(client, worker, success(id))
    expect(await bench.read(client, id, 'SUCCESS')).toMatchObject({ result: 5 })
  })

  test('rejects everything with ERR_CELERY_BACKEND_CONNECTION once it is closed', async (bench) => {
    const backend = await bench.open()
    const id = bench.taskId()
    await backend.expect(id)
    await backend.close()
    const calls: Record<string, () => Promise<unknown>> = {
      connect: () => backend.connect(),
      store: () => backend.store(success(id), { replyTo: 'c0ffee' }),
      get: () => backend.get(id),
      watch: () => backend.watch(id, { onMeta: () => {}, onError: () => {} }),
      forget: () => backend.forget(id),
      ping: () => backend.ping(),
    }
    for (const [name, call] of Object.entries(calls)) {
      await expect(call(), name).rejects.toMatchObject({ code: 'ERR_CELERY_BACKEND_CONNECTION' })
    }
  })

  test('closes without ever having connected, and more than once', async (bench) => {
    const backend = await bench.open()
    await Promise.all([backend.close(), backend.close()])
    await backend.close()
  })

  test('closes beside other handles without disturbing them', async (bench) => {
    const { client, worker } = await bench.pair()
    const other = await bench.open()
    const id = await bench.expected(client)
    const watch = await bench.watch(client, id)
    await other.close()
    await storeFor(client, worker, success(id))
    await watch.count(1)
  })

  if (variant.unreachable) {
    test('rejects with ERR_CELERY_BACKEND_CONNECTION when the store cannot be reached', async (bench) => {
      const backend = await bench.unreachable()
      for (const call of [
        backend.connect(),
        backend.ping(),
        backend.store(success(bench.taskId()), { replyTo: 'x' }),
      ]) {
        const error: unknown = await call.catch((caught: unknown) => caught)
        expect(error).toMatchObject({ code: 'ERR_CELERY_BACKEND_CONNECTION' })
        for (const secret of secrets) expect(String(error)).not.toContain(secret)
      }
      await backend.close()
    })
  }
}
