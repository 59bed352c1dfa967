import { randomUUID } from 'node:crypto'
import type { Broker, PublishTarget, QueueDeclaration } from '../../../../src/celery/brokers/broker.ts'
import { createMemoryBroker } from '../../../../src/celery/brokers/memory/memory-broker.ts'
import type { Celery } from '../../../../src/celery/celery-app.ts'
import { CeleryHost, type CeleryParts } from '../../../../src/celery/celery-host.ts'
import { decodeTask } from '../../../../src/celery/protocol/decode-task.ts'
import type { Message } from '../../../../src/celery/protocol/message.ts'
import type { TaskMessage } from '../../../../src/celery/protocol/task-message.ts'
import { readSettings } from '../../../../src/celery/settings/read-settings.ts'
import type { CeleryConfig } from '../../../../src/celery/settings/settings.ts'
import type { WorkerHost } from '../../../../src/celery/worker/worker-host.ts'

/** One message that was sent, and what was asked of the broker. */
export interface Sent {
  readonly message: Message
  readonly target: PublishTarget
  /** The call, when the message is one. */
  readonly task: TaskMessage
}

export interface TestApp {
  readonly celery: Celery & WorkerHost
  /** What was published, in order. */
  readonly sent: Sent[]
  /** Names of the queues that were declared, in order. */
  readonly declared: string[]
  readonly lines: { readonly level: string; readonly text: string; readonly fields: object }[]
}

/** An app on a memory broker of its own that notes what it is asked. Its clock stands still. */
export function testApp(config: CeleryConfig = {}, parts: Partial<CeleryParts> = {}): TestApp {
  const settings = readSettings(config, { environment: {} })
  const sent: Sent[] = []
  const declared: string[] = []
  const lines: { level: string; text: string; fields: object }[] = []
  const name = randomUUID()
  const line = (level: string) => (fields: object, text: string) => void lines.push({ level, text, fields })
  const celery = new CeleryHost({
    name: 'test',
    version: undefined,
    conf: { ...settings },
    settings,
    logger: { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') },
    open: {
      broker: () =>
        noting(createMemoryBroker({ address: { kind: 'memory', name, text: 'memory://' } }), sent, declared),
      backend: undefined,
    },
    now: () => NOW,
    random: () => 0.5,
    ...parts,
  })
  return { celery, sent, declared, lines }
}

export const NOW: number = Date.UTC(2026, 10, 23, 12)

function noting(broker: Broker, sent: Sent[], declared: string[]): Broker {
  const { publish, declare } = broker
  return Object.assign(broker, {
    publish: async (message: Message, target: PublishTarget) => {
      await publish.call(broker, message, target)
      const isTask = message.headers['task'] !== undefined
      sent.push({
        message,
        target,
        task: isTask ? decodeTask(message, { accept: ['json', 'msgpack'] }) : (undefined as never),
      })
    },
    declare: async (queue: QueueDeclaration) => {
      declared.push(queue.name)
      await declare.call(broker, queue)
    },
  })
}
