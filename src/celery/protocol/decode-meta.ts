import { bodyText } from './body-text.ts'
import { formatIso, hasOffset, parseIso } from './iso-time.ts'
import type { ReadJsonOptions } from './json-parser.ts'
import { MAX_BYTES } from './limits.ts'
import { MessageError, withOrigin } from './message-error.ts'
import { readJson } from './read-json.ts'
import { isRecord } from './read-signature.ts'
import type { SerializerName } from './serializer.ts'
import { serializerOf } from './serializers.ts'
import { kindOf } from './task-fields.ts'
import type { ExtendedMeta, TaskMeta } from './task-meta.ts'

/** How a stored result is read. */
export interface DecodeMetaOptions extends ReadJsonOptions {
  /** `json` by default. */
  readonly serializer?: SerializerName | undefined
  /** The id, where it is not stored with the result. */
  readonly taskId?: string | undefined
  /** How large it may be, in bytes or characters; 64 MiB by default. */
  readonly maxBytes?: number | undefined
}

/**
 * Reads a result as a result store keeps it: `status` must be there, all else may lack.
 *
 * @throws MessageError `ERR_CELERY_MESSAGE` when it is none, `ERR_CELERY_TOO_LARGE` when it is too large; never with the result
 */
export function decodeMeta(data: Uint8Array | string, options: DecodeMetaOptions = {}): TaskMeta {
  const { serializer = 'json', taskId, maxBytes = MAX_BYTES } = options
  if (data.length > maxBytes) {
    throw new MessageError('ERR_CELERY_TOO_LARGE', 'body', `the result has more than ${maxBytes} bytes`, { taskId })
  }
  return readMeta(parse(data, serializer, options), taskId)
}

function parse(data: Uint8Array | string, serializer: SerializerName, options: DecodeMetaOptions): unknown {
  try {
    if (serializer === 'json') return readJson(typeof data === 'string' ? data : bodyText(data), options)
    return serializerOf(serializer).decode(typeof data === 'string' ? Buffer.from(data) : data, options)
  } catch (error) {
    throw withOrigin(error, { taskId: options.taskId })
  }
}

/**
 * Reads a result that is already parsed, such as the body of a message of `rpc://`.
 *
 * @param taskId - the id, where it is not stored with the result
 * @throws MessageError `ERR_CELERY_MESSAGE` when it is none
 */
export function readMeta(value: unknown, taskId?: string): TaskMeta {
  const fail = (expected: string, found: unknown): never => {
    throw new MessageError('ERR_CELERY_MESSAGE', 'result', `expected ${expected}, found ${kindOf(found)}`, { taskId })
  }
  if (!isRecord(value)) return fail('a result, an object', value)
  const { status, task_id: id = taskId } = value
  if (typeof status !== 'string' || status === '') return fail('`status` to be a state', status)
  if (typeof id !== 'string' || id === '') return fail('`task_id` to be a text', id)
  const extended = readExtended(value)
  return {
    taskId: id,
    status,
    result: value['result'] ?? null,
    traceback: textOf(value['traceback']),
    children: Array.isArray(value['children']) ? value['children'] : undefined,
    dateDone: dateDoneOf(value['date_done']),
    groupId: textOf(value['group_id']),
    parentId: textOf(value['parent_id']),
    ...(extended === undefined ? undefined : { extended }),
  }
}

/** Celery before 5.3 leaves the offset out, and means UTC. */
function dateDoneOf(value: unknown): string | undefined {
  if (value instanceof Date) return formatIso(value)
  if (typeof value !== 'string') return undefined
  return hasOffset(value) || parseIso(value) === undefined ? value : `${value}+00:00`
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** What `result_extended` adds; there when the name of the task is. */
function readExtended(value: Record<string, unknown>): ExtendedMeta | undefined {
  const { name, args, kwargs, worker, retries, queue, stamped_headers: stamped } = value
  if (typeof name !== 'string') return undefined
  const stampedHeaders = Array.isArray(stamped) ? stamped.filter((one) => typeof one === 'string') : undefined
  return {
    name,
    args: Array.isArray(args) ? args : [],
    kwargs: isRecord(kwargs) ? kwargs : {},
    worker: textOf(worker) ?? '',
    retries: typeof retries === 'number' ? retries : 0,
    queue: textOf(queue),
    ...(stampedHeaders && {
      stampedHeaders,
      stamps: Object.fromEntries(stampedHeaders.map((key) => [key, value[key]])),
    }),
  }
}
