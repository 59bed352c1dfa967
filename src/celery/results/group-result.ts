import { brand } from '../../lib/brand.ts'
import { groupTuple, type ResultTuple } from '../protocol/result-tuple.ts'
import { assertNotInsideTask } from './assert-not-inside-task.ts'
import type { ResultContext } from './result-context.ts'
import type { GetOptions, ResultNode, RevokeOptions } from './result-node.ts'
import { toTimeout } from './to-timeout.ts'

/**
 * The results of tasks that were sent together.
 *
 * @see https://docs.celeryq.dev/en/stable/reference/celery.result.html#celery.result.GroupResult
 */
export class GroupResult implements ResultNode {
  readonly id: string
  /** In the order of the tasks. */
  readonly results: readonly ResultNode[]
  readonly parent: ResultNode | undefined
  readonly #context: ResultContext

  constructor(id: string, results: readonly ResultNode[], context: ResultContext, parent?: ResultNode) {
    this.id = id
    this.results = results
    this.parent = parent
    this.#context = context
  }

  /**
   * Waits for all of them, and gives what they returned in their order; groups within it as lists.
   *
   * @throws what the first of them throws that fails; the others are not waited for then
   */
  async get({ signal, ...options }: GetOptions = {}): Promise<readonly unknown[]> {
    toTimeout(options.timeout)
    if (options.disableSyncSubtasks !== false) assertNotInsideTask(this.#context)
    const end = new AbortController()
    const onAbort = () => end.abort(signal?.reason)
    signal?.throwIfAborted()
    signal?.addEventListener('abort', onAbort)
    try {
      return await Promise.all(this.results.map((result) => result.get({ ...options, signal: end.signal })))
    } finally {
      signal?.removeEventListener('abort', onAbort)
      end.abort()
    }
  }

  /** Whether all of them are ready. */
  ready(): Promise<boolean> {
    return this.#all((result) => result.ready())
  }

  /** Whether all of them succeeded. */
  successful(): Promise<boolean> {
    return this.#all((result) => result.successful())
  }

  /** Whether one of them failed. */
  async failed(): Promise<boolean> {
    return (await Promise.all(this.results.map((result) => result.failed()))).includes(true)
  }

  /** How many of them succeeded. */
  async completedCount(): Promise<number> {
    const successes = await Promise.all(this.results.map((result) => result.successful()))
    return successes.filter(Boolean).length
  }

  /** Removes their results from the store. */
  async forget(): Promise<void> {
    await Promise.all(this.results.map((result) => result.forget()))
  }

  /** Tells all workers not to run them. */
  revoke(options: RevokeOptions = {}): Promise<void> {
    return this.#context.revoke([...taskIds(this)], options)
  }

  asTuple(): ResultTuple {
    return groupTuple(
      this.id,
      this.results.map((result) => result.asTuple()),
      this.parent?.asTuple(),
    )
  }

  /** As Python writes a result that a task returns. */
  toJSON(): ResultTuple {
    return this.asTuple()
  }

  toString(): string {
    return this.id
  }

  async #all(test: (result: ResultNode) => Promise<boolean>): Promise<boolean> {
    return !(await Promise.all(this.results.map(test))).includes(false)
  }

  static {
    brand(this, 'GroupResult')
  }
}

function* taskIds(group: GroupResult): Generator<string> {
  for (const result of group.results) {
    if (result instanceof GroupResult) yield* taskIds(result)
    else yield result.id
  }
}
