import { formatIso, parseIso } from '../protocol/iso-time.ts'
import type { SignatureData } from '../protocol/signature-data.ts'
import type { CallOptions } from './call-options.ts'

/*
 * The options of a signature as they travel: the arguments of Celery's `apply_async` by their own names, and what Celery notes
 * beside them when a signature is frozen (`task_id`, `root_id`, `group_id`, `chord`, stamps by their names).
 */

type Wire = Readonly<Record<string, unknown>>

/** Writes the options of a signature. Times are written as text, which every serializer carries. */
export function toWireOptions(options: CallOptions): Record<string, unknown> {
  const { eta, expires } = options
  const wire: Record<string, unknown> = {
    queue: options.queue,
    exchange: options.exchange,
    routing_key: options.routingKey,
    priority: options.priority,
    serializer: options.serializer,
    compression: options.compression,
    countdown: options.countdown,
    eta: eta === undefined ? undefined : formatIso(eta),
    expires: expires instanceof Date ? formatIso(expires) : expires,
    time_limit: options.timeLimit,
    soft_time_limit: options.softTimeLimit,
    ignore_result: options.ignoreResult,
    retries: options.retries,
    headers: options.headers,
    link: options.callbacks,
    link_error: options.errbacks,
    task_id: options.taskId,
    shadow: options.shadow,
    reply_to: options.replyTo,
    argsrepr: options.argsrepr,
    kwargsrepr: options.kwargsrepr,
    root_id: options.rootId,
    parent_id: options.parentId,
    group_id: options.group,
    group_index: options.groupIndex,
    chain: options.chain,
    chord: options.chord,
    stamped_headers: options.stampedHeaders,
    ...options.stamps,
  }
  for (const name of Object.keys(wire)) if (wire[name] === undefined) delete wire[name]
  return wire
}

/** Reads the options of a signature, whoever wrote them: what is of another type than it should be is passed over. */
export function readWireOptions(wire: Wire): CallOptions {
  const stampedHeaders = texts(wire['stamped_headers'])
  return {
    queue: queueName(wire['queue']),
    exchange: text(wire['exchange']),
    routingKey: text(wire['routing_key']),
    priority: number(wire['priority']),
    serializer: text(wire['serializer']),
    compression: text(wire['compression']),
    countdown: number(wire['countdown']),
    eta: instant(wire['eta']),
    expires: number(wire['expires']) ?? instant(wire['expires']),
    timeLimit: number(wire['time_limit']),
    softTimeLimit: number(wire['soft_time_limit']),
    ignoreResult: typeof wire['ignore_result'] === 'boolean' ? wire['ignore_result'] : undefined,
    retries: number(wire['retries']),
    headers: isObject(wire['headers']) ? wire['headers'] : undefined,
    callbacks: signatures(wire['link']),
    errbacks: signatures(wire['link_error']),
    taskId: text(wire['task_id']),
    shadow: text(wire['shadow']),
    replyTo: text(wire['reply_to']),
    argsrepr: text(wire['argsrepr']),
    kwargsrepr: text(wire['kwargsrepr']),
    rootId: text(wire['root_id']),
    parentId: text(wire['parent_id']),
    group: text(wire['group_id']),
    groupIndex: number(wire['group_index']),
    chain: signatures(wire['chain']),
    chord: signature(wire['chord']),
    stampedHeaders,
    stamps: stampedHeaders && Object.fromEntries(stampedHeaders.map((name) => [name, wire[name]])),
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** Python may note the queue itself instead of its name. */
function queueName(value: unknown): string | undefined {
  return isObject(value) ? text(value['name']) : text(value)
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

function instant(value: unknown): Date | undefined {
  if (value instanceof Date) return value
  return typeof value === 'string' ? parseIso(value) : undefined
}

function texts(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : undefined
}

function signature(value: unknown): SignatureData | undefined {
  return isSignatureData(value) ? value : undefined
}

function signatures(value: unknown): readonly SignatureData[] | undefined {
  if (value === undefined || value === null) return undefined
  return (Array.isArray(value) ? value : [value]).filter(isSignatureData)
}

function isSignatureData(value: unknown): value is SignatureData {
  return isObject(value) && typeof value['task'] === 'string'
}

function isObject(value: unknown): value is Wire {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
