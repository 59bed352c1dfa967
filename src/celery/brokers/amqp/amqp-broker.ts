import type { Message } from '../../protocol/message.ts'
import type {
  Broker,
  BrokerAbilities,
  ConsumeOptions,
  Consumer,
  ExchangeDeclaration,
  PublishTarget,
  QueueDeclaration,
  SubscribeOptions,
  Subscription,
} from '../broker.ts'
import type { AmqpAddress } from '../broker-address.ts'
import type { BrokerOptions } from '../broker-options.ts'
import { BrokerConnectionError } from '../errors.ts'
import { type AmqpConsumeOptions, AmqpConsumer } from './amqp-consumer.ts'
import { type AmqpSettings, readAmqpSettings } from './amqp-settings.ts'
import { Link } from './link.ts'
import { Publisher } from './publisher.ts'
import { replyCode, replyCodes } from './reply-error.ts'
import { Supervisor } from './supervisor.ts'
import { Topology } from './topology.ts'
import { within } from './within.ts'

/** How long what is under way may take to be confirmed when the broker is closed. */
const closing = 5000

/**
 * Makes a broker on RabbitMQ. Nothing is connected yet.
 *
 * It has two connections, each opened when it is first needed: RabbitMQ stops reading from one that publishes when its
 * memory runs out, and consuming must go on then.
 *
 * @param options - see {@link BrokerOptions}; of its transport options see {@link readAmqpSettings}
 * @throws TypeError with all mistakes in the options
 *
 * @see https://www.rabbitmq.com/docs/confirms
 */
export function createAmqpBroker(options: BrokerOptions<AmqpAddress>): Broker {
  return new AmqpBroker(readAmqpSettings(options))
}

class AmqpBroker implements Broker {
  readonly kind = 'amqp'
  readonly address: string
  readonly abilities: BrokerAbilities
  readonly #settings: AmqpSettings
  readonly #topology: Topology
  /** Publishes, and answers questions as long as nothing is consumed. */
  readonly #sending: Supervisor
  /** Consumes; queues that are exclusive belong to it. */
  readonly #taking: Supervisor
  readonly #publisher: Publisher
  readonly #consumers = new Set<AmqpConsumer>()
  #closed: Promise<void> | undefined

  constructor(settings: AmqpSettings) {
    const topology = new Topology(settings.delayQueueType)
    this.#settings = settings
    this.#topology = topology
    this.address = settings.address.text
    this.#sending = new Supervisor(settings, (server) => Link.open(server, settings, 'publish'))
    const taking = new Supervisor(settings, (server) => Link.open(server, settings, 'consume'))
    this.#taking = taking
    this.#publisher = new Publisher(this.#sending, settings, (link) => topology.redeclare(link))
    this.abilities = {
      get nativeDelay() {
        return topology.canDelay
      },
      get adjustablePrefetch() {
        return !topology.hasQuorum && (taking.link?.version[0] ?? 0) < 4
      },
    }
  }

  async connect(): Promise<void> {
    await this.#sending.ready()
  }

  async declare(queue: QueueDeclaration, { soon = false }: { readonly soon?: boolean } = {}): Promise<void> {
    const link = queue.exclusive ? this.#taking.ready() : this.#link()
    await this.#topology.declare(await (soon ? this.#soon(link) : link), queue)
  }

  publish(message: Message, target: PublishTarget): Promise<void> {
    if (!this.#topology.knowsExchange(target.exchange)) return this.#publishAfterCheck(message, target)
    const { exchange, routingKey } = this.#topology.delayed(target) ?? target
    return this.#publisher.publish(message, target, exchange, routingKey)
  }

  async consume(queues: readonly QueueDeclaration[], options: ConsumeOptions): Promise<Consumer> {
    return this.#consume(queues, options)
  }

  async subscribe(exchange: ExchangeDeclaration, options: SubscribeOptions): Promise<Subscription> {
    const { queue, onMessage } = options
    const own: QueueDeclaration = { ...queue, exchange: queue.exchange ?? exchange }
    const consumer = await this.#consume([own], {
      prefetch: 0,
      broadcast: true,
      onDelivery: ({ message, malformed, routingKey }) => {
        if (malformed === undefined) onMessage(message, routingKey)
      },
    })
    return { close: () => consumer.cancel() }
  }

  async size(queue: string): Promise<number> {
    return this.#ask(queue, 'count', async (link) => {
      const { messageCount } = await link.admin.run(`count "${queue}"`, (channel) => channel.checkQueue(queue))
      return messageCount
    })
  }

  async purge(queue: string): Promise<number> {
    return this.#ask(queue, 'purge', async (link) => {
      const { messageCount } = await link.admin.run(`purge "${queue}"`, (channel) => channel.purgeQueue(queue))
      return messageCount
    })
  }

  async deleteQueue(queue: string): Promise<void> {
    this.#topology.forget(queue)
    await this.#ask(queue, 'delete', async (link) => {
      await link.admin.run(`delete "${queue}"`, (channel) => channel.deleteQueue(queue))
      return 0
    })
  }

  async ping(): Promise<void> {
    const link = await this.#soon(this.#link())
    // An exchange that every RabbitMQ has.
    await link.admin.run('ping', (channel) => channel.checkExchange('amq.direct'))
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    for (const consumer of this.#consumers) consumer.end(undefined)
    // The end of a connection overtakes what its channels have still to write, such as the last acknowledgements.
    const gone = Promise.all([...this.#consumers].map((consumer) => consumer.gone))
    const late = () => this.#failure('it does not answer')
    await Promise.all([this.#publisher.close(closing), within(gone, closing, late).catch(() => undefined)])
    await Promise.all([this.#sending.close(), this.#taking.close()])
  }

  /** The connection for declarations and questions. That for publishing may be blocked; what is exclusive is on the other. */
  #link(): Promise<Link> {
    return (this.#taking.link === undefined ? this.#sending : this.#taking).ready()
  }

  #soon(link: Promise<Link>): Promise<Link> {
    const late = () => this.#failure(this.#sending.lastFailure?.message ?? 'it does not answer')
    return within(link, this.#settings.confirmTimeout, late)
  }

  async #consume(queues: readonly QueueDeclaration[], options: AmqpConsumeOptions): Promise<AmqpConsumer> {
    if (this.#closed !== undefined) throw this.#failure('it was closed')
    const parts = { supervisor: this.#taking, topology: this.#topology, settings: this.#settings }
    const consumer = await AmqpConsumer.start(parts, queues, options)
    this.#consumers.add(consumer)
    void consumer.gone.then(() => this.#consumers.delete(consumer))
    if (this.#closed !== undefined) consumer.end(undefined)
    return consumer
  }

  async #publishAfterCheck(message: Message, target: PublishTarget): Promise<void> {
    const link = await this.#soon(this.#sending.ready())
    await this.#topology.checkExchange(link, target)
    return this.publish(message, target)
  }

  /** A question about a queue; nothing is in one that is not there. */
  async #ask(queue: string, what: string, question: (link: Link) => Promise<number>): Promise<number> {
    const link = await this.#soon(this.#link())
    // What was settled before is on other channels, of which the broker may be behind.
    await Promise.all([...this.#consumers].map((consumer) => consumer.heard()))
    try {
      return await question(link)
    } catch (error) {
      const code = replyCode(error)
      if (code === replyCodes.notFound) return 0
      if (code === undefined) throw error
      throw this.#failure(`it refused to ${what} "${queue}": ${error instanceof Error ? error.message : ''}`)
    }
  }

  #failure(reason: string): BrokerConnectionError {
    return new BrokerConnectionError(this.address, reason)
  }
}
