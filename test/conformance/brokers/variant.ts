import type { Broker, BrokerAbilities, BrokerKind } from '../../../src/celery/brokers/broker.ts'

/** What a driver brings to the suite. Hooks that are missing leave out the cases that need them. */
export interface BrokerVariant {
  readonly kind: BrokerKind
  readonly capabilities: BrokerCapabilities
  /** A handle of its own, as another process would have it. The suite closes it. */
  open(settings?: OpenSettings): Broker | Promise<Broker>
  /** A handle whose broker cannot be reached, with few tries. The suite closes it. */
  unreachable?(): Broker | Promise<Broker>
  /** Texts of the URL that no address and no error may show. */
  readonly secrets?: readonly string[]
  /** Puts bytes into a queue as another program would, so that they need not be a message. */
  pokeRaw?(queue: string, bytes: Uint8Array): Promise<void>
  /** Cuts the connections of this handle, as a network would. Resolves when they are cut; the driver makes new ones. */
  interrupt?(broker: Broker): Promise<void>
  /** Cuts the connections of this handle so that it cannot consume again, until its driver gives up. */
  giveUp?(broker: Broker): Promise<void>
  /** Ends this handle as `kill -9` would: it settles nothing, puts nothing back and delivers nothing more. */
  abandon?(broker: Broker): Promise<void>
}

export interface OpenSettings {
  /** In seconds, where the broker has such a thing. */
  readonly visibilityTimeout?: number | undefined
}

/** What not every broker can. Each has cases of its own, or another expectation. */
export interface BrokerCapabilities {
  /** What the handle must say of itself. */
  readonly abilities: BrokerAbilities
  /** Which priority is served first. */
  readonly priorityOrder: 'highest-first' | 'lowest-first'
  /** What a queue must be declared with to have priorities. */
  readonly priorityArguments: Readonly<Record<string, unknown>>
  /** What a queue must be declared with to keep messages until their time; needed with `abilities.nativeDelay`. */
  readonly delayArguments?: Readonly<Record<string, unknown>> | undefined
  /** Queues and exchanges are there only once they are declared, and each time alike. False: a queue is but a key. */
  readonly knowsQueues: boolean
  /** Time limits, lengths and dead letters of queues, by RabbitMQ's arguments. */
  readonly queueArguments: boolean
  /** Whether `subscribe` takes exchanges of type topic. */
  readonly topicSubscriptions: boolean
  /** Whether a message comes again when it is held for longer than a time-out, unless the driver prevents it. */
  readonly visibilityTimeout: boolean
  /** Seconds after which what a dead process held comes again, at most, with a `visibilityTimeout` of one second. */
  readonly returnsWithin: number
}

/** Cases that do not hold for a driver: the title and why. */
export type Skips = Readonly<Record<string, string>>
