import { DeclarationError } from '../errors.ts'

/** The arguments of queues that this broker acts upon; others are kept, and compared when a queue is declared again. */
export interface QueueArguments {
  /** Milliseconds a message may wait. */
  readonly messageTtl: number | undefined
  /** Milliseconds until a queue that nobody uses is removed. */
  readonly expires: number | undefined
  readonly maxLength: number | undefined
  /** Refuse the newest when it is full; else the oldest is dropped. */
  readonly rejectPublish: boolean
  /** Undefined: what is rejected or expires is thrown away. */
  readonly deadLetterExchange: string | undefined
  readonly deadLetterRoutingKey: string | undefined
  readonly maxPriority: number
}

/** Priorities of a queue that says nothing of them: those of Celery. */
const DEFAULT_MAX_PRIORITY = 9

/**
 * Reads RabbitMQ's arguments of a queue.
 *
 * @throws DeclarationError when one has a value that it cannot have
 * @see https://www.rabbitmq.com/docs/queues#optional-arguments
 */
export function readQueueArguments(name: string, given: Readonly<Record<string, unknown>>): QueueArguments {
  const integer = (key: string, least = 0): number | undefined => {
    const value = given[key]
    if (value === undefined || value === null) return undefined
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least) return value
    throw new DeclarationError(name, `\`${key}\` must be an integer of at least ${least}`)
  }
  const text = (key: string): string | undefined => {
    const value = given[key]
    if (value === undefined || value === null || typeof value === 'string') return value ?? undefined
    throw new DeclarationError(name, `\`${key}\` must be a text, found ${typeof value}`)
  }
  return {
    messageTtl: integer('x-message-ttl'),
    expires: integer('x-expires', 1),
    maxLength: integer('x-max-length'),
    rejectPublish: text('x-overflow')?.startsWith('reject-publish') ?? false,
    deadLetterExchange: text('x-dead-letter-exchange'),
    deadLetterRoutingKey: text('x-dead-letter-routing-key'),
    maxPriority: integer('x-max-priority') ?? DEFAULT_MAX_PRIORITY,
  }
}
