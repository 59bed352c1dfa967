import type { WorkerState } from './worker-state.ts'

/** How a worker does, now. */
export interface WorkerHealth {
  readonly state: WorkerState
  readonly hostname: string
  /** Takes messages, as far as it knows. */
  readonly consuming: boolean
  /** The connection to the broker stands. */
  readonly connected: boolean
  /** Tasks that are executed now. */
  readonly running: number
  /** Executed, but what came of it is not stored or not settled yet. */
  readonly finishing: number
  /** Taken and waiting for a free place, or for their rate limit. */
  readonly reserved: number
  /** Taken and waiting for their ETA. */
  readonly scheduled: number
  /** Tasks that were started since the worker started. */
  readonly processed: number
  /** Messages that could not be read, or called a task that is not registered. */
  readonly malformed: number
  /** Messages taken since the worker started. */
  readonly received: number
  /** Settlements that the broker did not take: those messages come again. */
  readonly deliveriesLost: number
  /** Results that were given up, because the store could not be reached or did not take them. */
  readonly resultsLost: number
  /** When the last message came. */
  readonly lastDelivery: Date | undefined
  /** The last error of the connection. */
  readonly lastError: Error | undefined
}
