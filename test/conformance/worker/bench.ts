import { randomBytes } from 'node:crypto'
import { onTestFinished } from 'vitest'
import type { Broker } from '../../../src/celery/brokers/broker.ts'
import type { Celery } from '../../../src/celery/celery-app.ts'
import { createCelery } from '../../../src/celery/create-celery.ts'
import { encodeTask } from '../../../src/celery/protocol/encode-task.ts'
import type { Message } from '../../../src/celery/protocol/message.ts'
import type { TaskMessage } from '../../../src/celery/protocol/task-message.ts'
import type { CeleryConfig } from '../../../src/celery/settings/settings.ts'
import type { LogFields, Logger } from '../../../src/celery/task/logger.ts'
import type { Worker } from '../../../src/celery/worker/worker.ts'
import type { WorkerHost } from '../../../src/celery/worker/worker-host.ts'
import type { WorkerOptions } from '../../../src/celery/worker/worker-options.ts'
import type { WorkerVariant } from './variant.ts'

/** An app with a queue of its own, and all it opens, for one test. */
export class WorkerBench {
  readonly variant: WorkerVariant
  readonly name: string = `worker-${randomBytes(6).toString('hex')}`
  readonly lines: { readonly level: string; readonly fields: LogFields; readonly text: string }[] = []
  /** What happened to tasks, by the names of the events. */
  readonly events: (readonly [name: string, event: unknown])[] = []
  readonly app: Celery & WorkerHost
  readonly #config: CeleryConfig

  constructor(variant: WorkerVariant, config: CeleryConfig = {}) {
    this.variant = variant
    this.#config = { ...variant.config(this.name), taskDefaultQueue: this.name, ...config }
    this.app = this.createApp()
    for (const name of ['task-revoked', 'task-rejected'] as const)
      this.app.on(name, (event) => this.events.push([name, event]))
    onTestFinished(() => variant.cleanUp(this.name))
  }

  /** One more app, as another process would have it. */
  createApp(): Celery & WorkerHost {
    const write = (level: string) => (fields: LogFields, text: string) => void this.lines.push({ level, fields, text })
    const logger: Logger = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
    const app = createCelery('bench', this.#config, { logger, injectVersion: false, environment: {} })
    onTestFinished(() => app.close())
    // The app gives itself to its workers, and tests are like one: they send messages as they please.
    return app as Celery & WorkerHost
  }

  async worker(options: WorkerOptions = {}, app: Celery = this.app): Promise<Worker> {
    const worker = app.worker(options)
    onTestFinished(() => worker.kill())
    await worker.start()
    return worker
  }

  /** Sends bytes that may be no task. */
  async publishRaw(message: Partial<Message>): Promise<void> {
    const broker = await this.#broker()
    const target = { exchange: '', exchangeType: 'direct', routingKey: this.name } as const
    const body = Buffer.from('[[], {}, {}]')
    const common = {
      body,
      contentType: 'application/json',
      contentEncoding: 'utf-8',
      properties: { deliveryMode: 2 },
    } as const
    await broker.publish({ ...common, headers: {}, ...message }, target)
  }

  /** Sends a call that the broker does not look into: it neither delays it nor drops it when it has expired. */
  async publish(message: TaskMessage): Promise<void> {
    await this.publishRaw(encodeTask({ ...message, replyTo: this.app.backend?.replyTo || undefined }))
  }

  send(message: TaskMessage): Promise<void> {
    return this.app.send({ ...message, replyTo: this.app.backend?.replyTo || undefined }, { queue: this.name })
  }

  /** How many messages wait. */
  async waiting(): Promise<number> {
    return await (await this.#broker()).size(this.name)
  }

  #opened: Promise<Broker> | undefined

  #broker(): Promise<Broker> {
    this.#opened ??= (async () => {
      const broker = this.app.createBroker()
      onTestFinished(() => broker.close())
      await broker.connect()
      for (const queue of this.app.queues()) await broker.declare(queue)
      return broker
    })()
    return this.#opened
  }
}
