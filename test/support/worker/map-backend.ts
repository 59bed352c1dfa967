import type { ChordPart, ChordProgress, ResultBackend, Unwatch } from '../../../src/celery/backends/result-backend.ts'
import { encodeMeta } from '../../../src/celery/protocol/encode-meta.ts'
import type { TaskMeta } from '../../../src/celery/protocol/task-meta.ts'

/** A result store in a map, that fails when it is told to. It notes what was stored, in order. */
export class MapBackend implements ResultBackend {
  readonly kind = 'memory'
  readonly address = 'map://'
  readonly abilities = { shared: true, chords: true }
  readonly replyTo = ''
  readonly stored: TaskMeta[] = []
  readonly parts: ChordPart[] = []
  readonly forgotten: string[] = []
  readonly #metas = new Map<string, TaskMeta>()
  readonly #sizes = new Map<string, number>()
  /** What the next calls fail with; undefined among them: that one succeeds. */
  readonly failures: (Error | undefined)[] = []
  /** What every call fails with. */
  broken: Error | undefined
  /** Calls, also those that failed. */
  calls = 0

  async connect(): Promise<void> {}

  async store(meta: TaskMeta): Promise<void> {
    this.#mayFail()
    // As every store does, so that what cannot be written is refused.
    encodeMeta(meta)
    this.stored.push(meta)
    if (this.#metas.get(meta.taskId)?.status !== 'SUCCESS') this.#metas.set(meta.taskId, meta)
  }

  async get(taskId: string): Promise<TaskMeta | undefined> {
    this.#mayFail()
    return this.#metas.get(taskId)
  }

  /** The states of a task that were stored, in order. */
  states(taskId?: string): string[] {
    return this.stored.filter((meta) => taskId === undefined || meta.taskId === taskId).map(({ status }) => status)
  }

  meta(taskId: string): TaskMeta | undefined {
    return this.#metas.get(taskId)
  }

  async watch(): Promise<Unwatch> {
    return async () => undefined
  }

  async expect(): Promise<void> {}

  async forget(taskId: string): Promise<void> {
    this.#metas.delete(taskId)
  }

  async addChordPart(part: ChordPart): Promise<ChordProgress> {
    this.#mayFail()
    if (!this.parts.some(({ taskId }) => taskId === part.taskId)) this.parts.push(part)
    const parts = this.parts.filter(({ groupId }) => groupId === part.groupId)
    if (parts.length !== this.#sizes.get(part.groupId)) return { kind: 'incomplete' }
    const failed = parts.find(({ state }) => state !== 'SUCCESS')
    if (failed !== undefined) return { kind: 'failed', taskId: failed.taskId, result: failed.result }
    const sorted = parts.toSorted((a, b) => (a.groupIndex ?? 0) - (b.groupIndex ?? 0))
    return { kind: 'complete', results: sorted.map(({ result }) => result) }
  }

  async forgetChord(groupId: string): Promise<void> {
    this.forgotten.push(groupId)
  }

  async setChordSize(groupId: string, size: number): Promise<void> {
    this.#sizes.set(groupId, size)
  }

  async getGroup(): Promise<unknown> {
    return undefined
  }

  async ping(): Promise<void> {}

  async close(): Promise<void> {}

  #mayFail(): void {
    this.calls++
    const failure = this.failures.length > 0 ? this.failures.shift() : this.broken
    if (failure !== undefined) throw failure
  }
}
