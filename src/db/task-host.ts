import type { DbConfig } from './settings.ts'

/** Runs one execution of a task, and gives what it gives. Rejects when the task failed or is to be retried. */
export type AroundTask = <T>(run: () => Promise<T>, task?: TaskInfo) => Promise<T>

/** What is known of a task. */
export interface TaskInfo {
  readonly name?: string | undefined
}

/** What has a configuration and executes tasks: a Celery app, or anything of its shape. */
export interface TaskHost {
  readonly conf: DbConfig | Readonly<Record<string, unknown>>
  /** Has every execution of a task go through the function. */
  aroundTask(around: AroundTask): unknown
}
