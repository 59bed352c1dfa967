import { toMilliseconds } from '../../lib/duration.ts'
import type { TaskOptions } from '../task/task-options.ts'

/**
 * What a task says of how calls of it are sent; calls may say otherwise. Only what the task says itself: what comes from the
 * settings is for the worker, which may have others. Lengths of time are seconds.
 */
export interface OwnOptions {
  readonly queue?: string | undefined
  readonly exchange?: string | undefined
  readonly routingKey?: string | undefined
  readonly priority?: number | undefined
  readonly serializer?: string | undefined
  readonly compression?: string | undefined
  readonly expires?: number | Date | undefined
  readonly timeLimit?: number | undefined
  readonly softTimeLimit?: number | undefined
  readonly ignoreResult?: boolean | undefined
}

/** Reads them from the options of a task. */
export function ownOptions(options: TaskOptions): OwnOptions {
  const { queue, exchange, routingKey, priority, serializer, compression, expires, ignoreResult } = options
  return {
    queue,
    exchange,
    routingKey,
    priority,
    serializer,
    compression,
    ignoreResult,
    expires: expires === undefined || expires instanceof Date ? expires : toMilliseconds(expires) / 1000,
    timeLimit: limit(options.timeLimit),
    softTimeLimit: limit(options.softTimeLimit),
  }
}

function limit(duration: TaskOptions['timeLimit']): number | undefined {
  return duration === undefined || duration === null ? undefined : toMilliseconds(duration) / 1000
}
