import { randomBytes } from 'node:crypto'
import { writeSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { builtPackage } from '../../interop/celery/harness/built-package.ts'
import { Program } from '../../interop/celery/harness/program.ts'
import { redisUrl } from '../../support/services/redis.ts'
import { openRedis, removeKeys } from '../brokers/redis-handles.ts'

const program = fileURLToPath(new URL('faults/heap.ts', import.meta.url))
const root = fileURLToPath(new URL('../../..', import.meta.url))
const url = await redisUrl()

interface Told {
  readonly before: number
  readonly after: number
  readonly processed: number
  readonly seconds: number
}

describe('the heap of a worker', { timeout: 120_000 }, () => {
  const measure = async (title: string, settings: Readonly<Record<string, unknown>>, count: number): Promise<Told> => {
    const words = ['--expose-gc', builtPackage(program).app]
    const env = { HEAP: JSON.stringify({ settings, warmUp: 20_000, count }) }
    const child = new Program('heap', process.execPath, words, { cwd: root, env })
    expect([await child.ended, child.log]).toEqual([0, expect.stringContaining('{')])
    const told = JSON.parse(child.log) as Told
    const kib = (bytes: number) => `${Math.round(bytes / 1024)} KiB`
    const rate = `${Math.round(count / told.seconds)} a second`
    writeSync(2, `${title}, ${count} tasks: heap ${kib(told.before)} before, ${kib(told.after)} after; ${rate}\n`)
    return told
  }

  it('is the same after 200,000 tasks in memory as before them', async () => {
    const { before, after, processed } = await measure('memory', { worker_enable_remote_control: false }, 200_000)
    expect(processed).toBe(220_000)
    expect(after).toBeLessThan(before * 1.1)
  })

  it.skipIf(url === undefined)('is the same after 200,000 tasks through Redis (needs redis-server)', async () => {
    const prefix = `heap-${randomBytes(4).toString('hex')}:`
    const settings = { broker_url: url, broker_transport_options: { global_keyprefix: prefix } }
    try {
      const { before, after, processed } = await measure('Redis', settings, 200_000)
      expect(processed).toBe(220_000)
      expect(after).toBeLessThan(before * 1.1)
    } finally {
      const client = await openRedis(url ?? '')
      await removeKeys(client, prefix)
      await client.close()
    }
  })
})
