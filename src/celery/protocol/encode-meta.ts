import type { SerializerName } from './serializer.ts'
import { serializerOf } from './serializers.ts'
import type { ExtendedMeta, TaskMeta } from './task-meta.ts'
import { writeJson } from './write-json.ts'

/**
 * Writes a result as result stores keep it, its members in Python's order.
 *
 * @param serializer - `json` by default, which gives text; the others give bytes
 * @throws TypeError naming the place of what cannot be stored: `result.pages[0] is a function, …`
 * @see https://docs.celeryq.dev/en/stable/internals/protocol.html
 */
export function encodeMeta(meta: TaskMeta, serializer: SerializerName = 'json'): string | Uint8Array {
  return serializer === 'json' ? metaText(meta) : serializerOf(serializer).encode(storedMeta(meta), 'result')
}

/** Member by member, so that messages begin with `result`. */
function metaText(meta: TaskMeta): string {
  let text = ''
  for (const [key, value] of Object.entries(storedMeta(meta))) {
    text += `${text === '' ? '{' : ','}${writeJson(key)}:${writeJson(value, key)}`
  }
  return `${text}}`
}

/** A result by the names on the wire. */
export function storedMeta(meta: TaskMeta): Record<string, unknown> {
  return {
    status: meta.status,
    result: meta.result ?? null,
    traceback: meta.traceback ?? null,
    children: meta.children ?? null,
    date_done: meta.dateDone ?? null,
    ...(meta.groupId === undefined ? undefined : { group_id: meta.groupId }),
    ...(meta.parentId === undefined ? undefined : { parent_id: meta.parentId }),
    ...(meta.extended === undefined ? undefined : extendedMembers(meta.extended)),
    task_id: meta.taskId,
  }
}

function extendedMembers(extended: ExtendedMeta): Record<string, unknown> {
  const { name, args, kwargs, worker, retries, queue, stampedHeaders, stamps } = extended
  return {
    name,
    args,
    kwargs,
    worker,
    retries,
    queue: queue ?? null,
    ...(stamps && Object.keys(stamps).length > 0 ? { stamped_headers: stampedHeaders ?? null, ...stamps } : undefined),
  }
}
