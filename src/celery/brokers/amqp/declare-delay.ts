import type { ExchangeDeclaration } from '../broker.ts'
import { bindExchange, bindQueue, declareExchange, declareQueue } from './declare-queue.ts'
import type { Link } from './link.ts'
import { delayBits, deliveryExchange, levelName } from './native-delay.ts'

/**
 * Makes the queues and exchanges in which messages wait for their time, exactly as kombu does: a message passes the levels
 * from the highest to the lowest, waiting 2^level seconds where its bit is 1.
 *
 * @param type - of the queues. Quorum queues keep a message until the next level has it.
 * @throws DeclarationError when they are there in another form, or RabbitMQ is older than 3.10
 * @see https://docs.celeryq.dev/en/stable/getting-started/backends-and-brokers/rabbitmq.html#limitations
 */
export async function declareDelay(link: Link, type: 'quorum' | 'classic'): Promise<void> {
  for (let level = delayBits - 1; level >= 0; level--) {
    const name = levelName(level)
    const exchange = topic(name)
    await declareExchange(link, exchange)
    await declareQueue(link, {
      name,
      exchange: undefined,
      routingKey: '',
      durable: true,
      autoDelete: false,
      exclusive: false,
      passive: false,
      arguments: {
        'x-queue-type': type,
        'x-overflow': 'reject-publish',
        'x-message-ttl': 2 ** level * 1000,
        'x-dead-letter-exchange': level === 0 ? deliveryExchange : levelName(level - 1),
        ...(type === 'quorum' ? { 'x-dead-letter-strategy': 'at-least-once' } : {}),
      },
    })
    await bindQueue(link, name, name, `${passed(level)}1.#`)
  }
  for (let level = delayBits - 1; level > 0; level--) {
    await bindExchange(link, levelName(level - 1), levelName(level), `${passed(level)}0.#`)
  }
  await declareExchange(link, topic(deliveryExchange))
  await bindExchange(link, deliveryExchange, levelName(0), `${passed(0)}0.#`)
}

/** The bits of the levels above. */
function passed(level: number): string {
  return '*.'.repeat(delayBits - 1 - level)
}

function topic(name: string): ExchangeDeclaration {
  return { name, type: 'topic', durable: true, autoDelete: false, arguments: {} }
}
