import type { Logger } from './logger.ts'
import type { AroundTask, TaskEventName, TaskEvents, TaskHooks } from './task-hooks.ts'

const EVENTS: readonly TaskEventName[] = [
  'task-sent',
  'task-received',
  'task-started',
  'task-succeeded',
  'task-failed',
  'task-retried',
  'task-rejected',
  'task-revoked',
]

/** Hears of what happens to tasks. */
export type TaskListener<Name extends TaskEventName> = (event: TaskEvents[Name]) => void

/** The hooks and listeners of an app. */
export class HookTable implements TaskHooks {
  readonly around: AroundTask[] = []
  readonly #listeners = new Map<TaskEventName, readonly TaskListener<never>[]>()
  readonly #logger: Logger

  constructor(logger: Logger) {
    this.#logger = logger
  }

  emit<Name extends TaskEventName>(name: Name, event: TaskEvents[Name]): void {
    const listeners = this.#listeners.get(name) as readonly TaskListener<Name>[] | undefined
    if (listeners === undefined) return
    for (const listener of listeners) {
      try {
        listener(event)
      } catch (err) {
        this.#logger.error({ err, event: name }, 'a listener failed')
      }
    }
  }

  on<Name extends TaskEventName>(name: Name, listener: TaskListener<Name>): void {
    if (!EVENTS.includes(name)) {
      throw new TypeError(`celery.on: expected ${EVENTS.join(', ')}; found ${JSON.stringify(name)}`)
    }
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), listener])
  }

  off<Name extends TaskEventName>(name: Name, listener: TaskListener<Name>): void {
    const left = (this.#listeners.get(name) ?? []).filter((one) => one !== listener)
    if (left.length === 0) this.#listeners.delete(name)
    else this.#listeners.set(name, left)
  }
}
