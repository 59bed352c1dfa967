import type { Duration } from '../../lib/duration.ts'
import type { ResultTuple } from '../protocol/result-tuple.ts'

/** What results of tasks and of groups have in common: a place in the tree of who sent whom. */
export interface ResultNode {
  readonly id: string
  /** The result that had to be there first, in a chain. */
  readonly parent: ResultNode | undefined
  get(options?: GetOptions): Promise<unknown>
  ready(): Promise<boolean>
  successful(): Promise<boolean>
  failed(): Promise<boolean>
  forget(): Promise<void>
  revoke(options?: RevokeOptions): Promise<void>
  asTuple(): ResultTuple
}

/** How a result is waited for. */
export interface GetOptions {
  /** How long at most. Default: for ever. */
  readonly timeout?: Duration | undefined
  /** Gives up waiting; the reason is thrown. The task goes on. */
  readonly signal?: AbortSignal | undefined
  /** False: the failure of the task is given and not thrown. Default true. */
  readonly propagate?: boolean | undefined
  /** False: may be called inside a running task, which can block the worker for good. Default true. */
  readonly disableSyncSubtasks?: boolean | undefined
}

/** @see https://docs.celeryq.dev/en/stable/userguide/workers.html#revoke-revoking-tasks */
export interface RevokeOptions {
  /** Also ends it when it runs already. Default false. */
  readonly terminate?: boolean | undefined
  /** What Python's processes are sent for that. Default `SIGTERM`. */
  readonly signal?: string | undefined
}
