import { afterAll, beforeAll, describe } from 'vitest'
import type { OwnService } from '../../support/services/own-service.ts'
import { pythonCeleries } from '../../support/services/python-celery.ts'
import { amqpUrl } from '../../support/services/rabbitmq.ts'
import { startRedis } from '../../support/services/redis.ts'
import { openWorld, showLogsOfFailures, solo, type World } from './harness/world.ts'
import { control } from './rows/control.ts'
import { ownWorkers } from './rows/own-workers.ts'
import { poison } from './rows/poison.ts'
import { pythonCallsUs } from './rows/python-calls-us.ts'
import { quorum, quorumQueues } from './rows/quorum.ts'
import { rpcResults } from './rows/rpc.ts'
import { weCallPython } from './rows/we-call-python.ts'
import { workflows } from './rows/workflows.ts'

// What Celery in Python and ours have in common over RabbitMQ, with the real ones.

const pythons = await pythonCeleries()
const isThere = (await amqpUrl()) !== undefined

describe.skipIf(!isThere).each(pythons)('over RabbitMQ, with Celery $version', (python) => {
  let redis: OwnService | undefined
  let world: World | undefined
  const here = () => world as World
  beforeAll(async () => {
    redis = await startRedis({ persistent: false })
    world = await openWorld({ broker: 'RabbitMQ', python, redisUrl: redis.url })
  })
  afterAll(async () => {
    await world?.close()
    await redis?.close()
  })
  showLogsOfFailures(() => world)

  pythonCallsUs(here)
  weCallPython(here)
  workflows(here)
  control(here)
  poison(here)
  ownWorkers(here)
})

describe.skipIf(!isThere).each(pythons)('over RabbitMQ, results too, with Celery $version', (python) => {
  let redis: OwnService | undefined
  let world: World | undefined
  beforeAll(async () => {
    redis = await startRedis({ persistent: false })
    const settings = () => ({ result_backend: 'rpc://' })
    world = await openWorld({ broker: 'RabbitMQ', python, redisUrl: redis.url, settings, workerWords: solo })
  })
  afterAll(async () => {
    await world?.close()
    await redis?.close()
  })
  showLogsOfFailures(() => world)

  rpcResults(() => world as World)
})

// Celery delays by the broker from 5.5 on.
const delaying = pythons.filter(({ version }) => Number(version.split('.')[1]) >= 5)

describe.skipIf(!isThere).each(delaying)('over quorum queues of RabbitMQ, with Celery $version', (python) => {
  let redis: OwnService | undefined
  let world: World | undefined
  beforeAll(async () => {
    redis = await startRedis({ persistent: false })
    const settings = (id: string) => quorumQueues([`${id}.py`, `${id}.ts`])
    world = await openWorld({ broker: 'RabbitMQ', python, redisUrl: redis.url, settings, workerWords: solo })
  })
  afterAll(async () => {
    await world?.close()
    await redis?.close()
  })
  showLogsOfFailures(() => world)

  quorum(() => world as World)
})
