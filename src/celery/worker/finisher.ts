import { BackendError } from '../backends/errors.ts'
import { BrokerError } from '../brokers/errors.ts'
import type { TaskState } from '../protocol/states.ts'
import { TaskRevokedError } from '../task/errors.ts'
import type { RetryPlan } from '../task/signals.ts'
import type { TaskHooks } from '../task/task-hooks.ts'
import type { Chords, PartEnd } from './chords.ts'
import type { Clock } from './clock.ts'
import type { Job, Settlement } from './job.ts'
import { GivenUp, keepTrying, type Patience } from './keep-trying.ts'
import { nextTarget, nextTry } from './next-try.ts'
import type { Failure, Outcome } from './outcome.ts'
import type { ResultWriter, StateDetails } from './result-writer.ts'
import type { Settler } from './settler.ts'
import type { Tallies } from './tallies.ts'
import type { TaskLog } from './task-log.ts'
import { toFailure } from './to-failure.ts'
import type { WorkerHost } from './worker-host.ts'
import type { Workflow } from './workflow.ts'

/** What finishing needs. */
export interface FinisherOptions {
  readonly host: Pick<WorkerHost, 'send'>
  readonly hooks: TaskHooks
  /** Undefined: results are not kept. */
  readonly writer: ResultWriter | undefined
  readonly chords: Chords | undefined
  readonly workflow: Workflow
  readonly settler: Settler
  readonly tallies: Tallies
  readonly log: TaskLog
  readonly clock: Clock
  readonly patience: Patience
  /** Aborted when the worker is killed: nothing is tried any longer. */
  readonly ended: AbortSignal
}

/**
 * Does what is to be done after a task ran, in Celery's order, because a crash may come between any two of these:
 *
 * 1. success: callbacks sent, next of the chain sent, result stored, part of the chord noted, message acknowledged
 * 2. failure: failure stored, part of the chord noted, rest of the chain marked as failed, errbacks sent, acknowledged
 * 3. retry: next try sent, RETRY stored, acknowledged
 *
 * A task that is acknowledged late is acknowledged only when all before it is done: after a crash it runs again and does all
 * of it again. What cannot reach the broker or the store is tried until it can, or the worker ends. What never will
 * succeed (a result that cannot be written, an exchange that does not exist) makes a failure of a success.
 */
export class Finisher {
  readonly #is: FinisherOptions

  constructor(options: FinisherOptions) {
    this.#is = options
  }

  /** Never rejects. */
  async finish(job: Job, outcome: Outcome): Promise<void> {
    try {
      await this.#finish(job, outcome)
    } catch (error) {
      await this.#giveUp(job, error)
    }
  }

  /** A task that shall not run, or was ended by `revoke`. Never rejects. */
  async revoke(job: Job, reason: 'revoked' | 'expired' | 'terminated'): Promise<void> {
    try {
      await this.#revoked(job, reason)
    } catch (error) {
      await this.#giveUp(job, error)
    }
  }

  /** A call of a task that is not there: as a failure, but the message is thrown away, or goes where the queue says. */
  async failUnknown(job: Job, failure: Failure): Promise<void> {
    try {
      await this.#failed(job, failure, 'reject')
    } catch (error) {
      await this.#giveUp(job, error)
    }
  }

  #finish(job: Job, outcome: Outcome): Promise<unknown> {
    switch (outcome.kind) {
      case 'success':
        return this.#succeeded(job, outcome.result === undefined ? null : outcome.result)
      case 'failure':
        return this.#failure(job, outcome)
      case 'retry':
        return this.#retried(job, outcome.plan, outcome.failure)
      case 'reject':
        return this.#rejected(job, outcome.reason, outcome.requeue)
      case 'ignore':
        this.#is.log.ignored(job)
        return this.#is.settler.settle(job, 'ack')
      case 'terminated':
        return this.#revoked(job, 'terminated')
      case 'interrupted':
        // Nothing is stored and nothing settled: the broker gives it again.
        return Promise.resolve()
      default:
        throw outcome satisfies never
    }
  }

  async #succeeded(job: Job, result: unknown): Promise<void> {
    const { message } = job
    try {
      if (message.callbacks.length > 0 || message.chain.length > 0) {
        await this.#is.workflow.goOn(job, result, this.#attempt(job))
      }
      if (!ignoresResult(job)) await this.#store(job, 'SUCCESS', { result })
    } catch (error) {
      if (error instanceof GivenUp) throw error
      return this.#failed(job, toUnsendable(error))
    }
    if (message.chord !== undefined) await this.#addPart(job, { state: 'SUCCESS', result })
    if (!job.settled) await this.#is.settler.settle(job, 'ack')
    const runtime = this.#runtime(job)
    this.#is.log.succeeded(job, runtime)
    this.#is.hooks.emit('task-succeeded', { request: job.request, result, runtime })
  }

  #failure(job: Job, { failure, timeout, lost }: Extract<Outcome, { kind: 'failure' }>): Promise<void> {
    const { acksOnFailureOrTimeout, rejectOnWorkerLost } = job.task.options
    const again = (lost === true && rejectOnWorkerLost) || (timeout === true && !acksOnFailureOrTimeout)
    // It is not over, so nothing is stored: whoever waits would take the failure for the end.
    if (again && !job.settled) return this.#rejected(job, String(failure.exception.exc_type), true)
    return this.#failed(job, failure, acksOnFailureOrTimeout ? 'ack' : 'reject')
  }

  async #failed(job: Job, failure: Failure, how: Settlement = 'ack'): Promise<void> {
    const { exception, traceback, error } = failure
    const { message } = job
    const { workflow, chords } = this.#is
    const attempt = this.#attempt(job)
    if (storesErrors(job)) await this.#orTell(job, this.#store(job, 'FAILURE', { result: exception, traceback }))
    if (message.chord !== undefined) await this.#addPart(job, { state: 'FAILURE', result: exception })
    for (const next of message.chain) {
      await this.#orTell(job, chords?.fail(job, next, exception, attempt))
    }
    await this.#orTell(job, workflow.sendErrbacks(message.errbacks, message.id, message.rootId, attempt))
    if (!job.settled) await this.#is.settler.settle(job, how)
    const runtime = this.#runtime(job)
    this.#is.log.failed(job, runtime, failure)
    this.#is.hooks.emit('task-failed', { request: job.request, error, runtime })
  }

  async #retried(job: Job, plan: RetryPlan, failure: Failure): Promise<void> {
    const next = nextTry(job, plan, this.#is.clock.now())
    const send = () => this.#is.host.send(next, nextTarget(job, plan))
    try {
      await this.#attempt(job)('the next try', send)
    } catch (error) {
      if (error instanceof GivenUp) throw error
      return this.#failed(job, toUnsendable(error))
    }
    const { exception, traceback, error } = failure
    if (storesErrors(job)) await this.#orTell(job, this.#store(job, 'RETRY', { result: exception, traceback }))
    if (!job.settled) await this.#is.settler.settle(job, 'ack')
    this.#is.log.retried(job, plan.countdown, failure)
    this.#is.hooks.emit('task-retried', { request: job.request, error, countdown: plan.countdown })
  }

  async #rejected(job: Job, reason: string, requeue: boolean): Promise<void> {
    if (job.settled) return this.#is.log.warn(job, 'the task cannot be rejected: it was acknowledged before it ran')
    await this.#is.settler.settle(job, requeue ? 'requeue' : 'reject')
    this.#is.log.rejected(job, reason, requeue)
    this.#is.hooks.emit('task-rejected', { request: job.request, requeue, reason })
  }

  async #revoked(job: Job, reason: 'revoked' | 'expired' | 'terminated'): Promise<void> {
    const { exception } = toFailure(new TaskRevokedError(reason))
    if (storesErrors(job)) await this.#orTell(job, this.#store(job, 'REVOKED', { result: exception }))
    if (job.message.chord !== undefined) await this.#addPart(job, { state: 'REVOKED', result: exception })
    if (!job.settled) await this.#is.settler.settle(job, 'ack')
    this.#is.log.revoked(job, reason)
    const { request } = job
    this.#is.hooks.emit('task-revoked', {
      request,
      expired: reason === 'expired',
      terminated: reason === 'terminated',
    })
  }

  #store(job: Job, state: TaskState, details: StateDetails): Promise<void> {
    const { writer } = this.#is
    if (writer === undefined) return Promise.resolve()
    return this.#attempt(job)('the result', () => writer.write(job, state, details))
  }

  #addPart(job: Job, end: PartEnd): Promise<void> {
    return this.#orTell(job, this.#is.chords?.addPart(job, end, this.#attempt(job)))
  }

  #attempt(job: Job): (what: string, fn: () => Promise<void>) => Promise<void> {
    const { clock, patience, ended, log } = this.#is
    return (what, fn) => {
      const onFailure = (error: unknown, tries: number) => {
        // Not every time: an outage of an hour would fill the log.
        if (Number.isInteger(Math.log2(tries)))
          log.warn(job, `${what} could not be sent or stored; it is tried until it can`, error)
      }
      return keepTrying(fn, { clock, patience, ended, onFailure })
    }
  }

  /** What will never succeed is logged and counted, and what comes after it is done all the same. */
  async #orTell(job: Job, step: Promise<void> | undefined): Promise<void> {
    try {
      await step
    } catch (error) {
      if (error instanceof GivenUp) throw error
      this.#is.tallies.resultsLost++
      this.#is.log.trouble(job, 'what came of the task could not be sent or stored', error)
    }
  }

  async #giveUp(job: Job, error: unknown): Promise<void> {
    const { log, tallies, settler, ended } = this.#is
    if (job.settled) {
      tallies.resultsLost++
      log.trouble(job, 'what came of the task is lost: it was acknowledged before it ran', error)
      return
    }
    log.trouble(job, 'what came of the task could not be stored: it will run again', error)
    // A killed worker leaves its messages to the broker.
    if (!ended.aborted) await settler.settle(job, 'requeue', false)
  }

  /** Seconds. */
  #runtime(job: Job): number {
    return job.startedAt === undefined ? 0 : (this.#is.clock.monotonic() - job.startedMono) / 1000
  }
}

function ignoresResult({ message, task }: Job): boolean {
  return message.ignoreResult || task.options.ignoreResult
}

function storesErrors(job: Job): boolean {
  return !ignoresResult(job) || job.task.options.storeErrorsEvenIfIgnored
}

/** What no broker and no store had to do with is a value that cannot be written. */
function toUnsendable(error: unknown): Failure {
  const failure = toFailure(error)
  if (error instanceof BrokerError || error instanceof BackendError) return failure
  const { exc_message } = failure.exception
  return { ...failure, exception: { exc_type: 'EncodeError', exc_message, exc_module: 'kombu.exceptions' } }
}
