import type { Caller } from './caller.ts'
import type { Task } from './celery-task.ts'
import type { ApplyOptions } from './sending/apply-options.ts'
import { NO_OPTIONS } from './sending/call-options.ts'
import { readApplyOptions } from './sending/read-apply-options.ts'
import { Signature } from './signature.ts'
import type { TaskEntry } from './task-table.ts'

type Untyped = Task<readonly unknown[]>
const NO_KWARGS = Object.freeze({})

/** Makes what calls a task. Its types are those that `celery.task` says. */
export function createTask(entry: TaskEntry, caller: Caller): Untyped {
  const { name, options } = entry.task
  const read = (method: string, given: ApplyOptions | undefined) => {
    if (given === undefined) return { kwargs: NO_KWARGS, rest: NO_OPTIONS }
    const { kwargs = NO_KWARGS, ...rest } = given
    return { kwargs, rest: readApplyOptions(`${name}.${method}`, rest) }
  }
  const sign = (args: readonly unknown[], given: ApplyOptions | undefined, immutable: boolean) => {
    const { kwargs, rest } = read('signature', given)
    return new Signature(name, (...call) => caller.call(...call), { args, kwargs, options: rest, immutable })
  }
  const task = {
    name,
    options,
    delay: (...args: readonly unknown[]) => caller.call(name, args, NO_KWARGS, NO_OPTIONS),
    applyAsync: async (args: readonly unknown[] = [], given?: ApplyOptions) => {
      const { kwargs, rest } = read('applyAsync', given)
      return caller.call(name, args, kwargs, rest)
    },
    apply: async (args: readonly unknown[] = [], given?: ApplyOptions) => {
      const { kwargs, rest } = read('apply', given)
      return caller.apply(entry, args, kwargs, rest, false)
    },
    s: (...args: readonly unknown[]) => sign(args, undefined, false),
    si: (...args: readonly unknown[]) => sign(args, undefined, true),
    signature: (
      args: readonly unknown[],
      { immutable = false, ...given }: ApplyOptions & { immutable?: boolean } = {},
    ) => sign(args, given, immutable),
  }
  return task as unknown as Untyped
}
