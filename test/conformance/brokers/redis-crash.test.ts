import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { QueueDeclaration } from '../../../src/celery/brokers/broker.ts'
import { builtPackage } from '../../support/built-package.ts'
import { hasRedis, startRedis } from '../../support/services/redis.ts'
import { numbered, sendAll, textOf, until } from './bench.ts'
import { openRedis, RedisHandles, redisServer } from './redis-handles.ts'

if (!hasRedis() && process.env['CI']) throw new Error('install redis-server')

const one: QueueDeclaration = {
  name: 'crash',
  exchange: undefined,
  routingKey: 'crash',
  durable: true,
  autoDelete: false,
  exclusive: false,
  arguments: {},
  passive: false,
}

/** Takes, and acknowledges after a moment; says what it does before it does it, and what is done. */
const program = `
import { createRedisBroker } from './dist/celery/brokers/redis/redis-broker.js'
const server = JSON.parse(process.env.SERVER)
const broker = createRedisBroker({
  address: { kind: 'redis', servers: [server], text: server.text },
  transportOptions: { visibility_timeout: 1 },
})
const queue = JSON.parse(process.env.QUEUE)
await broker.consume([queue], {
  prefetch: 20,
  onDelivery: (delivery) => {
    const text = Buffer.from(delivery.message.body).toString()
    process.stdout.write('got ' + text + '\\n')
    setTimeout(() => {
      process.stdout.write('acking ' + text + '\\n')
      delivery.ack().then(() => process.stdout.write('acked ' + text + '\\n'))
    }, Math.random() * 5)
  },
})
`

describe.skipIf(!hasRedis())('a process that dies while it takes from Redis (needs redis-server)', () => {
  it('twenty times by kill -9 loses nothing, and gives nothing again that was acknowledged', async () => {
    const redis = await startRedis()
    const handles = new RedisHandles(redis.url, '')
    const folder = await builtPackage()
    writeFileSync(join(folder, 'taker.js'), program)
    const [sender, heir] = [await handles.open(), await handles.open({ transportOptions: { visibility_timeout: 1 } })]
    await sender.declare(one)
    const env = { ...process.env, SERVER: JSON.stringify(redisServer(redis.url)), QUEUE: JSON.stringify(one) }
    const acking = new Set<string>()
    const acked = new Set<string>()
    const given = new Map<string, number>()
    let again = 0
    const give = (text: string) => {
      given.set(text, (given.get(text) ?? 0) + 1)
      if (acked.has(text)) again++
    }
    const texts: string[] = []
    try {
      for (let round = 0; round < 20; round++) {
        const more = numbered(300, `${round}-`)
        texts.push(...more)
        await sendAll(sender, one, more)
        const child = spawn(process.execPath, ['taker.js'], { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'] })
        let lines = 0
        createInterface({ input: child.stdout }).on('line', (line) => {
          lines++
          const [what, text = ''] = line.split(' ')
          if (what === 'got') give(text)
          else (what === 'acked' ? acked : acking).add(text)
        })
        await until(() => lines > 20, 'the child to work', 30_000)
        await sleep(Math.random() * 20)
        child.kill('SIGKILL')
        await once(child, 'close')
      }
      const left = texts.filter((text) => !acked.has(text)).length
      const last = new Set<string>()
      await heir.consume([one], {
        prefetch: 100,
        onDelivery: (delivery) => {
          const text = textOf(delivery)
          give(text)
          last.add(text)
          void delivery.ack()
        },
      })
      const missing = () => texts.filter((text) => !acking.has(text) && !last.has(text)).length
      await until(
        () => missing() === 0,
        () => `everything, ${missing()} are missing`,
        30_000,
      )
      const doubled = [...given.values()].filter((count) => count > 1).length
      console.log(`killed 20 times: ${JSON.stringify({ sent: texts.length, left, lost: missing(), doubled, again })}`)
      expect(again).toBe(0)
      expect(doubled).toBeLessThanOrEqual(20 * 20)
      const client = await openRedis(redis.url)
      await until(async () => (await client.exists(['unacked', 'unacked_index', 'crash'])) === 0, 'empty tables')
      client.destroy()
    } finally {
      await handles.close()
      await redis.close()
    }
  }, 180_000)
})
