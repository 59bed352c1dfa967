import type { ResultBackend } from '../backends/result-backend.ts'
import type { Broker, QueueDeclaration } from '../brokers/broker.ts'
import type { SignatureData } from '../protocol/signature-data.ts'
import type { TaskMessage } from '../protocol/task-message.ts'
import type { Settings } from '../settings/settings.ts'
import type { Logger } from '../task/logger.ts'
import type { RegisteredTask } from '../task/registered-task.ts'
import type { TaskHooks } from '../task/task-hooks.ts'

/** What a worker needs of the app it works for. The app gives itself; tests give less. */
export interface WorkerHost {
  readonly name: string
  readonly settings: Settings
  readonly logger: Logger
  readonly hooks: TaskHooks
  /** Undefined: results are not kept. */
  readonly backend: ResultBackend | undefined
  /** Makes a connection of the worker's own. */
  createBroker(): Broker
  findTask(name: string): RegisteredTask | undefined
  taskNames(): readonly string[]
  /** The queues to consume by default, and those of the given names. */
  queues(names?: readonly string[]): readonly QueueDeclaration[]
  /** Routes a message by the settings, unless a target is given, and publishes it. Resolves when it is stored. */
  send(task: TaskMessage, options?: SendOptions): Promise<void>
  /** Sends a signature that travelled in a message: the next of a chain, a callback, the body of a chord. */
  sendSignature(signature: SignatureData, options: SendSignatureOptions): Promise<void>
}

export interface SendOptions {
  readonly queue?: string | undefined
  readonly exchange?: string | undefined
  readonly routingKey?: string | undefined
  readonly priority?: number | undefined
  readonly serializer?: string | undefined
  readonly compression?: string | undefined
}

export interface SendSignatureOptions {
  /** Put before the signature's own arguments, unless it is immutable. */
  readonly args: readonly unknown[]
  readonly parentId: string | undefined
  readonly rootId: string
  /** What follows it, in wire order (reversed). */
  readonly chain?: readonly SignatureData[] | undefined
  readonly priority?: number | undefined
}
