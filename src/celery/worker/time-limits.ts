import type { TaskMessage } from '../protocol/task-message.ts'
import type { RegisteredTask } from '../task/registered-task.ts'

/** Seconds; undefined: none. */
export interface TimeLimit {
  readonly hard: number | undefined
  readonly soft: number | undefined
}

/** How long a call may run: its own limits, else those set by remote control, else the task's, which has the settings'. */
export class TimeLimits {
  readonly #changed = new Map<string, TimeLimit>()
  readonly #otherwise: TimeLimit

  /** @param otherwise - for tasks that have no limits themselves */
  constructor(otherwise: TimeLimit = { hard: undefined, soft: undefined }) {
    this.#otherwise = otherwise
  }

  /** Changes the limits of a task, from its next start on. */
  set(task: string, limit: TimeLimit): void {
    this.#changed.set(task, limit)
  }

  /** Undefined where there is none at all, so that nothing needs to be timed. */
  of(message: TaskMessage, task: RegisteredTask): TimeLimit | undefined {
    const own = this.#changed.size === 0 ? undefined : this.#changed.get(task.name)
    const { timeLimit, softTimeLimit } = task.options
    const hard = message.timeLimit ?? (own === undefined ? (timeLimit ?? this.#otherwise.hard) : own.hard)
    const soft = message.softTimeLimit ?? (own === undefined ? (softTimeLimit ?? this.#otherwise.soft) : own.soft)
    return isLimit(hard) || isLimit(soft) ? { hard: orNone(hard), soft: orNone(soft) } : undefined
  }
}

/** 0 means none, as in Celery. */
const isLimit = (seconds: number | undefined): boolean => seconds !== undefined && seconds > 0
const orNone = (seconds: number | undefined): number | undefined => (isLimit(seconds) ? seconds : undefined)
