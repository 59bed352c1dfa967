import type { MemoryAddress } from '../../brokers/broker-address.ts'
import type { SerializerName } from '../../protocol/serializer.ts'
import { serializerName, serializerOf } from '../../protocol/serializers.ts'
import type { TaskMeta } from '../../protocol/task-meta.ts'
import type { BackendOptions } from '../backend-options.ts'
import { BackendConnectionError } from '../errors.ts'
import type { ChordPart, ChordProgress, ResultBackend, ResultWatcher, Unwatch } from '../result-backend.ts'
import { MemoryChord } from './memory-chord.ts'
import { MemoryWatch } from './memory-watch.ts'
import { type ResultSpace, resultSpace } from './result-space.ts'

/**
 * Makes a handle to the result store in this process (in this thread of it): everybody who uses the same name shares its
 * results. They end with the process. Results are written and read by the serializer of the settings, as they would be
 * elsewhere; so nobody can change what is stored, and what another store could not keep is refused here too.
 *
 * A chord counts each part once, also when it is done again with another result; then the last one counts.
 *
 * @throws TypeError when there is no such serializer
 */
export function createMemoryBackend(options: BackendOptions<MemoryAddress>): ResultBackend {
  return new InProcessBackend(options)
}

class InProcessBackend implements ResultBackend {
  readonly kind = 'memory'
  readonly abilities = { shared: true, chords: true }
  readonly replyTo = ''
  readonly address: string
  readonly #space: ResultSpace
  readonly #expires: number | null
  readonly #serializer: SerializerName
  /** Those that still wait. */
  readonly #watches = new Set<MemoryWatch>()
  #closed = false

  constructor({ address, resultExpires, serializer = 'json' }: BackendOptions<MemoryAddress>) {
    this.address = address.text
    this.#space = resultSpace(address.name)
    this.#expires = resultExpires
    this.#serializer = serializerName(serializer)
  }

  async connect(): Promise<void> {
    this.#assertOpen()
  }

  async ping(): Promise<void> {
    this.#assertOpen()
  }

  async expect(_taskId: string): Promise<void> {
    this.#assertOpen()
  }

  async store(meta: TaskMeta): Promise<void> {
    this.#assertOpen()
    this.#space.store(meta, this.#serializer, this.#expires)
  }

  async get(taskId: string): Promise<TaskMeta | undefined> {
    this.#assertOpen()
    return this.#space.get(taskId)
  }

  async forget(taskId: string): Promise<void> {
    this.#assertOpen()
    this.#space.forget(taskId)
  }

  async watch(taskId: string, watcher: ResultWatcher): Promise<Unwatch> {
    this.#assertOpen()
    const watch = new MemoryWatch(taskId, watcher, () => this.#watches.delete(watch))
    this.#watches.add(watch)
    this.#space.watch(watch)
    return async () => {
      this.#watches.delete(watch)
      this.#space.unwatch(watch)
      watch.stop()
    }
  }

  async addChordPart({ groupId, result, ...part }: ChordPart): Promise<ChordProgress> {
    this.#assertOpen()
    const serializer = serializerOf(this.#serializer)
    const chord = this.#chord(groupId)
    chord.add({ ...part, result: serializer.encode(result, 'result') })
    return chord.progress((stored) => serializer.decode(stored, {}))
  }

  async setChordSize(groupId: string, size: number): Promise<void> {
    this.#assertOpen()
    this.#chord(groupId).size = size
  }

  async forgetChord(groupId: string): Promise<void> {
    this.#assertOpen()
    this.#space.chords.delete(groupId)
  }

  /** Only Python saves groups, and it has no part in this process. */
  async getGroup(_groupId: string): Promise<undefined> {
    this.#assertOpen()
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    for (const watch of this.#watches) {
      this.#space.unwatch(watch)
      watch.fail(this.#closedError())
    }
    this.#watches.clear()
  }

  /** It is kept for as long as results are, from the last time that it was used. */
  #chord(groupId: string): MemoryChord {
    const chord = this.#space.chords.get(groupId) ?? new MemoryChord()
    this.#space.chords.set(groupId, chord, this.#expires)
    return chord
  }

  #assertOpen(): void {
    if (this.#closed) throw this.#closedError()
  }

  #closedError(): BackendConnectionError {
    return new BackendConnectionError(this.address, 'this handle was closed; make another')
  }
}
