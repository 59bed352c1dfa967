import type { TaskMeta } from '../../protocol/task-meta.ts'
import type { ResultWatcher } from '../result-backend.ts'

/** Somebody who waits for a task. He is told outside of the call that stores, and nothing any more once it is over. */
export class MemoryWatch {
  readonly taskId: string
  readonly #watcher: ResultWatcher
  readonly #onReady: () => void
  #stopped = false
  #ready = false

  /** @param onReady - called when nothing more will come */
  constructor(taskId: string, watcher: ResultWatcher, onReady: () => void) {
    this.taskId = taskId
    this.#watcher = watcher
    this.#onReady = onReady
  }

  tell(read: () => TaskMeta, ready: boolean): void {
    if (this.#ready) return
    this.#ready = ready
    if (ready) this.#onReady()
    queueMicrotask(() => {
      if (!this.#stopped) this.#watcher.onMeta(read())
    })
  }

  fail(error: Error): void {
    this.#stopped = true
    queueMicrotask(() => this.#watcher.onError(error))
  }

  stop(): void {
    this.#stopped = true
  }
}
