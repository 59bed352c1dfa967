import type { KyselyPlugin } from 'kysely'
import { type Duration, toMilliseconds } from '../lib/duration.ts'
import { type DatabaseTarget, readDatabaseUrl } from './database-url.ts'

/** Where the database is. The names of the original, or the usual ones; of two that are set, both must say the same. */
export interface DbConfig {
  /** As `DATABASE_URL`; the original's name. */
  readonly SQLALCHEMY_DATABASE_URI?: string | undefined
  /** As `DATABASE_POOL_RECYCLE`; the original's name. */
  readonly SQLALCHEMY_POOL_RECYCLE?: number | string | undefined
  /** `postgresql://…`, `mysql://…`, `sqlite:///file`, also in SQLAlchemy's forms. Default: {@link DEFAULT_DATABASE_URL}. */
  readonly DATABASE_URL?: string | undefined
  /** In seconds: the age at which a connection is not used any more. `-1` for never. Default: 3600. */
  readonly DATABASE_POOL_RECYCLE?: number | string | undefined
  /** A replica, for scopes that are marked `readOnly`. */
  readonly DATABASE_READ_URL?: string | undefined
}

/** The embedded database that is used when no URL is set: `data/twopi.sqlite` below the current folder. */
export const DEFAULT_DATABASE_URL = 'sqlite:///data/twopi.sqlite'

/** Something that went well enough, but should not stay as it is. */
export interface DbWarning {
  readonly code: 'TWOPI_DB_SCOPE_OPEN'
  readonly message: string
  /** What the scope is called. */
  readonly scope: string
  readonly openMs: number
}

/** How a database is used. Durations are numbers of seconds or texts such as `'10 seconds'`. */
export interface DbSessionOptions {
  /** How many connections may be open at once. Default 10. SQLite has one that writes and as many that read. */
  readonly poolSize?: number | undefined
  /** How long a scope waits for a connection. Default 10 seconds. */
  readonly acquireTimeout?: Duration | undefined
  /** Asks each connection whether it still works before it is used; costs a round trip. Default false. */
  readonly prePing?: boolean | undefined
  /** After how long a connection nobody needs is closed. Default 1 minute; false: never. */
  readonly idleTimeout?: Duration | false | undefined
  /** A scope that is open for longer is warned of, once. Default 1 minute; false: never. */
  readonly leakAfter?: Duration | false | undefined
  /** Gets the warnings. Default: `process.emitWarning`. */
  readonly onWarning?: ((warning: DbWarning) => void) | undefined
  /** Kysely's plugins, for instance its `CamelCasePlugin`. */
  readonly plugins?: readonly KyselyPlugin[] | undefined
  /** Given to the driver as it is, for what a URL cannot say. */
  readonly driverOptions?: Readonly<Record<string, unknown>> | undefined
}

/** Options and configuration, read and checked. */
export interface DbSettings {
  readonly target: DatabaseTarget
  readonly readTarget: DatabaseTarget | undefined
  readonly recycle: number | false | undefined
  readonly poolSize: number
  readonly acquireMs: number
  readonly prePing: boolean
  readonly idleMs: number | undefined
  readonly leakMs: number | undefined
  readonly onWarning: (warning: DbWarning) => void
  readonly plugins: readonly KyselyPlugin[]
  readonly driverOptions: object
}

/**
 * Reads the configuration and the options.
 *
 * @throws TypeError with every mistake there is, and no secret
 */
export function readSettings(config: DbConfig, options: DbSessionOptions): DbSettings {
  const problems: string[] = []
  const attempt = <T>(read: () => T): T | undefined => {
    try {
      return read()
    } catch (error) {
      problems.push((error as Error).message)
      return undefined
    }
  }
  const duration = (name: 'acquireTimeout' | 'idleTimeout' | 'leakAfter', fallback: Duration) =>
    attempt(() => (options[name] === false ? undefined : readTimer(options[name] ?? fallback, name)))

  const url = attempt(() => either(config, 'DATABASE_URL', 'SQLALCHEMY_DATABASE_URI')) ?? DEFAULT_DATABASE_URL
  const target = attempt(() => readDatabaseUrl(String(url)))
  const readUrl = config.DATABASE_READ_URL || undefined
  const readTarget = attempt(() => (readUrl === undefined ? undefined : readDatabaseUrl(readUrl)))
  if (target !== undefined && readTarget !== undefined && target.engine !== readTarget.engine) {
    problems.push(`\`DATABASE_READ_URL\` must be ${target.engine} as the database is, found ${readTarget.engine}`)
  }
  const recycle = attempt(() => readRecycle(either(config, 'DATABASE_POOL_RECYCLE', 'SQLALCHEMY_POOL_RECYCLE')))
  const poolSize = options.poolSize ?? 10
  if (!Number.isInteger(poolSize) || poolSize < 1) {
    problems.push(`\`poolSize\` must be an integer from 1, found ${String(poolSize)}`)
  }
  const acquireMs = duration('acquireTimeout', 10)
  const idleMs = duration('idleTimeout', 60)
  const leakMs = duration('leakAfter', 60)
  if (problems.length > 0 || target === undefined) throw new TypeError(problems.join('; '))
  return {
    target,
    readTarget,
    recycle,
    poolSize,
    acquireMs: acquireMs ?? 10_000,
    prePing: options.prePing ?? false,
    idleMs,
    leakMs,
    onWarning: options.onWarning ?? emitWarning,
    plugins: options.plugins ?? [],
    driverOptions: { ...options.driverOptions },
  }
}

/** The value of one of two names. Environments give `''` for what is not set. */
function either(config: DbConfig, name: keyof DbConfig, other: keyof DbConfig): string | number | undefined {
  const [one, two] = [config[name], config[other]].map((value) => (value === '' ? undefined : value))
  if (one !== undefined && two !== undefined && String(one) !== String(two)) {
    throw new TypeError(`\`${name}\` and \`${other}\` are both set and differ; set one of them`)
  }
  return one ?? two
}

/** The longest time a timer of Node takes; with a longer one it fires at once. */
const LONGEST_MS = 2 ** 31 - 1

function readTimer(duration: Duration, name: string): number {
  const milliseconds = toMilliseconds(duration, name)
  if (milliseconds <= LONGEST_MS) return milliseconds
  throw new TypeError(`\`${name}\` must be 24 days at most, found ${String(duration)}`)
}

function readRecycle(value: string | number | undefined): number | false | undefined {
  if (value === undefined) return undefined
  const seconds = Number(value)
  if (seconds === -1) return false
  if (Number.isFinite(seconds) && seconds > 0) return seconds
  throw new TypeError('`DATABASE_POOL_RECYCLE` must be a number of seconds above 0, or -1 for never')
}

function emitWarning({ message, code }: DbWarning): void {
  process.emitWarning(message, { code })
}
