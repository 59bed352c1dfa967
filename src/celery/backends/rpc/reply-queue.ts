import type { QueueDeclaration } from '../../brokers/broker.ts'

/** Seconds a process may be away from its queue, at most, before the broker removes it with all that waits in it. */
const LONGEST_ABSENCE = 600

/**
 * The queue that results come to. Nobody else declares it, so its arguments are ours to choose.
 *
 * Celery's goes with its last consumer (`auto_delete`), and so loses, on RabbitMQ, every result that is sent while this process
 * connects again. This one stays; `close` removes it, or else its expiry.
 *
 * @param name - a UUID, which messages say in `reply_to`
 * @param resultExpires - seconds, or null
 */
export function replyQueue(name: string, resultExpires: number | null): QueueDeclaration {
  const seconds = resultExpires ? Math.min(resultExpires, LONGEST_ABSENCE) : LONGEST_ABSENCE
  return {
    name,
    exchange: undefined,
    routingKey: name,
    durable: true,
    autoDelete: false,
    exclusive: false,
    arguments: { 'x-expires': Math.max(1, Math.trunc(seconds * 1000)) },
    passive: false,
  }
}
