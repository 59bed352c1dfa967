import type { ResultContext } from './result-context.ts'
import { resultFromTuple } from './result-from-tuple.ts'

/** Puts together what results need of their app. */
export function createResultContext(parts: Omit<ResultContext, 'fromTuple'>): ResultContext {
  const context: ResultContext = { ...parts, fromTuple: (tuple, ownerId) => resultFromTuple(tuple, ownerId, context) }
  return context
}
