import { forget } from '../../lib/maybe-promise.ts'
import type { Delivery } from '../brokers/broker.ts'
import type { TaskMessage } from '../protocol/task-message.ts'
import type { Job, Settlement } from './job.ts'
import type { Tallies } from './tallies.ts'
import type { TaskLog } from './task-log.ts'

/** How many tasks are remembered that are done, though the broker does not know it. */
const MOST_UNTOLD = 10_000
/** How many acknowledgements are remembered in case they were not heard: more than are on their way at any time. */
const RECENT = 4096

/**
 * Tells the broker what became of messages. What it cannot tell, because the connection is gone, it remembers: when the
 * message comes to this worker again, the task is not run a second time.
 *
 * RabbitMQ does not say that it heard an acknowledgement. After an interruption the latest ones are taken for unheard.
 */
export class Settler {
  readonly #tallies: Tallies
  readonly #log: TaskLog
  /** Task and try → what the broker was to be told; oldest first. */
  readonly #untold = new Map<string, Settlement>()
  /** A ring of the latest acknowledgements; undefined where the broker says that it heard them. */
  #recent: string[] | undefined
  #next = 0

  constructor(tallies: Tallies, log: TaskLog) {
    this.#tallies = tallies
    this.#log = log
  }

  /** @param answers - whether the broker says that it heard */
  useBroker(answers: boolean): void {
    this.#recent = answers ? undefined : []
  }

  /** The connection is gone, and with it perhaps the latest acknowledgements. */
  interrupted(): void {
    for (const key of this.#recent ?? []) this.#remember(key, 'ack')
    if (this.#recent !== undefined) this.#recent = []
    this.#next = 0
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
      if (how === 'ack' && this.#recent !== undefined) this.#noteAck(keyOf(job.message))
      return true
    } catch (error) {
      this.#tallies.deliveriesLost++
      if (done && how !== 'release') this.#remember(keyOf(job.message), how)
      this.#log.warn(job, 'the message could not be settled with the broker: it will come again', error)
      return false
    }
  }

  /** What the broker was to be told of a message that comes again; it is forgotten then. */
  takeUntold(message: TaskMessage): Settlement | undefined {
    if (this.#untold.size === 0) return undefined
    const key = keyOf(message)
    const how = this.#untold.get(key)
    if (how === undefined) return undefined
    this.#untold.delete(key)
    // That it is told now may not be heard either.
    if (how === 'ack') this.#noteAck(key)
    return how
  }

  #noteAck(key: string): void {
    if (this.#recent !== undefined) this.#recent[this.#next++ % RECENT] = key
  }

  #remember(key: string, how: Settlement): void {
    this.#untold.delete(key)
    this.#untold.set(key, how)
    for (const oldest of this.#untold.keys()) {
      if (this.#untold.size <= MOST_UNTOLD) return
      this.#untold.delete(oldest)
    }
  }
}

const keyOf = ({ id, retries }: TaskMessage): string => `${retries} ${id}`

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
