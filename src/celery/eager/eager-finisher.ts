import { formatIso } from '../protocol/iso-time.ts'
import type { TaskState } from '../protocol/states.ts'
import type { TaskMessage } from '../protocol/task-message.ts'
import type { TaskMeta } from '../protocol/task-meta.ts'
import type { Failure, Outcome } from '../worker/outcome.ts'
import type { TaskRun } from '../worker/task-run.ts'
import { toFailure } from '../worker/to-failure.ts'
import { type EagerHost, metaOf, type StateDetails } from './eager-host.ts'

/** What a task that ran in its caller's process came to. */
export interface EagerEnd {
  readonly meta: TaskMeta
  /** Undefined when it did not fail. */
  readonly failure: Failure | undefined
}

/** Does what is to be done after a task ran in its caller's process, in the order of a worker. */
export class EagerFinisher {
  readonly #run: TaskRun
  readonly #message: TaskMessage
  readonly #host: EagerHost
  readonly #runtime: number

  /** @param runtime - seconds */
  constructor(run: TaskRun, message: TaskMessage, host: EagerHost, runtime: number) {
    this.#run = run
    this.#message = message
    this.#host = host
    this.#runtime = runtime
  }

  /** @param read - has the result go through the serializer */
  finish(outcome: Exclude<Outcome, { kind: 'retry' }>, read: (result: unknown) => unknown): Promise<EagerEnd> {
    switch (outcome.kind) {
      case 'success':
        return this.#succeed(outcome.result, read)
      case 'failure':
        return this.#fail(outcome.failure)
      case 'reject': {
        const { requeue, reason } = outcome
        this.#host.hooks.emit('task-rejected', { request: this.#run.request, requeue, reason })
        return this.#end('REJECTED')
      }
      default:
        return this.#end('IGNORED')
    }
  }

  async #succeed(result: unknown, read: (result: unknown) => unknown): Promise<EagerEnd> {
    const { request } = this.#run
    let known: unknown
    try {
      known = read(result)
      await this.#callNext(known)
    } catch (error) {
      return this.#fail(toFailure(error))
    }
    const end = await this.#end('SUCCESS', { result: known })
    this.#host.hooks.emit('task-succeeded', { request, result: known, runtime: this.#runtime })
    return end
  }

  async #callNext(result: unknown): Promise<void> {
    const { callbacks, chain, id: parentId, rootId } = this.#message
    for (const callback of callbacks) await this.#follow(callback, { args: [result], parentId, rootId })
    const next = chain.at(-1)
    if (next === undefined) return
    await this.#follow(next, { args: [result], parentId, rootId, chain: chain.slice(0, -1) })
  }

  async #follow(...next: Parameters<EagerHost['follow']>): Promise<void> {
    this.#run.children.push(await this.#host.follow(...next))
  }

  async #fail(failure: Failure): Promise<EagerEnd> {
    const { request } = this.#run
    const { exception: result, traceback, error } = failure
    const { meta } = await this.#end('FAILURE', { result, traceback })
    const { errbacks, id, rootId } = this.#message
    for (const errback of errbacks) await this.#host.follow(errback, { args: [id], parentId: id, rootId })
    this.#host.hooks.emit('task-failed', { request, error, runtime: this.#runtime })
    return { meta, failure }
  }

  async #end(state: TaskState, details: StateDetails = {}): Promise<EagerEnd> {
    const dateDone = formatIso(new Date(this.#host.now()))
    const meta = metaOf(this.#run.request, state, { ...details, children: this.#run.children, dateDone })
    await this.#host.store(meta)
    return { meta, failure: undefined }
  }
}
