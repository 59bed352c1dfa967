import { forget } from '../../lib/maybe-promise.ts'
import type { Delivery } from '../brokers/broker.ts'
import { type DecodeOptions, decodeTask } from '../protocol/decode-task.ts'
import { MessageError } from '../protocol/message-error.ts'
import type { TaskMessage } from '../protocol/task-message.ts'
import { NotRegistered } from '../task/errors.ts'
import type { Logger } from '../task/logger.ts'
import type { RegisteredTask } from '../task/registered-task.ts'
import type { TaskHooks } from '../task/task-hooks.ts'
import { toRequest } from '../task/to-request.ts'
import type { Clock } from './clock.ts'
import type { Finisher } from './finisher.ts'
import { Job } from './job.ts'
import type { JobTable } from './job-table.ts'
import type { Revoked } from './revoked.ts'
import { type Settler, settleDelivery } from './settler.ts'
import type { Tallies } from './tallies.ts'
import type { TaskLog } from './task-log.ts'
import { toFailure } from './to-failure.ts'
import { unknownTask } from './unknown-task.ts'
import { whyNot } from './why-not.ts'

/** What receiving needs. */
export interface ReceiverOptions {
  readonly hostname: string
  readonly hooks: TaskHooks
  readonly logger: Logger
  readonly log: TaskLog
  readonly clock: Clock
  readonly tallies: Tallies
  readonly table: JobTable
  readonly settler: Settler
  readonly finisher: Finisher
  readonly revoked: Revoked
  readonly decode: DecodeOptions
  findTask(name: string): RegisteredTask | undefined
  /** How often the connection was interrupted so far. */
  interruptions(): number
  isLost(job: Job): boolean
  /** Told of a job that shall run, now or at its ETA. */
  onJob(job: Job): void
}

/**
 * Reads what the broker delivers. Nothing that comes off the wire may end the worker, or hold up the messages behind it:
 *
 * | message | what is done |
 * |---|---|
 * | no message at all, unreadable body, content type that is not accepted, wrong field (no id, an eta that is no time) | counted, logged without its arguments, rejected: thrown away, or dead-lettered where the queue says so |
 * | task that is not registered | as above, and FAILURE `NotRegistered` stored, with all that follows a failure |
 * | revoked, or expired | REVOKED stored, acknowledged |
 * | given again while the same task is still here, or after it was done though the broker could not be told | not run again: settled with the first |
 * | anything else | a job |
 */
export class Receiver {
  readonly #is: ReceiverOptions

  constructor(options: ReceiverOptions) {
    this.#is = options
  }

  /** Never throws. */
  receive(delivery: Delivery): void {
    try {
      this.#receive(delivery)
    } catch (err) {
      // Nothing here should throw; a logger or a listener may. The message stays unsettled, so that it is not lost.
      this.#is.logger.error({ queue: delivery.queue, err }, 'the worker failed over a message')
    }
  }

  #receive(delivery: Delivery): void {
    const { tallies, clock } = this.#is
    tallies.received++
    tallies.lastDelivery = clock.now()
    if (delivery.malformed !== undefined) {
      this.#refuse(delivery, undefined, delivery.malformed)
      return
    }
    const message = this.#read(delivery)
    if (message === undefined || (delivery.redelivered && this.#isKnown(delivery, message))) return
    this.#accept(delivery, message)
  }

  #read(delivery: Delivery): TaskMessage | undefined {
    try {
      return decodeTask(delivery.message, this.#is.decode)
    } catch (error) {
      this.#refuse(delivery, error, error instanceof MessageError ? error.reason : 'message')
      return undefined
    }
  }

  #accept(delivery: Delivery, message: TaskMessage): void {
    const { hostname, table, revoked, finisher, clock, log, hooks } = this.#is
    const task = this.#is.findTask(message.task)
    const request = toRequest(message, { delivery, hostname, isEager: false })
    const job = new Job(message, task ?? unknownTask(message.task), request, delivery, this.#is.interruptions())
    table.add(job)
    const reason = task === undefined ? 'unknown' : whyNot(message, revoked, clock)
    if (reason === undefined) {
      log.received(job)
      hooks.emit('task-received', { request })
      this.#is.onJob(job)
    } else if (reason === 'unknown') {
      this.#is.tallies.malformed++
      this.#conclude(job, finisher.failUnknown(job, toFailure(new NotRegistered(message.task))))
    } else {
      this.#conclude(job, finisher.revoke(job, reason))
    }
  }

  #conclude(job: Job, finished: Promise<void>): void {
    job.state = 'finishing'
    void finished.then(() => this.#is.table.remove(job))
  }

  /** A message that was given before: perhaps its task runs here, or ran. */
  #isKnown(delivery: Delivery, message: TaskMessage): boolean {
    const { settler, table, log } = this.#is
    const untold = settler.takeUntold(message)
    if (untold !== undefined) {
      this.#is.logger.warn({ task: message.task, id: message.id }, 'the broker gave a message again whose task is done')
      this.#settle(delivery, settleDelivery(delivery, untold))
      return true
    }
    const job = table.sameAs(message)
    if (job === undefined) return false
    log.warn(job, 'the broker gave the message again; its task is here and not run twice')
    if (job.settled) this.#settle(delivery, settleDelivery(delivery, 'ack'))
    else table.adopt(job, delivery, this.#is.interruptions(), this.#is.isLost(job))
    return true
  }

  #refuse(delivery: Delivery, error: unknown, reason: string): void {
    const { tallies, logger, hooks } = this.#is
    tallies.malformed++
    const { taskId: id, taskName: task, code } = error instanceof MessageError ? error : NOBODY
    const problem = error instanceof Error ? error.message : reason
    logger.error(
      { queue: delivery.queue, task, id, code, reason, problem },
      'message rejected: it cannot be read as a task',
    )
    hooks.emit('task-rejected', { request: undefined, requeue: false, reason })
    this.#settle(delivery, settleDelivery(delivery, 'reject'))
  }

  #settle({ queue }: Delivery, settled: Promise<void>): void {
    forget(
      settled.catch((err: unknown) => {
        this.#is.tallies.deliveriesLost++
        this.#is.logger.warn({ queue, err }, 'a message could not be settled with the broker: it will come again')
      }),
    )
  }
}

const NOBODY: Partial<MessageError> = {}
