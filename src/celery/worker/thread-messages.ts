import type { MessagePort } from 'node:worker_threads'
import type { LogFields, Logger } from '../task/logger.ts'
import type { Outcome } from './outcome.ts'

// What a worker and its threads say to each other. Values of tasks travel as the bytes of the serializer, because what
// structured cloning makes of a decimal or a date without a time is not one any more.

/** What every thread is given at its start. */
export interface ThreadData {
  /** As `loadHost` takes it. */
  readonly app: string
  /** For {@link AbortMessage}s: a port of its own, so that it can be looked at while a task computes. */
  readonly abortPort: MessagePort
}

/** To a thread. */
export type ToThread =
  | { readonly kind: 'run'; readonly job: number; readonly request: Uint8Array }
  | { readonly kind: 'stored'; readonly update: number; readonly problem: string | undefined }
  | { readonly kind: 'close' }

/** The soft limit of a running job was reached. */
export interface AbortMessage {
  readonly job: number
  /** In seconds. */
  readonly limit: number
}

/** From a thread. */
export type FromThread =
  | { readonly kind: 'ready' }
  | { readonly kind: 'unready'; readonly problem: string; readonly stack: string | undefined }
  | LogMessage
  | UpdateMessage
  | OutcomeMessage

export interface LogMessage {
  readonly kind: 'log'
  readonly level: keyof Logger
  readonly fields: LogFields
  readonly text: string
}

export interface UpdateMessage {
  readonly kind: 'update'
  readonly job: number
  readonly update: number
  readonly state: string
  readonly meta: Uint8Array
}

export interface OutcomeMessage {
  readonly kind: 'outcome'
  readonly job: number
  readonly outcome: ThreadOutcome
  readonly children: Uint8Array
}

/** An {@link Outcome} that can be cloned. */
export type ThreadOutcome =
  | { readonly kind: 'success'; readonly result: Uint8Array }
  | { readonly kind: 'failure'; readonly failure: Uint8Array }
  | { readonly kind: 'retry'; readonly failure: Uint8Array; readonly plan: Uint8Array }
  | Extract<Outcome, { readonly kind: 'reject' | 'ignore' }>
