import { type OwnOptions, ownOptions } from './sending/own-options.ts'
import type { Settings } from './settings/settings.ts'
import { annotateOptions } from './task/annotate-options.ts'
import { defineTask, type TaskDefinition } from './task/define-task.ts'
import type { RegisteredTask } from './task/registered-task.ts'
import { resolveTaskOptions } from './task/resolve-task-options.ts'
import type { TaskOptions } from './task/task-options.ts'

/** A task of this app. */
export interface TaskEntry {
  readonly task: RegisteredTask
  /** What it says of how calls of it are sent. */
  readonly own: OwnOptions
}

/** The tasks of an app, by their names. */
export class TaskTable {
  readonly #entries = new Map<string, TaskEntry>()
  readonly #settings: Settings
  readonly #random: () => number

  /** @param random - as `Math.random`, for the jitter of retries */
  constructor(settings: Settings, random: () => number) {
    this.#settings = settings
    this.#random = random
  }

  /** @throws TypeError when the name is taken or no name, or an option is wrong */
  add(name: string, given: TaskOptions, fn: TaskDefinition['fn']): TaskEntry {
    if (typeof name !== 'string' || name === '')
      throw new TypeError('celery.task: expected a name, such as school.report')
    if (typeof fn !== 'function') throw new TypeError(`celery.task('${name}'): expected a function, found ${typeof fn}`)
    if (this.#entries.has(name)) {
      throw new TypeError(`celery.task('${name}'): a task of this name is there already; each needs its own`)
    }
    const declared = annotateOptions(name, given, this.#settings.taskAnnotations)
    const options = resolveTaskOptions(name, declared, this.#settings)
    const task = defineTask({ name, options, declared, fn, random: this.#random })
    const entry = { task, own: ownOptions(declared) }
    this.#entries.set(name, entry)
    return entry
  }

  get(name: string): TaskEntry | undefined {
    return this.#entries.get(name)
  }

  names(): readonly string[] {
    return [...this.#entries.keys()]
  }
}
