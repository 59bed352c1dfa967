import type { Task } from './celery-task.ts'
import type { AsyncResult } from './results/async-result.ts'
import type { RevokeOptions } from './results/result-node.ts'
import type { ApplyOptions } from './sending/apply-options.ts'
import type { Settings } from './settings/settings.ts'
import type { Signature } from './signature.ts'
import type { TaskListener } from './task/hook-table.ts'
import type { Logger } from './task/logger.ts'
import type { AroundTask, TaskEventName } from './task/task-hooks.ts'
import type { TaskOptions } from './task/task-options.ts'
import type { ArgsSchema, KwargsSchema, LooseKwargs } from './task/task-schema.ts'
import type { KwargsInput, LastArgs, TaskArgs, TaskFunction, TaskReturn } from './task/typed-task.ts'
import type { Worker } from './worker/worker.ts'
import type { WorkerOptions } from './worker/worker-options.ts'

/**
 * An app: tasks, and where calls and results of them go. Made by `createCelery`.
 *
 * @see https://docs.celeryq.dev/en/stable/userguide/application.html
 */
export interface Celery extends AsyncDisposable {
  readonly name: string
  /** The release that runs, as `getRelease()` tells; undefined with `injectVersion: false`. */
  readonly version: string | undefined
  /** The configuration as it was given, and over it the settings that were read from it. It holds passwords: do not log it. */
  readonly conf: CeleryConf
  readonly settings: Settings
  readonly logger: Logger
  /** Commands for workers. */
  readonly control: CeleryControl

  /**
   * Registers a task, and gives what calls it.
   *
   * @param name - by which workers and other languages know it: `school.send_report`
   * @param fn - is given the context and the arguments of the call
   * @throws TypeError when an option is wrong, or the name is taken
   */
  task<Fn extends TaskFunction<undefined, undefined>>(
    name: string,
    fn: Fn,
  ): Task<TaskArgs<undefined, Fn>, TaskReturn<Fn>>
  /** @param options - how it runs; schemas of its arguments */
  task<
    Fn extends TaskFunction<Args, Kwargs>,
    Args extends ArgsSchema | undefined = undefined,
    Kwargs extends KwargsSchema | undefined = undefined,
  >(
    name: string,
    options: TaskOptions<Args, Kwargs>,
    fn: Fn,
  ): Task<TaskArgs<Args, Fn>, TaskReturn<Fn>, KwargsInput<Kwargs>>

  /**
   * A task by its name, which may live elsewhere, and its arguments.
   *
   * @typeParam Args - what the task takes
   * @typeParam Result - what it returns
   * @throws TypeError when an option is wrong
   */
  signature<Args extends readonly unknown[] = readonly unknown[], Result = unknown>(
    name: string,
    args?: LastArgs<Args>,
    options?: SignatureOptions,
  ): Signature<readonly unknown[], Result>

  /**
   * Calls a task by its name, which may live elsewhere. Resolves when the broker has stored the call.
   *
   * @throws as `Task.delay`
   */
  sendTask<Result = unknown>(
    name: string,
    args?: readonly unknown[],
    options?: ApplyOptions,
  ): Promise<AsyncResult<Result>>

  /** The result of a task that was sent before, or by others. */
  asyncResult<Result = unknown>(taskId: string): AsyncResult<Result>

  /** Has every execution of a task, in a worker and eagerly, go through the function. The first one is the outermost. */
  aroundTask(around: AroundTask): void
  /** Calls the listener when it happens to a task of this app, in this process. */
  on<Name extends TaskEventName>(event: Name, listener: TaskListener<Name>): void
  off<Name extends TaskEventName>(event: Name, listener: TaskListener<Name>): void

  /**
   * Makes a worker for the tasks of this app. It takes nothing until it is started.
   *
   * @throws TypeError when an option is wrong
   */
  worker(options?: WorkerOptions): Worker

  /** Resolves when the broker has answered. For health checks. */
  ping(): Promise<void>
  /**
   * Throws away what waits in queues.
   *
   * @param queues - names; all of the settings by default
   * @returns how many messages
   */
  purge(queues?: readonly string[]): Promise<number>
  /** Stops the workers of this app warmly, and disconnects. Never rejects. */
  close(): Promise<void>
}

/** The configuration as it was given, and over it the settings. */
export type CeleryConf = Settings & Readonly<Record<string, unknown>>

/** Commands for all workers that use the same broker. */
export interface CeleryControl {
  /**
   * Tells the workers not to run these tasks. One that runs already goes on, unless `terminate` is given. Workers that are not
   * there at this moment do not hear of it.
   */
  revoke(taskIds: string | readonly string[], options?: RevokeOptions): Promise<void>
}

/** Options of {@link Celery.signature}. */
export interface SignatureOptions extends Omit<ApplyOptions, 'kwargs'> {
  readonly kwargs?: LooseKwargs | undefined
  /** True: results of tasks before it are not put before its arguments. Default false. */
  readonly immutable?: boolean | undefined
}
