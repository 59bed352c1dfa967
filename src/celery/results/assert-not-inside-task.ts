import type { ResultContext } from './result-context.ts'

/**
 * Refuses to wait for a result inside a running task, as Celery does: when every slot of the workers waits so, none is left to
 * run what they wait for.
 *
 * @see https://docs.celeryq.dev/en/stable/userguide/tasks.html#avoid-launching-synchronous-subtasks
 */
export function assertNotInsideTask({ isInsideTask }: ResultContext): void {
  if (!isInsideTask()) return
  throw new TypeError(
    'get() was called inside a running task, which can block the workers for ever. Use `link` or a chain, or pass `disableSyncSubtasks: false` when the other task runs on other workers.',
  )
}
