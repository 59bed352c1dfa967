import { describe, expectTypeOf, it } from 'vitest'
import { readSettings } from '../../src/celery/settings/read-settings.ts'
import type { CeleryConfig, Settings } from '../../src/celery/settings/settings.ts'

describe('the types of settings', () => {
  it('are those of the table: a value, or undefined where it may be off or has no default', () => {
    expectTypeOf<Settings['taskAcksLate']>().toEqualTypeOf<boolean>()
    expectTypeOf<Settings['taskRejectOnWorkerLost']>().toEqualTypeOf<boolean | undefined>()
    expectTypeOf<Settings['resultExpires']>().toEqualTypeOf<number | undefined>()
    expectTypeOf<Settings['redisSocketTimeout']>().toEqualTypeOf<number | undefined>()
    expectTypeOf<Settings['workerPrefetchMultiplier']>().toEqualTypeOf<number>()
    expectTypeOf<Settings['brokerUrl']>().toEqualTypeOf<string>()
    expectTypeOf<Settings['resultBackend']>().toEqualTypeOf<string | undefined>()
    expectTypeOf<Settings['brokerFailoverStrategy']>().toEqualTypeOf<'round-robin' | 'shuffle' | undefined>()
    expectTypeOf<Settings['taskDefaultQueueType']>().toEqualTypeOf<'classic' | 'quorum'>()
    expectTypeOf<Settings['taskDefaultDeliveryMode']>().toEqualTypeOf<1 | 2>()
    expectTypeOf<Settings['acceptContent']>().toEqualTypeOf<readonly string[]>()
    expectTypeOf<Settings['resultAcceptContent']>().toEqualTypeOf<readonly string[]>()
    expectTypeOf<Settings['timezone']>().toEqualTypeOf<string>()
  })

  it('know both styles of names, and leave other names alone', () => {
    const config = {
      taskAcksLate: true,
      task_time_limit: '5 minutes',
      result_expires: null,
      taskRoutes: { 'a.*': { queue: 'x', routing_key: 'y' }, b: 'z' },
      task_queues: [{ name: 'x', exchange_type: 'topic' }, 'y'],
      CELERY_BROKER_URL: 'redis://localhost',
      CELERY: { worker_concurrency: 3 },
      SECRET_KEY: 's',
      database: { url: 'x' },
    } satisfies CeleryConfig
    expectTypeOf(readSettings).toBeCallableWith(config)
    expectTypeOf<CeleryConfig['task_acks_late']>().toEqualTypeOf<boolean | null | undefined>()
    expectTypeOf<CeleryConfig['resultBackendMaxSleepBetweenRetriesMs']>().toEqualTypeOf<number | null | undefined>()
    expectTypeOf<CeleryConfig['result_backend_max_sleep_between_retries_ms']>().toEqualTypeOf<
      number | null | undefined
    >()
  })

  it('take the configuration of a whole app', () => {
    const loaded: {
      readonly DATABASE_URL: string
      readonly CELERY_BROKER_URL: string | undefined
      readonly port: number
    } = {
      DATABASE_URL: 'x',
      CELERY_BROKER_URL: undefined,
      port: 1,
    }
    expectTypeOf(readSettings).toBeCallableWith(loaded)
  })

  it('refuse values of another type in either style', () => {
    const wrong: CeleryConfig[] = [
      // @ts-expect-error a flag
      { taskAcksLate: 'sometimes' },
      // @ts-expect-error a flag
      { task_acks_late: 3 },
      // @ts-expect-error a text without a unit
      { taskTimeLimit: 'soon' },
      // @ts-expect-error no type of exchange
      { taskQueues: { a: { exchangeType: 'x-delayed' } } },
      // @ts-expect-error no option of a route
      { taskRoutes: [['a', { queeu: 'x' }]] },
      // @ts-expect-error no strategy
      { broker_failover_strategy: 'hope' },
    ]
    expectTypeOf(wrong).toEqualTypeOf<CeleryConfig[]>()
  })

  it('cannot be changed', () => {
    const settings = readSettings({}, { environment: {} })
    // @ts-expect-error readonly
    const change = () => (settings.taskAcksLate = true)
    expectTypeOf(change).toBeFunction()
  })
})
