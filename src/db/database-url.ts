import { buildUrl } from '../config/build-url.ts'
import { type ParsedUrl, parseUrl } from '../config/parse-url.ts'
import { decode } from '../config/percent.ts'
import { redactUrl } from '../config/redact-url.ts'
import type { EngineName } from './engine.ts'

/** Where a database is, read from its URL. */
export type DatabaseTarget = SqliteTarget | PostgresTarget | MysqlTarget

interface Target {
  /** The URL without its secrets, for messages. */
  readonly place: string
}

export interface SqliteTarget extends Target {
  readonly engine: 'sqlite'
  /** A path, or null for a database in memory. */
  readonly file: string | null
  /** How long a write waits for another process, in milliseconds. */
  readonly busyMs: number
}

export interface PostgresTarget extends Target {
  readonly engine: 'postgres'
  /** As `pg` reads it: no driver in the scheme, user and password well encoded. */
  readonly connectionString: string
  readonly connectMs: number | undefined
}

export interface MysqlTarget extends Target {
  readonly engine: 'mysql'
  readonly host: string | undefined
  readonly port: number | undefined
  readonly user: string | undefined
  readonly password: string | undefined
  readonly database: string | undefined
  readonly socketPath: string | undefined
  readonly charset: string
  readonly connectMs: number | undefined
  /** Paths of files; `{}` for TLS with the system's certificates. */
  readonly ssl: { readonly ca?: string; readonly cert?: string; readonly key?: string } | undefined
}

/** The kinds by the name before `+` in the scheme; what follows names a Python driver and says nothing here. */
const ENGINES: Readonly<Record<string, EngineName>> = {
  sqlite: 'sqlite',
  postgres: 'postgres',
  postgresql: 'postgres',
  mysql: 'mysql',
  mariadb: 'mysql',
}

/**
 * Reads the URL of a database, in SQLAlchemy's forms or plain.
 *
 * @param url - `sqlite:///relative`, `sqlite:////absolute`, `sqlite://`, `postgresql+psycopg2://…`, `mysql+pymysql://…`
 * @throws TypeError when it cannot be right; the message contains no password
 */
export function readDatabaseUrl(url: string): DatabaseTarget {
  const parts = parseUrl(url)
  const engine = ENGINES[parts.scheme?.toLowerCase().split('+')[0] ?? '']
  const place = redactUrl(url)
  if (engine === undefined) {
    throw new TypeError(
      `database URL scheme "${parts.scheme ?? ''}:" is not supported; use \`sqlite:\`, \`postgresql:\` or \`mysql:\``,
    )
  }
  const query = new Map(new URLSearchParams(parts.query ?? ''))
  if (engine === 'sqlite') return readSqlite(parts, query, place)
  return engine === 'postgres' ? readPostgres(url, parts, query, place) : readMysql(parts, query, place)
}

function readSqlite(parts: ParsedUrl, query: Map<string, string>, place: string): SqliteTarget {
  if (parts.hostname) {
    throw new TypeError(
      `\`${place}\` names a host; a relative file has three slashes (\`sqlite:///app.db\`), an absolute one four`,
    )
  }
  refuseUnknown(query, ['timeout', 'check_same_thread'])
  const file = decode(parts.path.replace(/^\//, ''))
  return {
    engine: 'sqlite',
    file: file === '' || file === ':memory:' ? null : file,
    busyMs: readSeconds(query, 'timeout') ?? 5000,
    place,
  }
}

function readPostgres(url: string, parts: ParsedUrl, query: Map<string, string>, place: string): PostgresTarget {
  const { username, password } = parts
  if (parts.hostname?.includes(',')) {
    throw new TypeError('the database URL has several hosts, which `pg` does not try in turn; give one')
  }
  assertPostgresTls(query)
  const connectMs = readSeconds(query, 'connect_timeout')
  const connectionString = buildUrl(url, {
    scheme: 'postgresql',
    // Again, because a password may stand in the URL half encoded, which `pg` does not forgive.
    username,
    password,
    query: { connect_timeout: null },
  })
  return { engine: 'postgres', connectionString, connectMs, place }
}

function readMysql(parts: ParsedUrl, query: Map<string, string>, place: string): MysqlTarget {
  refuseUnknown(query, ['charset', 'connect_timeout', 'unix_socket', 'ssl', 'ssl_ca', 'ssl_cert', 'ssl_key'])
  const files = Object.fromEntries(
    (['ca', 'cert', 'key'] as const).flatMap((name) => {
      const path = query.get(`ssl_${name}`)
      return path === undefined ? [] : [[name, path]]
    }),
  )
  const wantsTls = readSwitch(query, 'ssl') ?? Object.keys(files).length > 0
  if (!wantsTls && Object.keys(files).length > 0) {
    throw new TypeError('`ssl` in the database URL is off, though files for TLS are given; leave one of them out')
  }
  return {
    engine: 'mysql',
    host: parts.hostname || undefined,
    port: parts.port,
    user: parts.username || undefined,
    password: parts.password,
    database: decode(parts.path.replace(/^\//, '')) || undefined,
    socketPath: query.get('unix_socket'),
    charset: query.get('charset') ?? 'utf8mb4',
    connectMs: readSeconds(query, 'connect_timeout'),
    ssl: wantsTls ? files : undefined,
    place,
  }
}

function refuseUnknown(query: Map<string, string>, known: readonly string[]): void {
  const unknown = [...query.keys()].filter((name) => !known.includes(name))
  if (unknown.length === 0) return
  const list = (names: readonly string[]) => names.map((name) => `\`${name}\``).join(', ')
  throw new TypeError(
    `the database URL has ${list(unknown)} in its query; known are ${list(known)}, give others as \`driverOptions\``,
  )
}

/** `ssl` must never be taken for off because it is written in another way. */
function readSwitch(query: Map<string, string>, name: string): boolean | undefined {
  const text = query.get(name)?.toLowerCase()
  if (text === undefined) return undefined
  if (text === 'true' || text === '1') return true
  if (text === 'false' || text === '0') return false
  throw new TypeError(
    `\`${name}\` in the database URL must be true or false, found '${text.slice(0, 40)}'; give more as \`driverOptions.${name}\``,
  )
}

/** What `pg` reads of TLS. It ignores what it does not know, and the connection would be in plain text. */
const POSTGRES_TLS = ['ssl', 'sslmode', 'sslcert', 'sslkey', 'sslrootcert', 'sslnegotiation']
const SSL_MODES = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify']

function assertPostgresTls(query: Map<string, string>): void {
  const unknown = [...query.keys()].filter((name) => /^ssl/i.test(name) && !POSTGRES_TLS.includes(name))
  if (unknown.length > 0) {
    const list = unknown.map((name) => `\`${name.slice(0, 40)}\``).join(', ')
    throw new TypeError(`the database URL has ${list} in its query; those for TLS are ${POSTGRES_TLS.join(', ')}`)
  }
  const mode = query.get('sslmode')
  if (mode !== undefined && !SSL_MODES.includes(mode)) {
    throw new TypeError(
      `\`sslmode\` in the database URL must be one of ${SSL_MODES.join(', ')}, found '${mode.slice(0, 40)}'`,
    )
  }
  const ssl = query.get('ssl')
  if (ssl !== undefined && !['true', '1', 'false', '0'].includes(ssl)) {
    throw new TypeError(
      `\`ssl\` in the database URL must be true or false, found '${ssl.slice(0, 40)}'; or use \`sslmode\``,
    )
  }
}

function readSeconds(query: Map<string, string>, name: string): number | undefined {
  const text = query.get(name)
  if (text === undefined) return undefined
  const seconds = Number(text)
  if (text.trim() === '' || !Number.isFinite(seconds) || seconds < 0) {
    throw new TypeError(`\`${name}\` in the database URL must be a number of seconds, found '${text.slice(0, 40)}'`)
  }
  return seconds * 1000
}
