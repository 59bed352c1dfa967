import type { RedisConnection } from '../../redis/redis-commands.ts'
import { RedisFailure } from '../../redis/redis-failure.ts'
import type { RedisLink } from '../../redis/redis-link.ts'
import type { ConsumeOptions, QueueDeclaration } from '../broker.ts'
import { BrokerConnectionError } from '../errors.ts'
import { asBrokerError, createLink } from './connections.ts'
import type { ConsumerHost } from './consumer-host.ts'
import { closeFenceScript, openFenceScript } from './fence-scripts.ts'
import type { Held } from './held.ts'
import { type Envelope, readEnvelope } from './read-envelope.ts'
import { RedisConsumer } from './redis-consumer.ts'
import type { RedisKeys } from './redis-keys.ts'
import type { RedisSettings } from './redis-settings.ts'
import { Refresher } from './refresher.ts'
import { type Lookup, Restorer } from './restorer.ts'
import { ServerClock } from './server-clock.ts'
import { ackScript, putScript, refreshScript } from './settle-scripts.ts'
import { Settler } from './settler.ts'
import { takeScript } from './take-script.ts'
import type { TakenItem } from './taken.ts'

/** What an intake works with. */
export interface IntakeOptions {
  readonly settings: RedisSettings
  readonly keys: RedisKeys
  readonly declare: (queue: QueueDeclaration) => Promise<void>
  readonly lookup: Lookup
}

/**
 * All that a broker takes: one connection, its consumers, what they hold, and what keeps that alive. It lives on after its
 * consumers, as long as anything is held.
 */
export class Intake implements ConsumerHost {
  readonly settings: RedisSettings
  readonly keys: RedisKeys
  readonly declare: (queue: QueueDeclaration) => Promise<void>
  readonly clock: ServerClock = new ServerClock()
  readonly settler: Settler
  readonly #link: RedisLink
  readonly #held = new Set<Held>()
  readonly #consumers = new Set<RedisConsumer>()
  /** Ended with a take whose answer was lost. */
  readonly #unclear = new Set<RedisConsumer>()
  readonly #refresher: Refresher
  readonly #restorer: Restorer
  readonly #tails = new Map<string, { readonly text: string; readonly bytes: number }>()
  #listsOf: { readonly queues: readonly string[]; readonly lists: readonly string[] } = { queues: [], lists: [] }
  #sequence = 0
  #wasUp = false

  constructor({ settings, keys, declare, lookup }: IntakeOptions) {
    this.settings = settings
    this.keys = keys
    this.declare = declare
    this.#link = createLink(settings, {
      scripts: [takeScript, ackScript, putScript, refreshScript, openFenceScript, closeFenceScript],
      onChange: () => {
        for (const consumer of this.#consumers) consumer.changed()
      },
      onUp: (connection) => this.#up(connection),
      onDown: (reason) => {
        for (const consumer of [...this.#consumers]) consumer.down(reason)
      },
      onGivenUp: (reason) => {
        for (const consumer of [...this.#consumers]) consumer.end(this.#givenUp(reason))
      },
    })
    const { clock, link, held, mine } = { clock: this.clock, link: this.#link, held: this.#held, mine: this.#held }
    this.settler = new Settler({
      ...{ link, keys, deadLetterList: this.#deadLetterList() },
      isFresh: ({ malformed, score }) =>
        malformed || clock.now() / 1_000_000 - Number(score) < settings.visibilityTimeout,
      onEnd: (one) => held.delete(one),
    })
    this.#refresher = new Refresher({ link, keys, clock, held, interval: settings.refreshInterval })
    this.#restorer = new Restorer({ link, keys, settings, clock, lookup, isMine: (tag) => hasTag(mine, tag) })
  }

  /** Starts a consumer of no queues yet. */
  async consume(options: ConsumeOptions): Promise<RedisConsumer> {
    const connection = await this.#connect()
    const consumer: RedisConsumer = new RedisConsumer(this, options, {
      ended: (isUnclear) => this.#forget(consumer, isUnclear),
      cleared: () => this.#unclear.delete(consumer),
    })
    this.#consumers.add(consumer)
    this.#restorer.start()
    try {
      await consumer.up(connection)
    } catch (error) {
      if (error instanceof RedisFailure && error.kind !== 'failed') return consumer // the next connection prepares it
      this.#consumers.delete(consumer)
      throw this.asBrokerError(error)
    }
    consumer.start(connection, false)
    return consumer
  }

  #forget(consumer: RedisConsumer, isUnclear: boolean): void {
    this.#consumers.delete(consumer)
    if (isUnclear) this.#unclear.add(consumer)
    if (this.#consumers.size === 0) this.#restorer.stop()
  }

  hold(item: TakenItem, known?: Envelope): { held: Held; envelope: Envelope } {
    const { queue, step, tag, malformed, text, score } = item
    const envelope = known ?? readEnvelope(text)
    const own = malformed ? '' : score
    const held: Held = {
      ...{ tag, queue, malformed, score: own, tried: own, state: 'held' },
      list: this.keys.list(queue, this.keys.prioritySteps[step] ?? 0),
      tail: this.#tail(queue).bytes,
      sequence: ++this.#sequence,
      readable: !malformed && (envelope.malformed === undefined || known !== undefined),
    }
    this.#held.add(held)
    this.settler.taken(held.list, tag)
    this.#refresher.start()
    return { held, envelope }
  }

  readonly lists = (queues: readonly string[]): readonly string[] => {
    if (this.#listsOf.queues !== queues) {
      const lists = this.keys.prioritySteps.flatMap((step) => queues.map((queue) => this.keys.list(queue, step)))
      this.#listsOf = { queues, lists }
    }
    return this.#listsOf.lists
  }

  readonly tails = (queues: readonly string[]): string[] => queues.map((queue) => this.#tail(queue).text)

  asBrokerError(error: unknown): Error {
    const made = asBrokerError(error, this.settings.address.text)
    return made instanceof Error ? made : new Error('the consumer failed', { cause: error })
  }

  #givenUp(reason: Error): BrokerConnectionError {
    return new BrokerConnectionError(this.settings.address.text, reason.message, { cause: reason })
  }

  /** Ends all consumers, puts back what is held, and disconnects; whatever is not done by then stays in the table. */
  async close(within: Promise<void>): Promise<void> {
    const ending = [...this.#consumers].map((consumer) => consumer.cancel())
    const isUp = this.#link.connection !== undefined
    if (isUp || (this.#wasUp && this.#held.size + this.#unclear.size > 0)) {
      await Promise.race([this.#putAllBack(ending), within])
    }
    this.#refresher.stop()
    this.#restorer.stop()
    for (const held of this.#held) held.state = 'lost'
    this.#held.clear()
    this.#link.close()
  }

  async #putAllBack(ending: readonly Promise<void>[]): Promise<void> {
    try {
      await this.#link.connect()
      await Promise.all(ending)
      const open = [...this.#held].filter(({ state }) => state === 'held')
      await Promise.allSettled(open.map((held) => this.settler.settle(held, 'front')))
      for (const held of open) held.state = 'lost' // whoever settles it now is told that it is not theirs any more
      while (!this.settler.isIdle) await new Promise((resolve) => setImmediate(resolve))
    } catch {
      // Not connected again in time: others find it in the table once it has not been shown to be alive for long enough.
    }
  }

  async #connect(): Promise<RedisConnection> {
    try {
      return await this.#link.connect()
    } catch (error) {
      throw this.asBrokerError(error)
    }
  }

  async #up(connection: RedisConnection): Promise<void> {
    const isResumed = this.#wasUp
    for (const consumer of [...this.#unclear, ...this.#consumers]) await consumer.up(connection)
    this.#unclear.clear()
    this.#wasUp = true
    // Once the link has it: consumers settle by the link.
    setImmediate(() => {
      if (this.#link.connection !== connection) return
      for (const consumer of [...this.#consumers]) consumer.start(connection, isResumed)
      this.#refresher.now()
    })
  }

  #tail(queue: string): { readonly text: string; readonly bytes: number } {
    const known = this.#tails.get(queue)
    if (known !== undefined) return known
    const text = `, "", ${JSON.stringify(queue)}]`
    const tail = { text, bytes: Buffer.byteLength(text) }
    this.#tails.set(queue, tail)
    return tail
  }

  #deadLetterList(): string | undefined {
    const { deadLetterList } = this.settings
    return deadLetterList === undefined ? undefined : this.keys.list(deadLetterList, 0)
  }
}

function hasTag(held: ReadonlySet<Held>, tag: string): boolean {
  for (const one of held) if (one.tag === tag && one.state !== 'lost') return true
  return false
}
