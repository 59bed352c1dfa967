import { randomUUID } from 'node:crypto'
import { onTestFinished } from 'vitest'
import type { SignatureData } from '../../../src/celery/protocol/signature-data.ts'
import type { TaskMessage } from '../../../src/celery/protocol/task-message.ts'
import { createWorker } from '../../../src/celery/worker/create-worker.ts'
import type { Worker } from '../../../src/celery/worker/worker.ts'
import type { WorkerOptions } from '../../../src/celery/worker/worker-options.ts'
import { aTask } from '../celery-task.ts'
import { HandClock } from '../hand-clock.ts'
import type { TestHost } from './test-host.ts'

export interface StartedWorker {
  readonly worker: Worker
  readonly clock: HandClock
}

/** Starts a worker that only knows the time it is told, and ends it with the test. */
export async function startWorker(host: TestHost, options: WorkerOptions = {}): Promise<StartedWorker> {
  const clock = new HandClock()
  const worker = createWorker(host, { hostname: 'w1@host', ...options }, { clock, random: () => 0.5 })
  onTestFinished(async () => await worker.kill())
  await worker.start()
  return { worker, clock }
}

/** A call with an id of its own. */
export function call(task: string, changes: Partial<TaskMessage> = {}): TaskMessage {
  const id = changes.id ?? randomUUID()
  return aTask({ task, args: [], id, rootId: id, ...changes })
}

export function signature(task: string, options: SignatureData['options'] = {}): SignatureData {
  return { task, args: [], kwargs: {}, options, subtask_type: null, immutable: false }
}

/** Lets everything happen that waits for nothing but its turn. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** A promise that a test resolves. */
export function gate<T = void>(): { readonly promise: Promise<T>; readonly open: (value: T) => void } {
  let open: (value: T) => void = () => undefined
  const promise = new Promise<T>((resolve) => {
    open = resolve
  })
  return { promise, open }
}
