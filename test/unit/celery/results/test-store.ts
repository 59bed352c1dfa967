import type { ResultBackend, ResultWatcher } from '../../../../src/celery/backends/result-backend.ts'
import { isReady } from '../../../../src/celery/protocol/states.ts'
import type { TaskMeta } from '../../../../src/celery/protocol/task-meta.ts'
import { createResultContext } from '../../../../src/celery/results/create-result-context.ts'
import type { ResultContext } from '../../../../src/celery/results/result-context.ts'

/** A store that does what the test says, when it says it. */
export class TestStore {
  readonly metas: Map<string, TaskMeta> = new Map()
  readonly groups: Map<string, unknown> = new Map()
  readonly watchers: Map<string, Set<ResultWatcher>> = new Map()
  readonly expected: string[] = []
  readonly revoked: unknown[] = []
  gets = 0
  shared = true
  insideTask = false
  /** What `watch` rejects with, if anything. */
  refusal: Error | undefined

  readonly backend: ResultBackend = {
    kind: 'memory',
    address: 'memory://',
    abilities: { shared: true, chords: false },
    replyTo: 'reply',
    connect: async () => undefined,
    store: async (meta) => this.say(meta),
    get: async (taskId) => {
      this.gets++
      return this.metas.get(taskId)
    },
    watch: (taskId, watcher) => this.#watch(taskId, watcher),
    expect: async (taskId) => void this.expected.push(taskId),
    forget: async (taskId) => void this.metas.delete(taskId),
    addChordPart: async () => ({ kind: 'incomplete' }),
    forgetChord: async () => undefined,
    setChordSize: async () => undefined,
    getGroup: async (groupId) => this.groups.get(groupId),
    ping: async () => undefined,
    close: async () => undefined,
  }

  get context(): ResultContext {
    return createResultContext({
      backend: { ...this.backend, abilities: { shared: this.shared, chords: false } },
      isInsideTask: () => this.insideTask,
      revoke: async (ids, options) => void this.revoked.push([ids, options]),
    })
  }

  /** How many subscriptions there are. */
  get open(): number {
    return [...this.watchers.values()].reduce((sum, { size }) => sum + size, 0)
  }

  /** Stores a state, and tells it to those who watch. */
  say(meta: TaskMeta): void {
    this.metas.set(meta.taskId, meta)
    const watchers = this.watchers.get(meta.taskId)
    for (const { onMeta } of [...(watchers ?? [])]) onMeta(meta)
    if (isReady(meta.status)) watchers?.clear()
  }

  fail(error: Error): void {
    for (const watchers of this.watchers.values()) for (const { onError } of [...watchers]) onError(error)
  }

  async #watch(taskId: string, watcher: ResultWatcher): Promise<() => Promise<void>> {
    await undefined
    if (this.refusal) throw this.refusal
    const watchers = this.watchers.get(taskId) ?? new Set()
    this.watchers.set(taskId, watchers.add(watcher))
    const meta = this.metas.get(taskId)
    if (meta) watcher.onMeta(meta)
    if (meta && isReady(meta.status)) watchers.delete(watcher)
    return async () => void watchers.delete(watcher)
  }
}

export function success(taskId: string, result: unknown): TaskMeta {
  return {
    taskId,
    status: 'SUCCESS',
    result,
    traceback: undefined,
    children: [],
    dateDone: '2026-11-23T10:53:39.140305+00:00',
  }
}

export function failure(taskId: string, status = 'FAILURE', type = 'ValueError', ...message: unknown[]): TaskMeta {
  const result = { exc_type: type, exc_message: message, exc_module: 'builtins' }
  return { ...success(taskId, result), status, traceback: 'Traceback (most recent call last):\n' }
}

export function progress(taskId: string, result: unknown): TaskMeta {
  return { ...success(taskId, result), status: 'PROGRESS', dateDone: undefined }
}
