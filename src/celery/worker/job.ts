import type { Delivery } from '../brokers/broker.ts'
import type { TaskMessage } from '../protocol/task-message.ts'
import type { RegisteredTask } from '../task/registered-task.ts'
import type { TaskRequest } from '../task/task-request.ts'
import type { AbortKind } from './outcome.ts'

/** How a message is settled: done, thrown away, to the end of its queue, or back to where it was. */
export type Settlement = 'ack' | 'reject' | 'requeue' | 'release'

/**
 * Where a job is on its way through the worker. It only goes on, never back.
 *
 * - `scheduled`: waits for its ETA
 * - `limited`: waits for its rate limit
 * - `reserved`: waits for a free place in the pool
 * - `running`: acknowledged if that comes first, and executed
 * - `finishing`: what came of it is sent and stored
 * - `done`: settled with the broker, or given up
 */
export type JobState = 'scheduled' | 'limited' | 'reserved' | 'running' | 'finishing' | 'done'

const NONE: readonly unknown[] = []

/** One received call of a task on its way through a worker. */
export class Job {
  readonly message: TaskMessage
  readonly task: RegisteredTask
  readonly request: TaskRequest
  /** The one to settle: a later one when the broker gave the same message again. */
  delivery: Delivery
  /** How often the worker had been interrupted when the delivery came. */
  interruptions: number
  state: JobState = 'reserved'
  /** What the broker was told of the message; undefined: nothing yet. */
  settlement: Settlement | undefined
  /** An older delivery of the same message, whose place with the broker is to be freed as well. */
  twin: Delivery | undefined
  /** Set when it was ended from outside while it was being started. */
  aborted: AbortKind | undefined
  /** Result tuples of the tasks it sent. */
  children: readonly unknown[] = NONE
  /** Milliseconds since 1970. */
  startedAt: number | undefined
  /** By the clock's `monotonic`. */
  startedMono = 0

  constructor(
    message: TaskMessage,
    task: RegisteredTask,
    request: TaskRequest,
    delivery: Delivery,
    interruptions: number,
  ) {
    this.message = message
    this.task = task
    this.request = request
    this.delivery = delivery
    this.interruptions = interruptions
  }

  /** Whether the broker was told what became of the message. */
  get settled(): boolean {
    return this.settlement !== undefined
  }

  /** Whether the message is acknowledged after the task ran. */
  get acksLate(): boolean {
    return this.task.options.acksLate
  }
}
