import type { Delivery } from '../brokers/broker.ts'
import type { TaskMessage } from '../protocol/task-message.ts'
import type { Job, JobState } from './job.ts'

/** All calls that a worker has taken and not done with. */
export class JobTable {
  readonly #jobs = new Set<Job>()
  readonly #byId = new Map<string, Job>()
  readonly #whenEmpty: (() => void)[] = []

  get size(): number {
    return this.#jobs.size
  }

  add(job: Job): void {
    this.#jobs.add(job)
    this.#byId.set(job.message.id, job)
  }

  remove(job: Job): void {
    job.state = 'done'
    this.#jobs.delete(job)
    if (this.#byId.get(job.message.id) === job) this.#byId.delete(job.message.id)
    if (this.#jobs.size > 0 || this.#whenEmpty.length === 0) return
    for (const tell of this.#whenEmpty.splice(0)) tell()
  }

  /** Resolves when there is no job any more. */
  empty(): Promise<void> {
    return this.#jobs.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#whenEmpty.push(resolve))
  }

  find(id: string): Job | undefined {
    return this.#byId.get(id)
  }

  /** In the order they came. */
  in(...states: readonly JobState[]): Job[] {
    return [...this.#jobs].filter((job) => states.includes(job.state))
  }

  /**
   * The job that a message which comes again is already: the same task and try, not given back by us.
   */
  sameAs({ id, retries }: TaskMessage): Job | undefined {
    const job = this.#byId.get(id)
    if (job === undefined || job.message.retries !== retries) return undefined
    return job.settlement === undefined || job.settlement === 'ack' ? job : undefined
  }

  /** Settles the job by a newer delivery of its message from now on. */
  adopt(job: Job, delivery: Delivery, interruptions: number, wasLost: boolean): void {
    job.twin = wasLost ? undefined : job.delivery
    job.delivery = delivery
    job.interruptions = interruptions
  }
}
