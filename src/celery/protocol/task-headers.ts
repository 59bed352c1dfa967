import { formatIso } from './iso-time.ts'
import { reprArgs, reprKwargs } from './python-repr.ts'
import type { TaskMessage } from './task-message.ts'
import { writeJson } from './write-json.ts'

/** The headers that are Celery's own; a {@link TaskMessage} keeps the others in `headers`. */
export const OWN_HEADERS: ReadonlySet<string> = new Set([
  'lang',
  'task',
  'id',
  'shadow',
  'eta',
  'expires',
  'group',
  'group_index',
  'retries',
  'timelimit',
  'root_id',
  'parent_id',
  'argsrepr',
  'kwargsrepr',
  'origin',
  'ignore_result',
  'replaced_task_nesting',
  'stamped_headers',
  'stamps',
  'compression',
])

/**
 * The headers of protocol 2, in Python's order. Those of the caller come last and win, as in Celery.
 *
 * @param argsreprMaxSize - in characters
 * @throws TypeError when `eta` or `expires` is no date that Python has, or a header of the caller's cannot be sent
 */
export function taskHeaders(task: TaskMessage, argsreprMaxSize: number | undefined): Record<string, unknown> {
  const headers: Record<string, unknown> = {
    lang: 'js',
    task: task.task,
    id: task.id,
    shadow: task.shadow ?? null,
    eta: isoOf(task.eta, 'eta'),
    expires: isoOf(task.expires, 'expires'),
    group: task.group ?? null,
    group_index: task.groupIndex ?? null,
    retries: task.retries,
    timelimit: [task.timeLimit ?? null, task.softTimeLimit ?? null],
    root_id: task.rootId,
    parent_id: task.parentId ?? null,
    argsrepr: task.argsrepr ?? reprArgs(task.args, argsreprMaxSize),
    kwargsrepr: task.kwargsrepr ?? reprKwargs(task.kwargs, argsreprMaxSize),
    origin: task.origin ?? null,
    ignore_result: task.ignoreResult,
    replaced_task_nesting: task.replacedTaskNesting,
    stamped_headers: task.stampedHeaders ?? null,
    stamps: task.stamps,
  }
  if (Object.keys(task.stamps).length > 0) assertSendable(task.stamps, 'stamps')
  const extra = Object.keys(task.headers)
  if (extra.length > 0) {
    assertSendable(task.headers, 'headers')
    for (const key of extra) headers[key] = task.headers[key]
  }
  return headers
}

function assertSendable(value: object, root: string): void {
  writeJson(value, root)
}

/** A time as it is in headers and in bodies of protocol 1. */
export function isoOf(date: Date | undefined, name: string): string | null {
  if (date === undefined) return null
  try {
    return formatIso(date)
  } catch (cause) {
    throw new TypeError(`\`${name}\`: ${(cause as Error).message}`, { cause })
  }
}
