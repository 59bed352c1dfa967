import { randomUUID } from 'node:crypto'
import type { ResultTuple } from '../protocol/result-tuple.ts'
import type { SignatureData } from '../protocol/signature-data.ts'
import type { Job } from './job.ts'
import { type CanvasSite, sendCanvas } from './send-canvas.ts'
import type { SendSignatureOptions, WorkerHost } from './worker-host.ts'

/** Does something as often as it takes; rejects with `GivenUp` when it was given up. */
export type Attempt = (what: string, fn: () => Promise<void>) => Promise<void>

type WorkflowHost = Pick<WorkerHost, 'sendSignature' | 'backend'>

/** Sends what follows a task: its callbacks, the next of its chain, its errbacks. */
export class Workflow {
  readonly #host: WorkflowHost
  readonly #inheritPriority: boolean

  constructor(host: WorkflowHost, inheritPriority: boolean) {
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
      await this.#deliver('an errback', errback, options, attempt)
    }
  }

  /** Sends the body of a chord whose last part was this job. */
  async sendBody(body: SignatureData, job: Job, results: readonly unknown[], attempt: Attempt): Promise<void> {
    const { id: parentId, rootId } = job.message
    await this.#deliver('the body of a chord', body, { args: [results], parentId, rootId }, attempt)
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
    const options = { args: [result], parentId, rootId, chain, priority }
    const child = await this.#deliver('what follows the task', signature, options, attempt)
    if (child !== undefined) children.push(child)
  }

  #deliver(
    what: string,
    signature: SignatureData,
    options: SendSignatureOptions,
    attempt: Attempt,
  ): Promise<ResultTuple | undefined> {
    const { backend } = this.#host
    const site: CanvasSite = {
      send: (one, its) => attempt(what, () => this.#host.sendSignature(one, its)),
      setChordSize: (group, size) => attempt('the size of a chord', async () => backend?.setChordSize(group, size)),
    }
    return sendCanvas(signature, options, site)
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
