import type { TaskState } from './states.ts'

/**
 * What a result store keeps of a task, by our names. On the wire the names are Celery's (`date_done`, `task_id`).
 *
 * @see https://docs.celeryq.dev/en/stable/internals/protocol.html
 */
export interface TaskMeta {
  readonly taskId: string
  readonly status: TaskState
  /** The returned value, an {@link ExceptionData} for FAILURE, RETRY and REVOKED, or what `updateState` was given. */
  readonly result: unknown
  /** The text of the stack, for failures. */
  readonly traceback: string | undefined
  /** Result tuples of the tasks this one sent. */
  readonly children: readonly unknown[] | undefined
  /** ISO 8601 with its offset; undefined as long as the task is not done. */
  readonly dateDone: string | undefined
  readonly groupId?: string | undefined
  readonly parentId?: string | undefined
  /** Only with `result_extended`. */
  readonly extended?: ExtendedMeta | undefined
}

/** What `result_extended` adds. */
export interface ExtendedMeta {
  readonly name: string
  readonly args: readonly unknown[]
  readonly kwargs: Readonly<Record<string, unknown>>
  readonly worker: string
  readonly retries: number
  readonly queue: string | undefined
  readonly stampedHeaders?: readonly string[] | undefined
  readonly stamps?: Readonly<Record<string, unknown>> | undefined
}

/**
 * An exception as results carry it. Python makes one of its own from it, also of classes it does not know.
 *
 * @see https://docs.celeryq.dev/en/stable/userguide/tasks.html#task-result-backends
 */
export interface ExceptionData {
  /** Name of the class: `ValueError`. */
  readonly exc_type: string
  /** What the constructor was given. */
  readonly exc_message: readonly unknown[]
  /** Where the class lives: `builtins`; `js` for errors of JavaScript. */
  readonly exc_module: string
}
