import type { TaskMeta } from '../protocol/task-meta.ts'

/**
 * The contract of a result store. One suite, `test/conformance/backends`, holds for every driver.
 *
 * A stored SUCCESS is never overwritten. Waiting is by subscription, not by polling, and goes on after a reconnect.
 */
export interface ResultBackend {
  readonly kind: ResultBackendKind
  /** The address without its secrets, for logs. */
  readonly address: string
  readonly abilities: ResultBackendAbilities
  /** Connects. Rejects with `ERR_CELERY_BACKEND_CONNECTION`. Called by the other methods where needed. */
  connect(): Promise<void>
  /** Resolves when it is stored. `replyTo` is where an `rpc://` result goes: without one such a result is dropped. */
  store(meta: TaskMeta, context?: StoreContext): Promise<void>
  /** Undefined: nothing is stored, so the state is PENDING. */
  get(taskId: string): Promise<TaskMeta | undefined>
  /**
   * Calls `onMeta` with every state from now on, first with the one that is stored already, and with `onError` when the store
   * cannot be reached any more. Not called again after a ready state. Resolves when nothing can be missed any more.
   *
   * Rejects with `ERR_CELERY_RESULT_ELSEWHERE` where results are not `abilities.shared` and the task was not sent by this process.
   */
  watch(taskId: string, watcher: ResultWatcher): Promise<Unwatch>
  /**
   * Makes ready for the result of a task that this process is about to send. Needed only where results are not
   * `abilities.shared`; elsewhere it does nothing.
   */
  expect(taskId: string): Promise<void>
  /** Removes a result. Watchers stay. */
  forget(taskId: string): Promise<void>
  /** The queue that results of tasks sent by this process come to (`rpc://`), for the message's `reply_to`. */
  readonly replyTo: string
  /**
   * Notes that a part of a chord is done, after its result is stored.
   *
   * @returns `incomplete`; or the results of all parts in their order; or the first failed part
   * @see https://docs.celeryq.dev/en/stable/userguide/canvas.html#chords
   */
  addChordPart(part: ChordPart): Promise<ChordProgress>
  /** Removes the counters of a chord whose body was sent. */
  forgetChord(groupId: string): Promise<void>
  /** Sets the number of parts, once all but the last are sent. */
  setChordSize(groupId: string, size: number): Promise<void>
  /**
   * The group that Python saved under this id, as a result tuple: `[[id, parent], [tuple, …]]`. Undefined: there is none.
   *
   * @see https://docs.celeryq.dev/en/stable/reference/celery.result.html#celery.result.GroupResult.save
   */
  getGroup(groupId: string): Promise<unknown>
  /** Resolves when the store has answered. For health checks. */
  ping(): Promise<void>
  /** Disconnects. Watchers that still wait are told by `onError`. Never rejects. What is called afterwards rejects. */
  close(): Promise<void>
}

export type ResultBackendKind = 'memory' | 'redis' | 'rpc'

export interface ResultBackendAbilities {
  /** Results can be read by any process, as often as wanted. */
  readonly shared: boolean
  readonly chords: boolean
}

export interface StoreContext {
  readonly replyTo?: string | undefined
}

export interface ResultWatcher {
  readonly onMeta: (meta: TaskMeta) => void
  readonly onError: (error: Error) => void
}

/** Stops watching. Resolves when the store knows. */
export type Unwatch = () => Promise<void>

export interface ChordPart {
  readonly groupId: string
  readonly groupIndex: number | undefined
  readonly taskId: string
  readonly state: 'SUCCESS' | 'FAILURE' | 'REVOKED'
  /** The result, or the exception's data. */
  readonly result: unknown
}

export type ChordProgress =
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'complete'; readonly results: readonly unknown[] }
  | { readonly kind: 'failed'; readonly taskId: string; readonly result: unknown }
