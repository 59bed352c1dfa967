import { reprArgs, reprKwargs } from '../../protocol/python-repr.ts'
import type { Job } from '../job.ts'

/**
 * What is told of a task to who asks for active, reserved or scheduled ones.
 *
 * @param safe - true: the arguments as a text for people
 */
export function requestInfo(job: Job, hostname: string, safe: boolean): object {
  const { request, message, startedAt, settled } = job
  return {
    id: request.id,
    name: request.task,
    args: safe ? reprArgs(request.args) : request.args,
    kwargs: safe ? reprKwargs(request.kwargs) : request.kwargs,
    type: request.task,
    hostname,
    time_start: startedAt === undefined ? null : startedAt / 1000,
    acknowledged: settled,
    delivery_info: {
      exchange: request.deliveryInfo.exchange,
      routing_key: request.deliveryInfo.routingKey,
      priority: message.priority ?? null,
      redelivered: request.deliveryInfo.redelivered,
    },
    worker_pid: process.pid,
  }
}
