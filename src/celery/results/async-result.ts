import { brand } from '../../lib/brand.ts'
import { parseIso } from '../protocol/iso-time.ts'
import { type ResultTuple, resultTuple } from '../protocol/result-tuple.ts'
import { isReady, PROPAGATE_STATES, type TaskState } from '../protocol/states.ts'
import type { TaskMeta } from '../protocol/task-meta.ts'
import { assertNotInsideTask } from './assert-not-inside-task.ts'
import { type TaskError, toTaskError } from './errors.ts'
import type { ResultContext } from './result-context.ts'
import type { GetOptions, ResultNode, RevokeOptions } from './result-node.ts'
import { stateStream } from './state-stream.ts'
import { toTimeout } from './to-timeout.ts'
import { waitForMeta } from './wait-for-meta.ts'

/** States whose result is an exception. */
const EXCEPTION_STATES: ReadonlySet<TaskState> = new Set(['RETRY', ...PROPAGATE_STATES])

export interface AsyncResultOptions {
  /** The result of the task before it, in a chain. */
  readonly parent?: ResultNode | undefined
  /** The task stores no result: `get` gives undefined at once. */
  readonly ignored?: boolean | undefined
  /** The outcome, where it is known already: the task ran in this process. */
  readonly meta?: TaskMeta | undefined
  /** What was thrown there; becomes the `cause` of what `get` throws. */
  readonly cause?: unknown
}

/** A state of a task, and what belongs to it. */
export interface StateInfo {
  readonly state: TaskState
  /** See {@link AsyncResult.info}. */
  readonly info: unknown
}

/**
 * The result of a task that was sent: asks the store how far it is, waits for it, takes it back.
 *
 * What asks the store is a method and gives a promise. Once the task is ready, the outcome is kept and the store not asked again.
 * Everything may also throw what the store throws, such as `ERR_CELERY_BACKEND_CONNECTION`.
 *
 * @typeParam T - what the task returns
 * @see https://docs.celeryq.dev/en/stable/reference/celery.result.html#celery.result.AsyncResult
 */
export class AsyncResult<T = unknown> implements ResultNode {
  readonly id: string
  readonly parent: ResultNode | undefined
  readonly #context: ResultContext
  readonly #ignored: boolean
  readonly #cause: unknown
  #ready: TaskMeta | undefined

  constructor(id: string, context: ResultContext, { parent, ignored = false, meta, cause }: AsyncResultOptions = {}) {
    this.id = id
    this.parent = parent
    this.#context = context
    this.#ignored = ignored
    this.#cause = cause
    this.#ready = meta
  }

  /**
   * Waits until the task is ready, by subscription, also over lost connections, and gives what it returned.
   *
   * @param options - `propagate: false` gives the failure instead of throwing it
   * @throws TaskError `ERR_CELERY_TASK_FAILED` when it failed, or one before it in its chain; TaskRevokedError
   *   `ERR_CELERY_TASK_REVOKED`; TaskTimeoutError `ERR_CELERY_TIMEOUT`; the reason of the signal; TypeError inside a running task
   *
   * @example
   * ```ts
   * import type { AsyncResult } from 'twopi/celery'
   *
   * export async function pagesOf(report: AsyncResult<{ pages: number }>): Promise<number> {
   *   const { pages } = await report.get({ timeout: '10 seconds' })
   *   return pages
   * }
   * ```
   */
  get(options: GetOptions & { readonly propagate: false }): Promise<T | TaskError>
  get(options?: GetOptions): Promise<T>
  async get({ timeout, signal, propagate = true, disableSyncSubtasks = true }: GetOptions = {}): Promise<unknown> {
    const milliseconds = toTimeout(timeout)
    if (this.#ignored) return undefined
    if (disableSyncSubtasks) assertNotInsideTask(this.#context)
    const meta = this.#ready ?? (await this.#wait(milliseconds, signal, propagate))
    const info = this.#infoOf(meta)
    if (propagate && PROPAGATE_STATES.has(meta.status)) throw info
    return info
  }

  /** PENDING when nothing is known of it: it waits, or was never sent, or its result has expired. */
  async state(): Promise<TaskState> {
    return (await this.meta())?.status ?? 'PENDING'
  }

  /** What the task returned; its failure, or why it is tried again, as an error; or what it gave to `updateState`. */
  async info(): Promise<unknown> {
    const meta = await this.meta()
    return meta === undefined ? undefined : this.#infoOf(meta)
  }

  /** Whether nothing more happens to it: it succeeded, failed or was revoked. */
  async ready(): Promise<boolean> {
    return isReady(await this.state())
  }

  async successful(): Promise<boolean> {
    return (await this.state()) === 'SUCCESS'
  }

  async failed(): Promise<boolean> {
    return (await this.state()) === 'FAILURE'
  }

  /** The stack of its failure, as text. */
  async traceback(): Promise<string | undefined> {
    return (await this.meta())?.traceback
  }

  /** When it became ready. */
  async dateDone(): Promise<Date | undefined> {
    const date = (await this.meta())?.dateDone
    return date === undefined ? undefined : parseIso(date) // older versions of Celery write it without its offset, in UTC
  }

  /** The results of the tasks it sent; undefined as long as they are not known. */
  async children(): Promise<readonly ResultNode[] | undefined> {
    return (await this.meta())?.children?.map((tuple) => this.#context.fromTuple(tuple, this.id))
  }

  /** Everything that is stored of it, read at once. */
  async meta(): Promise<TaskMeta | undefined> {
    return this.#ready ?? this.#keep(await this.#context.backend.get(this.id))
  }

  /**
   * Its states as they are stored, from the present one to the last. The loop ends when the task is ready; leaving it ends the
   * subscription.
   *
   * @param options - `signal` ends the loop by throwing its reason
   *
   * @example
   * ```ts
   * import type { AsyncResult } from 'twopi/celery'
   *
   * export async function follow(report: AsyncResult): Promise<void> {
   *   for await (const { state, info } of report.states()) console.log(state, info)
   * }
   * ```
   */
  async *states({ signal }: { readonly signal?: AbortSignal | undefined } = {}): AsyncGenerator<StateInfo, void> {
    const kept = this.#ready
    for await (const meta of kept ? [kept] : stateStream(this.#context.backend, this.id, signal)) {
      this.#keep(meta)
      yield { state: meta.status, info: this.#infoOf(meta) }
    }
  }

  /** Removes the result from the store, and those of the tasks before it in its chain. */
  async forget(): Promise<void> {
    this.#ready = undefined
    await Promise.all([this.parent?.forget(), this.#context.backend.forget(this.id)])
  }

  /**
   * Tells all workers not to run the task. One that runs already goes on, unless `terminate` is given.
   *
   * @see https://docs.celeryq.dev/en/stable/userguide/workers.html#revoke-revoking-tasks
   */
  revoke(options: RevokeOptions = {}): Promise<void> {
    return this.#context.revoke([this.id], options)
  }

  asTuple(): ResultTuple {
    return resultTuple(this.id, this.parent?.asTuple())
  }

  /** As Python writes a result that a task returns. */
  toJSON(): ResultTuple {
    return this.asTuple()
  }

  toString(): string {
    return this.id
  }

  async #wait(timeout: number | undefined, signal: AbortSignal | undefined, propagate: boolean): Promise<TaskMeta> {
    const ancestors: string[] = []
    for (let node = this.parent; propagate && node !== undefined; node = node.parent) {
      if (node instanceof AsyncResult) ancestors.push(node.id)
    }
    const meta = await waitForMeta(this.#context.backend, this.id, { timeout, signal, ancestors })
    return meta.taskId === this.id ? (this.#keep(meta) ?? meta) : meta
  }

  #keep(meta: TaskMeta | undefined): TaskMeta | undefined {
    if (meta !== undefined && isReady(meta.status)) this.#ready = meta
    return meta
  }

  #infoOf(meta: TaskMeta): unknown {
    if (!EXCEPTION_STATES.has(meta.status)) return meta.result
    return toTaskError(meta, this.#cause === undefined ? undefined : { cause: this.#cause })
  }

  static {
    brand(this, 'AsyncResult')
  }
}
