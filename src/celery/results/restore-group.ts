import { GroupResult } from './group-result.ts'
import type { ResultContext } from './result-context.ts'

/**
 * Reads a group that Python saved with `GroupResult.save`.
 *
 * @returns undefined when there is none of this id, or it has expired
 * @throws BackendDataError `ERR_CELERY_BACKEND_DATA` when something else is stored there
 * @see https://docs.celeryq.dev/en/stable/reference/celery.result.html#celery.result.GroupResult.restore
 */
export async function restoreGroup(id: string, context: ResultContext): Promise<GroupResult | undefined> {
  const tuple = await context.backend.getGroup(id)
  if (tuple === undefined) return undefined
  const result = context.fromTuple(tuple, id)
  return result instanceof GroupResult ? result : new GroupResult(result.id, [result], context)
}
