import { randomUUID } from 'node:crypto'
import { createMemoryBackend } from '../../../src/celery/backends/memory/memory-backend.ts'
import { describeBackend } from './cases.ts'

const name = randomUUID()

describeBackend('memory', {
  kind: 'memory',
  capabilities: { abilities: { shared: true, chords: true }, fields: 'all', expires: true },
  open: ({ resultExpires = 86_400 } = {}) =>
    createMemoryBackend({ address: { kind: 'memory', name, text: `memory://${name}` }, resultExpires }),
})
