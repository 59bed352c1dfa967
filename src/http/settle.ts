import { isPromiseLike } from '../lib/maybe-promise.ts'
import type { Run } from './pipeline.ts'
import type { Outcome } from './pipeline-types.ts'
import { toError } from './thrown-value.ts'

/**
 * Runs a pipeline and hands on how it ended: at once, unless there is something to wait for. Exactly one of the two is
 * called, except that `fail` is also told when `answer` fails.
 */
export function settle<C>(
  run: Run<C>,
  context: C,
  answer: (outcome: Outcome) => void,
  fail: (error: Error) => void,
): void {
  const failed = (thrown: unknown) => fail(toError(thrown))
  try {
    const outcome = run(context)
    if (isPromiseLike(outcome)) outcome.then(answer).then(undefined, failed)
    else answer(outcome)
  } catch (thrown) {
    failed(thrown)
  }
}
