import type { Duration } from '../../lib/duration.ts'
import type { Logger } from '../task/logger.ts'

/**
 * How a worker runs. What is not given comes from the app's settings.
 *
 * @see https://docs.celeryq.dev/en/stable/userguide/workers.html
 */
export interface WorkerOptions {
  /** Names of the queues to take from. Default: all queues of the settings. */
  readonly queues?: readonly string[] | undefined
  /** Queues of the settings not to take from. */
  readonly excludeQueues?: readonly string[] | undefined
  /** Tasks at a time. Default: `worker_concurrency`; without it 10, and one for each processor in the pool `threads`. */
  readonly concurrency?: number | undefined
  /** Where tasks run: in this process among each other, or each in a thread of its own. Default `async`. */
  readonly pool?: 'async' | 'threads' | undefined
  /** The module that exports the app, as a path or file URL: needed by the pool `threads`, whose threads load it. */
  readonly app?: string | undefined
  /** Name of this node: `celery@%h`, with `%h` the host's name, `%n` its first part, `%d` the rest. Default `celery@%h`. */
  readonly hostname?: string | undefined
  /** Messages taken in advance for each task at a time; 0: no limit. Default: `worker_prefetch_multiplier`, which is 4. */
  readonly prefetchMultiplier?: number | undefined
  /** Hard and soft limit of tasks that have none. Default: `task_time_limit` and `task_soft_time_limit`. */
  readonly timeLimit?: Duration | undefined
  readonly softTimeLimit?: Duration | undefined
  /** Default: the app's. */
  readonly logger?: Logger | undefined
  /** How long `stop()` waits for running tasks. Default: as long as they take. */
  readonly stopDeadline?: Duration | undefined
  /**
   * Whether promises that tasks leave behind without a handler are logged instead of ending the process, which is what Node
   * does. For processes that are a worker and nothing else. Default false.
   */
  readonly guardProcess?: boolean | undefined
}
