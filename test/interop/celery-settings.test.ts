import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { toCamelCase, toSnakeCase } from '../../src/celery/settings/any-case.ts'
import { nodeName } from '../../src/celery/settings/node-name.ts'
import { otherSettings } from '../../src/celery/settings/other-settings.ts'
import { parseBrokerUrl } from '../../src/celery/settings/parse-broker-url.ts'
import { readSettings } from '../../src/celery/settings/read-settings.ts'
import { resolveRoute } from '../../src/celery/settings/resolve-route.ts'
import { oldNameOf, settingOf, settingRules } from '../../src/celery/settings/setting-names.ts'
import { pythonCeleries } from '../support/services/python-celery.ts'

// What the settings mean to us and to the real Celery and kombu.

const pythons = await pythonCeleries()
const script = fileURLToPath(new URL('./celery-settings.py', import.meta.url))

const askPython = (python: string, request: unknown): unknown => {
  const { stdout, stderr } = spawnSync(python, [script], { input: JSON.stringify(request), encoding: 'utf8' })
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout)
}

const urls = [
  'redis://',
  'redis://h',
  'redis://H:6380/3',
  'redis://:pw@h/1',
  'redis://u%40:p%2Fw%3A%25@h//2',
  'redis://[::1]:7000/1',
  'rediss://u:p@h:1/4',
  'redis+socket:///run/my.sock',
  'redis+socket:///run/my%20redis.sock?virtual_host=3',
  'redis+socket://u:p@/run/my.sock',
  'sentinel://u:p@h:26380/2;sentinel://h2',
  'amqp://',
  'amqp://h',
  'amqp://h/',
  'amqp://h//',
  'amqp://h/v',
  'amqp://h//v',
  'amqp://h/%2Fv%20w',
  'amqp://u%3A:p%40@h:5673/%2F',
  'amqps://h/v',
  'pyamqp://u@h',
  'amqp://a//;amqp://b/v',
]

const topics = { task_queues: { feeds: { exchange: 'ex', exchange_type: 'topic', routing_key: 'feed.#' }, mail: {} } }
const shaped = {
  task_queues: {
    full: {
      exchange: 'ex',
      exchange_type: 'fanout',
      binding_key: 'k',
      durable: false,
      queue_durable: true,
      auto_delete: true,
      queue_arguments: { 'x-max-priority': 3 },
      delivery_mode: 1,
    },
    only: { exclusive: true },
  },
  task_queue_max_priority: 9,
  task_default_exchange: 'main',
  task_default_exchange_type: 'topic',
}
const globs = {
  task_routes: { 'a.*': 'globs', 'a.b.*': 'later', 'a.b.c': { queue: 'exact', priority: 4 }, '*.[!x]?z': 'odd' },
}
const pairs = {
  task_routes: [
    ['m.*', { queue: 'x' }],
    [{ re: '(video|image)\\.tasks\\..*' }, { queue: 'media' }],
  ],
}
const full = { task_routes: { a: { exchange: 'ex', exchange_type: 'topic', routing_key: 'k', delivery_mode: 1 } } }

const routes: { settings: Record<string, unknown>; name: string; call?: Record<string, unknown> }[] = [
  ...['a', 'a.b.c', 'a.b.d', 'b.yyz', 'b.xyz'].map((name) => ({ settings: globs, name })),
  ...['m.a', 'video.tasks.a', 'my.video.tasks.a'].map((name) => ({ settings: pairs, name })),
  { settings: {}, name: 'a' },
  { settings: {}, name: 'a', call: { queue: 'new' } },
  { settings: {}, name: 'a', call: { exchange: 'ex', routing_key: 'k' } },
  { settings: {}, name: 'a', call: { exchange: 'ex' } },
  { settings: {}, name: 'a', call: { exchange: 'ex', exchange_type: 'fanout' } },
  { settings: {}, name: 'a', call: { routing_key: 'k' } },
  { settings: {}, name: 'a', call: { exchange: '', routing_key: 'k' } },
  { settings: { task_default_queue: 'main', task_queue_max_priority: 5 }, name: 'a' },
  {
    settings: { task_default_exchange: 'ex', task_default_exchange_type: 'topic', task_default_routing_key: 'k' },
    name: 'a',
  },
  ...['feeds', 'mail', 'other'].map((queue) => ({ settings: topics, name: 'a', call: { queue } })),
  { settings: topics, name: 'a', call: { queue: 'feeds', routing_key: 'feed.x' } },
  { settings: topics, name: 'a' },
  ...['full', 'only', 'other'].map((queue) => ({ settings: shaped, name: 'a', call: { queue } })),
  { settings: full, name: 'a' },
  { settings: full, name: 'a', call: { queue: 'x' } },
  { settings: full, name: 'a', call: { routing_key: 'other' } },
  { settings: { task_routes: { a: { routing_key: 'k' } } }, name: 'a' },
  { settings: { task_routes: { a: {} } }, name: 'a' },
  { settings: { task_routes: [{ b: 'x' }, { a: 'y', b: 'z' }] }, name: 'a' },
  { settings: { task_routes: [{ b: 'x' }, { a: 'y', b: 'z' }] }, name: 'b' },
  { settings: { task_create_missing_queues: false }, name: 'a', call: { queue: 'new' } },
]

/** What Celery 5.2 does not know. */
const routesOfNewer: typeof routes = [
  { settings: { task_default_queue_type: 'quorum' }, name: 'a' },
  { settings: { task_create_missing_queue_type: 'quorum' }, name: 'a', call: { queue: 'new' } },
  { settings: { task_create_missing_queue_exchange_type: 'topic' }, name: 'a', call: { queue: 'new' } },
]

const patterns = [
  '',
  '%h',
  'w1@%h',
  'w1@%n',
  'w1@%d',
  '%n@%d',
  'w1',
  'w1@',
  'w%i%I@x',
  'a@b@c',
  'w@%%',
  'w@100%',
  'w@%x',
]

if (pythons.length === 0) {
  describe.skip('settings of the real Celery (needs python3-celery, python3-redis)', () => {
    it('are compared', () => undefined)
  })
}

describe.each(pythons)('settings of the real Celery $version', ({ python }) => {
  const ask = (request: unknown): unknown => askPython(python, request)

  it('have the same names and defaults', () => {
    const { old, defaults } = ask({ op: 'names' }) as {
      old: Record<string, string>
      defaults: Record<string, unknown>
    }
    const ours = ['broker_url', 'timezone', 'broker_failover_strategy'] // said in the documentation
    const stores =
      /^(?:cache|cassandra|mongodb|s3|gcs|azureblockblob|cosmosdbsql|arangodb|couchbase|elasticsearch|database)_/
    const settings = readSettings({}, { environment: {} })
    for (const [name, value] of Object.entries(defaults)) {
      if (stores.test(name)) continue
      const setting = toCamelCase(name)
      const rule = Object.hasOwn(settingRules, setting) ? settingRules[setting as keyof typeof settingRules] : undefined
      expect(rule !== undefined || Object.hasOwn(otherSettings, setting), name).toBe(true)
      expect(oldNameOf(setting, rule?.old ?? otherSettings[setting]?.old), name).toBe(old[name])
      expect(settingOf(old[name] ?? ''), name).toBe(setting)
      if (rule === undefined || rule.sameAs !== undefined || ours.includes(name) || name === 'result_backend') continue
      const own = settings[setting as keyof typeof settings]
      if (name === 'task_publish_retry_policy') {
        expect(Object.fromEntries(Object.entries(own as object).map(([key, one]) => [toSnakeCase(key), one]))).toEqual(
          value,
        )
      } else expect(own === Number.POSITIVE_INFINITY ? 'inf' : (own ?? null), name).toEqual(value)
    }
  })

  it('have URLs that say the same', () => {
    const theirs = ask({ op: 'urls', urls }) as Record<string, unknown>[]
    const ours = urls.map((url) => {
      const address = parseBrokerUrl(url)
      if (address.kind === 'sentinel') {
        const { sentinels, db, username, password } = address
        return { ...sentinels[0], path: null, db, username, password }
      }
      const [server] = address.kind === 'redis' || address.kind === 'amqp' ? address.servers : []
      if (server === undefined) throw new Error(url)
      if ('virtualHost' in server) {
        const { host, port, virtualHost, username, password } = server
        return { host, port, virtualHost, username, password, alternates: url.includes(';') ? url.split(';') : [] }
      }
      const { socketPath, host, port, db, username, password } = server
      const where = socketPath === undefined ? { host, port, path: null } : { host: null, port: null, path: socketPath }
      return { ...where, db, username: username ?? null, password: password ?? null }
    })
    const same = (url: string, answer: unknown) =>
      // kombu gives the name that we give as an address.
      JSON.stringify([url, answer]).replaceAll('"localhost"', '"127.0.0.1"')
    expect(urls.map((url, index) => same(url, sorted(ours[index])))).toEqual(
      urls.map((url, index) => same(url, sorted(theirs[index]))),
    )
  })

  it('send the same call to the same place, with the same declaration', () => {
    const newer = 'task_create_missing_queue_type' in (ask({ op: 'names' }) as { defaults: object }).defaults
    const cases = newer ? [...routes, ...routesOfNewer] : routes
    const theirs = ask({ op: 'routes', cases }) as unknown[]
    for (const [index, { settings, name, call = {} }] of cases.entries()) {
      expect([JSON.stringify(cases[index]), ourRoute(settings, name, call)]).toEqual([
        JSON.stringify(cases[index]),
        theirs[index],
      ])
    }
  })

  it('name nodes alike', () => {
    const host = 'web1.example.com'
    const ours = patterns.map((pattern) => {
      try {
        return nodeName(pattern, host)
      } catch {
        return { error: 'ValueError' }
      }
    })
    expect(ours).toEqual(ask({ op: 'nodes', host, patterns }))
  })
})

const sorted = (value: unknown) =>
  Object.fromEntries(Object.entries(value as object).sort(([a], [b]) => (a < b ? -1 : 1)))

function ourRoute(settings: Record<string, unknown>, name: string, call: Record<string, unknown>): unknown {
  const ready = { ...settings }
  if (Array.isArray(ready['task_routes'])) {
    ready['task_routes'] = ready['task_routes'].map((one) =>
      Array.isArray(one) && typeof one[0] === 'object' ? [new RegExp(one[0].re), one[1]] : one,
    )
  }
  const options = Object.fromEntries(Object.entries(call).map(([key, value]) => [toCamelCase(key), value]))
  try {
    const {
      target,
      queue,
      deliveryMode,
      options: more,
    } = resolveRoute(readSettings(ready, { environment: {} }), name, options)
    return {
      exchange: target.exchange,
      routingKey: target.routingKey,
      deliveryMode,
      priority: more.priority ?? null,
      queue:
        queue === undefined
          ? null
          : {
              name: queue.name,
              exchange: queue.exchange?.name,
              exchangeType: queue.exchange?.type,
              exchangeDurable: queue.exchange?.durable,
              exchangeAutoDelete: queue.exchange?.autoDelete,
              routingKey: queue.routingKey,
              durable: queue.durable,
              autoDelete: queue.autoDelete,
              exclusive: queue.exclusive,
              arguments: queue.arguments,
            },
    }
  } catch (error) {
    if (error instanceof TypeError && error.message.includes('is not in `taskQueues`'))
      return { error: 'QueueNotFound' }
    throw error
  }
}
