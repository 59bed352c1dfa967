/*
 * Every setting of Celery that we know, by its name in our casing, with its default in Celery 5.6. All else is made from this
 * table: the types, the names in the other styles, the checks, the documentation's table. A new setting is one line (and its
 * row in `docs/celery-settings.md`, which a test asks for). For Python's own settings see `other-settings.ts`.
 */

/** The table itself; types of settings are made from it, so it is in the declarations of the package. */
export const settingTable = {
  /** Formats that are read in messages. */
  acceptContent: { kind: 'texts', default: ['json'], format: true },
  /** Times without an offset are UTC. */
  enableUtc: { kind: 'flag', default: true, old: 'ENABLE_UTC' },
  /** Time zone of schedules and of times without an offset. Default: UTC, or the machine's with `enableUtc` off. */
  timezone: { kind: 'text' },
  /** Modules that a worker loads for their tasks. */
  imports: { kind: 'texts', default: [] },
  /** As `imports`, loaded after them. */
  include: { kind: 'texts', default: [] },

  /** Where the broker is. */
  brokerUrl: { kind: 'url', default: 'memory://' },
  /** For consuming only. */
  brokerReadUrl: { kind: 'url', sameAs: 'brokerUrl' },
  /** For sending only. */
  brokerWriteUrl: { kind: 'url', sameAs: 'brokerUrl' },
  /** TLS to the broker: true, or files and checks. */
  brokerUseSsl: { kind: 'tls', default: false },
  /** Connections of a pool. */
  brokerPoolLimit: { kind: 'integer', default: 10, offByZero: true, min: 0 },
  /** What only one kind of broker knows: `visibility_timeout`, `global_keyprefix`, `master_name`, … */
  brokerTransportOptions: { kind: 'options', default: {} },
  /** In which order alternates are tried. */
  brokerFailoverStrategy: { kind: 'text', oneOf: ['round-robin', 'shuffle'] },
  /** How to log in at RabbitMQ. */
  brokerLoginMethod: { kind: 'text' },
  /** Until a connection must stand. */
  brokerConnectionTimeout: { kind: 'seconds', default: 4, nullable: true },
  /** Connect again after a loss. */
  brokerConnectionRetry: { kind: 'flag', default: true },
  /** Try again when the first connection fails. */
  brokerConnectionRetryOnStartup: { kind: 'flag', sameAs: 'brokerConnectionRetry' },
  /** Tries of one connection; off: for ever. */
  brokerConnectionMaxRetries: { kind: 'integer', default: 100, offByZero: true, min: 0 },
  /** Connect again when the broker closed the channel. */
  brokerChannelErrorRetry: { kind: 'flag', default: false },
  /** Between signs of life on a connection to RabbitMQ. */
  brokerHeartbeat: { kind: 'seconds', default: 120, offByZero: true },
  /** How often per heartbeat it is looked for the other side's. */
  brokerHeartbeatCheckrate: { kind: 'number', default: 3, min: 0 },
  /** Type of RabbitMQ's queues that hold tasks until their time. */
  brokerNativeDelayedDeliveryQueueType: { kind: 'text', default: 'quorum', oneOf: ['classic', 'quorum'] },

  /** The queue of tasks that no route sends elsewhere. */
  taskDefaultQueue: { kind: 'text', default: 'celery' },
  /** Exchange of queues that name none. */
  taskDefaultExchange: { kind: 'text', sameAs: 'taskDefaultQueue' },
  taskDefaultExchangeType: { kind: 'exchangeType', default: 'direct' },
  /** Routing key of the default queue. */
  taskDefaultRoutingKey: { kind: 'text', sameAs: 'taskDefaultQueue' },
  /** Type of the default queue on RabbitMQ, when there are no `taskQueues`. */
  taskDefaultQueueType: { kind: 'text', default: 'classic', oneOf: ['classic', 'quorum'] },
  /** 2: messages survive a restart of the broker, 1: not. */
  taskDefaultDeliveryMode: { kind: 'mode', default: 2 },
  taskDefaultPriority: { kind: 'integer', min: 0, max: 255 },
  /** `x-max-priority` of queues that say none of their own. */
  taskQueueMaxPriority: { kind: 'integer', min: 1, max: 255 },
  /** The queues, and how they are bound. */
  taskQueues: { kind: 'queues' },
  /** Which task goes where. */
  taskRoutes: { kind: 'routes' },
  /** A queue that is not in `taskQueues` is made when it is named. */
  taskCreateMissingQueues: { kind: 'flag', default: true },
  taskCreateMissingQueueType: { kind: 'text', default: 'classic', oneOf: ['classic', 'quorum'] },
  taskCreateMissingQueueExchangeType: { kind: 'exchangeType' },
  /** Tasks sent by a task have its priority. */
  taskInheritParentPriority: { kind: 'flag', default: false },

  /** Format of arguments. */
  taskSerializer: { kind: 'text', default: 'json', old: 'CELERY_TASK_SERIALIZER', format: true },
  /** Compression of messages. */
  taskCompression: { kind: 'text', old: 'CELERY_MESSAGE_COMPRESSION' },
  /** Version of the message format that is written. */
  taskProtocol: { kind: 'integer', default: 2, old: 'CELERY_TASK_PROTOCOL', min: 1, max: 2 },
  /** Results are not stored. */
  taskIgnoreResult: { kind: 'flag', default: false },
  taskStoreErrorsEvenIfIgnored: { kind: 'flag', default: false },
  /** The state STARTED is stored. */
  taskTrackStarted: { kind: 'flag', default: false },
  /** A task that takes longer is ended. */
  taskTimeLimit: { kind: 'seconds', offByZero: true, old: 'CELERYD_TASK_TIME_LIMIT' },
  /** A task that takes longer is told. */
  taskSoftTimeLimit: { kind: 'seconds', offByZero: true, old: 'CELERYD_TASK_SOFT_TIME_LIMIT' },
  /** `100/m`, per task and worker. */
  taskDefaultRateLimit: { kind: 'rate' },
  /** Options of tasks from the configuration. */
  taskAnnotations: { kind: 'anything' },
  /** `delay()` runs the task at once, here. For tests. */
  taskAlwaysEager: { kind: 'flag', default: false },
  /** A task that runs eagerly throws its error at the caller. */
  taskEagerPropagates: { kind: 'flag', default: false, old: 'CELERY_EAGER_PROPAGATES_EXCEPTIONS' },
  taskStoreEagerResult: { kind: 'flag', default: false },
  /** The event `task-sent` is sent. */
  taskSendSentEvent: { kind: 'flag', default: false, old: 'CELERY_SEND_TASK_SENT_EVENT' },
  /** Errors of results show the stack of the worker. */
  taskRemoteTracebacks: { kind: 'flag', default: false },
  /** Send again when the connection was lost. */
  taskPublishRetry: { kind: 'flag', default: true, old: 'CELERY_TASK_PUBLISH_RETRY' },
  taskPublishRetryPolicy: {
    kind: 'policy',
    default: { maxRetries: 3, intervalStart: 0, intervalStep: 0.2, intervalMax: 1 },
    old: 'CELERY_TASK_PUBLISH_RETRY_POLICY',
  },
  /** `linkError` of a chord's body is called for each failed task of its header too. */
  taskAllowErrorCbOnChordHeader: { kind: 'flag', default: false },

  /** Messages are acknowledged after the task, not before. */
  taskAcksLate: { kind: 'flag', default: false },
  taskAcksOnFailureOrTimeout: { kind: 'flag', default: true },
  taskAcksOnFailure: { kind: 'flag', sameAs: 'taskAcksOnFailureOrTimeout' },
  taskAcksOnTimeout: { kind: 'flag', sameAs: 'taskAcksOnFailureOrTimeout' },
  taskRejectOnWorkerLost: { kind: 'flag' },

  /** Where results are stored. Default: `memory://` with a `memory://` broker, else nowhere. */
  resultBackend: { kind: 'url' },
  /** How long results are kept; off: for ever. */
  resultExpires: { kind: 'seconds', default: 86_400, offByZero: true, old: 'CELERY_TASK_RESULT_EXPIRES' },
  resultSerializer: { kind: 'text', default: 'json', format: true },
  resultAcceptContent: { kind: 'texts', sameAs: 'acceptContent', old: 'RESULT_ACCEPT_CONTENT', format: true },
  resultCompression: { kind: 'text' },
  /** Results hold name, arguments, worker, retries and queue too. */
  resultExtended: { kind: 'flag', default: false },
  /** Messages of `rpc://` survive a restart of the broker. */
  resultPersistent: { kind: 'flag' },
  resultExchange: { kind: 'text', default: 'celeryresults' },
  resultExchangeType: { kind: 'exchangeType', default: 'direct' },
  /** Results that are kept in memory; -1: none. */
  resultCacheMax: { kind: 'integer', default: -1, old: 'CELERY_MAX_CACHED_RESULTS', min: -1 },
  resultChordJoinTimeout: { kind: 'seconds', default: 3 },
  resultChordRetryInterval: { kind: 'seconds', default: 1 },
  /** What only one kind of store knows: `global_keyprefix`, `result_chord_ordered`, `master_name`, … */
  resultBackendTransportOptions: { kind: 'options', default: {} },
  resultBackendAlwaysRetry: { kind: 'flag', default: false },
  resultBackendMaxRetries: { kind: 'number', default: Number.POSITIVE_INFINITY as number, min: 0 },
  resultBackendBaseSleepBetweenRetriesMs: { kind: 'integer', default: 10, min: 0 },
  resultBackendMaxSleepBetweenRetriesMs: { kind: 'integer', default: 10_000, min: 0 },

  redisMaxConnections: { kind: 'integer', min: 1 },
  /** Until a command must be answered. */
  redisSocketTimeout: { kind: 'seconds', default: 120, nullable: true },
  redisSocketConnectTimeout: { kind: 'seconds' },
  redisRetryOnTimeout: { kind: 'flag', default: false },
  redisSocketKeepalive: { kind: 'flag', default: false },
  /** TLS to the store: true, or files and checks. */
  redisBackendUseSsl: { kind: 'tls' },

  /** Tasks at a time. Default: as many as there are processors. */
  workerConcurrency: { kind: 'integer', offByZero: true, min: 0 },
  /** Messages taken ahead, for each of the concurrency; 0: all. */
  workerPrefetchMultiplier: { kind: 'integer', default: 4, min: 0 },
  /** Nothing is taken ahead (Redis). */
  workerDisablePrefetch: { kind: 'flag', default: false },
  /** Tasks with a later time that are held at once. */
  workerEtaTaskLimit: { kind: 'integer', min: 1 },
  workerEnablePrefetchCountReduction: { kind: 'flag', default: true },
  workerDetectQuorumQueues: { kind: 'flag', default: true },
  /** Each worker has a queue of its own too, for tasks that only it shall run. */
  workerDirect: { kind: 'flag', default: false, old: 'CELERY_WORKER_DIRECT' },
  workerDisableRateLimits: { kind: 'flag', default: false, old: 'CELERY_DISABLE_RATE_LIMITS' },
  /** A task delivered again that is stored as SUCCESS is not run again. */
  workerDeduplicateSuccessfulTasks: { kind: 'flag', default: false },
  workerCancelLongRunningTasksOnConnectionLoss: { kind: 'flag', default: false },
  /** Between the warm and the cold stop. */
  workerSoftShutdownTimeout: { kind: 'seconds', default: 0 },
  workerEnableSoftShutdownOnIdle: { kind: 'flag', default: false },
  workerMaxTasksPerChild: { kind: 'integer', offByZero: true, min: 0 },
  /** KiB of memory after which a thread of the pool is replaced. */
  workerMaxMemoryPerChild: { kind: 'integer', offByZero: true, min: 0 },
  workerLostWait: { kind: 'seconds', default: 10, old: 'CELERYD_WORKER_LOST_WAIT' },
  /** File that keeps the revoked tasks. */
  workerStateDb: { kind: 'text' },
  /** Events of tasks are sent. */
  workerSendTaskEvents: { kind: 'flag', default: false, old: 'CELERY_SEND_EVENTS' },
  workerEnableRemoteControl: { kind: 'flag', default: true, old: 'CELERY_ENABLE_REMOTE_CONTROL' },

  eventSerializer: { kind: 'text', default: 'json', format: true },
  eventExchange: { kind: 'text', default: 'celeryev' },
  eventQueuePrefix: { kind: 'text', default: 'celeryev' },
  eventQueueExpires: { kind: 'seconds', default: 60, nullable: true },
  eventQueueTtl: { kind: 'seconds', default: 5, nullable: true },
  eventQueueDurable: { kind: 'flag', default: false },
  eventQueueExclusive: { kind: 'flag', default: false },
  controlExchange: { kind: 'text', default: 'celery' },
  controlQueueExpires: { kind: 'seconds', default: 10, nullable: true },
  controlQueueTtl: { kind: 'seconds', default: 300, nullable: true },
  controlQueueDurable: { kind: 'flag', default: false },
  controlQueueExclusive: { kind: 'flag', default: false },

  /** What `beat` sends, and when. */
  beatSchedule: { kind: 'objects', default: {} },
  beatScheduler: { kind: 'text', default: 'celery.beat:PersistentScheduler' },
  beatScheduleFilename: { kind: 'text', default: 'celerybeat-schedule' },
  beatMaxLoopInterval: { kind: 'seconds', default: 0 },
  beatSyncEvery: { kind: 'integer', default: 0, min: 0 },
  /** A missed run that is older is left out. */
  beatCronStartingDeadline: { kind: 'seconds' },
} as const
