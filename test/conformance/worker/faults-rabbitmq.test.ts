import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { OwnService } from '../../support/services/own-service.ts'
import { hasRabbitmq, type OwnRabbitmq, startRabbitmq } from '../../support/services/rabbitmq.ts'
import { hasRedis, startRedis } from '../../support/services/redis.ts'
import { type Client, openRedis } from '../brokers/redis-handles.ts'
import { startTcpProxy } from '../brokers/tcp-proxy.ts'
import { FaultBench } from './faults/fault-bench.ts'
import { describeFaults, settleAll } from './faults/fault-cases.ts'
import { until } from './faults/ledger.ts'

/** Calls and tasks that may be under way when a connection is lost: each of them may run twice. */
const UNDER_WAY = 16 + 20

describe.skipIf(!hasRabbitmq() && !process.env['CI'])('workers on a RabbitMQ (needs rabbitmq-server)', () => {
  let rabbitmq: OwnRabbitmq

  beforeAll(async () => {
    rabbitmq = await startRabbitmq()
  })
  afterAll(() => rabbitmq?.close())

  // Connections are made again soon, and a frozen server is noticed soon.
  const brokerTransportOptions = { interval_start: 0.02, interval_step: 0.1, interval_max: 0.5 }
  const settings = (url = rabbitmq.url) => ({ brokerUrl: url, brokerHeartbeat: 1, brokerTransportOptions })
  const messages = async (queue: string) => {
    const rows = (await rabbitmq.ctl('list_queues', '--no-table-headers', 'name', 'messages')).split('\n')
    return Number(rows.find((row) => row.startsWith(`${queue}\t`))?.split('\t')[1] ?? 0)
  }

  describeFaults({ name: 'RabbitMQ', settings, messages })

  const faults: readonly (readonly [title: string, losses: number, fault: (test: FaultBench) => Promise<void>])[] = [
    ['is stopped and started', 1, () => rabbitmq.restart()],
    [
      'is killed and started',
      1,
      async () => {
        await rabbitmq.kill()
        await rabbitmq.start()
      },
    ],
    [
      'ends all connections, three times',
      3,
      async (test) => {
        for (let i = 0; i < 3; i++) {
          await rabbitmq.ctl('close_all_connections', 'of the test')
          await test.more(50)
        }
      },
    ],
    [
      'is frozen for longer than it may be silent',
      1,
      async (test) => {
        rabbitmq.freeze()
        await until('the worker has noticed', () => test.heard('the connection to the broker is gone'))
        rabbitmq.thaw()
      },
    ],
  ]

  it.for(faults)(
    'lose nothing when the server %s under load, and double what was under way at most',
    { timeout: 90_000 },
    async ([what, losses, fault]) => {
      const test = new FaultBench(settings())
      const load = test.load()
      const worker = await test.start()
      await test.more(200)
      await fault(test)
      await test.more(300)
      await settleAll(load, worker, () => messages(test.queue))
      const { lost, strangers, doubled } = test.census(`RabbitMQ, server ${what}`, load)
      expect({ lost, strangers }).toEqual({ lost: [], strangers: [] })
      expect(doubled.length).toBeLessThanOrEqual(losses * UNDER_WAY)
    },
  )

  it('end by themselves with exit code 1 when the server does not come back', async () => {
    const proxy = await startTcpProxy(rabbitmq.port)
    const test = new FaultBench(settings())
    const away = { ...settings(rabbitmq.url.replace(/:\d+/, `:${proxy.port}`)), brokerConnectionMaxRetries: 2 }
    const worker = await test.startWith({ settings: away })
    await worker.program.says('worker is ready')
    proxy.refuse(true)
    proxy.cut()
    expect(await worker.program.ended).toBe(1)
    expect(worker.program.log).toContain('no more messages can be taken: the worker ends')
    await proxy.close()
  })

  describe.skipIf(!hasRedis() && !process.env['CI'])('with results in a Redis (needs redis-server)', () => {
    let redis: OwnService
    let client: Client

    beforeAll(async () => {
      redis = await startRedis()
      client = await openRedis(redis.url)
    })
    beforeEach(async () => {
      if (redis.pid === undefined) await redis.start()
      await client.flushAll()
    })
    afterAll(async () => {
      client?.destroy()
      await redis?.close()
    })

    const results = async () => (await client.keys('celery-task-meta-*')).length
    const withStore = () => ({ ...settings(), resultBackend: redis.url })

    it('keep what is acknowledged late until the store is there again, and then store it: nothing is lost or doubled', {
      timeout: 60_000,
    }, async () => {
      const test = new FaultBench(withStore())
      const load = test.load()
      const worker = await test.startWith({ health: true })
      await test.more(50)
      await redis.stop()
      await until('results pile up', async () => ((await worker.health())?.finishing ?? 0) >= 10)
      await redis.start()
      await test.more(100)
      await settleAll(load, worker, () => messages(test.queue))
      const { lost, doubled } = test.census('RabbitMQ, store stopped and started', load)
      expect({ lost, doubled }).toEqual({ lost: [], doubled: [] })
      expect(await results()).toBe(load.accepted.size)
    })

    it('have tasks run again whose results were not stored when the worker was killed', {
      timeout: 60_000,
    }, async () => {
      const test = new FaultBench(withStore())
      const numbers = Array.from({ length: 40 }, (_, n) => n)
      await Promise.all(numbers.map((n) => test.call('late', n, 0)))
      await redis.stop()
      const first = await test.startWith({ health: true })
      await until('results pile up', async () => ((await first.health())?.finishing ?? 0) >= 10)
      const ranFirst = test.ledger.count('end', first.pid)
      expect(await first.end('SIGKILL')).toBe('SIGKILL')
      await redis.start()
      const second = await test.start()
      await until('all results are stored', async () => (await results()) === numbers.length)
      await until('the queue is empty', async () => (await messages(test.queue)) === 0)
      expect(await second.end('SIGTERM')).toBe(0)
      const load = { accepted: new Set(numbers), unknown: new Set<number>(), refused: new Map<number, string>() }
      const { lost, doubled } = test.census('RabbitMQ, store down and worker killed', load)
      expect(lost).toEqual([])
      expect(doubled.length).toBeGreaterThanOrEqual(ranFirst)
    })

    it('give back what is acknowledged late when their patience with the store is over', {
      timeout: 60_000,
    }, async () => {
      const test = new FaultBench(withStore())
      await test.call('late', 1, 0)
      await redis.stop()
      const impatient = { resultBackendAlwaysRetry: true, resultBackendMaxRetries: 1 }
      const worker = await test.startWith({ settings: impatient })
      await until('it was given back, and ran again', () => test.ledger.runsOf(1).length > 1)
      await redis.start()
      await until('its result is stored', async () => (await results()) === 1)
      await until('the queue is empty', async () => (await messages(test.queue)) === 0)
      expect(await worker.end('SIGTERM')).toBe(0)
    })
  })
})
