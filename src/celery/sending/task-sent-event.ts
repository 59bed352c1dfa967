import type { BrokerKind, PublishTarget } from '../brokers/broker.ts'
import type { Message } from '../protocol/message.ts'
import { encodeBody, serializerName } from '../protocol/serializers.ts'
import type { TaskMessage } from '../protocol/task-message.ts'
import type { ResolvedRoute } from '../settings/resolve-route.ts'
import type { Settings } from '../settings/settings.ts'

/** When and where the event is sent. */
export interface EventOrigin {
  readonly settings: Settings
  readonly broker: BrokerKind
  /** Milliseconds since 1970. */
  readonly now: number
  readonly clock: number
}

/**
 * The event by which monitors hear of a sent task, with `task_send_sent_event`.
 *
 * @param headers - of the task's message: they have the texts of its arguments
 * @see https://docs.celeryq.dev/en/stable/userguide/monitoring.html#task-sent
 */
export function taskSentEvent(
  task: TaskMessage,
  headers: Message['headers'],
  { target, queue }: ResolvedRoute,
  { settings, broker, now, clock }: EventOrigin,
): { readonly message: Message; readonly target: PublishTarget } {
  const hostname = task.origin ?? ''
  const event = {
    type: 'task-sent',
    uuid: task.id,
    root_id: task.rootId,
    parent_id: task.parentId ?? null,
    name: task.task,
    args: headers['argsrepr'] ?? '',
    kwargs: headers['kwargsrepr'] ?? '',
    retries: task.retries,
    eta: headers['eta'] ?? null,
    expires: headers['expires'] ?? null,
    queue: queue?.name ?? null,
    exchange: target.exchange,
    routing_key: target.routingKey,
    hostname,
    utcoffset: new Date(now).getTimezoneOffset() / 60,
    pid: process.pid,
    clock,
    timestamp: now / 1000,
  }
  const message: Message = {
    ...encodeBody(event, serializerName(settings.eventSerializer), 'event'),
    headers: { hostname },
    properties: { deliveryMode: 1 },
  }
  // Only RabbitMQ has queues for patterns of events; elsewhere the exchange is a fanout.
  const exchangeType = broker === 'amqp' ? 'topic' : 'fanout'
  return { message, target: { exchange: settings.eventExchange, exchangeType, routingKey: 'task.sent', retry: false } }
}
