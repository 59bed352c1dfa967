import { withFields } from '../logging/with-fields.ts'
import type { Logger } from '../task/logger.ts'
import type { RegisteredTask } from '../task/registered-task.ts'
import { planRetry } from '../task/retry-rules.ts'
import type { RunningTask } from '../task/running-task.ts'
import type { RetryOptions, TaskContext } from '../task/task-context.ts'
import type { AroundTask } from '../task/task-hooks.ts'
import type { TaskRequest } from '../task/task-request.ts'

/** What an execution needs of where it takes place: the worker's process, or a thread. */
export interface ExecutionSite {
  readonly logger: Logger
  /** Outermost first. */
  readonly around: readonly AroundTask[]
  /** Milliseconds since 1970. */
  now(): number
  /** As `Math.random`. */
  random(): number
  storeState(request: TaskRequest, state: string, meta: unknown): Promise<void>
}

/**
 * One execution of a task: the context that its function is given, and what the worker keeps of it. What most tasks do not
 * ask for (signal, logger, methods) is made when it is asked for.
 */
export class TaskRun implements TaskContext, RunningTask {
  readonly task: RegisteredTask
  readonly request: TaskRequest
  readonly kwargs: Readonly<Record<string, unknown>>
  readonly children: unknown[] = []
  /** True when the task ended, or was ended. */
  over = false
  readonly #site: ExecutionSite
  #controller: AbortController | undefined
  #abortReason: Error | undefined
  #logger: Logger | undefined
  #lastUpdate: Promise<void> | undefined

  constructor(task: RegisteredTask, request: TaskRequest, site: ExecutionSite) {
    this.task = task
    this.request = request
    this.kwargs = request.kwargs
    this.#site = site
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#abortReason !== undefined) this.#controller.abort(this.#abortReason)
    }
    return this.#controller.signal
  }

  get logger(): Logger {
    const { task, id } = this.request
    this.#logger ??= withFields(this.#site.logger, { task, id })
    return this.#logger
  }

  get updateState(): TaskContext['updateState'] {
    return (state, meta) => this.#update(state, meta)
  }

  get retry(): TaskContext['retry'] {
    return (options: RetryOptions = {}): never => {
      throw planRetry(this.request, this.task.options, options, this.#site.now())
    }
  }

  /** Aborts the signal. The first reason stays. */
  abort(reason: Error): void {
    if (this.#abortReason !== undefined) return
    this.#abortReason = reason
    this.#controller?.abort(reason)
  }

  /** Why the signal was aborted. */
  get abortReason(): Error | undefined {
    return this.#abortReason
  }

  /** Ends it: states of its own are not stored any more. Resolves when those on their way are, so that none comes last. */
  end(): Promise<void> | undefined {
    this.over = true
    return this.#lastUpdate
  }

  #update(state: string, meta: unknown): Promise<void> {
    if (this.over) return Promise.resolve()
    const update = this.#site.storeState(this.request, state, meta)
    const settled = update.catch(() => undefined)
    this.#lastUpdate =
      this.#lastUpdate === undefined ? settled : Promise.all([this.#lastUpdate, settled]).then(() => undefined)
    return update
  }
}
