import type { ExchangeDeclaration, ExchangeType, QueueDeclaration } from '../brokers/broker.ts'
import type { Settings } from './settings.ts'
import type { NamedQueueSetting } from './task-queues.ts'

/** A queue of the app. */
export interface QueueEntry {
  readonly declaration: QueueDeclaration
  /** Of messages that go there; undefined: as `taskDefaultDeliveryMode` says. */
  readonly deliveryMode: 1 | 2 | undefined
}

/** The queues of an app: those of `taskQueues`, or the default one, and those that were named since. */
export interface QueueTable {
  /**
   * The queue of this name, made when it is not there.
   *
   * @throws TypeError when `taskCreateMissingQueues` is off and it is not in `taskQueues`
   */
  get(name: string): QueueEntry
  /** Those of the settings: what a worker consumes unless told otherwise. */
  readonly configured: readonly QueueEntry[]
}

/** Limits the queues that are remembered because they were named, not configured: names may come with messages. */
const MOST_NAMED = 10_000

/** Makes the table, as `Queues` of `celery/app/amqp.py` does. */
export function createQueueTable(settings: Settings): QueueTable {
  const entries = new Map<string, QueueEntry>()
  const fallback = settings.taskDefaultExchange
  for (const queue of settings.taskQueues ?? []) entries.set(queue.name, configuredQueue(queue, settings))
  if (entries.size === 0) {
    const exchange = exchangeOf(fallback, settings.taskDefaultExchangeType)
    const name = settings.taskDefaultQueue
    const args = typeArgument(settings.taskDefaultQueueType)
    entries.set(name, plainQueue(name, exchange, settings.taskDefaultRoutingKey, args, settings))
  }
  const configured = [...entries.values()]
  return {
    configured,
    get(name) {
      const known = entries.get(name)
      if (known !== undefined) return known
      if (!settings.taskCreateMissingQueues) {
        throw new TypeError(
          `queue "${name}" is not in \`taskQueues\`, and \`taskCreateMissingQueues\` is off; the queues are ${configured
            .map(({ declaration }) => `"${declaration.name}"`)
            .join(', ')}`,
        )
      }
      const entry = missingQueue(name, settings)
      if (entries.size < MOST_NAMED) entries.set(name, entry)
      return entry
    },
  }
}

/** A queue that was only named: queue, exchange and routing key have its name. */
function missingQueue(name: string, settings: Settings): QueueEntry {
  if (name === '' || Buffer.byteLength(name) > 255) {
    throw new TypeError('the name of a queue must be a text of 1 to 255 bytes, found another one')
  }
  const exchange = exchangeOf(name, settings.taskCreateMissingQueueExchangeType ?? 'direct')
  return plainQueue(name, exchange, name, typeArgument(settings.taskCreateMissingQueueType), settings)
}

function plainQueue(
  name: string,
  exchange: ExchangeDeclaration,
  routingKey: string,
  args: Readonly<Record<string, unknown>>,
  { taskQueueMaxPriority: priority }: Settings,
): QueueEntry {
  return {
    declaration: {
      name,
      exchange,
      routingKey,
      durable: true,
      autoDelete: false,
      exclusive: false,
      arguments: priority === undefined ? args : { ...args, 'x-max-priority': priority },
      passive: false,
    },
    deliveryMode: undefined,
  }
}

/** A queue of `taskQueues`, as kombu's `Queue.from_dict` makes it; `exclusive` implies `autoDelete`. */
function configuredQueue(queue: NamedQueueSetting, settings: Settings): QueueEntry {
  const { name, exchangeType = 'direct', durable = true, autoDelete = false, exclusive = false } = queue
  const exchange = queue.exchange
    ? exchangeOf(queue.exchange, exchangeType, {
        durable: queue.exchangeDurable ?? durable,
        autoDelete: queue.exchangeAutoDelete ?? autoDelete,
        arguments: queue.exchangeArguments ?? {},
      })
    : exchangeOf(settings.taskDefaultExchange, settings.taskDefaultExchangeType)
  return {
    declaration: {
      name,
      exchange,
      routingKey: queue.bindingKey ?? queue.routingKey ?? name,
      durable: queue.queueDurable ?? durable,
      autoDelete: exclusive || (queue.queueAutoDelete ?? autoDelete),
      exclusive,
      arguments: queueArguments(queue, settings.taskQueueMaxPriority),
      passive: queue.noDeclare ?? false,
    },
    deliveryMode: queue.deliveryMode,
  }
}

function queueArguments(queue: NamedQueueSetting, maxPriority: number | undefined): Readonly<Record<string, unknown>> {
  const args: Record<string, unknown> = { ...queue.queueArguments }
  const set = (name: string, value: number | undefined) => {
    if (value !== undefined) args[name] = value
  }
  set('x-expires', milliseconds(queue.expires))
  set('x-message-ttl', milliseconds(queue.messageTtl))
  set('x-max-length', queue.maxLength)
  set('x-max-length-bytes', queue.maxLengthBytes)
  set('x-max-priority', queue.maxPriority ?? (Object.hasOwn(args, 'x-max-priority') ? undefined : maxPriority))
  return args
}

function milliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : Math.trunc(seconds * 1000)
}

function exchangeOf(name: string, type: ExchangeType, more: Partial<ExchangeDeclaration> = {}): ExchangeDeclaration {
  return { name, type, durable: true, autoDelete: false, arguments: {}, ...more }
}

function typeArgument(type: 'classic' | 'quorum'): Readonly<Record<string, unknown>> {
  return type === 'quorum' ? { 'x-queue-type': 'quorum' } : {}
}
