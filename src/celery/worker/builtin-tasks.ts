import type { RegisteredTask } from '../task/registered-task.ts'
import type { WorkerHost } from './worker-host.ts'

export function findBuiltinTask(_host: WorkerHost, _name: string): RegisteredTask | undefined {
  return undefined
}
