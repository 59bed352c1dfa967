import type { Duration } from '../../lib/duration.ts'
import type { SignatureData } from '../protocol/signature-data.ts'
import type { LooseKwargs } from '../task/task-schema.ts'

/** A signature, or one that was read from a message. */
export type Linked = { toJSON(): SignatureData } | SignatureData

/**
 * How one call of a task is sent: the options of Celery's `apply_async`. They win over those of the task, and these over
 * `task_routes`.
 *
 * @see https://docs.celeryq.dev/en/stable/userguide/calling.html
 */
export interface ApplyOptions<Kwargs extends object = LooseKwargs> {
  /** Arguments given by name. */
  readonly kwargs?: Kwargs | undefined
  /** Runs after this time. Not together with `eta`. */
  readonly countdown?: Duration | undefined
  /** Runs not before this moment. */
  readonly eta?: Date | undefined
  /** Not run any more after this time, or this moment: it is revoked then. */
  readonly expires?: Duration | Date | undefined
  readonly queue?: string | undefined
  readonly exchange?: string | undefined
  readonly routingKey?: string | undefined
  /** 0 to 9 (RabbitMQ: to 255). Redis serves 0 first, RabbitMQ last. */
  readonly priority?: number | undefined
  /** The try this call counts as. Default 0. */
  readonly retries?: number | undefined
  /** `json`, `msgpack` or `yaml`. Default: that of the task, or `task_serializer`. */
  readonly serializer?: string | undefined
  /** `gzip`, `brotli` or `zstd`. Default: that of the task, or `task_compression`. */
  readonly compression?: string | undefined
  /** Headers of the message beside Celery's own. The task finds them in `request.headers`. */
  readonly headers?: Readonly<Record<string, unknown>> | undefined
  /** Called with the result. */
  readonly link?: Linked | readonly Linked[] | undefined
  /** Called with the id of the task when it failed. */
  readonly linkError?: Linked | readonly Linked[] | undefined
  /** The result is not stored. */
  readonly ignoreResult?: boolean | undefined
  /** Default: a new UUID. */
  readonly taskId?: string | undefined
  /** Another name for logs and monitors. */
  readonly shadow?: string | undefined
  readonly timeLimit?: Duration | undefined
  readonly softTimeLimit?: Duration | undefined
  /** The queue an `rpc://` result goes to. Default: that of this process. */
  readonly replyTo?: string | undefined
  /** What logs and monitors show instead of the arguments. */
  readonly argsrepr?: string | undefined
  readonly kwargsrepr?: string | undefined
}

/** The names of {@link ApplyOptions}. */
export const APPLY_OPTIONS: ReadonlySet<string> = new Set<keyof ApplyOptions>([
  'kwargs',
  'countdown',
  'eta',
  'expires',
  'queue',
  'exchange',
  'routingKey',
  'priority',
  'retries',
  'serializer',
  'compression',
  'headers',
  'link',
  'linkError',
  'ignoreResult',
  'taskId',
  'shadow',
  'timeLimit',
  'softTimeLimit',
  'replyTo',
  'argsrepr',
  'kwargsrepr',
])
