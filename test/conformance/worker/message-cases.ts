import { describe, expect, it, vi } from 'vitest'
import type { Message } from '../../../src/celery/protocol/message.ts'
import { WorkerBench } from './bench.ts'
import type { WorkerVariant } from './variant.ts'

const headers = { task: 'add', id: 'p1' }

/** What stops a worker in Python, or is thrown away there. */
const poison: Readonly<Record<string, Partial<Message>>> = {
  'a body of two items': { headers, body: Buffer.from('[[], {}]') },
  'a body that is no JSON': { headers, body: Buffer.from('{secret') },
  'no id': { headers: { task: 'add' } },
  'no task': { headers: {} },
  'an eta that is no time': { headers: { ...headers, eta: 'soon' } },
  'an expiry that is no time': { headers: { ...headers, expires: 'soon' } },
  pickle: { headers, contentType: 'application/x-python-serialize', contentEncoding: 'binary' },
  'an unknown content type': { headers, contentType: 'application/x-own' },
  'an empty body': { headers, body: Buffer.alloc(0) },
}

export function messageCases(variant: WorkerVariant): void {
  describe('poison among good messages', () => {
    it.each(Object.entries(poison))('is rejected, and the rest runs: %s', async (_, message) => {
      const bench = new WorkerBench(variant)
      const ran: unknown[] = []
      const add = bench.app.task('add', (_context, n: number) => void ran.push(n))
      await add.delay(1)
      await bench.publishRaw(message)
      await add.delay(2)
      const worker = await bench.worker({ concurrency: 1 })
      await vi.waitFor(() => expect(ran).toEqual([1, 2]))
      await vi.waitFor(() => expect(bench.events).toHaveLength(1))
      expect(worker.health()).toMatchObject({ state: 'running', malformed: 1, received: 3 })
      expect(bench.events).toMatchObject([['task-rejected', { requeue: false }]])
      expect(JSON.stringify(bench.lines)).not.toContain('secret')
      await worker.stop()
      expect(await bench.waiting()).toBe(0)
    })
  })
}
