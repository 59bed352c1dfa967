import type { Broker, Consumer, Delivery, QueueDeclaration } from '../../brokers/broker.ts'
import { BrokerConnectionError, NotRoutedError, PublishUnknownError } from '../../brokers/errors.ts'
import type { TaskMeta } from '../../protocol/task-meta.ts'
import { BackendConnectionError, BackendDataError, BackendUnsupportedError, ResultElsewhereError } from '../errors.ts'
import type { ResultBackend, ResultBackendAbilities, ResultWatcher, StoreContext, Unwatch } from '../result-backend.ts'
import type { RpcInbox } from './rpc-inbox.ts'
import { type RpcMessageOptions, readRpcMessage, rpcMessage } from './rpc-message.ts'

export interface RpcBackendParts {
  readonly address: string
  readonly broker: Broker
  readonly queue: QueueDeclaration
  readonly inbox: RpcInbox
  readonly message: RpcMessageOptions
  readonly accept: readonly string[] | undefined
}

/** Times a result is sent again whose connection was lost before the broker confirmed it. Twice the same does no harm. */
const MOST_RESENDS = 3
/** Messages at a time; each is acknowledged at once. */
const PREFETCH = 500

/**
 * Results that go back as messages, to the process that sent the task. Works over any broker.
 *
 * The queue is consumed from the first `expect` on; a process that only works on tasks has none.
 *
 * @see https://docs.celeryq.dev/en/stable/userguide/tasks.html#rpc-result-backend-rabbitmq-qpid
 */
export class RpcBackend implements ResultBackend {
  readonly kind = 'rpc'
  readonly address: string
  readonly abilities: ResultBackendAbilities = { shared: false, chords: false }
  readonly replyTo: string
  readonly #parts: RpcBackendParts
  #consumer: Promise<Consumer> | undefined
  #isClosed = false

  constructor(parts: RpcBackendParts) {
    this.address = parts.address
    this.replyTo = parts.queue.name
    this.#parts = parts
  }

  async connect(): Promise<void> {
    await this.#call((broker) => broker.connect())
  }

  async ping(): Promise<void> {
    await this.#call((broker) => broker.ping())
  }

  async store(meta: TaskMeta, { replyTo }: StoreContext = {}): Promise<void> {
    this.#assertOpen()
    if (!replyTo) return
    const message = rpcMessage(meta, this.#parts.message)
    const target = { exchange: '', exchangeType: 'direct', routingKey: replyTo } as const
    for (let resends = 0; ; resends++) {
      try {
        return await this.#call((broker) => broker.publish(message, target))
      } catch (error) {
        if (error instanceof NotRoutedError) return // who sent the task has gone
        if (!(error instanceof PublishUnknownError)) throw error
        if (resends === MOST_RESENDS) throw new BackendConnectionError(this.address, UNCONFIRMED, { cause: error })
      }
    }
  }

  async get(taskId: string): Promise<TaskMeta | undefined> {
    this.#assertOpen()
    return this.#parts.inbox.get(taskId)
  }

  async watch(taskId: string, watcher: ResultWatcher): Promise<Unwatch> {
    await this.#consume()
    const unwatch = this.#parts.inbox.watch(taskId, watcher)
    if (unwatch === undefined) throw new ResultElsewhereError(this.address, taskId)
    return async () => unwatch()
  }

  async expect(taskId: string): Promise<void> {
    this.#parts.inbox.expect(taskId)
    await this.#consume()
  }

  async forget(taskId: string): Promise<void> {
    this.#assertOpen()
    this.#parts.inbox.forget(taskId)
  }

  async addChordPart(): Promise<never> {
    throw new BackendUnsupportedError(this.address, 'chords')
  }

  async setChordSize(): Promise<never> {
    throw new BackendUnsupportedError(this.address, 'chords')
  }

  async forgetChord(): Promise<never> {
    throw new BackendUnsupportedError(this.address, 'chords')
  }

  async getGroup(): Promise<never> {
    throw new BackendUnsupportedError(this.address, 'saved groups')
  }

  /** Removes its queue, unless the broker is away. The broker is the app's, and stays open. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#parts.inbox.fail(this.#closed())
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, LONGEST_GOODBYE)
    })
    await Promise.race([this.#leave(), late])
    clearTimeout(timer)
  }

  /** Never rejects. */
  async #leave(): Promise<void> {
    const { broker, queue } = this.#parts
    try {
      const consumer = await this.#consumer
      if (consumer === undefined) return
      await consumer.cancel()
      await broker.deleteQueue(queue.name)
    } catch {
      // It goes by its expiry.
    }
  }

  async #consume(): Promise<void> {
    this.#assertOpen()
    this.#consumer ??= this.#start()
    await this.#consumer
    this.#assertOpen()
  }

  async #start(): Promise<Consumer> {
    const { queue, inbox } = this.#parts
    try {
      // A call of a task waits for this, and must not wait longer than for its own message.
      await this.#call((broker) => broker.declare(queue, { soon: true }))
      const consumer = await this.#call((broker) =>
        broker.consume([queue], { prefetch: PREFETCH, onDelivery: (delivery) => this.#receive(delivery) }),
      )
      void consumer.done.then((reason) => {
        this.#consumer = undefined
        if (reason) inbox.fail(new BackendConnectionError(this.address, reason.message, { cause: reason }))
      })
      return consumer
    } catch (error) {
      this.#consumer = undefined
      throw error
    }
  }

  #receive(delivery: Delivery): void {
    const { inbox, accept } = this.#parts
    const { message } = delivery
    const taskId = message.properties.correlationId
    try {
      const arrival = readRpcMessage(message, accept)
      inbox.receive(taskId ?? arrival.read().taskId, arrival)
    } catch (error) {
      const reason = error instanceof Error ? error : new Error(String(error))
      if (taskId !== undefined) inbox.refuse(taskId, new BackendDataError(taskId, reason.message, { cause: reason }))
    }
    // When it is too late for that, the message comes again, and is ignored then.
    delivery.ack().catch(() => undefined)
  }

  async #call<T>(call: (broker: Broker) => Promise<T>): Promise<T> {
    this.#assertOpen()
    try {
      return await call(this.#parts.broker)
    } catch (error) {
      if (!(error instanceof BrokerConnectionError)) throw error
      throw new BackendConnectionError(this.address, error.message, { cause: error })
    }
  }

  #assertOpen(): void {
    if (this.#isClosed) throw this.#closed()
  }

  #closed(): BackendConnectionError {
    return new BackendConnectionError(this.address, 'it was closed')
  }
}

/** Milliseconds for the removal of the queue: a broker that is away is waited for as long as its settings say, or for ever. */
const LONGEST_GOODBYE = 2000

const UNCONFIRMED = 'the connection was lost each time before the result was confirmed'
