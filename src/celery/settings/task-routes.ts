import type { Duration } from '../../lib/duration.ts'
import type { ExchangeType } from '../brokers/broker.ts'
import type { AnyCase } from './any-case.ts'
import { fromStart, type Glob, readGlob } from './glob.ts'
import { readMembers } from './read-members.ts'
import { isObject, type Problem } from './read-value.ts'
import type { SettingRule } from './setting-rule.ts'

/** Where a task goes: the name of a queue, or options. Names also as in Python: `routing_key`. */
export type TaskRoute = string | AnyCase<RouteMembers>

interface RouteMembers {
  readonly queue: string
  readonly exchange: string
  readonly exchangeType: ExchangeType
  readonly routingKey: string
  readonly priority: number
  readonly deliveryMode: 1 | 2 | 'transient' | 'persistent'
  readonly serializer: string
  readonly compression: string
  readonly expires: Duration
  readonly timeLimit: Duration
  readonly softTimeLimit: Duration
  readonly ignoreResult: boolean
  readonly headers: Readonly<Record<string, unknown>>
}

/** A {@link TaskRoute} that was read: times in seconds. */
export interface RouteOptions {
  readonly queue?: string
  readonly exchange?: string
  readonly exchangeType?: ExchangeType
  readonly routingKey?: string
  readonly priority?: number
  readonly deliveryMode?: 1 | 2
  readonly serializer?: string
  readonly compression?: string
  readonly expires?: number
  readonly timeLimit?: number
  readonly softTimeLimit?: number
  readonly ignoreResult?: boolean
  readonly headers?: Readonly<Record<string, unknown>>
}

/**
 * Decides where one call of a task goes; undefined or null: it is for the next to say.
 *
 * @param options - those of the call
 */
export type RouteFunction = (
  name: string,
  args: readonly unknown[],
  kwargs: Readonly<Record<string, unknown>>,
  options: Readonly<Record<string, unknown>>,
) => TaskRoute | null | undefined

/** A name, a glob with `*`, or a pattern that must match from the start of the name. */
type RoutePair = readonly [string | RegExp, TaskRoute]

/** Names are looked up before globs and patterns, which are tried in order. */
export type RouteMap =
  | Readonly<Record<string, TaskRoute>>
  | ReadonlyMap<string | RegExp, TaskRoute>
  | readonly RoutePair[]

/** `taskRoutes`: one of these, or a list of them, of which the first that says something decides. */
export type TaskRoutes = RouteMap | RouteFunction | readonly (RouteMap | RouteFunction | RoutePair)[]

/** One of `taskRoutes`, made ready. */
export interface TaskRouter {
  /** False for a function: what it says may differ from call to call. */
  readonly byName: boolean
  route(
    name: string,
    args: readonly unknown[],
    kwargs: Readonly<Record<string, unknown>>,
    options: Readonly<Record<string, unknown>>,
  ): RouteOptions | undefined
}

const text: SettingRule = { kind: 'text' }
const seconds: SettingRule = { kind: 'seconds' }

const rules: Readonly<Record<keyof RouteMembers, SettingRule>> = {
  queue: text,
  exchange: text,
  exchangeType: { kind: 'exchangeType' },
  routingKey: text,
  priority: { kind: 'integer', min: 0, max: 255 },
  deliveryMode: { kind: 'mode' },
  serializer: { kind: 'text', format: true },
  compression: text,
  expires: seconds,
  timeLimit: seconds,
  softTimeLimit: seconds,
  ignoreResult: { kind: 'flag' },
  headers: { kind: 'anything' },
}

/** Reads `taskRoutes` in all its forms. */
export function readTaskRoutes(value: unknown, where: string, problem: Problem): readonly TaskRouter[] {
  const several = Array.isArray(value) && !value.every(isPair) ? value : [value]
  const routers = several.map((one, index) =>
    readRouter(one, several.length === 1 ? where : `${where}[${index}]`, problem),
  )
  return Object.freeze(routers.filter((router) => router !== undefined))
}

function readRouter(value: unknown, where: string, problem: Problem): TaskRouter | undefined {
  if (typeof value === 'function') return functionRouter(value as RouteFunction)
  if (value instanceof Map) return mapRouter([...value], where, problem)
  if (isPair(value)) return mapRouter([value], where, problem)
  if (Array.isArray(value)) {
    if (value.every(isPair)) return mapRouter(value, where, problem)
    problem(`\`${where}\` must be a list of [name, route] pairs, found something else in it`)
    return undefined
  }
  if (isObject(value)) return mapRouter(Object.entries(value), where, problem)
  const found =
    typeof value === 'string' ? "a text: Python's path of a router; give the function itself" : 'something else'
  problem(`\`${where}\` must be an object, a Map, a list of pairs or a function, found ${found}`)
  return undefined
}

function mapRouter(
  pairs: readonly (readonly [string | RegExp, unknown])[],
  where: string,
  problem: Problem,
): TaskRouter {
  const names = new Map<string, RouteOptions>()
  const patterns: [Glob, RouteOptions][] = []
  for (const [key, value] of pairs) {
    const route = readRoute(value, `${where}.${String(key)}`, problem)
    if (key instanceof RegExp) patterns.push([fromStart(key), route])
    else if (key.includes('*')) patterns.push([readGlob(key), route])
    else names.set(key, route)
  }
  return {
    byName: true,
    route: (name) => names.get(name) ?? patterns.find(([pattern]) => pattern.test(name))?.[1],
  }
}

function functionRouter(decide: RouteFunction): TaskRouter {
  return {
    byName: false,
    route(name, args, kwargs, options) {
      const route = decide(name, args, kwargs, options)
      if (route === undefined || route === null) return undefined
      return readRoute(route, 'the route', (text) => {
        throw new TypeError(`a function of \`taskRoutes\`, for the task "${name}": ${text}`)
      })
    },
  }
}

function readRoute(value: unknown, where: string, problem: Problem): RouteOptions {
  if (typeof value === 'string' && value !== '') return { queue: value }
  return readMembers(value, rules, where, problem) ?? {}
}

function isPair(value: unknown): value is RoutePair {
  if (!Array.isArray(value) || value.length !== 2) return false
  const [key, route] = value
  return (typeof key === 'string' || key instanceof RegExp) && (typeof route === 'string' || isObject(route))
}
