import { decodeBody, encodeBody } from '../protocol/serializers.ts'
import type { ExceptionData } from '../protocol/task-meta.ts'
import { TaskError } from '../results/errors.ts'
import type { RetryPlan } from '../task/signals.ts'
import type { Failure, Outcome } from './outcome.ts'
import type { ThreadOutcome } from './thread-messages.ts'
import { toFailure } from './to-failure.ts'

/** Packs what came of a task in a thread. A result that cannot be written is a failure. */
export function packOutcome(outcome: Outcome): ThreadOutcome {
  try {
    return pack(outcome)
  } catch (error) {
    return { kind: 'failure', failure: packFailure(toFailure(error)) }
  }
}

/** Unpacks what came of a task in a thread. */
export function unpackOutcome(outcome: ThreadOutcome, taskId: string): Outcome {
  switch (outcome.kind) {
    case 'success':
      return { kind: 'success', result: unpackValue(outcome.result) }
    case 'failure':
      return { kind: 'failure', failure: unpackFailure(outcome.failure, taskId) }
    case 'retry': {
      const failure = unpackFailure(outcome.failure, taskId)
      const plan = unpackValue(outcome.plan) as Partial<RetryPlan> & Pick<RetryPlan, 'countdown'>
      const { countdown, args, kwargs, queue, priority } = plan
      return { kind: 'retry', failure, plan: { cause: failure.error, countdown, args, kwargs, queue, priority } }
    }
    default:
      return outcome
  }
}

/** Bytes of any value that a task may hold. */
export function packValue(value: unknown, root?: string): Uint8Array {
  return encodeBody(value, 'json', root).body
}

/** The value of {@link packValue}. */
export function unpackValue(bytes: Uint8Array): unknown {
  return decodeBody(bytes, 'application/json')
}

function pack(outcome: Outcome): ThreadOutcome {
  switch (outcome.kind) {
    case 'success':
      return { kind: 'success', result: packValue(outcome.result, 'result') }
    case 'failure':
      return { kind: 'failure', failure: packFailure(outcome.failure) }
    case 'retry': {
      const { cause: _cause, ...plan } = outcome.plan
      return { kind: 'retry', failure: packFailure(outcome.failure), plan: packValue(plan, 'retry') }
    }
    case 'reject':
    case 'ignore':
      return outcome
    default:
      // These two are the worker's own: a thread never ends so.
      throw new Error(`a thread cannot be ${outcome.kind}`)
  }
}

function packFailure({ exception, traceback }: Failure): Uint8Array {
  return packValue({ exception, traceback: traceback ?? null }, 'error')
}

function unpackFailure(bytes: Uint8Array, taskId: string): Failure {
  const { exception, traceback } = unpackValue(bytes) as { exception: ExceptionData; traceback: string | null }
  const error = new TaskError({ taskId, result: exception, traceback: traceback ?? undefined })
  return { exception, traceback: traceback ?? undefined, error }
}
