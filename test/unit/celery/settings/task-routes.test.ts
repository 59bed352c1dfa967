import { describe, expect, it } from 'vitest'
import { readSettings } from '../../../../src/celery/settings/read-settings.ts'
import { resolveRoute, taskDirectoryOf } from '../../../../src/celery/settings/resolve-route.ts'
import type { CeleryConfig, Settings } from '../../../../src/celery/settings/settings.ts'
import type { TaskRoutes } from '../../../../src/celery/settings/task-routes.ts'
import { workerDirectQueue } from '../../../../src/celery/settings/worker-direct.ts'

const read = (config: CeleryConfig): Settings => readSettings(config, { environment: {} })
const queueFor = (taskRoutes: TaskRoutes, name: string) => resolveRoute(read({ taskRoutes }), name).queue?.name

describe('taskRoutes', () => {
  it('sends to the default queue without any', () => {
    expect(resolveRoute(read({}), 'a.b')).toEqual({
      target: { exchange: '', exchangeType: 'direct', routingKey: 'celery' },
      queue: {
        name: 'celery',
        exchange: { name: 'celery', type: 'direct', durable: true, autoDelete: false, arguments: {} },
        routingKey: 'celery',
        durable: true,
        autoDelete: false,
        exclusive: false,
        arguments: {},
        passive: false,
      },
      deliveryMode: 2,
      options: {},
    })
  })

  it('looks up exact names before globs, and globs in their order', () => {
    const routes = { 'a.*': 'globs', 'a.b.*': 'later', 'a.b.c': { queue: 'exact' } }
    expect(['a.b.c', 'a.b.d', 'b'].map((name) => queueFor(routes, name))).toEqual(['exact', 'globs', 'celery'])
  })

  it('reads globs as Python does', () => {
    const routes = { '*.[!x]?*': 'hit' }
    expect(['a.yz', 'a.yzz', 'a.xz', 'a.y', 'a.y\nz'].map((name) => queueFor(routes, name))).toEqual([
      'hit',
      'hit',
      'celery',
      'celery',
      'hit',
    ])
    expect(queueFor({ 'a.(*': 'hit' }, 'a.(b')).toBe('hit')
    expect(queueFor({ 'a+*': 'hit' }, 'aab')).toBe('celery')
  })

  it('matches patterns from the start of the name, whatever their flags', () => {
    const routes: TaskRoutes = [[/(video|image)\.tasks\..*/gy, 'media']]
    const settings = read({ taskRoutes: routes })
    for (const name of ['video.tasks.cut', 'image.tasks.cut', 'video.tasks.join']) {
      expect(resolveRoute(settings, name).queue?.name).toBe('media')
    }
    expect(queueFor(routes, 'my.video.tasks.cut')).toBe('celery')
    expect(queueFor([[/a|b/, 'x']], 'cb')).toBe('celery')
  })

  it('takes a Map, a list of pairs, and a list that holds such', () => {
    expect(queueFor(new Map([[/a/, 'x']]), 'a')).toBe('x')
    expect(
      queueFor(
        [
          ['a', 'x'],
          ['b*', { queue: 'y' }],
        ],
        'bb',
      ),
    ).toBe('y')
    expect(queueFor([[['a', 'x']], { b: 'y' }], 'b')).toBe('y')
  })

  it('asks functions with the arguments and options of the call, and takes the first answer', () => {
    const seen: unknown[] = []
    const settings = read({
      taskRoutes: [
        (...call) => {
          seen.push(call)
          return undefined
        },
        { 'a.*': 'globs' },
        () => 'last',
      ],
    })
    const call = { priority: 3, queue: undefined }
    expect(resolveRoute(settings, 'a.b', call, [1], { x: 2 }).queue?.name).toBe('globs')
    expect(resolveRoute(settings, 'b', call).queue?.name).toBe('last')
    expect(seen).toEqual([
      ['a.b', [1], { x: 2 }, call],
      ['b', [], {}, call],
    ])
  })

  it('says which function gave a route that cannot be read', () => {
    const settings = read({ taskRoutes: () => ({ queeu: 'x' }) as never })
    expect(() => resolveRoute(settings, 'a')).toThrow('for the task "a": `the route.queeu` is not known')
  })

  it('lets options of the call win over the route', () => {
    const settings = read({
      taskRoutes: { a: { queue: 'routed', priority: 3, routing_key: 'k', expires: '1 minute' } },
    })
    const route = resolveRoute(settings, 'a', { queue: 'called' })
    expect(route.queue?.name).toBe('called')
    expect(route.target).toEqual({ exchange: '', exchangeType: 'direct', routingKey: 'called' })
    expect(route.options).toEqual({ priority: 3, expires: 60 })
  })

  it('publishes to the exchange of the queue when that is not direct', () => {
    const settings = read({
      task_queues: { feeds: { exchange: 'ex', exchange_type: 'topic', routing_key: 'feed.#' } },
      taskRoutes: { 'feed.*': { queue: 'feeds', routingKey: 'feed.import' } },
    })
    expect(resolveRoute(settings, 'feed.a').target).toEqual({
      exchange: 'ex',
      exchangeType: 'topic',
      routingKey: 'feed.import',
    })
  })

  it('refuses an exchange without a routing key, where it would go nowhere', () => {
    const settings = read({ taskRoutes: { a: { exchange: 'ex' } } })
    expect(() => resolveRoute(settings, 'a')).toThrow('exchange "ex" needs a `routingKey`')
  })

  it('makes queues that are only named, unless told not to', () => {
    const made = resolveRoute(read({ taskCreateMissingQueueType: 'quorum', taskQueueMaxPriority: 5 }), 'a', {
      queue: 'new',
    })
    expect(made.queue).toMatchObject({
      name: 'new',
      exchange: { name: 'new', type: 'direct' },
      routingKey: 'new',
      arguments: { 'x-queue-type': 'quorum', 'x-max-priority': 5 },
    })
    const strict = read({ taskCreateMissingQueues: false, taskQueues: ['celery', 'mail'] })
    expect(() => resolveRoute(strict, 'a', { queue: 'new' })).toThrow(
      'queue "new" is not in `taskQueues`, and `taskCreateMissingQueues` is off; the queues are "celery", "mail"',
    )
    expect(() => resolveRoute(read({}), 'a', { queue: 'x'.repeat(256) })).toThrow('1 to 255 bytes')
  })

  it('declares queues as taskQueues says', () => {
    const settings = read({
      taskDefaultExchange: 'main',
      taskDefaultExchangeType: 'topic',
      taskQueueMaxPriority: 9,
      taskQueues: [
        'plain',
        {
          name: 'full',
          exchange: 'ex',
          exchange_type: 'fanout',
          binding_key: 'k',
          routing_key: 'other',
          durable: false,
          queueDurable: true,
          autoDelete: true,
          expires: '1 minute',
          message_ttl: 1.5,
          maxLength: 7,
          max_length_bytes: 8,
          queue_arguments: { 'x-max-priority': 3, 'x-queue-mode': 'lazy' },
          deliveryMode: 'transient',
          noDeclare: true,
        },
        { name: 'own', exclusive: true, maxPriority: 2 },
      ],
    })
    const [plain, full, own] = taskDirectoryOf(settings).queues.configured
    expect(plain?.declaration).toMatchObject({
      exchange: { name: 'main', type: 'topic' },
      routingKey: 'plain',
      arguments: { 'x-max-priority': 9 },
    })
    expect(full).toEqual({
      declaration: {
        name: 'full',
        exchange: { name: 'ex', type: 'fanout', durable: false, autoDelete: true, arguments: {} },
        routingKey: 'k',
        durable: true,
        autoDelete: true,
        exclusive: false,
        arguments: {
          'x-expires': 60_000,
          'x-message-ttl': 1500,
          'x-max-length': 7,
          'x-max-length-bytes': 8,
          'x-max-priority': 3,
          'x-queue-mode': 'lazy',
        },
        passive: true,
      },
      deliveryMode: 1,
    })
    expect(own?.declaration).toMatchObject({ autoDelete: true, exclusive: true, arguments: { 'x-max-priority': 2 } })
    expect(resolveRoute(settings, 'a', { queue: 'full' }).deliveryMode).toBe(1)
    const routed = read({ taskQueues: { q: { deliveryMode: 1 } }, taskRoutes: { a: { queue: 'q', deliveryMode: 2 } } })
    expect(resolveRoute(routed, 'a').deliveryMode).toBe(2)
  })

  it('remembers the route of a name, but never one that depends on the call', () => {
    const settings = read({ taskRoutes: { a: 'x' } })
    expect(resolveRoute(settings, 'a')).toBe(resolveRoute(settings, 'a'))
    expect(resolveRoute(settings, 'a', { queue: 'y' }).queue?.name).toBe('y')
    expect(resolveRoute(settings, 'a').queue?.name).toBe('x')
    let calls = 0
    const moody = read({ taskRoutes: () => `q${calls++}` })
    expect([0, 1].map(() => resolveRoute(moody, 'a').queue?.name)).toEqual(['q0', 'q1'])
  })

  it.each([
    [{ taskRoutes: 'proj.Router' }, "found a text: Python's path of a router"],
    [{ taskRoutes: ['proj.Router', 'proj.Other'] }, '`taskRoutes[0]` must be'],
    [{ taskRoutes: [{ a: 'x' }, 3] }, '`taskRoutes[1]` must be an object, a Map, a list of pairs or a function'],
    [{ taskRoutes: [[['a', 'x'], 3]] }, 'must be a list of [name, route] pairs'],
    [{ task_routes: { a: { queu: 'x' } } }, '`task_routes.a.queu` is not known; known are queue, exchange'],
    [{ task_routes: { a: { priority: 300 } } }, '`task_routes.a.priority` must be an integer from 0 to 255, found 300'],
    [{ task_routes: { a: { routing_key: 'x', routingKey: 'y' } } }, 'is given twice'],
    [{ taskQueues: 3 }, 'must be a list of queues or an object by name'],
    [{ taskQueues: [{}] }, '`taskQueues[0]` must have a `name`'],
    [{ taskQueues: ['a', { name: 'a' }] }, 'has the queue "a" twice'],
    [{ CELERY_QUEUES: { a: { exchange: {} } } }, '`CELERY_QUEUES.a.exchange` must be a text'],
    [{ taskQueues: { a: { queueArguments: 1 } } }, '`taskQueues.a.queueArguments` must be an object'],
    [{ taskQueues: { a: { bindings: [] } } }, '`taskQueues.a.bindings` is not known'],
  ])('refuses %j', (config, part) => {
    expect(() => read(config as CeleryConfig)).toThrow(part)
  })
})

describe('workerDirectQueue', () => {
  it('is bound to C.dq2 by the name of the node', () => {
    expect(workerDirectQueue('w1@h')).toMatchObject({
      name: 'w1@h.dq2',
      exchange: { name: 'C.dq2' },
      routingKey: 'w1@h',
    })
  })
})
