import { decodeMeta } from '../../protocol/decode-meta.ts'
import { encodeMeta } from '../../protocol/encode-meta.ts'
import type { SerializerName } from '../../protocol/serializer.ts'
import { isReady, type TaskState } from '../../protocol/states.ts'
import type { TaskMeta } from '../../protocol/task-meta.ts'
import { ExpiringMap } from './expiring-map.ts'
import type { MemoryChord } from './memory-chord.ts'
import type { MemoryWatch } from './memory-watch.ts'

/** A result as it is kept: written down, so that nobody can change it. */
interface StoredResult {
  readonly status: TaskState
  readonly data: string | Uint8Array
  readonly serializer: SerializerName
}

/** What stands in for the server: results and chords, shared by all handles of one name. */
export class ResultSpace {
  readonly chords: ExpiringMap<MemoryChord> = new ExpiringMap()
  readonly #results = new ExpiringMap<StoredResult>()
  readonly #watches = new Map<string, Set<MemoryWatch>>()

  get(taskId: string): TaskMeta | undefined {
    const stored = this.#results.get(taskId)
    return stored === undefined ? undefined : read(stored)
  }

  /** @param seconds - how long it is kept; null or 0: for ever */
  store(meta: TaskMeta, serializer: SerializerName, seconds: number | null): void {
    const { taskId, status } = meta
    // Written down also when it is not kept, so that what cannot be written is refused every time.
    const stored = { status, data: encodeMeta(meta, serializer), serializer }
    if (this.#results.get(taskId)?.status === 'SUCCESS') return
    this.#results.set(taskId, stored, seconds)
    for (const watch of this.#watches.get(taskId) ?? []) this.#tell(watch, stored)
  }

  forget(taskId: string): void {
    this.#results.delete(taskId)
  }

  /** Tells it what is stored already, and what will be. */
  watch(watch: MemoryWatch): void {
    const watches = this.#watches.get(watch.taskId) ?? new Set()
    this.#watches.set(watch.taskId, watches.add(watch))
    const stored = this.#results.get(watch.taskId)
    if (stored !== undefined) this.#tell(watch, stored)
  }

  unwatch(watch: MemoryWatch): void {
    const watches = this.#watches.get(watch.taskId)
    if (watches?.delete(watch) && watches.size === 0) this.#watches.delete(watch.taskId)
  }

  #tell(watch: MemoryWatch, stored: StoredResult): void {
    const ready = isReady(stored.status)
    if (ready) this.unwatch(watch)
    watch.tell(() => read(stored), ready)
  }
}

/** What was written can be read: the writer refuses all that readers do. */
function read({ data, serializer }: StoredResult): TaskMeta {
  return decodeMeta(data, { serializer, maxBytes: Number.MAX_SAFE_INTEGER })
}

const spaces = new Map<string, ResultSpace>()

/** The space of this name. It stays as long as the process: results are there for whoever asks later. */
export function resultSpace(name: string): ResultSpace {
  const space = spaces.get(name) ?? new ResultSpace()
  spaces.set(name, space)
  return space
}
