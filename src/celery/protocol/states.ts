/**
 * The states of a task. PENDING means unknown: nothing is stored of it. Tasks may store states of their own, such as PROGRESS.
 *
 * @see https://docs.celeryq.dev/en/stable/userguide/tasks.html#built-in-states
 */
export type TaskState =
  | 'PENDING'
  | 'RECEIVED'
  | 'STARTED'
  | 'SUCCESS'
  | 'FAILURE'
  | 'RETRY'
  | 'REVOKED'
  | 'REJECTED'
  | 'IGNORED'
  | (string & {})

/** States after which nothing more happens to a task. */
const READY_STATES: ReadonlySet<TaskState> = new Set(['SUCCESS', 'FAILURE', 'REVOKED'])

/** States that make `AsyncResult.get` throw. */
export const PROPAGATE_STATES: ReadonlySet<TaskState> = new Set(['FAILURE', 'REVOKED'])

/** Tells whether nothing more happens to a task in this state. */
export function isReady(state: TaskState): boolean {
  return READY_STATES.has(state)
}
