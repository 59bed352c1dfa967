/**
 * What a running task knows of its own call: Celery's `self.request`.
 *
 * @see https://docs.celeryq.dev/en/stable/userguide/tasks.html#task-request
 */
export interface TaskRequest {
  readonly id: string
  /** Name of the task. */
  readonly task: string
  readonly args: readonly unknown[]
  readonly kwargs: Readonly<Record<string, unknown>>
  /** 0 on the first try. */
  readonly retries: number
  readonly eta: Date | undefined
  readonly expires: Date | undefined
  readonly rootId: string
  readonly parentId: string | undefined
  readonly group: string | undefined
  readonly groupIndex: number | undefined
  /** Hard limit in seconds. */
  readonly timeLimit: number | undefined
  /** Soft limit in seconds. */
  readonly softTimeLimit: number | undefined
  /** Node name of the worker; the host's name when the task runs eagerly. */
  readonly hostname: string
  readonly deliveryInfo: DeliveryInfo
  readonly replyTo: string | undefined
  readonly origin: string | undefined
  readonly ignoreResult: boolean
  /** Headers that are not Celery's own. */
  readonly headers: Readonly<Record<string, unknown>>
  readonly stamps: Readonly<Record<string, unknown>>
  /** True when it runs in the caller's process, by `task_always_eager` or `apply`. */
  readonly isEager: boolean
}

/** How the message came. */
export interface DeliveryInfo {
  readonly queue: string | undefined
  readonly exchange: string
  readonly routingKey: string
  readonly priority: number | undefined
  readonly redelivered: boolean
}
