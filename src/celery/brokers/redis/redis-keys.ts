import type { KeySettings } from './redis-settings.ts'

/** Names of keys and channels, as kombu has them. `global_keyprefix` stands before each of them. */
export class RedisKeys {
  readonly unacked: string
  readonly unackedIndex: string
  /** Hash of what was found in queues and is no message, by list and number, while it is held. Not kombu's. */
  readonly malformed: string
  readonly prioritySteps: readonly number[]
  readonly #settings: KeySettings
  /** Step by priority, from 0 to 9. */
  readonly #steps: readonly number[]

  constructor(settings: KeySettings) {
    const { prefix, prioritySteps } = settings
    this.#settings = settings
    this.prioritySteps = prioritySteps
    this.unacked = prefix + settings.unacked
    this.unackedIndex = prefix + settings.unackedIndex
    this.malformed = `${prefix}_twopi.malformed`
    this.#steps = Array.from({ length: 10 }, (_, priority) => {
      const below = prioritySteps.filter((step) => step <= priority)
      return below[below.length - 1] ?? prioritySteps[0] ?? 0
    })
  }

  /** The list of a queue for one step of priority. */
  list(queue: string, step: number): string {
    const { prefix, separator } = this.#settings
    return step === 0 ? prefix + queue : `${prefix}${queue}${separator}${step}`
  }

  /** All lists of a queue, the one served first at the beginning. */
  lists(queue: string): string[] {
    return this.prioritySteps.map((step) => this.list(queue, step))
  }

  /** The list that a message of this priority waits in. */
  listFor(queue: string, priority: number | undefined): string {
    const level = priority === undefined || !(priority > 0) ? 0 : Math.min(Math.trunc(priority), 9)
    return this.list(queue, this.#steps[level] ?? 0)
  }

  /** The set of an exchange's bindings. */
  bindings(exchange: string): string {
    return `${this.#settings.prefix}_kombu.binding.${exchange}`
  }

  /** Joins the three parts of a binding. */
  binding(routingKey: string, pattern: string, queue: string): string {
    return [routingKey, pattern, queue].join(this.#settings.separator)
  }

  splitBinding(member: string): [routingKey: string, pattern: string, queue: string] {
    const [routingKey = '', pattern = '', ...queue] = member.split(this.#settings.separator)
    return [routingKey, pattern, queue.join(this.#settings.separator)]
  }

  /** The channel a broadcast is published to. */
  channel(exchange: string, routingKey: string): string {
    const { prefix, fanoutPrefix, fanoutPatterns } = this.#settings
    const end = routingKey !== '' && fanoutPatterns ? `/${routingKey}` : ''
    return `${prefix}${fanoutPrefix}${exchange}${end}`
  }

  /** What to subscribe to, so as to get those that are published with a routing key that fits. */
  channelPattern(exchange: string, routingKey: string): string {
    const literal = this.channel(exchange, '').replace(/[*?[\]\\]/g, '\\$&')
    const end = this.channel('', routingKey).slice(this.channel('', '').length)
    return literal + end.replaceAll('#', '*')
  }

  /** A key that says how far the connection with this number got. Not kombu's. */
  fence(id: string): string {
    return `${this.#settings.prefix}_twopi.${id}`
  }
}
