import { randomUUID } from 'node:crypto'
import { resultTuple } from '../protocol/result-tuple.ts'
import type { SignatureData } from '../protocol/signature-data.ts'
import type { Job } from './job.ts'
import type { WorkerHost } from './worker-host.ts'

/** Does something as often as it takes; rejects with `GivenUp` when it was given up. */
export type Attempt = (what: string, fn: () => Promise<void>) => Promise<void>

/** Sends what follows a task: its callbacks, the next of its chain, its errbacks. */
export class Workflow {
  readonly #host: Pick<WorkerHost, 'sendSignature'>
  readonly #inheritPriority: boolean

  constructor(host: Pick<WorkerHost, 'sendSignature'>, inheritPriority: boolean) {
    this.#host = host
    this.#inheritPriority = inheritPriority
  }

  /**
   * Sends what is called with a result: the callbacks, then the next of the chain with the rest of it. Sent again after a
   * crash, they have the same ids, as far as the sender of the task gave them any.
   *
   * @see https://docs.celeryq.dev/en/stable/userguide/canvas.html#chains
   */
  async goOn(job: Job, result: unknown, attempt: Attempt): Promise<void> {
    const { callbacks, chain } = job.message
    const children = [...job.children]
    for (const callback of inGroup(callbacks)) await this.#send(callback, job, result, [], attempt, children)
    const next = chain.at(-1)
    if (next !== undefined) await this.#send(withId(next), job, result, chain.slice(0, -1), attempt, children)
    job.children = children
  }

  /** Sends errbacks. All are called with the id of the failed task: what they are in Python is not known here. */
  async sendErrbacks(
    errbacks: readonly SignatureData[],
    failedId: string,
    rootId: string,
    attempt: Attempt,
  ): Promise<void> {
    for (const errback of errbacks) {
      const options = { args: [failedId], parentId: failedId, rootId }
      await attempt('an errback', () => this.#host.sendSignature(errback, options))
    }
  }

  /** Sends the body of a chord whose last part was this job. */
  sendBody(body: SignatureData, job: Job, results: readonly unknown[], attempt: Attempt): Promise<void> {
    const { id: parentId, rootId } = job.message
    return attempt('the body of a chord', () => this.#host.sendSignature(body, { args: [results], parentId, rootId }))
  }

  async #send(
    signature: SignatureData,
    { message }: Job,
    result: unknown,
    chain: readonly SignatureData[],
    attempt: Attempt,
    children: unknown[],
  ): Promise<void> {
    const { id: parentId, rootId } = message
    const priority = this.#inheritPriority ? message.priority : undefined
    await attempt('what follows the task', () =>
      this.#host.sendSignature(signature, { args: [result], parentId, rootId, chain, priority }),
    )
    const id = signature.options['task_id']
    if (typeof id === 'string') children.push(resultTuple(id))
  }
}

/** One callback stays as it is. Of several, those that are no groups themselves become one. */
function inGroup(callbacks: readonly SignatureData[]): readonly SignatureData[] {
  if (callbacks.length < 2) return callbacks.map((callback) => withId(callback))
  const group = randomUUID()
  let index = 0
  return callbacks.map((callback) => {
    if (callback.subtask_type === 'group') return withId(callback)
    return withId(callback, { group_id: group, group_index: index++ })
  })
}

/** With an id of its own, so that sending it twice is the same task twice. What the options have already, they keep. */
function withId(signature: SignatureData, more: SignatureData['options'] = {}): SignatureData {
  return { ...signature, options: { task_id: randomUUID(), ...more, ...signature.options } }
}
