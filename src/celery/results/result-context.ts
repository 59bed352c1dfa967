import type { ResultBackend } from '../backends/result-backend.ts'
import type { ResultNode, RevokeOptions } from './result-node.ts'

/** What results need of the app they belong to. `createResultContext` makes one. */
export interface ResultContext {
  readonly backend: ResultBackend
  /** Tells all workers not to run these tasks. */
  readonly revoke: (taskIds: readonly string[], options: RevokeOptions) => Promise<void>
  /** Whether a task is running that this code is a part of. */
  readonly isInsideTask: () => boolean
  /** Makes a result of what travelled as a tuple, in what belongs to the task or group `ownerId`. */
  readonly fromTuple: (tuple: unknown, ownerId: string) => ResultNode
}
