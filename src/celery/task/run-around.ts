import type { AroundTask, TaskInfo } from './task-hooks.ts'

/** Runs one execution of a task inside of what an app wants around it, the first one outermost. */
export function runAround<T>(around: readonly AroundTask[], run: () => Promise<T>, task: TaskInfo): Promise<T> {
  let whole = run
  for (let i = around.length - 1; i >= 0; i--) {
    const [outer, inner] = [around[i], whole]
    if (outer !== undefined) whole = () => outer(inner, task)
  }
  return whole()
}
