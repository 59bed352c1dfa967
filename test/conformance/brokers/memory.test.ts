import { randomUUID } from 'node:crypto'
import { createMemoryBroker, type MemoryBroker } from '../../../src/celery/brokers/memory/memory-broker.ts'
import { describeBroker } from './cases.ts'

const name = randomUUID()
const handles = new WeakMap<object, MemoryBroker>()

describeBroker('memory', {
  kind: 'memory',
  capabilities: {
    abilities: { nativeDelay: true, adjustablePrefetch: true },
    priorityOrder: 'highest-first',
    priorityArguments: {},
    delayArguments: {},
    knowsQueues: true,
    queueArguments: true,
    topicSubscriptions: true,
    visibilityTimeout: false,
    returnsWithin: 0,
  },
  open: () => {
    const broker = createMemoryBroker({ address: { kind: 'memory', name, text: `memory://${name}` } })
    handles.set(broker, broker)
    return broker
  },
  interrupt: async (broker) => handles.get(broker)?.interrupt(),
  giveUp: async (broker) => handles.get(broker)?.interrupt({ givesUp: true }),
  // The process that holds the handle holds the broker too: its end is a close.
  abandon: (broker) => broker.close(),
})
