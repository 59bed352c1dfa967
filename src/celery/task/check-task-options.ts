import { toMilliseconds } from '../../lib/duration.ts'
import { isStandardSchema } from '../../lib/standard-schema.ts'
import { unknownOptions } from '../../lib/unknown-options.ts'
import { parseRateLimit } from './rate-limit.ts'
import type { TaskOptions } from './task-options.ts'

type Check = (value: unknown, name: string) => string | undefined

const flag: Check = (value, name) =>
  typeof value === 'boolean' ? undefined : `\`${name}\` must be true or false, found ${found(value)}`
const text: Check = (value, name) =>
  typeof value === 'string' && value !== '' ? undefined : `\`${name}\` must be a text, found ${found(value)}`
const hook: Check = (value, name) =>
  typeof value === 'function' ? undefined : `\`${name}\` must be a function, found ${found(value)}`
const schema: Check = (value, name) =>
  isStandardSchema(value)
    ? undefined
    : `\`${name}\` must be a Standard Schema (zod, valibot, arktype), found ${found(value)}`
const duration: Check = (value, name) => thrown(() => toMilliseconds(value as never, name))
const classes: Check = (value, name) =>
  Array.isArray(value) && value.every((one) => typeof one === 'function')
    ? undefined
    : `\`${name}\` must be a list of classes of errors`
const names: Check = (value, name) =>
  Array.isArray(value) && value.every((one) => typeof one === 'string') && new Set(value).size === value.length
    ? undefined
    : `\`${name}\` must be a list of names, each of them once`
const count =
  (most: number): Check =>
  (value, name) =>
    Number.isInteger(value) && Number(value) >= 0 && Number(value) <= most
      ? undefined
      : `\`${name}\` must be an integer from 0${most === Number.POSITIVE_INFINITY ? '' : ` to ${most}`}, found ${found(value)}`
const orNull =
  (check: Check): Check =>
  (value, name) =>
    value === null ? undefined : check(value, name)

const checks: Readonly<Record<keyof TaskOptions, Check>> = {
  acksLate: flag,
  acksOnFailureOrTimeout: flag,
  rejectOnWorkerLost: flag,
  ignoreResult: flag,
  storeErrorsEvenIfIgnored: flag,
  trackStarted: flag,
  maxRetries: orNull(count(Number.POSITIVE_INFINITY)),
  defaultRetryDelay: duration,
  autoretryFor: classes,
  dontAutoretryFor: classes,
  retryBackoff: (value, name) => (typeof value === 'boolean' ? undefined : duration(value, name)),
  retryBackoffMax: duration,
  retryJitter: flag,
  rateLimit: (value, name) => thrown(() => parseRateLimit(value as never, name)),
  timeLimit: orNull(duration),
  softTimeLimit: orNull(duration),
  queue: text,
  exchange: (value, name) => (value === '' ? undefined : text(value, name)),
  routingKey: text,
  priority: count(255),
  serializer: text,
  compression: text,
  expires: (value, name) => (value instanceof Date ? undefined : duration(value, name)),
  parameters: names,
  args: schema,
  kwargs: schema,
  before: hook,
  after: hook,
}

/** What is wrong with the options of a task, misspelt names included. */
export function taskOptionProblems(options: TaskOptions): readonly string[] {
  const wrong = Object.entries(options).flatMap(([name, value]) => {
    if (value === undefined || !Object.hasOwn(checks, name)) return []
    const problem = checks[name as keyof TaskOptions](value, name)
    return problem === undefined ? [] : [problem]
  })
  return [...wrong, ...unknownOptions(options, Object.keys(checks), 'tasks')]
}

function thrown(read: () => unknown): string | undefined {
  try {
    read()
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

function found(value: unknown): string {
  if (value === null) return 'null'
  return typeof value === 'number' ? String(value) : typeof value
}
