import type { SignatureData } from '../protocol/signature-data.ts'
import type { TaskState } from '../protocol/states.ts'
import type { TaskMeta } from '../protocol/task-meta.ts'
import type { Logger } from '../task/logger.ts'
import type { TaskHooks } from '../task/task-hooks.ts'
import type { TaskRequest } from '../task/task-request.ts'

/** What running a task in its caller's process needs of the app. */
export interface EagerHost {
  readonly logger: Logger
  readonly hooks: TaskHooks
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** As `Math.random`. */
  readonly random: () => number
  /** Stores a state, where `task_store_eager_result` says so. */
  readonly store: (meta: TaskMeta) => Promise<void>
  /** Calls what follows, in this process too; gives its result tuple. */
  readonly follow: (signature: SignatureData, options: FollowOptions) => Promise<unknown>
}

/** How what follows is called. */
export interface FollowOptions {
  readonly args: readonly unknown[]
  readonly parentId: string
  readonly rootId: string
  /** In wire order. */
  readonly chain?: readonly SignatureData[] | undefined
}

/** What is told of a state. */
export type StateDetails = Partial<Pick<TaskMeta, 'result' | 'traceback' | 'children' | 'dateDone'>>

/** A state of a task, as stores keep it. */
export function metaOf(request: TaskRequest, status: TaskState, details: StateDetails): TaskMeta {
  const { result = null, traceback, children = [], dateDone } = details
  const { id: taskId, group: groupId, parentId } = request
  return { taskId, status, result, traceback, children, dateDone, groupId, parentId }
}
