import type { RedisConnection } from '../../redis/redis-commands.ts'
import { RedisFailure } from '../../redis/redis-failure.ts'
import type { ExchangeDeclaration, ExchangeType, QueueDeclaration } from '../broker.ts'
import { DeclarationError } from '../errors.ts'
import { topicMatches } from '../memory/topic-matches.ts'
import type { RedisKeys } from './redis-keys.ts'

/** Which queues an exchange gives to. Kept in a set by exchange, as kombu does: Redis knows no exchanges. */
export class Bindings {
  readonly #keys: RedisKeys
  /** Made by this broker, by queue: what `remove` removes. */
  readonly #own = new Map<string, Map<string, string>>()

  constructor(keys: RedisKeys) {
    this.#keys = keys
  }

  /** @throws DeclarationError when it is only to be looked for and is not there */
  async declare(connection: RedisConnection, queue: QueueDeclaration): Promise<void> {
    const { name, exchange, routingKey, passive } = queue
    if (exchange === undefined || exchange.name === '') {
      // A list that is empty does not exist: there is nothing to look for.
      return
    }
    const key = this.#keys.bindings(exchange.name)
    const member = this.#keys.binding(routingKey, patternOf(exchange, routingKey), name)
    if (passive) {
      const members = await connection.sMembers(key)
      if (members.some((one) => this.#keys.splitBinding(one)[2] === name)) return
      throw new DeclarationError(name, `it is not bound to exchange "${exchange.name}", and is only to be looked for`)
    }
    this.#remember(name, key, member)
    await connection.sAdd(key, [member])
  }

  /** Removes the bindings of a queue: those made here, and the one to the exchange of its own name, which is Celery's habit. */
  async remove(connection: RedisConnection, queue: string): Promise<void> {
    const own = this.#own.get(queue) ?? new Map<string, string>()
    this.#own.delete(queue)
    const habit = this.#keys.bindings(queue)
    await Promise.all([
      ...[...own].map(([member, key]) => connection.sRem(key, [member.slice(key.length)])),
      connection.sRem(habit, [this.#keys.binding(queue, '', queue)]),
    ])
  }

  /**
   * Makes again what was declared here: a server may have lost it. What fails is left: who needs it will be told.
   *
   * @param exchange - undefined: of all
   * @returns whether there was anything
   */
  async restore(connection: RedisConnection, exchange?: string): Promise<boolean> {
    const only = exchange === undefined ? undefined : this.#keys.bindings(exchange)
    const members = new Map<string, string[]>()
    for (const own of this.#own.values()) {
      for (const [member, key] of own) {
        if (only !== undefined && key !== only) continue
        const known = members.get(key)
        if (known === undefined) members.set(key, [member.slice(key.length)])
        else known.push(member.slice(key.length))
      }
    }
    const passed = (error: unknown) => {
      if (!(error instanceof RedisFailure)) throw error
    }
    await Promise.all([...members].map(([key, some]) => connection.sAdd(key, some).catch(passed)))
    return members.size > 0
  }

  /** Names of the queues that a message goes to. */
  async lookup(connection: RedisConnection, exchange: string, type: ExchangeType, key: string): Promise<string[]> {
    const found = new Set<string>()
    const words = type === 'topic' ? key.split('.') : []
    for (const member of await connection.sMembers(this.#keys.bindings(exchange))) {
      const [routingKey, , queue] = this.#keys.splitBinding(member)
      if (type === 'topic' ? topicMatches(routingKey.split('.'), words) : routingKey === key) found.add(queue)
    }
    return [...found]
  }

  /** As `lookup`, when the type of the exchange is not known: bindings of topic exchanges have a pattern. */
  async lookupAny(connection: RedisConnection, exchange: string, key: string): Promise<string[]> {
    const members = await connection.sMembers(this.#keys.bindings(exchange))
    const isTopic = members.some((member) => this.#keys.splitBinding(member)[1] !== '')
    return await this.lookup(connection, exchange, isTopic ? 'topic' : 'direct', key)
  }

  #remember(queue: string, key: string, member: string): void {
    const own = this.#own.get(queue) ?? new Map<string, string>()
    own.set(key + member, key)
    this.#own.set(queue, own)
  }
}

/** The regular expression that kombu finds a topic's bindings by: exactly its own, as the whole member is compared. */
function patternOf(exchange: ExchangeDeclaration, routingKey: string): string {
  if (exchange.type !== 'topic') return ''
  const words = escapeAsKombu(routingKey)
    .split('.')
    .map((word) => (word === '*' ? '.*?[^\\.]' : word === '#' ? '.*?' : word))
  return `^${words.join('\\.')}$`
}

function escapeAsKombu(routingKey: string): string {
  return routingKey.replace(/[^\p{L}\p{N}.#*]/gu, (char) => (char === '\0' ? '\\000' : `\\${char}`))
}
