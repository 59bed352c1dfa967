import type { Broker, ExchangeDeclaration, QueueDeclaration, Subscription } from '../../brokers/broker.ts'
import type { Message } from '../../protocol/message.ts'
import { encodeBody } from '../../protocol/serializers.ts'
import type { Settings } from '../../settings/settings.ts'
import { aliases, type Command, type ControlTarget, commands } from './commands.ts'
import { type ControlCall, type ReplyAddress, readRequest } from './read-request.ts'

/**
 * Obeys remote control on a worker's connection, until the subscription is closed. Nothing that comes in ends it: what is no
 * command is logged, what goes wrong is the answer.
 *
 * @see https://docs.celeryq.dev/en/stable/userguide/workers.html#remote-control
 */
export function serveControl(broker: Broker, target: ControlTarget): Promise<Subscription> {
  const { settings } = target.host
  const { logger } = target
  const { hostname } = target.controls
  const exchange = controlExchange(settings)
  const onMessage = (message: Message) => {
    try {
      const call = readRequest(message, settings.acceptContent, hostname)
      if (call !== undefined) void obey(broker, target, call)
    } catch (error) {
      logger.warn({ err: error }, 'a command could not be read')
    }
  }
  return broker.subscribe(exchange, { queue: nodeQueue(settings, hostname, exchange), onMessage })
}

async function obey(broker: Broker, target: ControlTarget, { method, args, reply }: ControlCall): Promise<void> {
  const { logger } = target
  let answer: unknown
  try {
    answer = await find(method)(target, args)
  } catch (error) {
    // Monitors ask again every few seconds for what this worker does not know; the answer tells them.
    if (error instanceof UnknownMethodError) logger.debug({ method: method.slice(0, 60) }, 'a command is not known')
    else logger.warn({ method: method.slice(0, 60), err: error }, 'a command failed')
    answer = { error: describe(error) }
  }
  if (reply === undefined || (answer === undefined && method !== 'hello')) return
  try {
    await broker.publish(answerMessage(target, answer, reply.ticket), replyTarget(reply))
  } catch (error) {
    // Who asked does not wait any more.
    logger.debug({ method: method.slice(0, 60), err: error }, 'the answer to a command was not taken')
  }
}

function find(method: string): Command {
  const name = Object.hasOwn(aliases, method) ? (aliases[method] ?? method) : method
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (command === undefined) throw new UnknownMethodError(method)
  return command
}

class UnknownMethodError extends TypeError {
  constructor(method: string) {
    // As Python's workers answer it.
    super(`KeyError('${method.slice(0, 60).replaceAll("'", "\\'")}')`)
  }
}

function describe(error: unknown): string {
  if (error instanceof UnknownMethodError) return error.message
  return error instanceof Error ? `${error.name}: ${error.message}` : 'Error'
}

function answerMessage({ controls, clock }: ControlTarget, answer: unknown, ticket: string): Message {
  return {
    ...encodeBody({ [controls.hostname]: answer ?? null }, 'json', 'answer'),
    headers: { ticket, clock: clock() },
    properties: { deliveryMode: 1 },
  }
}

function replyTarget({ exchange, routingKey }: ReplyAddress) {
  return { exchange, exchangeType: 'direct', routingKey, retry: false } as const
}

function controlExchange({ controlExchange }: Settings): ExchangeDeclaration {
  return { name: `${controlExchange}.pidbox`, type: 'fanout', durable: false, autoDelete: false, arguments: {} }
}

/** Every argument as Python's workers of this version declare theirs. */
function nodeQueue(settings: Settings, hostname: string, exchange: ExchangeDeclaration): QueueDeclaration {
  const { controlQueueExpires: expires, controlQueueTtl: ttl } = settings
  return {
    name: `${hostname}.${exchange.name}`,
    exchange,
    routingKey: '',
    durable: settings.controlQueueDurable,
    autoDelete: true,
    exclusive: settings.controlQueueExclusive,
    arguments: {
      ...(expires === undefined ? {} : { 'x-expires': Math.trunc(expires * 1000) }),
      ...(ttl === undefined ? {} : { 'x-message-ttl': Math.trunc(ttl * 1000) }),
    },
    passive: false,
  }
}
