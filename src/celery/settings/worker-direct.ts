import type { QueueDeclaration } from '../brokers/broker.ts'

/**
 * The queue of one worker alone, with `workerDirect`, by `celery/utils/nodenames.py`.
 *
 * @param nodeName - `w1@example.com`
 */
export function workerDirectQueue(nodeName: string): QueueDeclaration {
  return {
    name: `${nodeName}.dq2`,
    exchange: { name: 'C.dq2', type: 'direct', durable: true, autoDelete: false, arguments: {} },
    routingKey: nodeName,
    durable: true,
    autoDelete: false,
    exclusive: false,
    arguments: {},
    passive: false,
  }
}
