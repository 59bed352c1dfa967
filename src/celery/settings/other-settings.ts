/** What is done with a setting of Celery that is not in the table. */
export interface OtherSetting {
  /** The name before Celery 4, where it is not made by the rule. */
  readonly old?: string
  /** What to do instead; absent: it means something in Python alone, and is passed over with one warning. */
  readonly instead?: string
  /** In small letters the name is as likely another program's setting: only its names in capitals are Celery's. */
  readonly capitals?: true
}

const inUrl: OtherSetting = { instead: 'is not read; write it in the URL of `brokerUrl`' }
const inStoreUrl: OtherSetting = { instead: 'is not read; write it in the URL of `resultBackend`', capitals: true }
const python: OtherSetting = {}
const store: OtherSetting = { capitals: true }

/** Settings of Celery that are not in the table, by their names in our casing. */
export const otherSettings: Readonly<Record<string, OtherSetting>> = {
  brokerHost: inUrl,
  brokerPort: inUrl,
  brokerUser: inUrl,
  brokerPassword: inUrl,
  brokerVhost: inUrl,
  brokerTransport: inUrl,
  redisHost: inStoreUrl,
  redisPort: inStoreUrl,
  redisDb: inStoreUrl,
  redisUsername: inStoreUrl,
  redisPassword: inStoreUrl,

  workerPool: python,
  workerPoolPutlocks: python,
  workerPoolRestarts: python,
  workerAutoscaler: python,
  workerConsumer: python,
  workerTimer: python,
  workerTimerPrecision: python,
  workerAgent: python,
  workerProcAliveTimeout: python,
  workerRedirectStdouts: { old: 'CELERY_REDIRECT_STDOUTS' },
  workerRedirectStdoutsLevel: { old: 'CELERY_REDIRECT_STDOUTS_LEVEL' },
  workerHijackRootLogger: python,
  workerLogColor: python,
  workerLogFormat: python,
  workerTaskLogFormat: python,
  securityCertificate: store,
  securityCertStore: store,
  securityKey: store,
  securityKeyPassword: store,
  securityDigest: store,
  databaseUrl: { old: 'CELERY_RESULT_DBURI', capitals: true },
  databaseEngineOptions: { old: 'CELERY_RESULT_ENGINE_OPTIONS', capitals: true },
  databaseShortLivedSessions: { old: 'CELERY_RESULT_DB_SHORT_LIVED_SESSIONS', capitals: true },
  databaseTableNames: { old: 'CELERY_RESULT_DB_TABLENAMES', capitals: true },
}

/** Families of settings of stores that only Python has. */
export const storeFamilies: RegExp =
  /^CELERY_(?:CACHE|CASSANDRA|MONGODB|S3|GCS|AZUREBLOCKBLOB|COSMOSDBSQL|ARANGODB|COUCHBASE|ELASTICSEARCH|DATABASE)_/
