import type { ResultBackend } from '../backends/result-backend.ts'
import { formatIso } from '../protocol/iso-time.ts'
import { isReady, type TaskState } from '../protocol/states.ts'
import type { TaskMessage } from '../protocol/task-message.ts'
import type { ExtendedMeta, TaskMeta } from '../protocol/task-meta.ts'
import type { Clock } from './clock.ts'
import type { Job } from './job.ts'

/** What a state is stored with. */
export interface StateDetails {
  readonly result: unknown
  readonly traceback?: string | undefined
}

/** Writes the states of tasks to the result store, as often as it is asked to: it does not try again. */
export class ResultWriter {
  readonly #backend: ResultBackend
  readonly #clock: Clock
  readonly #hostname: string
  /** Whether `result_extended` is set. */
  readonly #extended: boolean

  constructor(backend: ResultBackend, clock: Clock, hostname: string, extended: boolean) {
    this.#backend = backend
    this.#clock = clock
    this.#hostname = hostname
    this.#extended = extended
  }

  /** @throws what the store throws: `ERR_CELERY_BACKEND_CONNECTION`, or what is wrong with the value */
  write(job: Job, status: TaskState, details: StateDetails): Promise<void> {
    return this.writeOf(job.message, status, details, job.children, job.request.deliveryInfo.queue)
  }

  writeOf(
    message: TaskMessage,
    status: TaskState,
    { result, traceback }: StateDetails,
    children: readonly unknown[] = [],
    queue?: string,
  ): Promise<void> {
    const meta: TaskMeta = {
      taskId: message.id,
      status,
      result,
      traceback,
      children,
      dateDone: isReady(status) ? this.#now() : undefined,
      groupId: message.group,
      parentId: message.parentId,
      extended: this.#extended ? this.#extend(message, queue) : undefined,
    }
    return this.#backend.store(meta, { replyTo: message.replyTo })
  }

  /** A state of a task of which only the id is known. */
  writeById(taskId: string, status: TaskState, { result, traceback }: StateDetails, replyTo?: string): Promise<void> {
    const dateDone = this.#now()
    return this.#backend.store({ taskId, status, result, traceback, children: [], dateDone }, { replyTo })
  }

  #now(): string {
    return formatIso(new Date(this.#clock.now()))
  }

  #extend(
    { task, args, kwargs, retries, stampedHeaders, stamps }: TaskMessage,
    queue: string | undefined,
  ): ExtendedMeta {
    return { name: task, args, kwargs, worker: this.#hostname, retries, queue, stampedHeaders, stamps }
  }
}
