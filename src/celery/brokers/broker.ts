import type { Message } from '../protocol/message.ts'

/**
 * The contract of a broker. One suite, `test/conformance/brokers`, holds for every driver.
 *
 * - A driver is one connection with its own recovery: it reconnects with backoff, declares again what was declared, consumes
 *   again what was consumed. What it cannot hide it tells: `publish` rejects, a delivery's `ack` rejects, a consumer is `lost`.
 * - Nothing is lost: `publish` resolves when the broker has stored the message; a delivery that is neither acked nor rejected
 *   comes again after this process died. Nothing is doubled as long as this process and the broker live, however long a
 *   delivery is held.
 * - What cannot be read as a message is delivered all the same, with `malformed` set: the worker counts and rejects it.
 */
export interface Broker {
  /** `memory`, `redis` or `amqp`. */
  readonly kind: BrokerKind
  /** The address without its secrets, for logs. */
  readonly address: string
  /** What this broker can do that not all can. */
  readonly abilities: BrokerAbilities
  /** Connects. Rejects with `ERR_CELERY_CONNECTION` after the configured tries. Called by the other methods where needed. */
  connect(): Promise<void>
  /**
   * Makes exchange, queue and binding. Rejects with `ERR_CELERY_DECLARATION` when they exist with other arguments.
   *
   * @param options - `soon: true` waits for a connection no longer than `publish` does; else it may be until that is given up
   */
  declare(queue: QueueDeclaration, options?: { readonly soon?: boolean }): Promise<void>
  /**
   * Sends a message. Resolves when the broker has stored it.
   *
   * Rejects with `ERR_CELERY_NOT_ROUTED` when no queue took it, with `ERR_CELERY_CONNECTION` when it was certainly not stored,
   * with `ERR_CELERY_PUBLISH_UNKNOWN` when the connection was lost in between, so that it may be stored or not.
   */
  publish(message: Message, target: PublishTarget): Promise<void>
  /** Starts to take messages. Resolves when the broker has accepted it. */
  consume(queues: readonly QueueDeclaration[], options: ConsumeOptions): Promise<Consumer>
  /** Messages that wait in a queue, those being worked on not counted; 0 for a queue that does not exist. */
  size(queue: string): Promise<number>
  /** Throws away the waiting messages of a queue, and tells how many; 0 for a queue that does not exist. */
  purge(queue: string): Promise<number>
  /** Removes a queue and what waits in it. Nothing is done when it does not exist. */
  deleteQueue(queue: string): Promise<void>
  /**
   * Receives what is published to a fanout (on RabbitMQ also topic) exchange from now on, through a queue of its own: fire and
   * forget, no acknowledgement. After a reconnect it goes on; what was sent meanwhile is missed.
   */
  subscribe(exchange: ExchangeDeclaration, options: SubscribeOptions): Promise<Subscription>
  /** Resolves when the broker has answered; rejects after the time-out. For health checks. */
  ping(): Promise<void>
  /**
   * Puts back what is not settled, each to where it was, and disconnects. Consumers are cancelled. Never rejects. What is
   * called afterwards rejects with `ERR_CELERY_CONNECTION`.
   */
  close(): Promise<void>
}

export type BrokerKind = 'memory' | 'redis' | 'amqp'

export interface BrokerAbilities {
  /** Whether it keeps a message until its time by itself (queues of quorum type on RabbitMQ). */
  readonly nativeDelay: boolean
  /** Whether the prefetch of a running consumer can be raised. */
  readonly adjustablePrefetch: boolean
}

/** @see https://www.rabbitmq.com/docs/exchanges */
export interface ExchangeDeclaration {
  /** Empty: the default exchange, which gives to the queue named by the routing key. */
  readonly name: string
  readonly type: ExchangeType
  readonly durable: boolean
  readonly autoDelete: boolean
  readonly arguments: Readonly<Record<string, unknown>>
}

export type ExchangeType = 'direct' | 'topic' | 'fanout' | 'headers'

/** @see https://www.rabbitmq.com/docs/queues */
export interface QueueDeclaration {
  readonly name: string
  /** Undefined or the default exchange: no binding is made. */
  readonly exchange: ExchangeDeclaration | undefined
  readonly routingKey: string
  readonly durable: boolean
  readonly autoDelete: boolean
  readonly exclusive: boolean
  /** `x-max-priority`, `x-queue-type` and the like. Must equal those of everybody else who declares the queue. */
  readonly arguments: Readonly<Record<string, unknown>>
  /** True: only checked that it exists, not made. */
  readonly passive: boolean
}

/** Where a message goes. */
export interface PublishTarget {
  /** Empty: the default exchange. */
  readonly exchange: string
  readonly exchangeType: ExchangeType
  readonly routingKey: string
  /**
   * Seconds until the broker shall deliver it, where `abilities.nativeDelay`. A target that it cannot delay, such as a direct
   * exchange, gets the message at once: whoever takes it holds it until its `eta`.
   */
  readonly delay?: number | undefined
  /**
   * True (default): publish again after a lost connection when it was certainly not stored; RabbitMQ is also sent again what
   * it had not confirmed, with the same `message_id`, and may then have it twice. False: rejects in both cases.
   */
  readonly retry?: boolean | undefined
}

export interface ConsumeOptions {
  /** Unsettled deliveries at a time; 0: no limit. */
  readonly prefetch: number
  /** Called for every delivery, one after the other; must not throw. */
  readonly onDelivery: (delivery: Delivery) => void
  /**
   * The connection is gone and being made again. Deliveries that cannot be settled any more since then say so by `lost`; the
   * broker gives them again.
   */
  readonly onInterrupted?: ((reason: Error) => void) | undefined
  /** Consuming again after an interruption. */
  readonly onResumed?: (() => void) | undefined
}

/** Takes messages from queues until it is cancelled or lost. */
export interface Consumer {
  /** Resolves with undefined after `cancel`, with the reason when it was given up: it could not consume again. Never rejects. */
  readonly done: Promise<Error | undefined>
  addQueue(queue: QueueDeclaration): Promise<void>
  cancelQueue(name: string): Promise<void>
  setPrefetch(count: number): Promise<void>
  /** Stops taking. What was delivered can still be settled. Resolves when no more delivery will come. */
  cancel(): Promise<void>
}

/** A message handed to a consumer. Settled exactly once; further calls are ignored. */
export interface Delivery {
  readonly queue: string
  readonly exchange: string
  readonly routingKey: string
  readonly message: Message
  /** Why it cannot be read as a message at all: `not JSON`, `no delivery_tag`. The body is then what was found. */
  readonly malformed: string | undefined
  /** Delivered before, so it may have been worked on. */
  readonly redelivered: boolean
  /**
   * True once it is known that it cannot be settled any more and comes again: a worker does not start it. Not there: lost by
   * every interruption.
   */
  readonly lost?: boolean
  /** Done. Rejects with `ERR_CELERY_DELIVERY_LOST` when the broker took it back meanwhile: it will be delivered again. */
  ack(): Promise<void>
  /** Not done: thrown away (dead-lettered where the queue says so), or to the end of the queue. Rejects as `ack`. */
  reject(options: { readonly requeue: boolean }): Promise<void>
  /** Never started: back to where it was, delivered next. Rejects as `ack`. */
  release(): Promise<void>
}

export interface SubscribeOptions {
  /** Name of the queue of its own, where the broker needs one. */
  readonly queue: QueueDeclaration
  readonly onMessage: (message: Message, routingKey: string) => void
}

export interface Subscription {
  close(): Promise<void>
}
