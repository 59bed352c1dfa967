import { isPromiseLike } from '../../lib/maybe-promise.ts'
import { SoftTimeLimitExceeded } from '../task/errors.ts'
import { retryOnFailure } from '../task/retry-rules.ts'
import { runInTask } from '../task/running-task.ts'
import { Ignore, Reject, Retry } from '../task/signals.ts'
import type { AroundTask, TaskInfo } from '../task/task-hooks.ts'
import type { Outcome } from './outcome.ts'
import type { TaskRun } from './task-run.ts'
import { toFailure } from './to-failure.ts'

/**
 * Runs a task's function with everything around it: the scope that `currentTask()` reads, the app's hooks, the rules of
 * automatic retries. Never rejects, whatever is thrown.
 *
 * @param around - outermost first
 * @param random - as `Math.random`
 */
export async function executeTask(run: TaskRun, around: readonly AroundTask[], random: () => number): Promise<Outcome> {
  let outcome: Outcome
  try {
    const running = runInTask(run, around.length === 0 ? () => callTask(run) : () => callAround(run, around))
    outcome = { kind: 'success', result: isPromiseLike(running) ? await running : running }
  } catch (thrown) {
    outcome = outcomeOf(thrown, run, random)
  }
  const updates = run.end()
  if (updates !== undefined) await updates
  return outcome
}

/** What asks an error for its class may throw as well, where the error is a proxy. */
function outcomeOf(thrown: unknown, run: TaskRun, random: () => number): Outcome {
  try {
    return toOutcome(retryOnFailure(run.request, run.task.options, unwrapAbort(run, thrown), random))
  } catch {
    return { kind: 'failure', failure: toFailure(thrown) }
  }
}

function callTask(run: TaskRun): unknown {
  return run.task.run(run, run.request.args, run.request.kwargs)
}

function callAround(run: TaskRun, around: readonly AroundTask[]): Promise<unknown> {
  const info: TaskInfo = { name: run.task.name, request: run.request }
  const call = async () => callTask(run)
  return around.reduceRight<() => Promise<unknown>>((inner, hook) => async () => hook(inner, info), call)()
}

/** What was thrown because the soft limit aborted the signal is that limit: `AbortError`s of Node only have it as their cause. */
function unwrapAbort(run: TaskRun, thrown: unknown): unknown {
  const reason = run.abortReason
  if (!(reason instanceof SoftTimeLimitExceeded) || thrown === reason) return thrown
  const isAbort = thrown instanceof Error && thrown.name === 'AbortError'
  return isAbort && (thrown.cause === reason || thrown.cause === undefined) ? reason : thrown
}

function toOutcome(error: unknown): Outcome {
  if (error instanceof Retry) {
    const { plan } = error
    return { kind: 'retry', plan, failure: toFailure(plan.cause ?? error) }
  }
  if (error instanceof Reject) return { kind: 'reject', requeue: error.requeue, reason: error.reason }
  if (error instanceof Ignore) return { kind: 'ignore' }
  return { kind: 'failure', failure: toFailure(error) }
}
