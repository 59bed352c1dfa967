import type { PublishTarget } from '../brokers/broker.ts'
import type { Message } from '../protocol/message.ts'
import type { SerializerName } from '../protocol/serializer.ts'
import { encodeBody } from '../protocol/serializers.ts'

/** A command for workers. */
export interface ControlRequest {
  /** `revoke`, `ping`, `rate_limit`, … */
  readonly method: string
  readonly arguments: Readonly<Record<string, unknown>>
  /** Names of the nodes that are meant; undefined: all. */
  readonly destination?: readonly string[] | undefined
  /** Nodes whose name matches; needs `matcher`. */
  readonly pattern?: string | undefined
  readonly matcher?: 'glob' | 'pcre' | undefined
  /** Where answers go; undefined: none are wanted. */
  readonly reply?: ControlReplyTo | undefined
}

export interface ControlReplyTo {
  /** A UUID that answers carry. */
  readonly ticket: string
  readonly exchange: string
  readonly routingKey: string
}

/** What stands in the labels of a command. */
export interface ControlLabels {
  readonly serializer: SerializerName
  /** The sender's logical clock. */
  readonly clock: number
  /** Seconds since 1970 after which answers are not waited for; 0 when none are wanted. */
  readonly expires: number
}

/**
 * The message of a command, as kombu's `pidbox` writes it.
 *
 * @see https://docs.celeryq.dev/en/stable/userguide/workers.html#remote-control
 */
export function controlRequest(request: ControlRequest, { serializer, clock, expires }: ControlLabels): Message {
  const { method, destination, pattern, matcher, reply } = request
  const body = {
    method,
    arguments: request.arguments,
    destination: destination ?? null,
    pattern: pattern ?? null,
    matcher: matcher ?? null,
    ...(reply && {
      ticket: reply.ticket,
      reply_to: { exchange: reply.exchange, routing_key: reply.routingKey },
    }),
  }
  return {
    ...encodeBody(body, serializer, 'command'),
    headers: { clock, expires },
    properties: { deliveryMode: 2 },
  }
}

/**
 * Where commands go: to every worker that listens.
 *
 * @param controlExchange - the setting: `celery`
 */
export function controlTarget(controlExchange: string): PublishTarget {
  return { exchange: `${controlExchange}.pidbox`, exchangeType: 'fanout', routingKey: '' }
}
