import { type ParsedUrl, parseUrl } from '../../config/parse-url.ts'
import { redactUrl } from '../../config/redact-url.ts'
import { assertNoProblems } from '../../lib/problems.ts'
import type { BrokerAddress } from '../brokers/broker-address.ts'
import { readAmqpServer } from './amqp-server.ts'
import { readRedisServer, readSentinels } from './redis-server.ts'
import { readTls } from './tls-settings.ts'
import type { UrlToRead } from './url-to-read.ts'

/** What a URL is for, and what stands beside it. */
export interface ParseBrokerUrlOptions {
  /** For messages: the setting it is from. Default `brokerUrl`. */
  readonly name?: string | undefined
  /** A result store's URL may be `rpc://` too. Default `broker`. */
  readonly role?: 'broker' | 'result' | undefined
  /** The setting `brokerUseSsl` or `redisBackendUseSsl`. */
  readonly useSsl?: boolean | Readonly<Record<string, unknown>> | undefined
}

const kinds: Readonly<Record<string, BrokerAddress['kind']>> = {
  memory: 'memory',
  redis: 'redis',
  rediss: 'redis',
  'redis+socket': 'redis',
  sentinel: 'sentinel',
  amqp: 'amqp',
  amqps: 'amqp',
  pyamqp: 'amqp',
  librabbitmq: 'amqp',
  rpc: 'rpc',
}

const redisSchemes = '`memory://`, `redis://`, `rediss://`, `redis+socket://`, `sentinel://`'
const supported = {
  broker: `${redisSchemes}, \`amqp://\`, \`amqps://\` or \`pyamqp://\``,
  result: `${redisSchemes} or \`rpc://\``,
}

/**
 * Reads the URL of a broker or a result store in all of kombu's forms: several URLs joined by `;` or in an array are tried in
 * turn (sentinels: asked); user name, password, host and virtual host are percent-decoded; the virtual host of `amqp://h`,
 * `amqp://h/` and `amqp://h//` is `/`; `redis+socket:///path?virtual_host=3`; TLS by `rediss`, `amqps` or `ssl_…` parameters.
 *
 * @param url - one URL, or several
 * @throws TypeError with everything that is wrong; no message holds a piece of the URL but its scheme and the names of parameters
 * @see https://docs.celeryq.dev/projects/kombu/en/stable/userguide/connections.html#urls
 */
export function parseBrokerUrl(url: string | readonly string[], options: ParseBrokerUrlOptions = {}): BrokerAddress {
  const problems: string[] = []
  const address = readBrokerUrl(url, options, (text) => void problems.push(text))
  assertNoProblems(`\`${options.name ?? 'brokerUrl'}\``, problems)
  return address as BrokerAddress
}

/** As {@link parseBrokerUrl}, but tells the problems one by one; undefined when there are any. */
export function readBrokerUrl(
  url: string | readonly string[],
  { role = 'broker', useSsl }: Omit<ParseBrokerUrlOptions, 'name'>,
  tell: (text: string) => void,
): BrokerAddress | undefined {
  let sound = true
  const problem = (text: string) => {
    sound = false
    tell(text)
  }
  const texts = splitAlternates(url)
  const found = new Set<BrokerAddress['kind']>()
  const parts: UrlToRead[] = []
  for (const text of texts) {
    const part = readOne(text, useSsl, problem)
    if (part === undefined) continue
    const scheme = part.url.scheme?.toLowerCase() ?? ''
    const kind = kinds[scheme]
    if (kind === undefined || (kind === 'rpc' && role === 'broker') || (kind === 'amqp' && role === 'result')) {
      problem(`the scheme \`${scheme}://\` is not supported; use ${supported[role]}`)
    } else {
      found.add(kind)
      parts.push(part)
    }
  }
  if (texts.length === 0) problem('must be a URL, found an empty list')
  if (found.size > 1) problem(`alternates must be of one kind, found ${[...found].join(' and ')}`)
  const [kind] = found
  const address = sound && kind !== undefined ? build(kind, parts, problem) : undefined
  return sound ? address : undefined
}

function splitAlternates(url: string | readonly string[]): string[] {
  return (typeof url === 'string' ? [url] : url)
    .flatMap((one) => (typeof one === 'string' ? one.split(/; *(?=[a-z][a-z0-9+.-]*:\/\/)/i) : [one]))
    .map((one) => (one === 'rpc' || one === 'redis' ? `${one}://` : one)) // Celery's short names of stores
}

function readOne(
  text: string,
  useSsl: ParseBrokerUrlOptions['useSsl'],
  problem: (text: string) => void,
): UrlToRead | undefined {
  let url: ParsedUrl
  try {
    url = parseUrl(text)
  } catch (error) {
    problem((error as Error).message.replaceAll('`url`', 'the URL'))
    return undefined
  }
  if (url.hostname?.includes(';')) problem('each URL of a list must have its own `scheme://`, found a host with `;`')
  const query = new Map(new URLSearchParams(url.query ?? ''))
  const given: Record<string, unknown> = typeof useSsl === 'object' && useSsl !== null ? { ...useSsl } : {}
  const scheme = url.scheme?.toLowerCase()
  const secure = scheme === 'rediss' || scheme === 'amqps'
  for (const [key, value] of query) {
    if (!key.startsWith('ssl_')) continue
    query.delete(key)
    if (scheme === 'redis') problem(`\`${key}\` needs \`rediss://\`, found \`redis://\``)
    else given[key] = value
  }
  const encrypted = secure || useSsl === true || Object.keys(given).length > 0
  return { url, text: redactUrl(text), query, tls: encrypted ? readTls(given, problem) : undefined }
}

function build(
  kind: BrokerAddress['kind'],
  parts: readonly UrlToRead[],
  problem: (text: string) => void,
): BrokerAddress {
  const text = parts.map((part) => part.text).join(';')
  switch (kind) {
    case 'memory':
      return { kind, name: parts[0]?.url.hostname ?? '', text }
    case 'rpc':
      return { kind, text }
    case 'redis':
      return { kind, servers: parts.map((part) => readRedisServer(part, problem)), text }
    case 'sentinel':
      return { ...readSentinels(parts, problem), text }
    case 'amqp':
      return { kind, servers: parts.map((part) => readAmqpServer(part, problem)), text }
    default:
      return kind satisfies never
  }
}
