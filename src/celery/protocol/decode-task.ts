import { asBuffer } from './body-text.ts'
import { decompress } from './compression.ts'
import type { ReadJsonOptions } from './json-parser.ts'
import { MAX_BYTES, MAX_NAME } from './limits.ts'
import type { Message } from './message.ts'
import { MessageError, type MessageOrigin, withOrigin } from './message-error.ts'
import { isRecord, readSignature, readSignatures } from './read-signature.ts'
import { decodeBody } from './serializers.ts'
import { FieldReader, type Fields, kindOf } from './task-fields.ts'
import { OWN_HEADERS } from './task-headers.ts'
import type { TaskMessage } from './task-message.ts'

/** How a message is read. */
export interface DecodeOptions extends ReadJsonOptions {
  /** The names or MIME types of the serializers that may be read; `['json']` by default. */
  readonly accept?: readonly string[] | undefined
  /** How large a body may be, in bytes; 64 MiB by default. */
  readonly maxBytes?: number | undefined
  /** How large a compressed body may become, in bytes; 64 MiB by default. */
  readonly maxInflatedBytes?: number | undefined
}

/**
 * Reads the message of a task: protocol 2, protocol 1, and the mixture of both. What decides how the task runs must be right;
 * what is only shown, and what is not known, does no harm.
 *
 * @throws MessageError with the name and id of the task as far as they can be read, never with its arguments.
 * `ERR_CELERY_MESSAGE`: it is no task, or a field is wrong; `reason` names it. `ERR_CELERY_CONTENT_TYPE`: the format is not
 * accepted, `pickle` never. `ERR_CELERY_COMPRESSION`: the compression is not supported. `ERR_CELERY_TOO_LARGE`: too many bytes
 * or digits, or too deep.
 * @see https://docs.celeryq.dev/en/stable/internals/protocol.html
 */
export function decodeTask(message: Message, options: DecodeOptions = {}): TaskMessage {
  const { headers } = message
  const origin: MessageOrigin = { taskId: textOf(headers['id']), taskName: textOf(headers['task']) }
  try {
    const body = readBody(message, options)
    if (Array.isArray(body)) return fromV2(message, body, origin)
    if (!isRecord(body))
      throw new MessageError('ERR_CELERY_MESSAGE', 'body', `expected the body of a task, found ${kindOf(body)}`)
    return fromV1(message, body)
  } catch (error) {
    throw withOrigin(error, origin)
  }
}

/** For log lines. */
function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value.slice(0, MAX_NAME) : undefined
}

function readBody(message: Message, options: DecodeOptions): unknown {
  const { maxBytes = MAX_BYTES, maxInflatedBytes = MAX_BYTES } = options
  let { body } = message
  if (body.length > maxBytes) {
    throw new MessageError(
      'ERR_CELERY_TOO_LARGE',
      'body',
      `the body has ${body.length} bytes; at most ${maxBytes} are read`,
    )
  }
  const compression = message.headers['compression']
  if (typeof compression === 'string' && compression !== '') body = decompress(body, compression, maxInflatedBytes)
  return decodeBody(asBuffer(body), message.contentType, options)
}

function fromV2(message: Message, body: readonly unknown[], origin: MessageOrigin): TaskMessage {
  if (message.headers['task'] === undefined) {
    throw new MessageError('ERR_CELERY_MESSAGE', 'task', 'the message has no header `task`, so it is no task')
  }
  if (body.length !== 3) {
    throw new MessageError('ERR_CELERY_MESSAGE', 'body', `expected a body of three items, found ${body.length}`, origin)
  }
  const [args, kwargs, embed] = body
  if (embed !== null && !isRecord(embed)) {
    throw new MessageError(
      'ERR_CELERY_MESSAGE',
      'embed',
      `expected \`embed\` to be an object, found ${kindOf(embed)}`,
      origin,
    )
  }
  return assemble(message, message.headers, args, kwargs, embed ?? NOTHING, origin)
}

const NOTHING: Fields = Object.freeze({})

/** The body is one object. Headers that are there as well win over it. */
function fromV1(message: Message, body: Fields): TaskMessage {
  // `taskset` is the older name of `group`, and wins.
  const named = body['taskset'] === undefined ? body : { ...body, group: body['taskset'] }
  const fields = message.headers['task'] === undefined ? named : { ...named, ...message.headers }
  if (fields['task'] === undefined) {
    throw new MessageError('ERR_CELERY_MESSAGE', 'task', 'neither the headers nor the body name a task')
  }
  const origin: MessageOrigin = { taskId: textOf(fields['id']), taskName: textOf(fields['task']) }
  const embed: Fields = { ...body, chain: null }
  return assemble(message, fields, body['args'], body['kwargs'], embed, origin)
}

function assemble(
  { headers, properties }: Message,
  fields: Fields,
  args: unknown,
  kwargs: unknown,
  embed: Fields,
  origin: MessageOrigin,
): TaskMessage {
  const read = new FieldReader(fields, origin)
  const task = read.name('task')
  const id = read.name('id')
  const [timeLimit, softTimeLimit] = read.limits('timelimit')
  const chord = embed['chord']
  return {
    task,
    id,
    args: Array.isArray(args) ? args : (args ?? undefined) === undefined ? [] : read.fail('args', 'an array', args),
    kwargs: isRecord(kwargs)
      ? kwargs
      : (kwargs ?? undefined) === undefined
        ? {}
        : read.fail('kwargs', 'an object', kwargs),
    callbacks: readSignatures(embed['callbacks'], 'callbacks'),
    errbacks: readSignatures(embed['errbacks'], 'errbacks'),
    chain: readSignatures(embed['chain'], 'chain'),
    chord: chord === undefined || chord === null ? undefined : readSignature(chord, 'chord'),
    eta: read.time('eta'),
    expires: read.time('expires'),
    retries: read.count('retries') ?? 0,
    timeLimit,
    softTimeLimit,
    group: read.text('group'),
    groupIndex: read.count('group_index'),
    rootId: read.text('root_id') || id,
    parentId: read.text('parent_id'),
    shadow: read.label('shadow'),
    argsrepr: read.label('argsrepr'),
    kwargsrepr: read.label('kwargsrepr'),
    origin: read.label('origin'),
    ignoreResult: read.flag('ignore_result'),
    replacedTaskNesting: read.count('replaced_task_nesting') ?? 0,
    stampedHeaders: read.labels('stamped_headers'),
    stamps: read.record('stamps') ?? NOTHING,
    headers: otherHeaders(headers),
    replyTo: properties.replyTo || undefined,
    priority: properties.priority,
  }
}

function otherHeaders(headers: Fields): Fields {
  let others: Record<string, unknown> | undefined
  for (const key of Object.keys(headers)) {
    if (OWN_HEADERS.has(key)) continue
    others ??= {}
    if (key !== '__proto__') others[key] = headers[key]
  }
  return others ?? NOTHING
}
