import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createRpcBackend } from '../../../src/celery/backends/rpc/create-rpc-backend.ts'
import { redisUrl } from '../../support/services/redis.ts'
import { RedisHandles } from '../brokers/redis-handles.ts'

const url = await redisUrl()

describe.skipIf(url === undefined)('rpc:// whose broker is away (needs redis-server)', () => {
  const open = async () => {
    const handles = new RedisHandles(url ?? '', `rpc-close-${randomUUID()}.`)
    const broker = await handles.open()
    const backend = createRpcBackend({ address: { kind: 'rpc', text: 'rpc://' }, broker, resultExpires: 60 })
    return { handles, broker, backend }
  }

  it('closes soon, when the broker was never there', async () => {
    const { handles, broker, backend } = await open()
    handles.network(broker).refuse(true)
    const waiting = backend.expect('one').catch((error: unknown) => error)
    await backend.close()
    await handles.close()
    expect(await waiting).toMatchObject({ code: 'ERR_CELERY_BACKEND_CONNECTION' })
  })

  it('closes soon, when the broker was there', async () => {
    const { handles, broker, backend } = await open()
    await backend.expect('one')
    const interrupted = new Promise((onInterrupted) => {
      const begun = broker.consume([], { prefetch: 1, onDelivery: () => {}, onInterrupted })
      void begun.then(() => {
        handles.network(broker).refuse(true)
        handles.network(broker).cut()
      })
    })
    await interrupted
    await backend.close()
    await handles.close()
  }, 12_000)

  it('rejects what is asked for afterwards', async () => {
    const { handles, backend } = await open()
    await backend.close()
    await expect(backend.expect('one')).rejects.toMatchObject({ code: 'ERR_CELERY_BACKEND_CONNECTION' })
    await handles.close()
  })
})
