import type { Duration } from '../../lib/duration.ts'
import type { ExchangeType } from '../brokers/broker.ts'
import type { RetryPolicy, RetryPolicyInput } from './retry-policy.ts'
import type { SettingKind } from './setting-rule.ts'
import type { NamedQueueSetting, TaskQueues } from './task-queues.ts'
import type { TaskRouter, TaskRoutes } from './task-routes.ts'

/** By kind of value: what settings hold. Times are seconds. */
export interface KindTypes extends Record<SettingKind, unknown> {
  flag: boolean
  seconds: number
  integer: number
  number: number
  text: string
  texts: readonly string[]
  /** Keys are Celery's own (snake case) whatever the user wrote. */
  options: Readonly<Record<string, unknown>>
  /** Kept as it is given. */
  objects: Readonly<Record<string, object>>
  anything: unknown
  url: string
  tls: boolean | Readonly<Record<string, unknown>>
  rate: string | number
  mode: 1 | 2
  exchangeType: ExchangeType
  queues: readonly NamedQueueSetting[]
  routes: readonly TaskRouter[]
  policy: RetryPolicy
}

/** By kind of value: what users may write. */
export interface KindInputs extends Record<SettingKind, unknown> {
  flag: boolean
  seconds: Duration
  integer: number
  number: number
  text: string
  texts: string | readonly string[]
  options: Readonly<Record<string, unknown>>
  objects: Readonly<Record<string, object>>
  anything: unknown
  url: string | readonly string[]
  tls: boolean | Readonly<Record<string, unknown>>
  rate: string | number
  mode: 1 | 2 | 'transient' | 'persistent'
  exchangeType: ExchangeType
  queues: TaskQueues
  routes: TaskRoutes
  policy: RetryPolicyInput
}
