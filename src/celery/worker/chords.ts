import type { ChordPart, ResultBackend } from '../backends/result-backend.ts'
import type { SignatureData } from '../protocol/signature-data.ts'
import type { ExceptionData } from '../protocol/task-meta.ts'
import { readException } from '../results/describe-exception.ts'
import type { Job } from './job.ts'
import { GivenUp } from './keep-trying.ts'
import { reprException } from './repr-exception.ts'
import type { ResultWriter } from './result-writer.ts'
import { signaturesOf } from './signatures-of.ts'
import type { TaskLog } from './task-log.ts'
import { toFailure } from './to-failure.ts'
import type { Attempt, Workflow } from './workflow.ts'

/** What chords need. */
export interface ChordsOptions {
  readonly backend: ResultBackend
  readonly writer: ResultWriter
  readonly workflow: Workflow
  readonly log: TaskLog
}

/** How a part ended. */
export type PartEnd = Pick<ChordPart, 'state' | 'result'>

/**
 * Counts the parts of chords, and sends the body after the last one.
 *
 * @see https://docs.celeryq.dev/en/stable/userguide/canvas.html#chords
 */
export class Chords {
  readonly #backend: ResultBackend
  readonly #writer: ResultWriter
  readonly #workflow: Workflow
  readonly #log: TaskLog

  constructor({ backend, writer, workflow, log }: ChordsOptions) {
    this.#backend = backend
    this.#writer = writer
    this.#workflow = workflow
    this.#log = log
  }

  /** Notes that the job, a part of a chord, is done and its result stored. */
  addPart(job: Job, end: PartEnd, attempt: Attempt): Promise<void> {
    const { id: taskId, group: groupId, groupIndex, chord } = job.message
    if (chord === undefined || groupId === undefined) return Promise.resolve()
    return this.#add(job, chord, { groupId, groupIndex, taskId, ...end }, attempt)
  }

  /** Marks a signature that will never be sent as failed, and all that hangs on it: its chord, and what follows it. */
  async fail(job: Job, signature: SignatureData, exception: ExceptionData, attempt: Attempt): Promise<void> {
    const { task_id: taskId, group_id: groupId, group_index: index, chord } = signature.options
    const details = { result: exception }
    if (typeof taskId === 'string') {
      await attempt('a failure', () => this.#writer.writeById(taskId, 'FAILURE', details, job.message.replyTo))
    }
    const [body] = signaturesOf(chord)
    if (body === undefined || typeof groupId !== 'string') return
    const part: ChordPart = {
      groupId,
      groupIndex: typeof index === 'number' ? index : undefined,
      taskId: typeof taskId === 'string' ? taskId : '',
      state: 'FAILURE',
      result: exception,
    }
    await this.#add(job, body, part, attempt)
  }

  async #add(job: Job, body: SignatureData, part: ChordPart, attempt: Attempt): Promise<void> {
    const backend = this.#backend
    await attempt('a part of a chord', async () => {
      const progress = await backend.addChordPart(part)
      if (progress.kind === 'complete') await this.#complete(job, body, part.groupId, progress.results, attempt)
      if (progress.kind === 'failed') {
        const reason = `Dependency ${progress.taskId} raised ${reprException(readException(progress.result))}`
        await this.#failBody(job, body, reason, attempt)
      }
    })
  }

  async #complete(
    job: Job,
    body: SignatureData,
    groupId: string,
    results: readonly unknown[],
    attempt: Attempt,
  ): Promise<void> {
    try {
      await this.#workflow.sendBody(body, job, results, attempt)
    } catch (error) {
      if (error instanceof GivenUp) throw error
      this.#log.trouble(job, 'the body of a chord cannot be sent', error)
      const reason = reprException(toFailure(error).exception)
      return this.#failBody(job, body, `Callback error: ${reason}`, attempt)
    }
    await this.#forget(job, groupId)
  }

  async #failBody(job: Job, body: SignatureData, reason: string, attempt: Attempt): Promise<void> {
    const exception = { exc_type: 'ChordError', exc_message: [reason], exc_module: 'celery.exceptions' }
    await this.fail(job, body, exception, attempt)
    for (const next of signaturesOf(body.options['chain'])) await this.fail(job, next, exception, attempt)
    const id = body.options['task_id']
    const errbacks = signaturesOf(body.options['link_error'])
    if (typeof id === 'string') await this.#workflow.sendErrbacks(errbacks, id, job.message.rootId, attempt)
  }

  /** What stays behind expires by itself. */
  async #forget(job: Job, groupId: string): Promise<void> {
    try {
      await this.#backend.forgetChord(groupId)
    } catch (error) {
      this.#log.warn(job, 'the counters of a chord could not be removed; they expire', error)
    }
  }
}
