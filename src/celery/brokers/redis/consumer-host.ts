import type { QueueDeclaration } from '../broker.ts'
import type { Held } from './held.ts'
import type { Envelope } from './read-envelope.ts'
import type { RedisKeys } from './redis-keys.ts'
import type { RedisSettings } from './redis-settings.ts'
import type { ServerClock } from './server-clock.ts'
import type { Settler } from './settler.ts'
import type { TakenItem } from './taken.ts'

/** What consumers of one broker have in common. */
export interface ConsumerHost {
  readonly settings: RedisSettings
  readonly keys: RedisKeys
  readonly clock: ServerClock
  readonly settler: Settler
  readonly declare: (queue: QueueDeclaration) => Promise<void>
  /** For each step of priority the lists of all queues. */
  readonly lists: (queues: readonly string[]) => readonly string[]
  /** What stands behind the envelope in the table: an exchange and a routing key that lead to this queue and no other. */
  readonly tails: (queues: readonly string[]) => readonly string[]
  /** Makes what was taken to what is held, and reads it, unless it is known. */
  hold(item: TakenItem, known?: Envelope): { readonly held: Held; readonly envelope: Envelope }
  asBrokerError(error: unknown): Error
}

/** What a consumer tells of its end. */
export interface ConsumerEnd {
  /** It has ended. @param isUnclear - with a take that was not answered yet */
  ended(isUnclear: boolean): void
  /** That take was answered after all. */
  cleared(): void
}
