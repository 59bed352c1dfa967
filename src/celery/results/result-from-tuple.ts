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
 * @throws BackendDataError `ERR_CELERY_BACKEND_DATA` when it is no such tuple
 */
export function resultFromTuple(tuple: unknown, context: ResultContext, depth = 0): ResultNode {
  if (!Array.isArray(tuple) || depth > DEEPEST)
    throw new BackendDataError('', 'expected a tuple `[[id, parent], members]`')
  const [head, members] = tuple as readonly unknown[]
  const [id, parent]: readonly unknown[] = Array.isArray(head) ? head : [head]
  if (typeof id !== 'string') throw new BackendDataError('', 'expected a tuple with the id of a task')
  const before = parent == null ? undefined : resultFromTuple(parent, context, depth + 1)
  if (!Array.isArray(members)) return new AsyncResult(id, context, { parent: before })
  const results = members.map((member) => resultFromTuple(member, context, depth + 1))
  return new GroupResult(id, results, context, before)
}
