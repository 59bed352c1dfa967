import type { CeleryConfig } from '../../../src/celery/settings/settings.ts'
import type { Worker } from '../../../src/celery/worker/worker.ts'

/** Where a suite of workers takes place. */
export interface WorkerVariant {
  /** Where broker and result store are. Called for each test, with a name no other test has. */
  config(name: string): CeleryConfig
  /** Cuts the connection that a running worker takes messages through; it can be made again at once. */
  interrupt(worker: Worker): Promise<void>
  /** Removes what a test left. */
  cleanUp(name: string): Promise<void>
  /** Whether the store counts the parts of chords. */
  readonly chords: boolean
}
