import { randomUUID } from 'node:crypto'
import type { Connections } from './connections.ts'
import type { EagerHost, FollowOptions } from './eager/eager-host.ts'
import { runEagerly } from './eager/run-eagerly.ts'
import type { SignatureData } from './protocol/signature-data.ts'
import type { TaskMessage } from './protocol/task-message.ts'
import { AsyncResult } from './results/async-result.ts'
import type { ResultContext } from './results/result-context.ts'
import { watchBeforeSend } from './results/watch-before-send.ts'
import { buildTaskMessage } from './sending/build-task-message.ts'
import { type CallOptions, NO_OPTIONS } from './sending/call-options.ts'
import type { OwnOptions } from './sending/own-options.ts'
import type { Format, Sender } from './sending/sender.ts'
import { readWireOptions } from './sending/wire-options.ts'
import { anonymousNodeName } from './settings/node-name.ts'
import { type CallTarget, type TaskDirectory, taskDirectoryOf } from './settings/resolve-route.ts'
import type { Settings } from './settings/settings.ts'
import type { RouteOptions } from './settings/task-routes.ts'
import { runningTask } from './task/running-task.ts'
import type { TaskRequest } from './task/task-request.ts'
import type { TaskEntry, TaskTable } from './task-table.ts'
import type { SendOptions, SendSignatureOptions } from './worker/worker-host.ts'

/** What calls need of the app. */
export interface CallerParts {
  readonly settings: Settings
  readonly tasks: TaskTable
  readonly connections: Connections
  readonly sender: Sender
  readonly results: () => ResultContext
  readonly eager: Omit<EagerHost, 'store' | 'follow'>
}

type Kwargs = Readonly<Record<string, unknown>>

/** One call before it is known where it goes. */
interface Planned {
  readonly name: string
  readonly args: readonly unknown[]
  readonly kwargs: Kwargs
  readonly options: CallOptions
  readonly entry: TaskEntry | undefined
  /** The task that makes the call. */
  readonly parent: TaskRequest | undefined
  readonly replyTo: string | undefined
}

/** Makes the calls of an app: by its tasks and signatures, by name, by its workers, and eagerly. */
export class Caller {
  readonly #parts: CallerParts
  readonly #directory: TaskDirectory
  readonly #origin = anonymousNodeName()
  readonly #eager: EagerHost

  constructor(parts: CallerParts) {
    this.#parts = parts
    this.#directory = taskDirectoryOf(parts.settings)
    this.#eager = {
      ...parts.eager,
      store: async (meta) => {
        if (parts.settings.taskStoreEagerResult) await parts.connections.backend?.store(meta)
      },
      follow: (signature, options) => this.#follow(signature, options),
    }
  }

  /** Calls a task: sends it, or runs it here with `task_always_eager`. */
  async call(
    name: string,
    args: readonly unknown[],
    kwargs: Kwargs,
    options: CallOptions = NO_OPTIONS,
  ): Promise<AsyncResult> {
    const { settings, tasks, connections, results } = this.#parts
    const entry = tasks.get(name)
    if (settings.taskAlwaysEager && entry !== undefined) {
      return this.apply(entry, args, kwargs, options, settings.taskEagerPropagates)
    }
    const running = runningTask()
    const { backend } = connections
    const replyTo = backend?.replyTo || undefined
    const planned: Planned = { name, args, kwargs, options, entry, parent: running?.request, replyTo }
    const route = this.#directory.resolve(name, targetOf(options, entry?.own), args, kwargs)
    const message = this.#message(planned, route.options)
    const about = message.ignoreResult ? IGNORED : undefined
    const result =
      backend === undefined || backend.abilities.shared || message.ignoreResult
        ? new AsyncResult(message.id, results(), about)
        : await watchBeforeSend(message.id, results(), about)
    await this.#parts.sender.send(message, route, this.#format(options, entry, route.options))
    running?.children.push(result.asTuple())
    return result
  }

  /** Runs a task of this app in this process. Rejects only when its arguments cannot be sent, or, with `propagate`, with its error. */
  async apply(
    entry: TaskEntry,
    args: readonly unknown[],
    kwargs: Kwargs,
    options: CallOptions,
    propagate: boolean,
  ): Promise<AsyncResult> {
    const running = runningTask()
    const { name } = entry.task
    const planned = { name, args, kwargs, options, entry, parent: running?.request, replyTo: undefined }
    const message = this.#message(planned, NO_ROUTE)
    const { serializer } = this.#format(options, entry, NO_ROUTE)
    const { meta, failure } = await runEagerly(entry.task, message, serializer, this.#eager)
    if (propagate && failure !== undefined) throw failure.error
    // What ended without a state has no result to wait for.
    const ignored = meta.status === 'IGNORED' || meta.status === 'REJECTED'
    const result = new AsyncResult(message.id, this.#parts.results(), { meta, ignored, cause: failure?.error })
    running?.children.push(result.asTuple())
    return result
  }

  /** Sends a message that is there already: the next try of a task. */
  async send(task: TaskMessage, options: SendOptions = {}): Promise<void> {
    const { priority = task.priority } = options
    const route = this.#directory.resolve(task.task, options, task.args, task.kwargs)
    const entry = this.#parts.tasks.get(task.task)
    const message = priority === task.priority ? task : { ...task, priority }
    await this.#parts.sender.send(message, route, this.#format(options, entry, route.options))
  }

  /** Sends a signature that travelled in a message. */
  async sendSignature(signature: SignatureData, options: SendSignatureOptions): Promise<void> {
    const planned = this.#planSignature(signature, options)
    const { name, args, kwargs, entry } = planned
    const route = this.#directory.resolve(name, targetOf(planned.options, entry?.own), args, kwargs)
    const message = this.#message(planned, route.options)
    await this.#parts.sender.send(message, route, this.#format(planned.options, entry, route.options))
  }

  /** What follows a task that ran eagerly is run eagerly, when it is of this app. */
  async #follow(signature: SignatureData, options: FollowOptions): Promise<unknown> {
    const { args, kwargs, entry, options: all } = this.#planSignature(signature, options)
    const id = all.taskId ?? randomUUID()
    if (entry !== undefined) await this.apply(entry, args, kwargs, { ...all, taskId: id }, false)
    else {
      const known = { ...signature, options: { ...signature.options, task_id: id } }
      await this.sendSignature(known, options)
    }
    return [[id, null], null]
  }

  #planSignature(signature: SignatureData, given: SendSignatureOptions): Planned {
    const { task: name, immutable, kwargs } = signature
    const own = readWireOptions(signature.options)
    const { parentId, rootId, priority = own.priority } = given
    const chain = given.chain === undefined || given.chain.length === 0 ? own.chain : given.chain
    return {
      name,
      args: immutable ? signature.args : [...given.args, ...signature.args],
      kwargs,
      options: { ...own, parentId, rootId, chain, priority },
      entry: this.#parts.tasks.get(name),
      parent: undefined,
      replyTo: undefined,
    }
  }

  #message({ name, args, kwargs, options, entry, parent, replyTo }: Planned, route: RouteOptions): TaskMessage {
    const { settings, eager } = this.#parts
    return buildTaskMessage(
      { name, args, kwargs, options, own: entry?.own ?? NO_OPTIONS, route },
      {
        now: eager.now(),
        newId: randomUUID,
        origin: this.#origin,
        parent,
        inheritPriority: settings.taskInheritParentPriority,
        defaultPriority: settings.taskDefaultPriority,
        ignoreResult: entry !== undefined && settings.taskIgnoreResult,
        replyTo,
      },
    )
  }

  #format(
    options: { readonly [Name in keyof Format]?: Format[Name] | undefined },
    entry: TaskEntry | undefined,
    route: RouteOptions,
  ): Format {
    const { settings } = this.#parts
    return {
      serializer: options.serializer ?? entry?.own.serializer ?? route.serializer ?? settings.taskSerializer,
      compression: options.compression ?? entry?.own.compression ?? route.compression ?? settings.taskCompression,
    }
  }
}

const IGNORED = { ignored: true } as const
const NO_ROUTE: RouteOptions = {}

/** What the call and the task say of where it goes; the call's own options when the task says nothing. */
function targetOf(options: CallOptions, own: OwnOptions | undefined): CallTarget {
  if (own === undefined || (own.queue ?? own.exchange ?? own.routingKey) === undefined) return options
  return {
    ...options,
    queue: options.queue ?? own.queue,
    exchange: options.exchange ?? own.exchange,
    routingKey: options.routingKey ?? own.routingKey,
  }
}
