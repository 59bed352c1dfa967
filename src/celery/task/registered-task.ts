import type { ResolvedTaskOptions } from './resolved-task-options.ts'
import type { TaskContext } from './task-context.ts'

/** A task as the worker sees it: a name, how it runs, and a function. */
export interface RegisteredTask {
  readonly name: string
  readonly options: ResolvedTaskOptions
  /**
   * Binds arguments given by name, validates, and runs the function. A promise only when the function, or a schema, gives one.
   *
   * @param context - its methods are called without `this`; its `kwargs` are replaced by what binding and validating left
   * @throws whatever the function throws; a `Retry` instead where `autoretryFor` says so; `TaskArgumentsError`
   *   (ERR_CELERY_ARGUMENTS, `TypeError` for Python) for a bad call
   */
  run(context: TaskContext, args: readonly unknown[], kwargs: Readonly<Record<string, unknown>>): unknown
}
