import { describe } from 'vitest'
import { deliveryCases } from './delivery-cases.ts'
import { messageCases } from './message-cases.ts'
import { taskCases } from './task-cases.ts'
import type { WorkerVariant } from './variant.ts'
import { workflowCases } from './workflow-cases.ts'

/** What every worker does, whatever broker and result store there are. */
export function describeWorker(name: string, variant: WorkerVariant): void {
  describe(`worker: ${name}`, () => {
    taskCases(variant)
    messageCases(variant)
    deliveryCases(variant)
    workflowCases(variant)
  })
}
