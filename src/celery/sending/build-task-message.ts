import type { TaskMessage } from '../protocol/task-message.ts'
import type { RouteOptions } from '../settings/task-routes.ts'
import type { TaskRequest } from '../task/task-request.ts'
import type { CallOptions } from './call-options.ts'
import type { OwnOptions } from './own-options.ts'

/** One call, and what was said of it: by the caller, by the task, by its route. The first that says something decides. */
export interface Call {
  readonly name: string
  readonly args: readonly unknown[]
  readonly kwargs: Readonly<Record<string, unknown>>
  readonly options: CallOptions
  readonly own: OwnOptions
  readonly route: RouteOptions
}

/** Who sends it, and when. */
export interface SendingProcess {
  /** Milliseconds since 1970. */
  readonly now: number
  /** A new UUID. */
  readonly newId: () => string
  /** `gen<pid>@<host>`. */
  readonly origin: string
  /** The task that sends it. */
  readonly parent: TaskRequest | undefined
  /** True: a task without a priority has that of its parent. */
  readonly inheritPriority: boolean
  readonly defaultPriority: number | undefined
  /** When nobody says anything of it. */
  readonly ignoreResult: boolean
  /** Where an `rpc://` result goes. */
  readonly replyTo: string | undefined
}

/** Makes the message of a call. */
export function buildTaskMessage(call: Call, sender: SendingProcess): TaskMessage {
  const { options, own, route } = call
  const { parent } = sender
  const id = options.taskId ?? sender.newId()
  return {
    task: call.name,
    id,
    args: call.args,
    kwargs: call.kwargs,
    callbacks: options.callbacks ?? [],
    errbacks: options.errbacks ?? [],
    chain: options.chain ?? [],
    chord: options.chord,
    eta: options.countdown ? new Date(sender.now + options.countdown * 1000) : options.eta,
    expires: instantOf(options.expires ?? own.expires ?? route.expires, sender.now),
    retries: options.retries ?? 0,
    timeLimit: options.timeLimit ?? own.timeLimit ?? route.timeLimit,
    softTimeLimit: options.softTimeLimit ?? own.softTimeLimit ?? route.softTimeLimit,
    group: options.group,
    groupIndex: options.groupIndex,
    rootId: options.rootId ?? parent?.rootId ?? id,
    parentId: options.parentId ?? parent?.id,
    shadow: options.shadow,
    argsrepr: options.argsrepr,
    kwargsrepr: options.kwargsrepr,
    origin: sender.origin,
    ignoreResult: options.ignoreResult ?? own.ignoreResult ?? route.ignoreResult ?? sender.ignoreResult,
    replacedTaskNesting: 0,
    stampedHeaders: options.stampedHeaders,
    stamps: options.stamps ?? NOTHING,
    headers: headersOf(options.headers, route.headers),
    replyTo: options.replyTo ?? sender.replyTo,
    priority: options.priority ?? own.priority ?? route.priority ?? inheritedPriority(sender) ?? sender.defaultPriority,
  }
}

const NOTHING: Readonly<Record<string, unknown>> = Object.freeze({})

function instantOf(when: number | Date | undefined, now: number): Date | undefined {
  return typeof when === 'number' ? new Date(now + when * 1000) : when
}

function headersOf(own: CallOptions['headers'], route: RouteOptions['headers']): Readonly<Record<string, unknown>> {
  if (route === undefined) return own ?? NOTHING
  return own === undefined ? route : { ...route, ...own }
}

function inheritedPriority({ parent, inheritPriority }: SendingProcess): number | undefined {
  return inheritPriority ? parent?.deliveryInfo.priority : undefined
}
