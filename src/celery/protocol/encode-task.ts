import { compress } from './compression.ts'
import type { Message, MessageProperties } from './message.ts'
import type { SerializerName } from './serializer.ts'
import { encodeBody } from './serializers.ts'
import type { SignatureData } from './signature-data.ts'
import { isoOf, taskHeaders } from './task-headers.ts'
import type { TaskMessage } from './task-message.ts'
import { writeJson } from './write-json.ts'

/** How a task is written. */
export interface EncodeOptions {
  /** `json` by default. Others are to be loaded first, by `loadSerializer`. */
  readonly serializer?: SerializerName | undefined
  /** `gzip`, `brotli` or `zstd`; none by default. */
  readonly compression?: string | undefined
  /** 2 by default; 1 only for clusters that set `task_protocol = 1`. */
  readonly protocol?: 1 | 2 | undefined
  /** 1: gone when the broker restarts, 2: kept, the default. */
  readonly deliveryMode?: 1 | 2 | undefined
  /** How long the texts for logs and monitors may be, in characters; 1024 by default. */
  readonly argsreprMaxSize?: number | undefined
  /** The time, in milliseconds since 1970. With it, a task that expires gets the property by which RabbitMQ drops it. */
  readonly now?: number | undefined
}

/** The longest life RabbitMQ accepts, in milliseconds; it closes the channel for a longer one. The header holds in any case. */
const MAX_EXPIRATION = 2 ** 32 - 1

const NO_EMBED = '{"callbacks":null,"errbacks":null,"chain":null,"chord":null}'

/**
 * Writes a call of a task as the message Celery sends for it.
 *
 * @throws TypeError naming the place of what cannot be sent: `args[0].user.callback is a function, …`
 * @see https://docs.celeryq.dev/en/stable/internals/protocol.html
 */
export function encodeTask(task: TaskMessage, options: EncodeOptions = {}): Message {
  const { serializer = 'json', compression, protocol = 2 } = options
  if (!Array.isArray(task.args)) throw new TypeError('`args` must be an array')
  const encoded =
    serializer === 'json'
      ? { body: Buffer.from(protocol === 1 ? textOfV1(task) : textOfV2(task)), ...JSON_LABELS }
      : encodeBody(protocol === 1 ? bodyOfV1(task) : bodyOfV2(task), serializer, 'task')
  const headers = protocol === 1 ? { ...task.headers } : taskHeaders(task, options.argsreprMaxSize)
  const { contentType, contentEncoding } = encoded
  let { body } = encoded
  if (compression !== undefined) {
    const compressed = compress(body, compression)
    body = compressed.bytes
    headers['compression'] = compressed.contentType
  }
  return { body, contentType, contentEncoding, headers, properties: taskProperties(task, options) }
}

const JSON_LABELS = { contentType: 'application/json', contentEncoding: 'utf-8' } as const

function textOfV2(task: TaskMessage): string {
  const args = writeJson(task.args, 'args')
  const kwargs = writeJson(task.kwargs, 'kwargs')
  return `[${args},${kwargs},${hasEmbed(task) ? writeJson(embedOf(task), 'embed') : NO_EMBED}]`
}

function textOfV1(task: TaskMessage): string {
  return writeJson(bodyOfV1(task), 'task')
}

function bodyOfV2(task: TaskMessage): readonly unknown[] {
  return [task.args, task.kwargs, embedOf(task)]
}

function hasEmbed(task: TaskMessage): boolean {
  return task.callbacks.length > 0 || task.errbacks.length > 0 || task.chain.length > 0 || task.chord !== undefined
}

function embedOf(task: TaskMessage): Record<string, unknown> {
  return {
    callbacks: listOrNull(task.callbacks),
    errbacks: listOrNull(task.errbacks),
    chain: listOrNull(task.chain),
    chord: task.chord ?? null,
  }
}

function listOrNull(list: readonly SignatureData[]): readonly SignatureData[] | null {
  return list.length > 0 ? list : null
}

function bodyOfV1(task: TaskMessage): Record<string, unknown> {
  if (task.chain.length > 0) throw new TypeError('protocol 1 has no chains; set `task_protocol` to 2')
  const group = task.group ?? null
  return {
    task: task.task,
    id: task.id,
    args: task.args,
    kwargs: task.kwargs,
    group,
    group_index: task.groupIndex ?? null,
    retries: task.retries,
    eta: isoOf(task.eta, 'eta'),
    expires: isoOf(task.expires, 'expires'),
    utc: true,
    callbacks: listOrNull(task.callbacks),
    errbacks: listOrNull(task.errbacks),
    timelimit: [task.timeLimit ?? null, task.softTimeLimit ?? null],
    taskset: group,
    chord: task.chord ?? null,
  }
}

function taskProperties(task: TaskMessage, { deliveryMode = 2, now }: EncodeOptions): MessageProperties {
  const expiration = task.expires === undefined || now === undefined ? undefined : expirationOf(task.expires, now)
  const properties = {
    correlationId: task.id,
    replyTo: task.replyTo ?? '',
    deliveryMode,
    priority: task.priority ?? 0,
  }
  return expiration === undefined ? properties : { ...properties, expiration }
}

function expirationOf(expires: Date, now: number): string | undefined {
  const left = Math.max(0, Math.trunc(expires.getTime() - now))
  return left > MAX_EXPIRATION ? undefined : String(left)
}
