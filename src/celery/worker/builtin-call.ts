import type { TaskContext } from '../task/task-context.ts'
import type { WorkerHost } from './worker-host.ts'

/** What a built-in task is given: the app it runs for, and its arguments by name, however they were passed. */
export interface BuiltinCall {
  readonly host: WorkerHost
  readonly context: TaskContext
  readonly args: readonly unknown[]
  /** Positional arguments under the names they have in Python, and keyword arguments. */
  readonly named: Readonly<Record<string, unknown>>
}
