import type { ResultBackend, ResultWatcher, Unwatch } from '../backends/result-backend.ts'
import { isReady, PROPAGATE_STATES } from '../protocol/states.ts'
import type { TaskMeta } from '../protocol/task-meta.ts'
import { TaskTimeoutError } from './errors.ts'

export interface WaitOptions {
  /** Milliseconds; undefined: for ever. */
  readonly timeout: number | undefined
  readonly signal: AbortSignal | undefined
  /** Ids of tasks whose failure ends the waiting, because the task will then never run. */
  readonly ancestors: readonly string[]
}

/**
 * Waits until a task is ready, by subscription. Whatever the outcome, nothing stays behind: no subscription, timer or listener.
 *
 * @returns its ready state, or that of the first ancestor that failed
 * @throws TaskTimeoutError after the time-out; the signal's reason; what the store threw
 */
export function waitForMeta(
  backend: ResultBackend,
  taskId: string,
  { timeout, signal, ancestors }: WaitOptions,
): Promise<TaskMeta> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    let settled = false
    let timer: ReturnType<typeof setTimeout> | undefined
    const watches: Promise<Unwatch>[] = []
    const settle = (done: () => void) => {
      if (settled) return
      settled = true
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      done()
      for (const watch of watches) watch.then((unwatch) => unwatch()).catch(() => undefined)
    }
    const onError = (error: unknown) => settle(() => reject(error))
    const onAbort = () => onError(signal?.reason)
    const watch = (id: string, ends: (meta: TaskMeta) => boolean) => {
      const onMeta = (meta: TaskMeta) => (ends(meta) ? settle(() => resolve(meta)) : undefined)
      const watcher: ResultWatcher = { onMeta, onError }
      const watching = backend.watch(id, watcher)
      watches.push(watching)
      watching.catch(onError)
    }
    if (timeout !== undefined) timer = setTimeout(() => onError(new TaskTimeoutError(taskId, timeout)), timeout)
    signal?.addEventListener('abort', onAbort)
    for (const ancestor of ancestors) watch(ancestor, ({ status }) => PROPAGATE_STATES.has(status))
    watch(taskId, ({ status }) => isReady(status))
  })
}
