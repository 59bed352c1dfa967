import { forget } from '../../lib/maybe-promise.ts'
import type { Delivery } from '../brokers/broker.ts'
import type { Job, Settlement } from './job.ts'
import type { Tallies } from './tallies.ts'
import type { TaskLog } from './task-log.ts'

/** How many tasks are remembered that are done, though the broker does not know it. */
const MOST_UNTOLD = 10_000

/**
 * Tells the broker what became of messages. What it cannot tell, because the connection is gone, it remembers: when the
 * message comes to this worker again, the task is not run a second time.
 */
export class Settler {
  readonly #tallies: Tallies
  readonly #log: TaskLog
  /** Task and try → what the broker was to be told; oldest first. */
  readonly #untold = new Map<string, Settlement>()

  constructor(tallies: Tallies, log: TaskLog) {
    this.#tallies = tallies
    this.#log = log
  }

  /**
   * Settles a job's message, once. Never rejects.
   *
   * @param done - false for what never ran, so that nothing is remembered
   * @returns whether the broker took it
   */
  async settle(job: Job, how: Settlement, done = true): Promise<boolean> {
    if (job.settled) return true
    job.settlement = how
    try {
      await settleDelivery(job.delivery, how)
      if (job.twin !== undefined) forget(settleDelivery(job.twin, 'ack'))
      return true
    } catch (error) {
      this.#tallies.deliveriesLost++
      if (done && how !== 'release') this.#remember(job, how)
      this.#log.warn(job, 'the message could not be settled with the broker: it will come again', error)
      return false
    }
  }

  /** What the broker was to be told of a message that comes again; it is forgotten then. */
  takeUntold(id: string, retries: number): Settlement | undefined {
    if (this.#untold.size === 0) return undefined
    const key = keyOf(id, retries)
    const how = this.#untold.get(key)
    if (how !== undefined) this.#untold.delete(key)
    return how
  }

  #remember({ message }: Job, how: Settlement): void {
    this.#untold.set(keyOf(message.id, message.retries), how)
    for (const oldest of this.#untold.keys()) {
      if (this.#untold.size <= MOST_UNTOLD) return
      this.#untold.delete(oldest)
    }
  }
}

const keyOf = (id: string, retries: number): string => `${retries} ${id}`

/** Rejects as the broker's own methods do. */
export function settleDelivery(delivery: Delivery, how: Settlement): Promise<void> {
  switch (how) {
    case 'ack':
      return delivery.ack()
    case 'release':
      return delivery.release()
    default:
      return delivery.reject({ requeue: how === 'requeue' })
  }
}
