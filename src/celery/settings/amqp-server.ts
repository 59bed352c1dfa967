import { decode } from '../../config/percent.ts'
import type { AmqpServer } from '../brokers/broker-address.ts'
import { hostOf, type UrlToRead } from './url-to-read.ts'

/** Reads `amqp://` and `amqps://` as kombu does. */
export function readAmqpServer({ url, text, query, tls }: UrlToRead, problem: (text: string) => void): AmqpServer {
  for (const name of query.keys()) {
    if (!['heartbeat', 'connect_timeout', 'login_method'].includes(name)) {
      problem(
        `the parameter \`${name}\` is not known in a URL of RabbitMQ; known are heartbeat, connect_timeout, login_method and \`ssl_…\``,
      )
    }
  }
  const seconds = (name: string): number | undefined => {
    const value = query.get(name)
    if (value === undefined) return undefined
    if (/^\d+(?:\.\d+)?$/.test(value)) return Number(value)
    problem(`the parameter \`${name}\` must be a number of seconds, found something else`)
    return undefined
  }
  return {
    host: hostOf(url),
    port: url.port ?? (tls === undefined ? 5672 : 5671),
    virtualHost: decode(url.path.replace(/^\//, '')) || '/',
    username: url.username || 'guest',
    password: url.password || 'guest',
    tls,
    heartbeat: seconds('heartbeat'),
    connectTimeout: seconds('connect_timeout'),
    loginMethod: query.get('login_method'),
    text,
  }
}
