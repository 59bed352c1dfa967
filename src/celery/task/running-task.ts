import { findScopeValue, runInScope } from '../../lib/scope-storage.ts'
import type { TaskRequest } from './task-request.ts'

/** A task while it runs, as the code it calls can find it. */
export interface RunningTask {
  readonly request: TaskRequest
  /** Result tuples of the tasks it sent, for the `children` of its result. */
  readonly children: unknown[]
  /** Set to true at its end: what it left behind (a timer, a listener) is no part of it any more. */
  over: boolean
}

const KEY = {}
const runs = (task: object): boolean => !(task as RunningTask).over

/** Runs a function as the code of a task: tasks it sends have the task as their parent. */
export function runInTask<T>(task: RunningTask, fn: () => T): T {
  return runInScope(KEY, task, fn)
}

/** The task this code runs in; undefined outside of tasks. */
export function runningTask(): RunningTask | undefined {
  return findScopeValue(KEY, runs) as RunningTask | undefined
}

/**
 * The call of the task this code runs in, at any depth and after any `await`; undefined outside of tasks.
 *
 * @example
 * ```ts
 * import { currentTask } from 'twopi/celery'
 *
 * export const tag = () => currentTask()?.id ?? 'not in a task'
 * ```
 */
export function currentTask(): TaskRequest | undefined {
  return runningTask()?.request
}
