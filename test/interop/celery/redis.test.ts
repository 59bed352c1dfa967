import { afterAll, beforeAll, describe } from 'vitest'
import type { OwnService } from '../../support/services/own-service.ts'
import { pythonCeleries } from '../../support/services/python-celery.ts'
import { hasRedis, startRedis } from '../../support/services/redis.ts'
import { openWorld, showLogsOfFailures, solo, type World } from './harness/world.ts'
import { control } from './rows/control.ts'
import { keyPrefix, prefixed } from './rows/key-prefix.ts'
import { ownWorkers } from './rows/own-workers.ts'
import { poison } from './rows/poison.ts'
import { pythonCallsUs } from './rows/python-calls-us.ts'
import { weCallPython } from './rows/we-call-python.ts'
import { workflows } from './rows/workflows.ts'

// What Celery in Python and ours have in common over Redis, with the real ones.

const pythons = await pythonCeleries()
if (!hasRedis() && process.env['CI']) throw new Error('install redis-server')

describe.skipIf(!hasRedis()).each(pythons)('over Redis, with Celery $version', (python) => {
  let redis: OwnService | undefined
  let world: World | undefined
  const here = () => world as World
  beforeAll(async () => {
    redis = await startRedis({ persistent: false })
    world = await openWorld({ broker: 'Redis', python, redisUrl: redis.url })
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

const newest = pythons.at(-1)

describe.skipIf(!hasRedis() || newest === undefined)('over Redis, below a prefix', () => {
  let redis: OwnService | undefined
  let world: World | undefined
  beforeAll(async () => {
    redis = await startRedis({ persistent: false })
    if (newest === undefined) throw new Error('there is no Python')
    const settings = () => prefixed
    world = await openWorld({
      broker: 'Redis',
      python: newest,
      redisUrl: redis.url,
      settings,
      workerWords: solo,
    })
  })
  afterAll(async () => {
    await world?.close()
    await redis?.close()
  })
  showLogsOfFailures(() => world)

  keyPrefix(() => world as World)
})
