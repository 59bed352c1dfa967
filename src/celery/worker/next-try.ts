import type { TaskMessage } from '../protocol/task-message.ts'
import type { RetryPlan } from '../task/signals.ts'
import type { Job } from './job.ts'
import type { SendOptions } from './worker-host.ts'

/** Headers that brokers and senders add to one message; a next try starts without them. */
const NOT_KEPT = /^(?:x-(?:first-|last-)?death.*|x-delivery-count|x-acquired-count|redelivered|clock)$/

/**
 * The message of a task's next try: the same id and workflow, one more retry, and itself as its parent.
 *
 * @param now - milliseconds since 1970
 * @see https://docs.celeryq.dev/en/stable/userguide/tasks.html#retrying
 */
export function nextTry({ message }: Pick<Job, 'message'>, plan: RetryPlan, now: number): TaskMessage {
  const sameArguments = plan.args === undefined && plan.kwargs === undefined
  return {
    ...message,
    args: plan.args ?? message.args,
    kwargs: plan.kwargs ?? message.kwargs,
    argsrepr: sameArguments ? message.argsrepr : undefined,
    kwargsrepr: sameArguments ? message.kwargsrepr : undefined,
    retries: message.retries + 1,
    eta: plan.countdown > 0 ? new Date(now + plan.countdown * 1000) : undefined,
    parentId: message.id,
    headers: Object.fromEntries(Object.entries(message.headers).filter(([name]) => !NOT_KEPT.test(name))),
    priority: plan.priority ?? message.priority,
  }
}

/** Where the next try goes: to where this one came from, unless the task says otherwise. */
export function nextTarget({ task, request }: Pick<Job, 'task' | 'request'>, plan: RetryPlan): SendOptions {
  const { exchange, routingKey, priority } = request.deliveryInfo
  const place =
    plan.queue !== undefined
      ? { queue: plan.queue }
      : exchange === ''
        ? { queue: routingKey }
        : { exchange, routingKey }
  const { serializer, compression } = task.options
  return { ...place, priority: plan.priority ?? priority, serializer, compression }
}
