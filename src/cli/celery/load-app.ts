import type { Celery } from '../../celery/celery-app.ts'
import { AppNotFoundError, loadHost } from '../../celery/worker/load-host.ts'
import type { WorkerHost } from '../../celery/worker/worker-host.ts'
import { UsageError } from '../errors.ts'
import { endSoon } from './end-soon.ts'

/**
 * Imports the module that makes the app. When that fails the process ends soon, whatever the module has begun.
 *
 * @param place - what was typed after `--app`
 * @throws UsageError when there is no such file, or no app in it
 */
export async function loadApp(place: string): Promise<Celery> {
  try {
    return (await loadHost(place)) as WorkerHost & Celery
  } catch (error) {
    // What the module opened before it failed would keep a process that does nothing, and nobody would start another.
    endSoon(error instanceof AppNotFoundError ? 2 : 1)
    if (error instanceof AppNotFoundError) throw new UsageError(`\`--app\`: ${error.message}`)
    throw error
  }
}
