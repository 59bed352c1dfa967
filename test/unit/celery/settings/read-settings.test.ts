import { describe, expect, it } from 'vitest'
import { toSnakeCase } from '../../../../src/celery/settings/any-case.ts'
import { otherSettings } from '../../../../src/celery/settings/other-settings.ts'
import { readSettings } from '../../../../src/celery/settings/read-settings.ts'
import {
  djangoNameOf,
  oldNameOf,
  type SettingName,
  settingOf,
  settingRules,
} from '../../../../src/celery/settings/setting-names.ts'
import type { CeleryConfig } from '../../../../src/celery/settings/settings.ts'

const read = (config: CeleryConfig = {}, environment: Record<string, string> = {}) =>
  readSettings(config, { environment })
const complaint = (config: unknown, environment: Record<string, string> = {}): string => {
  try {
    read(config as CeleryConfig, environment)
  } catch (error) {
    if (error instanceof TypeError) return error.message
    throw error
  }
  throw new Error('no TypeError')
}

describe('readSettings', () => {
  it('gives the defaults of Celery, but a broker and a store in memory', () => {
    expect(read()).toMatchObject({
      brokerUrl: 'memory://',
      brokerReadUrl: 'memory://',
      brokerWriteUrl: 'memory://',
      resultBackend: 'memory://',
      acceptContent: ['json'],
      resultAcceptContent: ['json'],
      timezone: 'UTC',
      taskDefaultQueue: 'celery',
      taskDefaultExchange: 'celery',
      taskDefaultRoutingKey: 'celery',
      taskAcksLate: false,
      resultExpires: 86_400,
      workerPrefetchMultiplier: 4,
      ignored: [],
    })
    expect(read().taskTimeLimit).toBe(undefined)
  })

  it('stores no results when the broker is elsewhere and no store is named', () => {
    expect(read({ brokerUrl: 'redis://h' }).resultBackend).toBe(undefined)
    expect(read({ resultBackend: 'disabled://' }).resultBackend).toBe(undefined)
    expect(read({ brokerUrl: 'redis://h', resultBackend: 'rpc' }).resultBackend).toBe('rpc')
  })

  it('takes the configuration of the original, whole, and leaves what is not its own', () => {
    const flask = {
      CELERY_BROKER_URL: 'amqp://localhost',
      CELERY_RESULT_BACKEND: 'redis://localhost/1',
      SQLALCHEMY_DATABASE_URI: 'postgresql://localhost/x',
      SECRET_KEY: 's3cret',
      DEBUG: true,
      redisUrl: 'redis://elsewhere',
      redis_host: 'elsewhere',
      databaseUrl: 'sqlite:///x',
      eventName: 'x',
      port: 3000,
    }
    expect(read(flask)).toMatchObject({
      brokerUrl: 'amqp://localhost',
      resultBackend: 'redis://localhost/1',
      ignored: [],
    })
  })

  it.each(['taskAcksLate', 'task_acks_late', 'CELERY_TASK_ACKS_LATE', 'CELERY_ACKS_LATE'])('knows %s', (name) => {
    expect(read({ [name]: true }).taskAcksLate).toBe(true)
  })

  it.each([
    ['BROKER_URL', 'brokerUrl', 'redis://h'],
    ['CELERYD_CONCURRENCY', 'workerConcurrency', 3],
    ['CELERYBEAT_SYNC_EVERY', 'beatSyncEvery', 3],
    ['CELERY_TASK_RESULT_EXPIRES', 'resultExpires', 3],
    ['CELERY_MAX_CACHED_RESULTS', 'resultCacheMax', 3],
    ['RESULT_ACCEPT_CONTENT', 'resultAcceptContent', ['yaml']],
    ['CELERY_MESSAGE_COMPRESSION', 'taskCompression', 'gzip'],
    ['CELERY_EAGER_PROPAGATES_EXCEPTIONS', 'taskEagerPropagates', true],
    ['CELERY_SEND_EVENTS', 'workerSendTaskEvents', true],
    ['CELERYD_TASK_TIME_LIMIT', 'taskTimeLimit', 30],
    ['CELERY_ENABLE_UTC', 'enableUtc', false],
    ['ENABLE_UTC', 'enableUtc', false],
    ['CONTROL_EXCHANGE', 'controlExchange', 'x'],
  ] satisfies [string, SettingName, unknown][])('knows the older name %s', (old, name, value) => {
    expect(read({ [old]: value })[name]).toEqual(value)
  })

  it('has no name that means two settings', () => {
    const claims = new Map<string, string>()
    for (const [name, { old }] of [...Object.entries(settingRules), ...Object.entries(otherSettings)]) {
      for (const style of new Set([name, toSnakeCase(name), oldNameOf(name, old), djangoNameOf(name)])) {
        expect(claims.get(style), style).toBe(undefined)
        claims.set(style, name)
      }
    }
    expect(settingOf('CELERY_QUEUES')).toBe('taskQueues')
  })

  it('reads all settings below CELERY, as Flask has them', () => {
    expect(read({ CELERY: { broker_url: 'redis://h', task_ignore_result: true } })).toMatchObject({
      brokerUrl: 'redis://h',
      taskIgnoreResult: true,
    })
  })

  it('lets styles be mixed, because every name means one setting', () => {
    expect(read({ CELERY_ACKS_LATE: true, task_track_started: true, workerConcurrency: 2 })).toMatchObject({
      taskAcksLate: true,
      taskTrackStarted: true,
      workerConcurrency: 2,
    })
    expect(read({ CELERY_ACKS_LATE: true, taskAcksLate: true }).taskAcksLate).toBe(true)
  })

  it('refuses one setting with two values, naming both names', () => {
    expect(complaint({ CELERY_ACKS_LATE: true, taskAcksLate: false })).toBe(
      'settings of Celery: `CELERY_ACKS_LATE` and `taskAcksLate` are one setting and differ; give one of them',
    )
  })

  it('lets the environment win over the configuration', () => {
    const environment = {
      CELERY_BROKER_URL: 'redis://env',
      CELERY_BROKER_READ_URL: 'redis://read',
      CELERY_BROKER_WRITE_URL: 'redis://write',
      CELERY_RESULT_BACKEND: 'redis://store',
    }
    const config = { brokerUrl: 'amqp://h', resultBackend: 'rpc://', broker_read_url: 'amqp://r' }
    expect(read(config, environment)).toMatchObject({
      brokerUrl: 'redis://env',
      brokerReadUrl: 'redis://read',
      brokerWriteUrl: 'redis://write',
      resultBackend: 'redis://store',
    })
    expect(read(config, { CELERY_BROKER_URL: '' }).brokerUrl).toBe('amqp://h')
    expect(complaint({}, { CELERY_BROKER_URL: 'sqs://' })).toContain('`CELERY_BROKER_URL`: the scheme `sqs://`')
  })

  it('names every mistake at once, with what was probably meant', () => {
    const config = {
      taskAckLate: true,
      CELERY_ACK_LATE: 1,
      task_acks_lte: 2,
      resultBackends: 1,
      brokerFoo: 1,
      taskSerializer: 'pickle',
      accept_content: ['application/x-python-serialize'],
      brokerUrl: 'sqs://h',
      brokerHost: 'h',
      CELERY_REDIS_HOST: 'h',
    }
    expect(complaint(config).split('\n')).toEqual([
      'settings of Celery: 10 problems',
      '  - `taskAckLate` is no setting of Celery; `taskAcksLate` is near',
      '  - `CELERY_ACK_LATE` is no setting of Celery; `CELERY_ACKS_LATE` is near',
      '  - `task_acks_lte` is no setting of Celery; `task_acks_late` is near',
      '  - `resultBackends` is no setting of Celery; `resultBackend` is near',
      '  - `brokerFoo` is no setting of Celery; docs/celery-settings.md lists them',
      '  - `brokerHost` is not read; write it in the URL of `brokerUrl`',
      '  - `CELERY_REDIS_HOST` is not read; write it in the URL of `resultBackend`',
      "  - `taskSerializer` must not be 'pickle': reading it would run code of whoever can send messages; use 'json'",
      "  - `accept_content` must not be 'pickle': reading it would run code of whoever can send messages; use 'json'",
      '  - `brokerUrl`: the scheme `sqs://` is not supported; use `memory://`, `redis://`, `rediss://`, `redis+socket://`, `sentinel://`, `amqp://`, `amqps://` or `pyamqp://`',
    ])
  })

  it('passes over what means something in Python alone, and lists it', () => {
    const config = {
      worker_pool: 'prefork',
      CELERYD_HIJACK_ROOT_LOGGER: false,
      CELERY_CACHE_BACKEND: 'memory',
      security_key: 'k',
    }
    expect(read(config).ignored).toEqual(['worker_pool', 'CELERYD_HIJACK_ROOT_LOGGER', 'CELERY_CACHE_BACKEND'])
  })

  it.each([
    ['taskAcksLate', 'maybe', 'true or false'],
    ['taskTimeLimit', 'soon', "a number of seconds or a text such as '1 day', or null for none"],
    ['taskTimeLimit', -1, "a number of seconds or a text such as '1 day', or null for none"],
    ['workerConcurrency', 1.5, 'an integer from 0, or null for none'],
    ['taskDefaultPriority', 256, 'an integer from 0 to 255'],
    ['taskProtocol', 3, 'an integer from 1 to 2'],
    ['taskDefaultQueue', '', 'a text'],
    ['taskDefaultQueueType', 'stream', "'classic' or 'quorum'"],
    ['brokerFailoverStrategy', 'hope', "'round-robin' or 'shuffle'"],
    ['taskDefaultExchangeType', 'x-delayed', "'direct', 'topic', 'fanout' or 'headers'"],
    ['taskDefaultDeliveryMode', 3, '2 (persistent) or 1 (transient)'],
    ['taskDefaultRateLimit', '5/d', "a number per second or a text such as '100/m'"],
    ['imports', [1], 'a list of texts'],
    ['brokerTransportOptions', [], 'an object'],
    ['beatSchedule', { a: 1 }, 'an object of objects'],
    ['brokerUseSsl', 'maybe', 'true, false or an object'],
    ['resultBackendMaxRetries', -1, 'a number from 0'],
  ])('says what %s must be, found %j', (name, value, expected) => {
    expect(complaint({ [name]: value })).toContain(`\`${name}\` must be ${expected}, found `)
  })

  it('reads numbers, flags and times from texts', () => {
    expect(
      read({
        CELERYD_CONCURRENCY: '4',
        task_acks_late: 'yes',
        taskTimeLimit: '90',
        result_expires: '2 days',
      } as never),
    ).toMatchObject({ workerConcurrency: 4, taskAcksLate: true, taskTimeLimit: 90, resultExpires: 172_800 })
  })

  it('turns off by null, and by 0 where Celery does', () => {
    const off = read({
      resultExpires: 0,
      brokerHeartbeat: null,
      redisSocketTimeout: null,
      brokerConnectionMaxRetries: null,
    })
    expect([off.resultExpires, off.brokerHeartbeat, off.redisSocketTimeout, off.brokerConnectionMaxRetries]).toEqual(
      Array(4).fill(undefined),
    )
    expect(read({ taskAcksLate: null }).taskAcksLate).toBe(false)
  })

  it('reads options of transports by either style of names', () => {
    const options = { visibilityTimeout: 10, global_keyprefix: 'x' }
    expect(read({ brokerTransportOptions: options }).brokerTransportOptions).toEqual({
      visibility_timeout: 10,
      global_keyprefix: 'x',
    })
  })

  it('reads a policy of retries in part', () => {
    expect(read({ task_publish_retry_policy: { max_retries: null, interval_max: 2 } }).taskPublishRetryPolicy).toEqual({
      maxRetries: undefined,
      intervalStart: 0,
      intervalStep: 0.2,
      intervalMax: 2,
    })
    expect(complaint({ taskPublishRetryPolicy: { max: 1 } })).toContain('`taskPublishRetryPolicy.max` is not known')
  })

  it('takes the time zone from Django when Celery is told none', () => {
    expect(read({ TIME_ZONE: 'Europe/Vienna' }).timezone).toBe('Europe/Vienna')
    expect(read({ TIME_ZONE: 'Europe/Vienna', timezone: 'UTC' }).timezone).toBe('UTC')
    expect(complaint({ timezone: 'Mars/Olympus' })).toContain('`timezone` must be the name of a time zone')
  })

  it('asks for the name of the master with sentinels', () => {
    expect(complaint({ brokerUrl: 'sentinel://h' })).toContain('`brokerTransportOptions` must have `master_name`')
    expect(read({ brokerUrl: 'sentinel://h', brokerTransportOptions: { masterName: 'm' } }).brokerUrl).toBe(
      'sentinel://h',
    )
  })

  it('joins the URLs of a list', () => {
    expect(read({ brokerUrl: ['amqp://a//', 'amqp://b//'] }).brokerUrl).toBe('amqp://a//;amqp://b//')
  })

  it('refuses to read from memory what is written elsewhere', () => {
    expect(complaint({ brokerWriteUrl: 'redis://h' })).toContain('must be the same broker')
  })

  it('gives a frozen object, and frozen defaults', () => {
    const settings = read({ imports: ['a'] })
    expect(Object.isFrozen(settings)).toBe(true)
    for (const value of [settings.imports, settings.acceptContent, settings.ignored, settings.brokerTransportOptions]) {
      expect(Object.isFrozen(value)).toBe(true)
    }
  })

  it('tells which settings were given', () => {
    expect([...read({ CELERY_ACKS_LATE: true }, { CELERY_BROKER_URL: 'redis://h' }).given]).toEqual([
      'taskAcksLate',
      'brokerUrl',
    ])
  })

  it('never shows a text that was given, whatever the setting', () => {
    const secret = 'hunter2'
    for (const name of Object.keys(settingRules)) {
      for (const value of [
        secret,
        [secret],
        { [name]: secret },
        `sqs://u:${secret}@h`,
        `redis://u:${secret}@h/x`,
        { a: { password: secret } },
      ]) {
        try {
          read({ [name]: value })
        } catch (error) {
          expect((error as Error).message, name).not.toContain(secret)
        }
      }
    }
  })

  it('refuses what is no object', () => {
    for (const value of [null, 'x', []]) expect(complaint(value)).toContain('must be an object')
  })
})
