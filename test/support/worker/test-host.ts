import type { Broker, QueueDeclaration } from '../../../src/celery/brokers/broker.ts'
import type { SignatureData } from '../../../src/celery/protocol/signature-data.ts'
import type { TaskMessage } from '../../../src/celery/protocol/task-message.ts'
import { readSettings } from '../../../src/celery/settings/read-settings.ts'
import type { CeleryConfig, Settings } from '../../../src/celery/settings/settings.ts'
import { defineTask } from '../../../src/celery/task/define-task.ts'
import type { LogFields, Logger } from '../../../src/celery/task/logger.ts'
import type { RegisteredTask } from '../../../src/celery/task/registered-task.ts'
import { resolveTaskOptions } from '../../../src/celery/task/resolve-task-options.ts'
import type { TaskContext } from '../../../src/celery/task/task-context.ts'
import type { AroundTask, TaskHooks } from '../../../src/celery/task/task-hooks.ts'
import type { TaskOptions } from '../../../src/celery/task/task-options.ts'
import type { SendOptions, SendSignatureOptions, WorkerHost } from '../../../src/celery/worker/worker-host.ts'
import { HandBroker } from './hand-broker.ts'
import { MapBackend } from './map-backend.ts'

export interface LogLine {
  readonly level: string
  readonly fields: LogFields
  readonly text: string
}

export interface SentSignature {
  readonly signature: SignatureData
  readonly options: SendSignatureOptions
}

/** An app in the smallest: tasks, and a note of everything that happens. */
export class TestHost implements WorkerHost {
  readonly name = 'test'
  readonly settings: Settings
  readonly broker = new HandBroker()
  readonly backend = new MapBackend()
  readonly lines: LogLine[] = []
  readonly events: (readonly [name: string, event: unknown])[] = []
  readonly around: AroundTask[] = []
  readonly sent: { readonly message: TaskMessage; readonly options: SendOptions | undefined }[] = []
  readonly signatures: SentSignature[] = []
  /** What the next sendings fail with; undefined among them: that one succeeds. */
  readonly sendFailures: (Error | undefined)[] = []
  readonly #tasks = new Map<string, RegisteredTask>()
  readonly logger: Logger
  readonly hooks: TaskHooks

  constructor(config: CeleryConfig = {}) {
    this.settings = readSettings(config, { environment: {} })
    const write = (level: string) => (fields: LogFields, text: string) => void this.lines.push({ level, fields, text })
    this.logger = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
    this.hooks = { around: this.around, emit: (name, event) => void this.events.push([name, event]) }
  }

  task(name: string, options: TaskOptions, fn: (context: TaskContext, ...args: never[]) => unknown): void {
    const { settings } = this
    this.#tasks.set(
      name,
      defineTask({
        name,
        options: resolveTaskOptions(name, options, settings),
        declared: options,
        fn: fn as (context: TaskContext, ...args: unknown[]) => unknown,
        random: () => 0.5,
      }),
    )
  }

  createBroker(): Broker {
    return this.broker
  }

  findTask(name: string): RegisteredTask | undefined {
    return this.#tasks.get(name)
  }

  taskNames(): readonly string[] {
    return [...this.#tasks.keys()]
  }

  queues(names: readonly string[] = ['celery']): readonly QueueDeclaration[] {
    const common = { exchange: undefined, durable: true, autoDelete: false, exclusive: false, passive: false }
    return names.map((name) => ({ name, routingKey: name, arguments: {}, ...common }))
  }

  async send(message: TaskMessage, options?: SendOptions): Promise<void> {
    this.#mayFail()
    this.sent.push({ message, options })
  }

  async sendSignature(signature: SignatureData, options: SendSignatureOptions): Promise<void> {
    this.#mayFail()
    this.signatures.push({ signature, options })
  }

  /** Names of the events so far. */
  get happened(): string[] {
    return this.events.map(([name]) => name)
  }

  /** Texts of the lines of a level. */
  texts(level: string): string[] {
    return this.lines.filter((line) => line.level === level).map(({ text }) => text)
  }

  #mayFail(): void {
    const failure = this.sendFailures.shift()
    if (failure !== undefined) throw failure
  }
}
