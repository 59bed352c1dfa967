import type { Message } from '../../protocol/message.ts'
import { decodeBody } from '../../protocol/serializers.ts'
import { readGlob } from '../../settings/glob.ts'

/** A command as it came. */
export interface ControlCall {
  readonly method: string
  readonly args: Readonly<Record<string, unknown>>
  /** Undefined: no answer is wanted. */
  readonly reply: ReplyAddress | undefined
}

export interface ReplyAddress {
  readonly exchange: string
  readonly routingKey: string
  readonly ticket: string
}

/** Commands are short; lists of ids are the longest that they hold. */
const MAX_BYTES = 4 * 1024 * 1024
const MAX_PATTERN = 256

/**
 * Reads a command.
 *
 * @param hostname - the name of this node
 * @returns undefined when other nodes are meant
 * @throws when it is no command; `MessageError` when it cannot be read
 * @see https://docs.celeryq.dev/en/stable/userguide/workers.html#remote-control
 */
export function readRequest(message: Message, accept: readonly string[], hostname: string): ControlCall | undefined {
  if (message.body.length > MAX_BYTES) throw new TypeError(`a command must have at most ${MAX_BYTES} bytes`)
  const body = decodeBody(message.body, message.contentType, { accept })
  if (!isObject(body) || typeof body['method'] !== 'string') throw new TypeError('a command must name its method')
  if (!isMeant(body, hostname)) return undefined
  const args = body['arguments'] ?? {}
  if (!isObject(args)) throw new TypeError('the arguments of a command must be an object')
  return { method: body['method'], args, reply: readReply(body) }
}

function isMeant({ destination, pattern, matcher }: Readonly<Record<string, unknown>>, hostname: string): boolean {
  if (Array.isArray(destination) && destination.length > 0) return destination.includes(hostname)
  if (typeof destination === 'string' && destination !== '') return destination === hostname
  if (typeof pattern !== 'string' || pattern === '' || typeof matcher !== 'string') return true
  // A regular expression off the wire could keep this process busy for years.
  if (matcher !== 'glob') throw new TypeError('a command for nodes by pattern must have the matcher "glob"')
  if (pattern.length > MAX_PATTERN) throw new TypeError(`a pattern must have at most ${MAX_PATTERN} characters`)
  return readGlob(pattern).test(hostname)
}

function readReply({ reply_to, ticket }: Readonly<Record<string, unknown>>): ReplyAddress | undefined {
  if (!isObject(reply_to)) return undefined
  const { exchange, routing_key: routingKey } = reply_to
  if (typeof exchange !== 'string' || typeof routingKey !== 'string') return undefined
  return { exchange, routingKey, ticket: typeof ticket === 'string' ? ticket : '' }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
