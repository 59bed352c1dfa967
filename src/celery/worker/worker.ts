import type { Duration } from '../../lib/duration.ts'
import type { WorkerControls } from './worker-controls.ts'
import type { WorkerHealth } from './worker-health.ts'
import type { WorkerState } from './worker-state.ts'

/**
 * Takes tasks from queues and runs them. Made by `celery.worker(options)`.
 *
 * @see https://docs.celeryq.dev/en/stable/userguide/workers.html
 */
export interface Worker extends AsyncDisposable {
  /** Name of the node: `celery@host`. */
  readonly hostname: string
  readonly state: WorkerState
  /** Resolves with why the worker ended. Never rejects. */
  readonly done: Promise<WorkerEnd>
  /** For remote control and monitors. */
  readonly controls: WorkerControls
  /**
   * Connects, declares the queues, and takes messages. Resolves when it does, or when it was stopped meanwhile and has ended.
   *
   * @throws whatever connecting and declaring threw: `ERR_CELERY_CONNECTION`, `ERR_CELERY_DECLARATION`
   */
  start(): Promise<void>
  /**
   * Warm stop: takes nothing more, puts back what never started, waits for running tasks. Resolves when all is closed.
   * Called again with a shorter deadline, the shorter one holds.
   */
  stop(options?: StopOptions): Promise<void>
  /**
   * Cold stop: aborts running tasks, puts back those acknowledged late, and closes at once. Those acknowledged early are lost;
   * their ids are logged.
   */
  kill(): Promise<void>
  health(): WorkerHealth
}

/** How a worker stops warmly. */
export interface StopOptions {
  /** After this, what still runs is cut off as by `kill`. Default: the option `stopDeadline`. */
  readonly deadline?: Duration | undefined
}

/** Why a worker ended. */
export interface WorkerEnd {
  /** `stopped`: by `stop`; `killed`: by `kill` or a deadline; `failed`: by itself. */
  readonly reason: 'stopped' | 'killed' | 'failed'
  /** Why it failed. */
  readonly error: Error | undefined
  /** Tasks that were cut off. */
  readonly interrupted: number
}
