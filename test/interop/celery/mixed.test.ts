import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OwnService } from '../../support/services/own-service.ts'
import { pythonCeleries } from '../../support/services/python-celery.ts'
import { amqpUrl } from '../../support/services/rabbitmq.ts'
import { hasRedis, startRedis } from '../../support/services/redis.ts'
import { openWorld, showLogsOfFailures, type World } from './harness/world.ts'
import { until } from './rows/until.ts'

// Workers of both sides take from one queue.

const TASKS = 10_000
const FROM_EACH = TASKS / 2

const python = (await pythonCeleries()).at(-1)
const hasBoth = hasRedis() && (await amqpUrl()) !== undefined

describe.skipIf(python === undefined || !hasBoth).each(['Redis', 'RabbitMQ'] as const)(
  'workers in Python and TypeScript on one queue of %s',
  (broker) => {
    let redis: OwnService | undefined
    let world: World | undefined
    beforeAll(async () => {
      redis = await startRedis({ persistent: false })
      if (python === undefined) throw new Error('there is no Python')
      world = await openWorld({ broker, python, redisUrl: redis.url, workers: false })
    })
    afterAll(async () => {
      await world?.close()
      await redis?.close()
    })
    showLogsOfFailures(() => world)

    it(`run ${TASKS} tasks from clients of both, none lost and none twice`, async () => {
      const { id, store, celery, ask, startPythonWorker, startTypescriptWorker } = world as World
      const queue = `${id}.both`
      const words = ['-c', '2']
      // So that neither has done it all before the other is there.
      const both = Promise.all([
        startPythonWorker({ node: `py@${id}`, queues: [`${id}.default`], words: [...words, '--without-mingle'] }),
        startTypescriptWorker({ node: `ts@${id}`, queues: [`${id}.default`], words }),
      ])
      const start = Date.now()
      const theirs = ask(`
          with app.producer_or_acquire() as producer:
              for number in range(${FROM_EACH}, ${TASKS}):
                  app.send_task('any.count', ('${id}', number), queue='${queue}', ignore_result=True, producer=producer)
        `)
      for (let number = 0; number < FROM_EACH; number += 100) {
        const numbers = Array.from({ length: 100 }, (_, index) => number + index)
        await Promise.all(numbers.map((one) => celery.sendTask('any.count', [id, one], { queue, ignoreResult: true })))
      }
      await both
      const answers = await ask<unknown[]>(`
          return app.control.add_consumer('${queue}', destination=['py@${id}', 'ts@${id}'], reply=True, timeout=5)
        `)
      expect(answers).toHaveLength(2)
      await theirs
      const counts = async () => [await store.lLen(`${id}:py`), await store.lLen(`${id}:ts`)] as const
      await until('all tasks are done', async () => sum(await counts()) >= TASKS, 60_000)
      // What was doubled would come at the end.
      await until('the queue is empty', async () => (await waiting(world as World, queue)) === 0)
      const [py, ts] = await counts()
      const numbers = [...(await store.lRange(`${id}:py`, 0, -1)), ...(await store.lRange(`${id}:ts`, 0, -1))]
      const lost = TASKS - new Set(numbers).size
      const twice = numbers.length - new Set(numbers).size
      console.log(`${broker}: ${py} by Python, ${ts} by TypeScript, ${Date.now() - start} ms`, { lost, twice })
      expect({ lost, twice }).toEqual({ lost: 0, twice: 0 })
      expect(Math.min(py, ts)).toBeGreaterThan(0)
    }, 90_000)
  },
)

const sum = (counts: readonly number[]) => counts.reduce((one, other) => one + other, 0)

/** Messages that wait or are being worked on. */
async function waiting({ broker, store, ask }: World, queue: string): Promise<number> {
  if (broker === 'Redis') return (await store.lLen(queue)) + (await store.hLen('unacked'))
  return ask<number>(`
    with app.connection_for_read() as connection:
        return connection.default_channel.queue_declare('${queue}', passive=True).message_count
  `)
}
