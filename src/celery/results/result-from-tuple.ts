import { BackendDataError } from '../backends/errors.ts'
import { AsyncResult } from './async-result.ts'
import { GroupResult } from './group-result.ts'
import type { ResultContext } from './result-context.ts'
import type { ResultNode } from './result-node.ts'

/** Chains and groups within groups; what is deeper was not made by Celery. */
const DEEPEST = 1000

/**
 * Makes results of what travelled as a tuple, written by us or by Python.
 *
 * @param tuple - `[[id, parent], members]`
 * @param ownerId - of the task or group it was stored for, for the message
 * @throws BackendDataError `ERR_CELERY_BACKEND_DATA` when it is no such tuple
 */
export function resultFromTuple(tuple: unknown, ownerId: string, context: ResultContext, depth = 0): ResultNode {
  const inner = (value: unknown) => resultFromTuple(value, ownerId, context, depth + 1)
  if (!Array.isArray(tuple) || depth > DEEPEST) {
    throw new BackendDataError(ownerId, 'expected a result as `[[id, parent], members]`')
  }
  const [head, members] = tuple as readonly unknown[]
  const [id, parent]: readonly unknown[] = Array.isArray(head) ? head : [head]
  if (typeof id !== 'string') throw new BackendDataError(ownerId, 'expected a result with the id of a task')
  const before = parent == null ? undefined : inner(parent)
  if (!Array.isArray(members)) return new AsyncResult(id, context, { parent: before })
  return new GroupResult(id, members.map(inner), context, before)
}
