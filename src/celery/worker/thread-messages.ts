import type { ExceptionData } from '../protocol/task-meta.ts'
import type { LogFields } from '../task/logger.ts'
import type { Outcome } from './outcome.ts'

// What a worker and its threads say to each other. Values of tasks travel as the bytes of the serializer, because what
// structured cloning makes of a decimal or a date without a time is not one any more.

/** To a thread. */
export type ToThread =
  | { readonly kind: 'run'; readonly job: number; readonly request: Uint8Array }
  | { readonly kind: 'stored'; readonly update: number; readonly problem: string | undefined }
  | { readonly kind: 'close' }

/** To a thread, through a port of its own that is also looked at while a task computes. */
export interface AbortMessage {
  readonly job: number
  /** The soft limit in seconds. */
  readonly limit: number
}

/** From a thread. */
export type FromThread =
  | { readonly kind: 'ready' }
  | { readonly kind: 'unready'; readonly problem: string; readonly stack: string | undefined }
  | {
      readonly kind: 'update'
      readonly job: number
      readonly update: number
      readonly state: string
      readonly meta: Uint8Array
    }
  | { readonly kind: 'log'; readonly level: LogLevelName; readonly fields: LogFields; readonly text: string }
  | { readonly kind: 'outcome'; readonly job: number; readonly outcome: ThreadOutcome; readonly children: Uint8Array }

export type LogLevelName = 'debug' | 'info' | 'warn' | 'error'

/** An {@link Outcome} that can be cloned. */
export type ThreadOutcome =
  | { readonly kind: 'success'; readonly result: Uint8Array }
  | { readonly kind: 'failure'; readonly failure: ThreadFailure }
  | {
      readonly kind: 'retry'
      readonly failure: ThreadFailure
      readonly plan: {
        readonly countdown: number
        readonly queue: string | undefined
        readonly priority: number | undefined
      }
      /** Other arguments for the next try, both or neither. */
      readonly args: Uint8Array | undefined
      readonly kwargs: Uint8Array | undefined
    }
  | Extract<Outcome, { readonly kind: 'reject' | 'ignore' }>

export interface ThreadFailure {
  readonly exception: Uint8Array
  readonly traceback: string | undefined
}

/** What every thread is given at its start. */
export interface ThreadData {
  /** As `loadHost` takes it. */
  readonly app: string
  readonly abortPort: MessagePortLike
}

/** A port of `node:worker_threads`, which travels to the thread. */
export type MessagePortLike = import('node:worker_threads').MessagePort

// `ExceptionData` is what `ThreadFailure.exception` holds.
export type { ExceptionData }
