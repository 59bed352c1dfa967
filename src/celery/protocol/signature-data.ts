/**
 * A task and its arguments, to be called later, as it travels inside messages. Unknown members are kept.
 *
 * @see https://docs.celeryq.dev/en/stable/userguide/canvas.html#signatures
 */
export interface SignatureData {
  readonly task: string
  readonly args: readonly unknown[]
  readonly kwargs: Readonly<Record<string, unknown>>
  /** Options of `apply_async` and, once frozen, `task_id`, `root_id`, `reply_to` and the like: Celery's own names. */
  readonly options: Readonly<Record<string, unknown>>
  /** `chain`, `group`, `chord`, `xmap`, `xstarmap`, `chunks`; null for a plain task. */
  readonly subtask_type: string | null
  /** True when the results of tasks before it are not put before its arguments. */
  readonly immutable: boolean
}
