import type {
  Broker,
  ConsumeOptions,
  Consumer,
  Delivery,
  QueueDeclaration,
  Subscription,
} from '../../../src/celery/brokers/broker.ts'
import { DeliveryLostError } from '../../../src/celery/brokers/errors.ts'
import { encodeTask } from '../../../src/celery/protocol/encode-task.ts'
import type { Message } from '../../../src/celery/protocol/message.ts'
import type { TaskMessage } from '../../../src/celery/protocol/task-message.ts'

/** A delivery that notes how it is settled, and refuses to be when it is lost. */
export class HandDelivery implements Delivery {
  readonly queue = 'celery'
  readonly exchange: string
  readonly routingKey: string
  readonly message: Message
  readonly malformed: string | undefined
  readonly redelivered: boolean
  /** Every call, in order. */
  readonly settled: string[] = []
  lost = false
  /** Settling waits for it. */
  gate: Promise<void> | undefined
  readonly #onSettled: (delivery: HandDelivery) => void

  constructor(message: Message, options: DeliverOptions, onSettled: (delivery: HandDelivery) => void) {
    this.message = message
    this.malformed = options.malformed
    this.redelivered = options.redelivered ?? false
    this.exchange = options.exchange ?? ''
    this.routingKey = options.routingKey ?? 'celery'
    this.gate = options.gate
    this.#onSettled = onSettled
  }

  ack(): Promise<void> {
    return this.#settle('ack')
  }

  reject({ requeue }: { readonly requeue: boolean }): Promise<void> {
    return this.#settle(requeue ? 'requeue' : 'reject')
  }

  release(): Promise<void> {
    return this.#settle('release')
  }

  async #settle(how: string): Promise<void> {
    await this.gate
    if (this.lost) throw new DeliveryLostError(this.queue)
    this.settled.push(how)
    this.#onSettled(this)
  }
}

export interface DeliverOptions {
  readonly malformed?: string
  readonly redelivered?: boolean
  readonly exchange?: string
  readonly routingKey?: string
  readonly gate?: Promise<void>
}

/** A broker by hand: a test says what is delivered, and when the connection goes. */
export class HandBroker implements Broker {
  readonly kind = 'memory'
  readonly address = 'hand://'
  abilities = { nativeDelay: false, adjustablePrefetch: true }
  readonly declared: string[] = []
  /** Every prefetch count the consumer was told, the first one included. */
  readonly prefetches: number[] = []
  readonly deliveries: HandDelivery[] = []
  /** How they were settled, in the order that happened. */
  readonly settlements: string[] = []
  readonly queues = new Set<string>()
  cancelled = false
  closed = false
  failure: Error | undefined
  #options: ConsumeOptions | undefined
  #end: (reason: Error | undefined) => void = () => undefined

  async connect(): Promise<void> {
    if (this.failure !== undefined) throw this.failure
  }

  async declare(queue: QueueDeclaration): Promise<void> {
    this.declared.push(queue.name)
  }

  async publish(): Promise<void> {}

  async consume(queues: readonly QueueDeclaration[], options: ConsumeOptions): Promise<Consumer> {
    this.#options = options
    this.prefetches.push(options.prefetch)
    for (const { name } of queues) this.queues.add(name)
    return {
      done: new Promise((resolve) => {
        this.#end = resolve
      }),
      addQueue: async ({ name }) => void this.queues.add(name),
      cancelQueue: async (name) => void this.queues.delete(name),
      setPrefetch: async (count) => void this.prefetches.push(count),
      cancel: async () => {
        this.cancelled = true
        this.#end(undefined)
      },
    }
  }

  deliver(message: TaskMessage | Message, options: DeliverOptions = {}): HandDelivery {
    const encoded = 'body' in message ? message : encodeTask(message)
    const delivery = new HandDelivery(encoded, options, ({ settled }) => this.settlements.push(String(settled.at(-1))))
    this.deliveries.push(delivery)
    this.#options?.onDelivery(delivery)
    return delivery
  }

  /** The connection goes: what was delivered and not settled cannot be settled any more. */
  interrupt(): void {
    for (const delivery of this.deliveries) if (delivery.settled.length === 0) delivery.lost = true
    this.#options?.onInterrupted?.(new Error('connection reset'))
  }

  resume(): void {
    this.#options?.onResumed?.()
  }

  /** The consumer gives up. */
  giveUp(reason: Error): void {
    this.#end(reason)
  }

  async size(): Promise<number> {
    return 0
  }

  async purge(): Promise<number> {
    return 0
  }

  async deleteQueue(): Promise<void> {}

  async subscribe(): Promise<Subscription> {
    return { close: async () => undefined }
  }

  async ping(): Promise<void> {}

  async close(): Promise<void> {
    this.closed = true
    this.#end(undefined)
  }
}
