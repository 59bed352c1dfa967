/**
 * How a package may be imported. `type`: by `import type` alone, nothing is loaded. `lazy`: that, or `import()` at the
 * moment it is needed. `value`: freely, so it must be a dependency, or a peer of a subpath that exists for that peer alone.
 */
export type PackageUse = 'type' | 'lazy' | 'value'

/** What a folder of `src` may import. Its own files and `lib` are free to all. */
export interface FolderRule {
  /** Folders, or single files ending in `.ts`, below `src`. */
  readonly imports: readonly string[]
  readonly packages?: Readonly<Record<string, PackageUse>>
  /** True where Node's own modules and types may be used. */
  readonly node?: true
  /** Single files that look up a built-in with `process.getBuiltinModule` when it is there, and which. */
  readonly lookups?: Readonly<Record<string, string>>
  /** True as long as the folder does not exist yet. */
  readonly planned?: true
  readonly reason: string
}

/**
 * Who may import whom. A folder that is not in this table fails the test, and so does a row marked `planned` whose folder
 * exists. Nobody imports the command line, `sentry` or `testing`; features do not know frameworks, adapters do not know
 * features. Table and code change in the same commit.
 */
export const folders: Readonly<Record<string, FolderRule>> = {
  '.': { imports: [], reason: 'the root gives what every module shares, and loads nothing else' },
  lib: {
    imports: [],
    lookups: { 'scope-storage.ts': 'node:async_hooks' },
    reason: 'the ground, small and private',
  },
  http: {
    imports: [],
    packages: { cookie: 'value', 'secure-json-parse': 'value' },
    reason: 'the one language that features and adapters share',
  },

  'adapters/node': { imports: ['http'], node: true, reason: 'shared by Express and Fastify, in no export' },
  'adapters/express': {
    imports: ['http', 'adapters/node'],
    packages: { express: 'type' },
    node: true,
    reason: 'replaceable edge: a feature added tomorrow needs no change here',
  },
  'adapters/fastify': {
    imports: ['http', 'adapters/node'],
    packages: { fastify: 'type' },
    node: true,
    reason: 'replaceable edge',
  },
  'adapters/fetch': { imports: ['http'], reason: 'replaceable edge; runs where there is no Node' },
  'adapters/hono': {
    imports: ['http', 'adapters/fetch'],
    packages: { hono: 'type' },
    reason: 'replaceable edge; runs where there is no Node',
  },

  config: { imports: [], node: true, reason: 'reads the environment and files; knows no feature' },
  'deployment-release': { imports: [], node: true, reason: 'reads files; knows no feature' },

  restful: {
    imports: ['http'],
    packages: { negotiator: 'value' },
    reason: 'features do not know each other; the envelope of errors is in `http`',
  },
  'token-auth': {
    imports: [
      'token-auth/errors',
      'token-auth/http',
      'token-auth/keys',
      'token-auth/refresh',
      'token-auth/token',
      'token-auth/engines',
    ],
    reason: 'the index alone; as `restful`, its folders know no other feature',
  },
  'token-auth/errors': { imports: ['http'], reason: 'what the others throw' },
  'token-auth/keys': { imports: ['token-auth/errors'], reason: 'keys and key sets know nothing of tokens' },
  'token-auth/engines': {
    imports: ['token-auth/keys'],
    lookups: { 'node-crypto.ts': 'node:crypto' },
    reason: 'signatures alone; runs without Node when another engine is passed',
  },
  'token-auth/token': {
    imports: ['token-auth/errors', 'token-auth/keys', 'token-auth/engines'],
    reason: 'tokens know no requests',
  },
  'token-auth/http': {
    imports: ['http', 'token-auth/errors', 'token-auth/keys', 'token-auth/token'],
    reason: 'the steps; any token class will do',
  },
  'token-auth/refresh': {
    imports: [
      'http',
      'token-auth/errors',
      'token-auth/keys',
      'token-auth/engines',
      'token-auth/token',
      'token-auth/http',
    ],
    reason: 'login, renew and logout stand on all the rest',
  },
  'token-auth/jose': {
    imports: ['token-auth/keys', 'token-auth/engines'],
    packages: { jose: 'value' },
    reason: 'the second engine; its own subpath, so nobody else needs `jose`',
  },
  'token-auth/client': { imports: [], planned: true, reason: 'ships to browsers, without signing code' },
  webargs: {
    imports: ['http'],
    packages: { '@fastify/busboy': 'lazy' },
    lookups: { 'node-fs.ts': 'node:fs', 'node-os.ts': 'node:os' },
    reason: 'as `restful`; large uploads need files',
  },
  openapi: {
    imports: ['http'],
    node: true,
    reason: 'reads what steps say of themselves, whoever made them; Node only for the files of the page, when asked',
  },
  pagination: {
    imports: ['webargs', 'http'],
    lookups: { 'hmac.ts': 'node:crypto' },
    reason: 'arguments plus a slice; queries are structural',
  },

  db: {
    // The files that read a URL: a second reader would read passwords differently one day.
    imports: ['config/build-url.ts', 'config/parse-url.ts', 'config/percent.ts', 'config/redact-url.ts'],
    packages: { kysely: 'lazy', libsql: 'lazy', pg: 'lazy', mysql2: 'lazy' },
    node: true,
    reason: 'a session is opened by `around(run)`; it knows neither requests nor tasks',
  },

  'celery/protocol': {
    imports: [],
    packages: { '@msgpack/msgpack': 'lazy', yaml: 'lazy' },
    node: true,
    reason: 'pure: no sockets, no timers, no clock; Node for `Buffer` and `node:zlib`',
  },
  'celery/brokers': {
    imports: ['celery/protocol', 'celery/brokers/memory', 'celery/brokers/redis', 'celery/brokers/amqp'],
    node: true,
    reason: 'the contract, and what opens a driver on first use',
  },
  // Drivers know the contract's files one by one: the folder also has the file that knows all drivers.
  'celery/brokers/memory': {
    imports: [
      'celery/protocol',
      'celery/brokers/broker.ts',
      'celery/brokers/broker-address.ts',
      'celery/brokers/broker-options.ts',
      'celery/brokers/errors.ts',
    ],
    node: true,
    reason: 'own contract and the protocol',
  },
  'celery/brokers/redis': {
    imports: [
      'celery/protocol',
      'celery/brokers/broker.ts',
      'celery/brokers/broker-address.ts',
      'celery/brokers/broker-options.ts',
      'celery/brokers/errors.ts',
      'celery/brokers/memory/topic-matches.ts',
      'celery/redis',
    ],
    node: true,
    reason: 'own contract, the protocol, and connections to Redis',
  },
  'celery/redis': {
    imports: ['celery/brokers/broker-address.ts', 'celery/brokers/load-driver.ts'],
    packages: { redis: 'lazy' },
    node: true,
    reason: 'connections that broker and result store share; an unused client library is never loaded',
  },
  'celery/brokers/amqp': {
    imports: [
      'celery/protocol',
      'celery/brokers/broker.ts',
      'celery/brokers/broker-address.ts',
      'celery/brokers/broker-options.ts',
      'celery/brokers/errors.ts',
      'celery/brokers/load-driver.ts',
      'celery/brokers/memory/topic-matches.ts',
    ],
    packages: { amqplib: 'lazy' },
    node: true,
    reason: 'as the one for Redis',
  },
  'celery/backends': {
    imports: [
      'celery/protocol',
      'celery/brokers',
      'celery/backends/memory',
      'celery/backends/redis',
      'celery/backends/rpc',
    ],
    node: true,
    reason: 'the contract, and what opens a store on first use',
  },
  'celery/backends/memory': {
    imports: [
      'celery/protocol',
      'celery/brokers/broker-address.ts',
      'celery/backends/result-backend.ts',
      'celery/backends/backend-options.ts',
      'celery/backends/errors.ts',
    ],
    reason: 'as the brokers; stores only count, continuations are published from the protocol',
  },
  'celery/backends/redis': {
    imports: [
      'celery/protocol',
      'celery/brokers/broker-address.ts',
      'celery/redis',
      'celery/backends/result-backend.ts',
      'celery/backends/backend-options.ts',
      'celery/backends/errors.ts',
    ],
    node: true,
    reason: 'shares the connection to Redis with the broker',
  },
  'celery/backends/rpc': {
    imports: [
      'celery/protocol',
      'celery/brokers/broker.ts',
      'celery/brokers/broker-address.ts',
      'celery/brokers/errors.ts',
      'celery/backends/result-backend.ts',
      'celery/backends/backend-options.ts',
      'celery/backends/errors.ts',
    ],
    node: true,
    reason: 'speaks to any broker by its contract',
  },
  'celery/results': {
    imports: ['celery/protocol', 'celery/backends/result-backend.ts', 'celery/backends/errors.ts'],
    reason: 'waits at a store by its contract; what revokes a task, and whether one runs, is given to it',
  },
  'celery/settings': {
    imports: [
      'celery/protocol',
      'celery/brokers/broker.ts',
      'celery/brokers/broker-address.ts',
      'config/parse-url.ts',
      'config/percent.ts',
      'config/redact-url.ts',
    ],
    node: true,
    reason: 'names, defaults, checks and routes; it connects to nothing',
  },
  'celery/task': {
    imports: ['celery/protocol', 'celery/settings', 'config/describe-issue.ts'],
    reason: 'what a task is: options, context, hooks, errors, rules of retries; it sends nothing',
  },
  'celery/sending': {
    imports: [
      'celery/protocol',
      'celery/settings',
      'celery/task',
      'celery/brokers/broker.ts',
      'celery/brokers/errors.ts',
    ],
    node: true,
    reason: 'builds a message and publishes it through any broker',
  },
  'celery/control': {
    imports: ['celery/protocol', 'celery/brokers/broker.ts'],
    reason: 'remote commands as messages',
  },
  'celery/eager': {
    imports: [
      'celery/protocol',
      'celery/task',
      // What executes one call, the same as in a worker.
      'celery/worker/execute-task.ts',
      'celery/worker/next-try.ts',
      'celery/worker/outcome.ts',
      'celery/worker/task-run.ts',
      'celery/worker/to-failure.ts',
    ],
    node: true,
    reason: 'runs tasks in the process of their caller, without a broker',
  },
  celery: {
    imports: [
      'celery/protocol',
      'celery/brokers',
      'celery/backends',
      'celery/settings',
      'celery/task',
      'celery/sending',
      'celery/results',
      'celery/logging',
      'celery/control',
      'celery/eager',
      'celery/worker',
      'deployment-release',
      'db',
    ],
    node: true,
    reason: 'puts the parts together. No HTTP: a worker process loads no web code',
  },
  'celery/canvas': { imports: ['celery', 'celery/protocol'], planned: true, reason: 'built on tasks' },
  'celery/logging': {
    imports: ['celery/task/logger.ts'],
    node: true,
    reason: 'lines for people and for pino; knows no task',
  },
  'celery/worker': {
    imports: [
      'celery/protocol',
      'celery/brokers',
      'celery/backends',
      'celery/settings',
      'celery/task',
      'celery/results',
      'celery/logging',
      'celery/control',
      'celery/worker/control',
    ],
    // The module of the app, which is named when the worker is started.
    packages: { '(computed)': 'lazy' },
    node: true,
    reason: 'executes tasks; the app gives itself as the host',
  },
  'celery/worker/control': {
    imports: [
      'celery/protocol',
      'celery/brokers',
      'celery/settings',
      'celery/task',
      // What commands act on, and nothing of how it is done.
      'celery/worker/job.ts',
      'celery/worker/worker-controls.ts',
      'celery/worker/worker-host.ts',
    ],
    node: true,
    reason: 'obeys commands off the wire; a worker without it loses nothing else',
  },
  'celery/beat': { imports: ['celery', 'celery/protocol'], node: true, planned: true, reason: 'sends tasks on time' },

  cli: {
    imports: ['cli/celery', 'cli/release'],
    node: true,
    reason: 'the program `twopi`; nobody imports it',
  },
  'cli/celery': {
    imports: ['cli/command.ts', 'cli/errors.ts', 'celery', 'celery/worker', 'celery/logging'],
    node: true,
    reason: 'the words of the command line',
  },
  'cli/release': {
    imports: ['cli/command.ts', 'cli/errors.ts', 'deployment-release'],
    node: true,
    reason: 'the commands of one feature; the program only lists them',
  },
  sentry: {
    imports: ['config', 'http', 'celery/events.ts'],
    packages: { '@sentry/core': 'type' },
    planned: true,
    reason: 'an observer: removing the folder breaks nothing',
  },
  testing: {
    imports: ['http', 'restful', 'webargs', 'pagination', 'token-auth', 'config', 'db', 'celery'],
    node: true,
    planned: true,
    reason: 'anything public: users get what we use',
  },
}

/** Folders nobody may import, except that the program `cli` imports its own commands. */
export const tops: readonly string[] = ['sentry', 'testing', 'cli']
