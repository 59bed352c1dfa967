import type { ErrorClass } from './error-class.ts'

/** The options of a task with the app's settings filled in. Lengths of time are seconds. */
export interface ResolvedTaskOptions {
  readonly acksLate: boolean
  readonly acksOnFailureOrTimeout: boolean
  readonly rejectOnWorkerLost: boolean
  readonly ignoreResult: boolean
  readonly storeErrorsEvenIfIgnored: boolean
  readonly trackStarted: boolean
  /** Infinity: for ever. */
  readonly maxRetries: number
  readonly defaultRetryDelay: number
  readonly autoretryFor: readonly ErrorClass[]
  readonly dontAutoretryFor: readonly ErrorClass[]
  /** Factor in seconds; 0: no backoff, the default delay holds. */
  readonly retryBackoff: number
  readonly retryBackoffMax: number
  readonly retryJitter: boolean
  /** Per second; undefined: none. */
  readonly rateLimit: number | undefined
  readonly timeLimit: number | undefined
  readonly softTimeLimit: number | undefined
  readonly serializer: string
  readonly compression: string | undefined
}
