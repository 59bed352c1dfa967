import { AsyncResult, type AsyncResultOptions } from './async-result.ts'
import type { ResultContext } from './result-context.ts'

/**
 * Makes the result of a task that is about to be sent. Where results come once and to this process alone (`rpc://`), it first
 * waits until they can come; the message must say `backend.replyTo` then.
 */
export async function watchBeforeSend<T>(
  taskId: string,
  context: ResultContext,
  options?: AsyncResultOptions,
): Promise<AsyncResult<T>> {
  const { backend } = context
  if (!backend.abilities.shared) await backend.expect(taskId)
  return new AsyncResult<T>(taskId, context, options)
}
