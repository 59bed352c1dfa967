import type { Duration } from '../../lib/duration.ts'
import type { ExchangeType } from '../brokers/broker.ts'
import type { AnyCase } from './any-case.ts'
import { readMembers } from './read-members.ts'
import { isObject, type Problem } from './read-value.ts'
import type { SettingRule } from './setting-rule.ts'

/**
 * A queue of `taskQueues`: how it and its exchange are declared. Names also as in Python: `routing_key`.
 *
 * @see https://docs.celeryq.dev/en/stable/userguide/routing.html
 */
export type QueueSetting = AnyCase<QueueMembers>

interface QueueMembers {
  readonly name: string
  /** Default: the default exchange of the settings. */
  readonly exchange: string
  /** Default `direct`. */
  readonly exchangeType: ExchangeType
  /** Default: the name of the queue. */
  readonly routingKey: string
  /** Older name of `routingKey`. */
  readonly bindingKey: string
  /** Of queue and exchange. Default true. */
  readonly durable: boolean
  readonly queueDurable: boolean
  readonly exchangeDurable: boolean
  /** Of queue and exchange. Default false. */
  readonly autoDelete: boolean
  readonly queueAutoDelete: boolean
  readonly exchangeAutoDelete: boolean
  /** Only for this connection. */
  readonly exclusive: boolean
  /** `{ 'x-queue-type': 'quorum' }` and the like, as RabbitMQ names them. */
  readonly queueArguments: Readonly<Record<string, unknown>>
  readonly exchangeArguments: Readonly<Record<string, unknown>>
  /** Of messages that go there: 2 survives a restart of the broker, 1 does not. */
  readonly deliveryMode: 1 | 2 | 'transient' | 'persistent'
  /** `x-max-priority`. */
  readonly maxPriority: number
  /** `x-expires`: an unused queue is removed after that. */
  readonly expires: Duration
  /** `x-message-ttl`. */
  readonly messageTtl: Duration
  readonly maxLength: number
  readonly maxLengthBytes: number
  /** It is only checked that it exists. */
  readonly noDeclare: boolean
}

/** `taskQueues`: names alone, or with how they are declared; a list, or an object by name. */
export type TaskQueues = readonly (string | QueueSetting)[] | Readonly<Record<string, QueueSetting>>

/** A {@link QueueSetting} that was read: names in our casing, times in seconds. */
export interface NamedQueueSetting {
  readonly name: string
  readonly exchange?: string
  readonly exchangeType?: ExchangeType
  readonly routingKey?: string
  readonly bindingKey?: string
  readonly durable?: boolean
  readonly queueDurable?: boolean
  readonly exchangeDurable?: boolean
  readonly autoDelete?: boolean
  readonly queueAutoDelete?: boolean
  readonly exchangeAutoDelete?: boolean
  readonly exclusive?: boolean
  readonly queueArguments?: Readonly<Record<string, unknown>>
  readonly exchangeArguments?: Readonly<Record<string, unknown>>
  readonly deliveryMode?: 1 | 2
  readonly maxPriority?: number
  readonly expires?: number
  readonly messageTtl?: number
  readonly maxLength?: number
  readonly maxLengthBytes?: number
  readonly noDeclare?: boolean
}

const flag: SettingRule = { kind: 'flag' }
const text: SettingRule = { kind: 'text' }
const seconds: SettingRule = { kind: 'seconds' }
const size: SettingRule = { kind: 'integer', min: 0 }
const table: SettingRule = { kind: 'anything' }

const rules: Readonly<Record<keyof QueueMembers, SettingRule>> = {
  name: text,
  exchange: { kind: 'anything' }, // the default exchange is an empty text
  exchangeType: { kind: 'exchangeType' },
  routingKey: text,
  bindingKey: text,
  durable: flag,
  queueDurable: flag,
  exchangeDurable: flag,
  autoDelete: flag,
  queueAutoDelete: flag,
  exchangeAutoDelete: flag,
  exclusive: flag,
  queueArguments: table,
  exchangeArguments: table,
  deliveryMode: { kind: 'mode' },
  maxPriority: { kind: 'integer', min: 1, max: 255 },
  expires: seconds,
  messageTtl: seconds,
  maxLength: size,
  maxLengthBytes: size,
  noDeclare: flag,
}

/** Reads `taskQueues`. */
export function readTaskQueues(value: unknown, where: string, problem: Problem): readonly NamedQueueSetting[] {
  const entries: readonly (readonly [string | undefined, unknown])[] | undefined = Array.isArray(value)
    ? value.map((one) => (typeof one === 'string' ? [one, {}] : [undefined, one]))
    : isObject(value)
      ? Object.entries(value)
      : undefined
  if (entries === undefined) problem(`\`${where}\` must be a list of queues or an object by name, found something else`)
  const queues = new Map<string, NamedQueueSetting>()
  for (const [index, [key, one]] of (entries ?? []).entries()) {
    const place = `${where}${key === undefined ? `[${index}]` : `.${key}`}`
    const members = readMembers(one, rules, place, problem)
    if (members === undefined) continue
    const name = key ?? members['name']
    if (typeof name !== 'string' || name === '') {
      problem(`\`${place}\` must have a \`name\``)
      continue
    }
    for (const member of ['queueArguments', 'exchangeArguments']) {
      if (members[member] !== undefined && !isObject(members[member])) {
        problem(`\`${place}.${member}\` must be an object, found something else`)
      }
    }
    if (members['exchange'] !== undefined && typeof members['exchange'] !== 'string') {
      problem(`\`${place}.exchange\` must be a text; its type is said by \`exchangeType\``)
    }
    if (queues.has(name)) problem(`\`${where}\` has the queue "${name}" twice`)
    queues.set(name, Object.freeze({ ...members, name }))
  }
  return Object.freeze([...queues.values()])
}
