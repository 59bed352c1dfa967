import type { Celery } from '../../celery/celery-app.ts'
import { type HealthServerOptions, startHealthServer } from '../../celery/worker/health-server.ts'
import type { Worker } from '../../celery/worker/worker.ts'
import type { WorkerOptions } from '../../celery/worker/worker-options.ts'
import { endSoon } from './end-soon.ts'

export interface RunWorkerOptions {
  readonly worker: WorkerOptions
  /** Seconds until a warm stop becomes a cold one; undefined: never. */
  readonly deadline: number | undefined
  /** Whether waiting tasks are thrown away first. */
  readonly purge: boolean
  /** Where to answer probes; undefined: nowhere. */
  readonly health: HealthServerOptions | undefined
}

/**
 * Runs a worker until a signal or its own failure ends it. The first SIGTERM or SIGINT stops it warmly, the second one and
 * SIGQUIT coldly, as Celery's.
 *
 * @returns the exit code: 0 after a warm stop, 1 after a cold one or a failure
 */
export async function runWorker(app: Celery, options: RunWorkerOptions): Promise<number> {
  const worker = app.worker(options.worker)
  const signals = stopOnSignals(worker, options.deadline)
  let code = 1
  try {
    const health = options.health === undefined ? undefined : await startHealthServer(worker, options.health)
    try {
      if (options.purge) await purge(app, options.worker)
      // A signal may have come before.
      if (worker.state === 'idle') await worker.start()
      const end = await worker.done
      code = end.reason === 'stopped' ? 0 : 1
    } finally {
      await health?.close()
    }
  } finally {
    await app.close()
    signals.forget()
    endSoon(code)
  }
  return code
}

/** Tells how to let go of the signals again. */
function stopOnSignals(worker: Worker, deadline: number | undefined): { forget(): void } {
  let asked = false
  const stop = () => {
    if (asked) return void worker.kill()
    asked = true
    void worker.stop(deadline === undefined ? {} : { deadline })
  }
  const kill = () => void worker.kill()
  process.on('SIGTERM', stop).on('SIGINT', stop).on('SIGQUIT', kill)
  return { forget: () => void process.off('SIGTERM', stop).off('SIGINT', stop).off('SIGQUIT', kill) }
}

async function purge(app: Celery, { queues }: WorkerOptions): Promise<void> {
  const count = await app.purge(queues)
  app.logger.warn({ count }, 'waiting tasks were thrown away')
}
