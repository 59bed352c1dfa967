import type { ResultBackend } from '../backends/result-backend.ts'
import { isReady } from '../protocol/states.ts'
import type { TaskMeta } from '../protocol/task-meta.ts'

/** States that wait to be read; when a slow reader lets more come together, the oldest are left out. */
const MOST_WAITING = 1000

/**
 * Gives the states of a task as they are stored, first the one that is stored already. Ends with a ready one.
 * Ending the loop early ends the subscription.
 *
 * @throws the signal's reason; what the store threw
 */
export async function* stateStream(
  backend: ResultBackend,
  taskId: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<TaskMeta, void, undefined> {
  signal?.throwIfAborted()
  const waiting: TaskMeta[] = []
  let failure: { readonly error: unknown } | undefined
  let wake: (() => void) | undefined
  const fail = (error: unknown) => {
    failure ??= { error }
    wake?.()
  }
  const onAbort = () => fail(signal?.reason)
  signal?.addEventListener('abort', onAbort)
  const watching = backend.watch(taskId, {
    onMeta(meta) {
      if (waiting.push(meta) > MOST_WAITING) waiting.shift()
      wake?.()
    },
    onError: fail,
  })
  watching.catch(fail)
  try {
    for (;;) {
      const meta = waiting.shift()
      if (meta !== undefined) {
        yield meta
        if (isReady(meta.status)) return
      } else if (failure !== undefined) {
        throw failure.error
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    }
  } finally {
    signal?.removeEventListener('abort', onAbort)
    watching.then((unwatch) => unwatch()).catch(() => undefined)
  }
}
