import type { MemoryBroker } from '../../../src/celery/brokers/memory/memory-broker.ts'
import { describeWorker } from './cases.ts'

describeWorker('memory', {
  config: (name) => ({ brokerUrl: `memory://${name}`, resultBackend: `memory://${name}` }),
  interrupt: async (worker) => (worker.controls.broker as MemoryBroker).interrupt(),
  cleanUp: async () => undefined,
  chords: true,
})
