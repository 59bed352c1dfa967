import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OwnService } from '../../support/services/own-service.ts'
import { hasRedis, startRedis } from '../../support/services/redis.ts'
import { type Client, openRedis } from '../brokers/redis-handles.ts'
import { startTcpProxy } from '../brokers/tcp-proxy.ts'
import { FaultBench } from './faults/fault-bench.ts'
import { describeFaults, settleAll } from './faults/fault-cases.ts'
import { until } from './faults/ledger.ts'

describe.skipIf(!hasRedis() && !process.env['CI'])('workers on a Redis (needs redis-server)', () => {
  let redis: OwnService
  let client: Client

  beforeAll(async () => {
    redis = await startRedis()
    client = await openRedis(redis.url)
  })
  afterAll(async () => {
    client?.destroy()
    await redis?.close()
  })

  // What a killed worker held comes again soon, and a frozen server is noticed soon.
  const brokerTransportOptions = { visibility_timeout: 3, socket_timeout: 0.5 }
  const settings = (url = redis.url) => ({ brokerUrl: url, brokerTransportOptions })
  const messages = async (queue: string) => {
    const [waiting, held] = await client.multi().lLen(queue).hLen('unacked').exec()
    return Number(waiting) + Number(held)
  }

  describeFaults({
    name: 'Redis',
    settings,
    messages,
    async putRubbish(queue) {
      const rubbish = ['no JSON', '7', '[]', '{"body": 7}', '['.repeat(100_000), '{"body":"W10=","properties":{}}']
      for (const text of rubbish) await client.lPush(queue, text)
      return rubbish.length
    },
  })

  const faults: readonly (readonly [title: string, fault: (test: FaultBench) => Promise<void>])[] = [
    ['is stopped and started', () => redis.restart()],
    [
      'is killed and started',
      async () => {
        await redis.kill()
        await redis.start()
      },
    ],
    [
      'ends all connections, ten times',
      async (test) => {
        for (let i = 0; i < 10; i++) {
          await client.sendCommand(['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'])
          await test.more(20)
        }
      },
    ],
    [
      'is frozen for longer than an answer may take',
      async (test) => {
        redis.freeze()
        // So many calls at a time cannot be answered: the callers wait, and nothing ends any more.
        await until('the worker has noticed', () => test.heard('the connection to the broker is gone'))
        redis.thaw()
      },
    ],
  ]

  it.for(faults)(
    'lose and double nothing when the server %s under load',
    { timeout: 60_000 },
    async ([what, fault]) => {
      const test = new FaultBench(settings())
      const load = test.load()
      const worker = await test.start()
      await test.more(200)
      await fault(test)
      await test.more(300)
      await settleAll(load, worker, () => messages(test.queue))
      const { lost, strangers, doubled } = test.census(`Redis, server ${what}`, load)
      expect({ lost, strangers, doubled }).toEqual({ lost: [], strangers: [], doubled: [] })
    },
  )

  it('end by themselves with exit code 1 when the server does not come back', async () => {
    const proxy = await startTcpProxy(redis.port)
    const test = new FaultBench(settings())
    const away = { ...settings(`redis://127.0.0.1:${proxy.port}/0`), brokerConnectionMaxRetries: 2 }
    const worker = await test.startWith({ settings: away })
    await worker.program.says('worker is ready')
    proxy.refuse(true)
    proxy.cut()
    expect(await worker.program.ended).toBe(1)
    expect(worker.program.log).toContain('no more messages can be taken: the worker ends')
    await proxy.close()
  })

  it('do not start with exit code 1 where no server is', async () => {
    const test = new FaultBench(settings())
    const away = { ...settings('redis://127.0.0.1:1/0'), brokerConnectionMaxRetries: 1 }
    const worker = await test.startWith({ settings: away })
    expect(await worker.program.ended).toBe(1)
    expect(worker.program.log).toContain('worker could not start')
  })
})
