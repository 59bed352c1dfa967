import type { ResultBackend } from '../../../src/celery/backends/result-backend.ts'
import { createRpcBackend } from '../../../src/celery/backends/rpc/create-rpc-backend.ts'
import type { Broker } from '../../../src/celery/brokers/broker.ts'
import type { BackendVariant, OpenSettings } from './variant.ts'

/** What a kind of broker brings, for `rpc://` to run over it. */
export interface RpcBrokers<B extends Broker> {
  open(): B | Promise<B>
  unreachable?(): B | Promise<B>
  interrupt(broker: B): void | Promise<void>
}

/** `rpc://` over a kind of broker, and what closes all brokers that it used. */
export function rpcVariant<B extends Broker>(
  brokers: RpcBrokers<B>,
): { readonly variant: BackendVariant; readonly close: () => Promise<void> } {
  const opened = new Map<ResultBackend, B>()
  const made: Broker[] = []
  const openWith = (broker: B, { resultExpires = 86_400 }: OpenSettings = {}): ResultBackend => {
    made.push(broker)
    const backend = createRpcBackend({ address: { kind: 'rpc', text: 'rpc://' }, broker, resultExpires })
    opened.set(backend, broker)
    return backend
  }
  const { unreachable } = brokers
  const variant: BackendVariant = {
    kind: 'rpc',
    capabilities: { abilities: { shared: false, chords: false }, fields: 'all', expires: false },
    open: async (settings) => openWith(await brokers.open(), settings),
    ...(unreachable ? { unreachable: async () => openWith(await unreachable()) } : {}),
    secrets: ['the-secret'],
    interrupt: async (backend) => {
      const broker = opened.get(backend)
      if (broker) await brokers.interrupt(broker)
    },
  }
  return { variant, close: async () => void (await Promise.all(made.map((broker) => broker.close()))) }
}
