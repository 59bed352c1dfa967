import { inspect } from 'node:util'
import type { ResultBackend } from './backends/result-backend.ts'
import type { Broker, QueueDeclaration } from './brokers/broker.ts'
import { Caller } from './caller.ts'
import type { Celery, CeleryConf, CeleryControl, SignatureOptions } from './celery-app.ts'
import type { Task } from './celery-task.ts'
import { Connections, type Openers } from './connections.ts'
import { createControl } from './create-control.ts'
import { createTask } from './create-task.ts'
import { noBackend } from './no-backend.ts'
import type { SignatureData } from './protocol/signature-data.ts'
import type { TaskMessage } from './protocol/task-message.ts'
import { AsyncResult } from './results/async-result.ts'
import { createResultContext } from './results/create-result-context.ts'
import type { ResultContext } from './results/result-context.ts'
import type { ApplyOptions } from './sending/apply-options.ts'
import { readApplyOptions } from './sending/read-apply-options.ts'
import { Sender } from './sending/sender.ts'
import { taskDirectoryOf } from './settings/resolve-route.ts'
import type { Settings } from './settings/settings.ts'
import { Signature } from './signature.ts'
import type { TaskDefinition } from './task/define-task.ts'
import { HookTable, type TaskListener } from './task/hook-table.ts'
import type { Logger } from './task/logger.ts'
import type { RegisteredTask } from './task/registered-task.ts'
import { runningTask } from './task/running-task.ts'
import type { AroundTask, TaskEventName } from './task/task-hooks.ts'
import type { TaskOptions } from './task/task-options.ts'
import { TaskTable } from './task-table.ts'
import { createWorker } from './worker/create-worker.ts'
import type { Worker } from './worker/worker.ts'
import type { SendOptions, SendSignatureOptions, WorkerHost } from './worker/worker-host.ts'
import type { WorkerOptions } from './worker/worker-options.ts'

/** What an app is made of. */
export interface CeleryParts {
  readonly name: string
  readonly version: string | undefined
  readonly conf: CeleryConf
  readonly settings: Settings
  readonly logger: Logger
  readonly open: Openers
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** As `Math.random`. */
  readonly random: () => number
}

/** An app, as its users and as its workers see it. */
export class CeleryHost implements Celery, WorkerHost {
  readonly name: string
  readonly version: string | undefined
  readonly settings: Settings
  readonly logger: Logger
  readonly hooks: HookTable
  readonly control: CeleryControl
  readonly conf: CeleryConf
  readonly #tasks: TaskTable
  readonly #connections: Connections
  readonly #caller: Caller
  readonly #workers = new Set<Worker>()
  #results: ResultContext | undefined
  #clock = 0

  constructor({ name, version, conf, settings, logger, open, now, random }: CeleryParts) {
    this.name = name
    this.version = version
    this.settings = settings
    this.logger = logger
    this.hooks = new HookTable(logger)
    this.conf = conf
    Object.defineProperty(this, inspect.custom, { value: () => `Celery(${name})` })
    this.#tasks = new TaskTable(settings, random)
    this.#connections = new Connections(open)
    const broker = () => this.#connections.broker
    const tick = () => ++this.#clock
    this.control = createControl({ settings, broker, tick })
    this.#caller = new Caller({
      settings,
      tasks: this.#tasks,
      connections: this.#connections,
      sender: new Sender({ settings, hooks: this.hooks, broker, now, tick }),
      results: () => this.#resultContext(),
      eager: { logger, hooks: this.hooks, now, random },
    })
  }

  get backend(): ResultBackend | undefined {
    return this.#connections.backend
  }

  task(name: string, second: TaskOptions | TaskDefinition['fn'], third?: TaskDefinition['fn']): Task<never[]> {
    const [options, fn] = typeof second === 'function' ? [{}, second] : [second, third]
    const entry = this.#tasks.add(name, options, fn as TaskDefinition['fn'])
    return createTask(entry, this.#caller)
  }

  signature<Args extends readonly unknown[], Result>(
    name: string,
    args: readonly unknown[] = [],
    { immutable = false, kwargs = {}, ...options }: SignatureOptions = {},
  ): Signature<Args, Result> {
    const parts = { args, kwargs, immutable, options: readApplyOptions(`celery.signature('${name}')`, options) }
    return new Signature(name, (...call) => this.#caller.call(...call), parts)
  }

  async sendTask<Result>(
    name: string,
    args: readonly unknown[] = [],
    { kwargs = {}, ...options }: ApplyOptions = {},
  ): Promise<AsyncResult<Result>> {
    const read = readApplyOptions(`celery.sendTask('${name}')`, options)
    return (await this.#caller.call(name, args, kwargs, read)) as AsyncResult<Result>
  }

  asyncResult<Result>(taskId: string): AsyncResult<Result> {
    return new AsyncResult(taskId, this.#resultContext())
  }

  aroundTask(around: AroundTask): void {
    this.hooks.around.push(around)
  }

  on<Name extends TaskEventName>(event: Name, listener: TaskListener<Name>): void {
    this.hooks.on(event, listener)
  }

  off<Name extends TaskEventName>(event: Name, listener: TaskListener<Name>): void {
    this.hooks.off(event, listener)
  }

  worker(options: WorkerOptions = {}): Worker {
    const worker = createWorker(this, options)
    this.#workers.add(worker)
    void worker.done.then(() => this.#workers.delete(worker))
    return worker
  }

  ping(): Promise<void> {
    return this.#connections.broker.ping()
  }

  async purge(names?: readonly string[]): Promise<number> {
    const counts = await Promise.all(this.queues(names).map(({ name }) => this.#connections.broker.purge(name)))
    return counts.reduce((sum, count) => sum + count, 0)
  }

  async close(): Promise<void> {
    await Promise.all(Array.from(this.#workers, (worker) => worker.stop()))
    await this.#connections.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** For logs: the settings hold passwords. */
  toJSON(): object {
    return { name: this.name, version: this.version, tasks: this.taskNames() }
  }

  createBroker(): Broker {
    return this.#connections.openBroker()
  }

  findTask(name: string): RegisteredTask | undefined {
    return this.#tasks.get(name)?.task
  }

  taskNames(): readonly string[] {
    return this.#tasks.names()
  }

  queues(names?: readonly string[]): readonly QueueDeclaration[] {
    const { queues } = taskDirectoryOf(this.settings)
    const entries = names === undefined ? queues.configured : names.map((name) => queues.get(name))
    return entries.map(({ declaration }) => declaration)
  }

  send(task: TaskMessage, options?: SendOptions): Promise<void> {
    return this.#caller.send(task, options)
  }

  sendSignature(signature: SignatureData, options: SendSignatureOptions): Promise<void> {
    return this.#caller.sendSignature(signature, options)
  }

  /** Made again when the app was closed meanwhile and its store is another. */
  #resultContext(): ResultContext {
    const backend = this.#connections.backend ?? noBackend
    if (this.#results?.backend !== backend) {
      this.#results = createResultContext({
        backend,
        revoke: (ids, options) => this.control.revoke(ids, options),
        isInsideTask: () => runningTask() !== undefined,
      })
    }
    return this.#results
  }
}
