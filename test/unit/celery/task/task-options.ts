import type { ResolvedTaskOptions } from '../../../../src/celery/task/resolved-task-options.ts'
import type { TaskContext } from '../../../../src/celery/task/task-context.ts'
import type { TaskRequest } from '../../../../src/celery/task/task-request.ts'

/** Celery's defaults, and what a test wants otherwise. */
export function taskOptions(options: Partial<ResolvedTaskOptions> = {}): ResolvedTaskOptions {
  return {
    acksLate: false,
    acksOnFailureOrTimeout: true,
    rejectOnWorkerLost: false,
    ignoreResult: false,
    storeErrorsEvenIfIgnored: false,
    trackStarted: false,
    maxRetries: 3,
    defaultRetryDelay: 180,
    autoretryFor: [],
    dontAutoretryFor: [],
    retryBackoff: 0,
    retryBackoffMax: 600,
    retryJitter: true,
    rateLimit: undefined,
    timeLimit: undefined,
    softTimeLimit: undefined,
    serializer: 'json',
    compression: undefined,
    ...options,
  }
}

export function taskRequest(request: Partial<TaskRequest> = {}): TaskRequest {
  return {
    id: 'id-1',
    task: 'school.report',
    args: [],
    kwargs: {},
    retries: 0,
    eta: undefined,
    expires: undefined,
    rootId: 'id-1',
    parentId: undefined,
    group: undefined,
    groupIndex: undefined,
    timeLimit: undefined,
    softTimeLimit: undefined,
    hostname: 'host',
    deliveryInfo: { queue: undefined, exchange: '', routingKey: 'celery', priority: undefined, redelivered: false },
    replyTo: undefined,
    origin: undefined,
    ignoreResult: false,
    headers: {},
    stamps: {},
    isEager: true,
    ...request,
  }
}

/** A context whose log lines are kept. */
export function taskContext(
  kwargs: Readonly<Record<string, unknown>> = {},
  request: TaskRequest = taskRequest(),
): TaskContext & { readonly lines: string[] } {
  const lines: string[] = []
  const write = (_fields: object, text: string) => void lines.push(text)
  return {
    lines,
    request,
    kwargs,
    signal: new AbortController().signal,
    logger: { debug: write, info: write, warn: write, error: write },
    updateState: async () => undefined,
    retry: () => {
      throw new Error('asked for a retry')
    },
  }
}
