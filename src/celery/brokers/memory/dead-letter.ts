import type { Message } from '../../protocol/message.ts'
import type { DeathReason } from './memory-queue.ts'

interface Death {
  readonly reason: DeathReason
  readonly queue: string
  readonly count: number
}

/**
 * What a dead-letter exchange is given: the message with the story of its deaths in the header `x-death`, the last first, and
 * without its expiration when that was the reason.
 *
 * @see https://www.rabbitmq.com/docs/dlx#effects
 */
export function deadLetter(
  message: Message,
  death: {
    readonly reason: DeathReason
    readonly queue: string
    readonly exchange: string
    readonly routingKey: string
  },
): Message {
  const { reason, queue, exchange, routingKey } = death
  const before = deathsOf(message)
  const same = before.find((other) => other.reason === reason && other.queue === queue)
  const last = { count: (same?.count ?? 0) + 1, reason, queue, exchange, 'routing-keys': [routingKey] }
  const { expiration: _, ...lasting } = message.properties
  return {
    ...message,
    headers: {
      'x-first-death-reason': reason,
      'x-first-death-queue': queue,
      'x-first-death-exchange': exchange,
      ...message.headers,
      'x-death': [last, ...before.filter((other) => other !== same)],
    },
    properties: reason === 'expired' ? lasting : message.properties,
  }
}

/** Whether a dead letter comes to a queue again without anybody having rejected it meanwhile. RabbitMQ drops such, too. */
export function goesRound(message: Message, queue: string): boolean {
  for (const death of deathsOf(message)) {
    if (death.reason === 'rejected') return false
    if (death.queue === queue) return true
  }
  return false
}

function deathsOf({ headers }: Message): readonly Death[] {
  const deaths = headers['x-death']
  return Array.isArray(deaths) ? deaths.filter((death) => typeof death === 'object' && death !== null) : []
}
