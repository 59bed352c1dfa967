import type { Celery } from '../../celery/celery-app.ts'
import { AppNotFoundError, loadHost } from '../../celery/worker/load-host.ts'
import type { WorkerHost } from '../../celery/worker/worker-host.ts'
import { UsageError } from '../errors.ts'

/**
 * Imports the module that makes the app.
 *
 * @param place - what was typed after `--app`
 * @throws UsageError when there is no such file, or no app in it
 */
export async function loadApp(place: string): Promise<Celery> {
  try {
    return (await loadHost(place)) as WorkerHost & Celery
  } catch (error) {
    if (error instanceof AppNotFoundError) throw new UsageError(`\`--app\`: ${error.message}`)
    throw error
  }
}
