import type { Logger } from '../task/logger.ts'

/**
 * Keeps a process, which is a worker and nothing else, alive when a task leaves a promise behind that rejects without a
 * handler. Node would end the process, and with it all other tasks that run. The rejection is logged as an error; the task
 * that caused it cannot be told, and has its outcome by itself.
 *
 * An exception that nothing caught is another matter: no code can know what state it left, so the process ends as Node
 * ends it, and tasks that are acknowledged late run again elsewhere.
 *
 * @returns lets go of the process
 */
export function guardProcess(logger: Logger): () => void {
  const onRejection = (err: unknown) => {
    logger.error({ err }, 'a promise was rejected and nobody handles it; a task may have left it behind')
  }
  process.on('unhandledRejection', onRejection)
  return () => void process.off('unhandledRejection', onRejection)
}
