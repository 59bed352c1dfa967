import type { RegisteredTask } from '../task/registered-task.ts'
import { resolveTaskOptions } from '../task/resolve-task-options.ts'
import type { TaskOptions } from '../task/task-options.ts'
import type { BuiltinCall } from './builtin-call.ts'
import { sendOldChord, sendOldGroup } from './builtin-canvas.ts'
import { unlockChord } from './builtin-chord-unlock.ts'
import { runForEach, sendChunks } from './builtin-map.ts'
import type { WorkerHost } from './worker-host.ts'

interface Builtin {
  readonly parameters: readonly string[]
  readonly options?: TaskOptions
  readonly run: (call: BuiltinCall) => unknown
}

/** What senders in Python take for granted that every worker has. */
const builtins: Readonly<Record<string, Builtin>> = {
  'celery.map': { parameters: ['task', 'it'], run: (call) => runForEach(call, (item) => [item]) },
  'celery.starmap': { parameters: ['task', 'it'], run: (call) => runForEach(call, toArguments) },
  'celery.chunks': { parameters: ['task', 'it', 'n'], run: sendChunks },
  'celery.accumulate': { parameters: [], run: ({ args, named }) => accumulate(args, named['index']) },
  // Every store we know lets results expire by itself.
  'celery.backend_cleanup': { parameters: [], run: () => null },
  'celery.chord_unlock': {
    parameters: ['group_id', 'callback', 'interval', 'max_retries', 'result'],
    options: { maxRetries: null, ignoreResult: true },
    run: unlockChord,
  },
  'celery.group': { parameters: ['tasks', 'result', 'group_id', 'partial_args'], run: sendOldGroup },
  'celery.chord': { parameters: ['header', 'body', 'partial_args'], run: sendOldChord },
  'celery.chain': {
    parameters: [],
    run: () => {
      throw new TypeError('chain is not a real task: its first task is sent, and carries the others')
    },
  },
}

/**
 * The tasks that Celery itself brings, which senders in Python use without asking whether a worker has them.
 *
 * @see https://docs.celeryq.dev/en/stable/userguide/canvas.html
 */
export function createBuiltinTasks(host: WorkerHost): ReadonlyMap<string, RegisteredTask> {
  return new Map(Object.entries(builtins).map(([name, builtin]) => [name, createTask(host, name, builtin)]))
}

function createTask(host: WorkerHost, name: string, { parameters, options = {}, run }: Builtin): RegisteredTask {
  return {
    name,
    options: resolveTaskOptions(name, options, host.settings),
    run: (context, args, kwargs) => {
      const positional = Object.fromEntries(parameters.map((parameter, index) => [parameter, args[index]]))
      return run({ host, context, args, named: { ...positional, ...kwargs } })
    },
  }
}

/** The body of a group that replaced a task: what its parts gave, or one of them. */
function accumulate(args: readonly unknown[], index: unknown): unknown {
  return typeof index === 'number' ? args.at(index) : args
}

function toArguments(item: unknown): readonly unknown[] {
  if (Array.isArray(item)) return item
  throw new TypeError('celery.starmap() needs an array of arguments for each call')
}
