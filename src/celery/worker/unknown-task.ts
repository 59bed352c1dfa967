import { NotRegistered } from '../task/errors.ts'
import type { RegisteredTask } from '../task/registered-task.ts'

/** Stands for a task that this worker does not have, so that its call can be failed as any other. */
export function unknownTask(name: string): RegisteredTask {
  return {
    name,
    run() {
      throw new NotRegistered(name)
    },
    options: {
      acksLate: true,
      acksOnFailureOrTimeout: true,
      rejectOnWorkerLost: false,
      ignoreResult: false,
      storeErrorsEvenIfIgnored: false,
      trackStarted: false,
      maxRetries: 0,
      defaultRetryDelay: 0,
      autoretryFor: [],
      dontAutoretryFor: [],
      retryBackoff: 0,
      retryBackoffMax: 0,
      retryJitter: false,
      rateLimit: undefined,
      timeLimit: undefined,
      softTimeLimit: undefined,
      serializer: 'json',
      compression: undefined,
    },
  }
}
