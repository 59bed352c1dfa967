import { decode } from '../../config/percent.ts'
import type { RedisServer, SentinelAddress } from '../brokers/broker-address.ts'
import { hostOf, type UrlToRead } from './url-to-read.ts'

/** What redis-py takes from a URL, besides what is read here. */
const options = [
  'socket_timeout',
  'socket_connect_timeout',
  'socket_keepalive',
  'retry_on_timeout',
  'max_connections',
  'health_check_interval',
  'client_name',
  'protocol',
]

/** Reads `redis://`, `rediss://` and `redis+socket://` as `_connparams` of kombu's transport and Celery's store do. */
export function readRedisServer({ url, text, query, tls }: UrlToRead, problem: (text: string) => void): RedisServer {
  const isSocket = url.scheme?.toLowerCase() === 'redis+socket'
  const path = decode(url.path)
  const socketPath = isSocket ? path : undefined
  if (socketPath === '' || socketPath === '/') {
    problem('`redis+socket://` needs the path of the socket: `redis+socket:///run/redis.sock?virtual_host=0`')
  }
  return {
    host: hostOf(url),
    port: url.port ?? 6379,
    socketPath,
    db: readDatabase(query.get('virtual_host') ?? query.get('db') ?? (isSocket ? '' : path), problem),
    username: url.username || undefined,
    password: url.password || undefined,
    tls,
    options: readOptions(query, problem),
    text,
  }
}

/**
 * Reads a list of `sentinel://`. The database is that of the first URL, where alone Celery looks; of another in a later one
 * Python would never hear.
 */
export function readSentinels(
  parts: readonly UrlToRead[],
  problem: (text: string) => void,
): Omit<SentinelAddress, 'text'> {
  const servers = parts.map((part) => readRedisServer(part, problem))
  const [first] = servers
  const db = first?.db ?? 0
  if (parts.some(({ url }, index) => /[^/]/.test(url.path) && servers[index]?.db !== db)) {
    problem('the database must be in the first URL of the sentinels, found another one in a later URL')
  }
  const holder = servers.find(({ username, password }) => username !== undefined || password !== undefined)
  return {
    kind: 'sentinel',
    sentinels: parts.map(({ url }) => ({ host: hostOf(url), port: url.port ?? 26_379 })),
    db,
    username: holder?.username,
    password: holder?.password,
    tls: first?.tls,
    options: first?.options ?? {},
  }
}

function readDatabase(text: string, problem: (text: string) => void): number {
  const digits = text.replace(/^\/{0,2}/, '')
  if (/^\d*$/.test(digits)) return Number(digits)
  problem('the database of Redis must be a number, found something else; write `redis://host:6379/0`')
  return 0
}

function readOptions(query: ReadonlyMap<string, string>, problem: (text: string) => void): Record<string, string> {
  const found: Record<string, string> = {}
  for (const [name, value] of query) {
    if (name === 'virtual_host' || name === 'db') continue
    if (options.includes(name)) found[name] = value
    else
      problem(
        `the parameter \`${name}\` is not known in a URL of Redis; known are ${options.join(', ')}, \`db\` and \`ssl_…\``,
      )
  }
  return found
}
