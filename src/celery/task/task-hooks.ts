import type { TaskRequest } from './task-request.ts'

/** Runs one execution of a task, and gives what it gives. Rejects when the task failed or is to be retried. */
export type AroundTask = <T>(run: () => Promise<T>, task: TaskInfo) => Promise<T>

/** What a hook knows of the task. */
export interface TaskInfo {
  readonly name: string
  readonly request: TaskRequest
}

/** What happens to tasks, by the names of Celery's events. Listeners must not throw; what they throw is logged. */
export interface TaskEvents {
  'task-sent': { readonly id: string; readonly name: string; readonly queue: string | undefined }
  'task-received': { readonly request: TaskRequest }
  'task-started': { readonly request: TaskRequest }
  'task-succeeded': { readonly request: TaskRequest; readonly result: unknown; readonly runtime: number }
  'task-failed': { readonly request: TaskRequest; readonly error: unknown; readonly runtime: number }
  'task-retried': { readonly request: TaskRequest; readonly error: unknown; readonly countdown: number }
  'task-rejected': { readonly request: TaskRequest | undefined; readonly requeue: boolean; readonly reason: string }
  'task-revoked': {
    readonly request: TaskRequest
    readonly expired: boolean
    readonly terminated: boolean
  }
}

/** Names of {@link TaskEvents}: `task-succeeded`. */
export type TaskEventName = keyof TaskEvents

/** What an app wants done around executions, and who listens. */
export interface TaskHooks {
  /** Outermost first. */
  readonly around: readonly AroundTask[]
  emit<Name extends TaskEventName>(name: Name, event: TaskEvents[Name]): void
}
