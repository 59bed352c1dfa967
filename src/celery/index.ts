/**
 * Tasks that Python's Celery understands: calls through Redis, RabbitMQ or memory, results, workers.
 *
 * @module twopi/celery
 */
export { createDbSession } from '../db/create-db-session.ts'
export {
  BackendConnectionError,
  BackendDataError,
  BackendError,
  type BackendErrorCode,
  BackendUnsupportedError,
  ResultElsewhereError,
  ResultTooLargeError,
} from './backends/errors.ts'
export {
  BrokerConnectionError,
  BrokerError,
  type BrokerErrorCode,
  DeclarationError,
  DeliveryLostError,
  DriverMissingError,
  NotRoutedError,
  PublishUnknownError,
} from './brokers/errors.ts'
export type { Celery, CeleryConf, CeleryControl, SignatureOptions } from './celery-app.ts'
export type { ApplyCall, Task, TaskSignatureOptions } from './celery-task.ts'
export { type CeleryOptions, createCelery } from './create-celery.ts'
export { NoResultBackendError } from './errors.ts'
export { createLogger, type LoggerOptions, type LogStream } from './logging/create-logger.ts'
export type { LogLevel } from './logging/log-level.ts'
export { Decimal } from './protocol/decimal.ts'
export { MessageError, type MessageErrorCode } from './protocol/message-error.ts'
export { PlainDate } from './protocol/plain-date.ts'
export { PlainTime } from './protocol/plain-time.ts'
export type { ResultTuple } from './protocol/result-tuple.ts'
export { SerializerMissingError } from './protocol/serializer-error.ts'
export type { SignatureData } from './protocol/signature-data.ts'
export type { TaskState } from './protocol/states.ts'
export type { ExceptionData, ExtendedMeta, TaskMeta } from './protocol/task-meta.ts'
export { Uuid } from './protocol/uuid.ts'
export { AsyncResult, type StateInfo } from './results/async-result.ts'
export { isTaskError, TaskError, TaskRevokedError, TaskTimeoutError } from './results/errors.ts'
export { GroupResult } from './results/group-result.ts'
export type { GetOptions, ResultNode, RevokeOptions } from './results/result-node.ts'
export type { ApplyOptions, Linked } from './sending/apply-options.ts'
export type { CeleryConfig, Settings } from './settings/settings.ts'
export { Signature } from './signature.ts'
export type { ErrorClass } from './task/error-class.ts'
export {
  CeleryTaskError,
  type CeleryTaskErrorCode,
  MaxRetriesExceededError,
  NotRegistered,
  SoftTimeLimitExceeded,
  TaskArgumentsError,
  TimeLimitExceeded,
  WorkerLostError,
} from './task/errors.ts'
export type { TaskListener } from './task/hook-table.ts'
export type { LogFields, Logger } from './task/logger.ts'
export type { ResolvedTaskOptions } from './task/resolved-task-options.ts'
export { currentTask } from './task/running-task.ts'
export { Ignore, Reject, Retry, type RetryPlan } from './task/signals.ts'
export type { RetryOptions, TaskContext } from './task/task-context.ts'
export type { AroundTask, TaskEventName, TaskEvents, TaskInfo } from './task/task-hooks.ts'
export type { TaskOptions, TaskOutcome } from './task/task-options.ts'
export type { DeliveryInfo, TaskRequest } from './task/task-request.ts'
export type { ArgsSchema, KwargsSchema, LooseKwargs } from './task/task-schema.ts'
export type { KwargsAreRequired, LastArgs, MissingArgs, TaskFunction } from './task/typed-task.ts'
export { type HealthServer, type HealthServerOptions, startHealthServer } from './worker/health-server.ts'
export type { StopOptions, Worker, WorkerEnd } from './worker/worker.ts'
export type { WorkerHealth } from './worker/worker-health.ts'
export type { WorkerOptions } from './worker/worker-options.ts'
export type { WorkerState } from './worker/worker-state.ts'
