import { describe, expect, it } from 'vitest'
import type { BackendOptions } from '../../../../src/celery/backends/backend-options.ts'
import { createRedisBackend } from '../../../../src/celery/backends/redis/create-redis-backend.ts'
import { createRpcBackend } from '../../../../src/celery/backends/rpc/create-rpc-backend.ts'
import { replyQueue } from '../../../../src/celery/backends/rpc/reply-queue.ts'
import type { RedisAddress } from '../../../../src/celery/brokers/broker-address.ts'
import { parseBrokerUrl } from '../../../../src/celery/settings/parse-broker-url.ts'

const address = parseBrokerUrl('redis://user:s3cret@h/1', { role: 'result' }) as RedisAddress
const redis = (options: Partial<BackendOptions>) =>
  createRedisBackend({ address, resultExpires: 60, ...options } as BackendOptions<RedisAddress>)

describe('a store in Redis', () => {
  it('shows its address without secrets, and connects to nothing by itself', async () => {
    const backend = redis({})
    expect(backend.address).toContain('h')
    expect(backend.address).not.toContain('s3cret')
    await backend.close()
  })

  it('is told everything that is wrong with its options at once', () => {
    const transportOptions = { global_keyprefix: 5, result_chord_ordered: 'yes', master_name: [] }
    expect(() => redis({ transportOptions, resultExpires: -1 })).toThrow(
      /4 problems[\s\S]*global_keyprefix[\s\S]*master_name[\s\S]*result_chord_ordered[\s\S]*result_expires/,
    )
  })

  it('does not take pickle', () => {
    expect(() => redis({ serializer: 'pickle' })).toThrow(/pickle is not supported/)
  })
})

describe('a store over a broker', () => {
  it('needs one', () => {
    expect(() => createRpcBackend({ address: { kind: 'rpc', text: 'rpc://' }, resultExpires: 60 })).toThrow(TypeError)
  })

  it.each([
    [null, 600_000],
    [0, 600_000],
    [86_400, 600_000],
    [60, 60_000],
    [0.0001, 1],
  ])('has a queue that goes some time after its process, when results expire after %s seconds', (expires, ms) => {
    expect(replyQueue('q', expires)).toMatchObject({ autoDelete: false, arguments: { 'x-expires': ms } })
  })
})
