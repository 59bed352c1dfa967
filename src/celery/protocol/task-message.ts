import type { SignatureData } from './signature-data.ts'

/**
 * One call of a task as it travels: what Celery's protocol 2 says in headers and body, by our names. Protocol 1 is read into
 * the same shape. Times are instants; lengths of time are seconds.
 *
 * @see https://docs.celeryq.dev/en/stable/internals/protocol.html
 */
export interface TaskMessage {
  /** Registered name: `school.send_report`. */
  readonly task: string
  readonly id: string
  readonly args: readonly unknown[]
  readonly kwargs: Readonly<Record<string, unknown>>
  /** Called with the result. */
  readonly callbacks: readonly SignatureData[]
  /** Called with the id of the failed task. */
  readonly errbacks: readonly SignatureData[]
  /** What follows, **in reverse order** as on the wire: the next one is last. */
  readonly chain: readonly SignatureData[]
  /** The body of the chord this task is a part of. */
  readonly chord: SignatureData | undefined
  /** Not before this instant. */
  readonly eta: Date | undefined
  /** Not after this instant. */
  readonly expires: Date | undefined
  /** 0 on the first sending. */
  readonly retries: number
  /** Hard limit in seconds. */
  readonly timeLimit: number | undefined
  /** Soft limit in seconds. */
  readonly softTimeLimit: number | undefined
  readonly group: string | undefined
  readonly groupIndex: number | undefined
  /** First task of the workflow; the own id when there is no parent. */
  readonly rootId: string
  /** Task that sent this one. */
  readonly parentId: string | undefined
  /** Another name for logs and events. */
  readonly shadow: string | undefined
  /** What logs and monitors show instead of the arguments. Never parsed. */
  readonly argsrepr: string | undefined
  readonly kwargsrepr: string | undefined
  /** `gen<pid>@<host>` of the first sender. */
  readonly origin: string | undefined
  readonly ignoreResult: boolean
  readonly replacedTaskNesting: number
  readonly stampedHeaders: readonly string[] | undefined
  readonly stamps: Readonly<Record<string, unknown>>
  /** Headers that are not Celery's own: those given by the caller, and what brokers add. */
  readonly headers: Readonly<Record<string, unknown>>
  /** Where an `rpc://` result goes. */
  readonly replyTo: string | undefined
  readonly priority: number | undefined
}
