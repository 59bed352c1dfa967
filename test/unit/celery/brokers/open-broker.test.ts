import { describe, expect, it } from 'vitest'
import type { BackendAddress } from '../../../../src/celery/backends/backend-options.ts'
import { openBackend } from '../../../../src/celery/backends/open-backend.ts'
import { openBroker } from '../../../../src/celery/brokers/open-broker.ts'
import { parseBrokerUrl } from '../../../../src/celery/settings/parse-broker-url.ts'

describe('a broker is opened by its URL', () => {
  const transportOptions = { master_name: 'm' }

  it.each([
    ['memory://', 'memory'],
    ['memory://name', 'memory'],
    ['redis://:secret@127.0.0.1:1/3', 'redis'],
    ['rediss://:secret@127.0.0.1:1/3', 'redis'],
    ['redis+socket:///nowhere', 'redis'],
    ['sentinel://:secret@127.0.0.1:1;sentinel://127.0.0.1:2/0', 'redis'],
    ['amqp://guest:secret@127.0.0.1:1//', 'amqp'],
    ['amqps://guest:secret@127.0.0.1:1/v;amqps://other', 'amqp'],
  ])('%s is of kind %s, and nothing is connected', async (url, kind) => {
    const broker = openBroker({ address: parseBrokerUrl(url), transportOptions })
    expect(broker.kind).toBe(kind)
    expect(broker.address).not.toContain('secret')
    await broker.close()
  })

  it('unless it is of a result store', () => {
    const open = () => openBroker({ address: { kind: 'rpc', text: 'rpc://' } })
    expect(open).toThrow(TypeError)
    expect(open).toThrow('`rpc://` is no broker; use `memory://`')
  })
})

describe('a result store is opened by its URL', () => {
  const open = (url: string) =>
    openBackend({
      address: parseBrokerUrl(url, { role: 'result' }) as BackendAddress,
      resultExpires: 60,
      transportOptions: { master_name: 'm' },
      broker: openBroker({ address: parseBrokerUrl('memory://') }),
    })

  it.each([
    ['memory://', 'memory'],
    ['redis://:secret@127.0.0.1:1/3', 'redis'],
    ['rediss://:secret@127.0.0.1:1/3', 'redis'],
    ['redis+socket:///nowhere', 'redis'],
    ['sentinel://:secret@127.0.0.1:1;sentinel://127.0.0.1:2/0', 'redis'],
    ['rpc://', 'rpc'],
  ])('%s is of kind %s, and nothing is connected', async (url, kind) => {
    const backend = open(url)
    expect(backend.kind).toBe(kind)
    expect(backend.address).not.toContain('secret')
    await backend.close()
  })

  it('unless it is of a broker', () => {
    const address = parseBrokerUrl('amqp://guest:secret@127.0.0.1//')
    expect(() => openBackend({ address: address as never, resultExpires: 60 })).toThrow(
      /is no result store; use `memory:/,
    )
    expect(() => openBackend({ address: address as never, resultExpires: 60 })).not.toThrow(/secret/)
  })
})
