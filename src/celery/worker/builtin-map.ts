import { randomUUID } from 'node:crypto'
import { groupTuple, type ResultTuple } from '../protocol/result-tuple.ts'
import { withKwargs } from '../task/define-task.ts'
import { NotRegistered } from '../task/errors.ts'
import { runningTask } from '../task/running-task.ts'
import type { BuiltinCall } from './builtin-call.ts'
import { sendMember } from './builtin-canvas.ts'
import { signaturesOf } from './signatures-of.ts'

/** Calls a task with each item, one after the other, in this one message. */
export async function runForEach(
  { host, context, named }: BuiltinCall,
  toArgs: (item: unknown) => readonly unknown[],
): Promise<unknown[]> {
  const name = innerName(named['task'])
  const task = host.findTask(name)
  if (task === undefined) throw new NotRegistered(name)
  const inner = withKwargs(context, {})
  const results: unknown[] = []
  for (const item of itemsOf(named['it'])) results.push((await task.run(inner, toArgs(item), {})) ?? null)
  return results
}

/** Sends the items in parts of `n`, each a call of `celery.starmap`. */
export async function sendChunks(call: BuiltinCall): Promise<ResultTuple> {
  const { task, it, n } = call.named
  const items = itemsOf(it)
  const size = typeof n === 'number' && n >= 1 ? Math.floor(n) : items.length || 1
  const group = randomUUID()
  const members: ResultTuple[] = []
  for (let start = 0; start < items.length; start += size) {
    const kwargs = { task, it: items.slice(start, start + size) }
    const signature = {
      task: 'celery.starmap',
      args: [],
      kwargs,
      options: {},
      subtask_type: 'xstarmap',
      immutable: false,
    }
    members.push(await sendMember(call, signature, { group_id: group, group_index: members.length }))
  }
  const result = groupTuple(group, members)
  runningTask()?.children.push(result)
  return result
}

/** The task of a signature; its own arguments do not count, as in Python. */
function innerName(value: unknown): string {
  const [signature] = signaturesOf(value)
  if (signature !== undefined) return signature.task
  throw new TypeError('expected `task` to be a signature')
}

function itemsOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw new TypeError('expected `it` to be an array')
}
