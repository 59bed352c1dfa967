import type { TaskMessage } from '../protocol/task-message.ts'
import type { DeliveryInfo, TaskRequest } from './task-request.ts'

/** Where a call is executed, and how it came there. */
export interface CallSite extends Pick<TaskRequest, 'hostname' | 'isEager'> {
  readonly delivery: Omit<DeliveryInfo, 'priority'>
}

/** What a task is told of its call. */
export function toRequest(message: TaskMessage, { hostname, isEager, delivery }: CallSite): TaskRequest {
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
    hostname,
    deliveryInfo: {
      queue: delivery.queue,
      exchange: delivery.exchange,
      routingKey: delivery.routingKey,
      priority: message.priority,
      redelivered: delivery.redelivered,
    },
    replyTo: message.replyTo,
    origin: message.origin,
    ignoreResult: message.ignoreResult,
    headers: message.headers,
    stamps: message.stamps,
    isEager,
  }
}
