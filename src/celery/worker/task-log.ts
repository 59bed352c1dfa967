import type { Logger } from '../task/logger.ts'
import type { Job } from './job.ts'
import type { Failure } from './outcome.ts'

/** The lines a worker writes of its tasks. None has arguments or results. */
export class TaskLog {
  readonly #logger: Logger

  constructor(logger: Logger) {
    this.#logger = logger
  }

  received({ request }: Job): void {
    const { task, id, eta } = request
    this.#logger.info(eta === undefined ? { task, id } : { task, id, eta: eta.toISOString() }, 'task received')
  }

  succeeded({ request: { task, id } }: Job, runtime: number): void {
    this.#logger.info({ task, id, runtime }, 'task succeeded')
  }

  failed({ request: { task, id } }: Job, runtime: number, failure: Failure): void {
    this.#logger.error({ task, id, runtime, err: failure.error }, 'task failed')
  }

  retried({ request: { task, id, retries } }: Job, countdown: number, failure: Failure): void {
    this.#logger.info({ task, id, retries, countdown, err: failure.error }, 'task will be tried again')
  }

  revoked({ request: { task, id } }: Job, reason: 'revoked' | 'expired' | 'terminated'): void {
    this.#logger.info({ task, id, reason }, 'task revoked')
  }

  ignored({ request: { task, id } }: Job): void {
    this.#logger.info({ task, id }, 'task ignored')
  }

  rejected({ request: { task, id } }: Job, reason: string, requeue: boolean): void {
    this.#logger.warn({ task, id, reason, requeue }, 'task rejected')
  }

  /** Something around a task went wrong; it is dealt with as the text says. */
  trouble({ request: { task, id } }: Job, text: string, err: unknown): void {
    this.#logger.error({ task, id, err }, text)
  }

  warn({ request: { task, id } }: Job, text: string, err?: unknown): void {
    this.#logger.warn(err === undefined ? { task, id } : { task, id, err }, text)
  }
}
