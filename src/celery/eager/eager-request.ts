import { hostname } from 'node:os'
import type { TaskMessage } from '../protocol/task-message.ts'
import type { TaskRequest } from '../task/task-request.ts'

/** What a task that runs in its caller's process knows of its own call. */
export function eagerRequest(message: TaskMessage): TaskRequest {
  return {
    id: message.id,
    task: message.task,
    args: message.args,
    kwargs: message.kwargs,
    retries: message.retries,
    eta: message.eta,
    expires: message.expires,
    rootId: message.rootId,
    parentId: message.parentId,
    group: message.group,
    groupIndex: message.groupIndex,
    timeLimit: message.timeLimit,
    softTimeLimit: message.softTimeLimit,
    hostname: hostname(),
    deliveryInfo: {
      queue: undefined,
      exchange: '',
      routingKey: '',
      priority: message.priority,
      redelivered: false,
    },
    replyTo: message.replyTo,
    origin: message.origin,
    ignoreResult: message.ignoreResult,
    headers: message.headers,
    stamps: message.stamps,
    isEager: true,
  }
}
