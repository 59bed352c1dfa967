import { type Duration, toMilliseconds } from '../../lib/duration.ts'
import { assertNoProblems } from '../../lib/problems.ts'
import type { Settings } from '../settings/settings.ts'
import { taskOptionProblems } from './check-task-options.ts'
import { parseRateLimit } from './rate-limit.ts'
import type { ResolvedTaskOptions } from './resolved-task-options.ts'
import type { TaskOptions } from './task-options.ts'

/**
 * Fills a task's options up from the app's settings.
 *
 * @throws TypeError with everything that is wrong with them
 */
export function resolveTaskOptions(name: string, options: TaskOptions, settings: Settings): ResolvedTaskOptions {
  assertNoProblems(`celery.task('${name}')`, taskOptionProblems(options))
  return {
    acksLate: options.acksLate ?? settings.taskAcksLate,
    acksOnFailureOrTimeout: options.acksOnFailureOrTimeout ?? settings.taskAcksOnFailureOrTimeout,
    rejectOnWorkerLost: options.rejectOnWorkerLost ?? settings.taskRejectOnWorkerLost ?? false,
    ignoreResult: options.ignoreResult ?? settings.taskIgnoreResult,
    storeErrorsEvenIfIgnored: options.storeErrorsEvenIfIgnored ?? settings.taskStoreErrorsEvenIfIgnored,
    trackStarted: options.trackStarted ?? settings.taskTrackStarted,
    maxRetries: options.maxRetries === undefined ? 3 : (options.maxRetries ?? Number.POSITIVE_INFINITY),
    defaultRetryDelay: seconds(options.defaultRetryDelay ?? 180),
    autoretryFor: options.autoretryFor ?? [],
    dontAutoretryFor: options.dontAutoretryFor ?? [],
    retryBackoff: backoffOf(options.retryBackoff ?? false),
    retryBackoffMax: seconds(options.retryBackoffMax ?? 600),
    retryJitter: options.retryJitter ?? true,
    rateLimit: rateOf(options.rateLimit, settings),
    timeLimit: limitOf(options.timeLimit, settings.taskTimeLimit),
    softTimeLimit: limitOf(options.softTimeLimit, settings.taskSoftTimeLimit),
    serializer: options.serializer ?? settings.taskSerializer,
    compression: options.compression ?? settings.taskCompression,
  }
}

function seconds(duration: Duration): number {
  return toMilliseconds(duration) / 1000
}

function backoffOf(backoff: boolean | Duration): number {
  return typeof backoff === 'boolean' ? Number(backoff) : seconds(backoff)
}

/** null: none, whatever the settings say. */
function limitOf(limit: Duration | null | undefined, otherwise: number | undefined): number | undefined {
  if (limit === null) return undefined
  return limit === undefined ? otherwise : seconds(limit)
}

function rateOf(rate: TaskOptions['rateLimit'], settings: Settings): number | undefined {
  return parseRateLimit(rate === undefined ? settings.taskDefaultRateLimit : rate)
}
