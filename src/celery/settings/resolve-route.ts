import type { ExchangeType, PublishTarget, QueueDeclaration } from '../brokers/broker.ts'
import { createQueueTable, type QueueEntry, type QueueTable } from './queue-table.ts'
import type { Settings } from './settings.ts'
import type { RouteOptions } from './task-routes.ts'

/** What a call says of where it goes. Whatever else it holds is shown to functions of `taskRoutes`. */
export interface CallTarget {
  readonly queue?: string | undefined
  readonly exchange?: string | undefined
  readonly exchangeType?: ExchangeType | undefined
  readonly routingKey?: string | undefined
}

/** Where one call goes. */
export interface ResolvedRoute {
  readonly target: PublishTarget
  /** To be declared before it is sent; undefined: it goes to an exchange of others. */
  readonly queue: QueueDeclaration | undefined
  readonly deliveryMode: 1 | 2
  /** What the route says besides: priority, expires, serializer, … An option of the call wins over it. */
  readonly options: RouteOptions
}

/** Decides for an app where its tasks go. */
export interface TaskDirectory {
  readonly queues: QueueTable
  /**
   * @throws TypeError for a queue that is not known and not to be made, and for an exchange without a routing key
   */
  resolve(
    name: string,
    call?: CallTarget,
    args?: readonly unknown[],
    kwargs?: Readonly<Record<string, unknown>>,
  ): ResolvedRoute
}

/** Names whose routes are remembered. Their number is the app's own, but names of others' tasks may be made up. */
const MOST_NAMES = 1000

const nothing: RouteOptions = Object.freeze({})
const noCall: CallTarget = Object.freeze({})

/**
 * Makes what routes the tasks of an app, by the rules of `celery/app/routes.py` and `send_task_message`: options of the call
 * over `taskRoutes` over the default queue; a message for a queue of a direct exchange goes to the queue by its name, unless
 * exchange and routing key are both given.
 */
function createTaskDirectory(settings: Settings): TaskDirectory {
  const queues = createQueueTable(settings)
  const routers = settings.taskRoutes ?? []
  const lasting = routers.every(({ byName }) => byName)
  const remembered = new Map<string, ResolvedRoute>()
  const find = (
    name: string,
    call: CallTarget,
    args: readonly unknown[],
    kwargs: Readonly<Record<string, unknown>>,
  ): ResolvedRoute => {
    let route: RouteOptions | undefined
    for (const router of routers) {
      route = router.route(name, args, kwargs, call as Readonly<Record<string, unknown>>)
      if (route !== undefined) break
    }
    return direct(settings, queues, call, route ?? nothing)
  }
  return {
    queues,
    resolve(name, call = noCall, args = [], kwargs = {}) {
      if (!lasting || saysWhere(call)) return find(name, call, args, kwargs)
      const known = remembered.get(name)
      if (known !== undefined) return known
      const route = find(name, call, args, kwargs)
      if (remembered.size < MOST_NAMES) remembered.set(name, route)
      return route
    },
  }
}

const directories = new WeakMap<Settings, TaskDirectory>()

/** Where a call goes, by the directory of these settings. */
export function resolveRoute(
  settings: Settings,
  name: string,
  call?: CallTarget,
  args?: readonly unknown[],
  kwargs?: Readonly<Record<string, unknown>>,
): ResolvedRoute {
  return taskDirectoryOf(settings).resolve(name, call, args, kwargs)
}

/** The one directory of these settings. */
export function taskDirectoryOf(settings: Settings): TaskDirectory {
  let directory = directories.get(settings)
  if (directory === undefined) {
    directory = createTaskDirectory(settings)
    directories.set(settings, directory)
  }
  return directory
}

function saysWhere({ queue, exchange, exchangeType, routingKey }: CallTarget): boolean {
  return queue !== undefined || exchange !== undefined || exchangeType !== undefined || routingKey !== undefined
}

function direct(settings: Settings, queues: QueueTable, call: CallTarget, route: RouteOptions): ResolvedRoute {
  const exchange = call.exchange ?? route.exchange
  const routingKey = call.routingKey ?? route.routingKey
  const queueName = call.queue || route.queue
  const routed = Object.keys(route).length > 0
  // A route that names an exchange alone sends to no queue; a call that does has the default queue beside it.
  const entry =
    queueName !== undefined
      ? queues.get(queueName)
      : exchange === undefined || !routed
        ? queues.get(settings.taskDefaultQueue)
        : undefined
  const exchangeType = call.exchangeType ?? route.exchangeType ?? entry?.declaration.exchange?.type ?? 'direct'
  const { queue: _, exchange: __, exchangeType: ___, routingKey: ____, ...options } = route
  return Object.freeze({
    target: targetOf(exchange, routingKey, exchangeType, entry, settings),
    queue: entry?.declaration,
    deliveryMode: route.deliveryMode ?? entry?.deliveryMode ?? settings.taskDefaultDeliveryMode,
    options,
  })
}

function targetOf(
  exchange: string | undefined,
  routingKey: string | undefined,
  exchangeType: ExchangeType,
  entry: QueueEntry | undefined,
  settings: Settings,
): PublishTarget {
  if ((!exchange || !routingKey) && exchangeType === 'direct') {
    // Retries name the default exchange and, as its routing key, the queue.
    if (exchange === '' && routingKey && entry === undefined) return { exchange: '', exchangeType, routingKey }
    if (entry === undefined) {
      throw new TypeError(
        `exchange "${exchange ?? ''}" needs a \`routingKey\`, or an \`exchangeType\` other than 'direct'; found neither`,
      )
    }
    return { exchange: '', exchangeType, routingKey: entry.declaration.name }
  }
  if (exchange !== undefined) return { exchange, exchangeType, routingKey: routingKey ?? '' }
  const { exchange: own, routingKey: key } = entry?.declaration ?? {}
  return {
    exchange: own?.name || settings.taskDefaultExchange,
    exchangeType,
    routingKey: routingKey || key || settings.taskDefaultRoutingKey,
  }
}
