import { isPromiseLike } from '../../lib/maybe-promise.ts'
import { type BoundArguments, bindArguments } from './bind-arguments.ts'
import type { RegisteredTask } from './registered-task.ts'
import type { ResolvedTaskOptions } from './resolved-task-options.ts'
import { retryOnFailure } from './retry-rules.ts'
import { Ignore, Reject, Retry } from './signals.ts'
import type { TaskContext } from './task-context.ts'
import type { TaskOptions, TaskOutcome } from './task-options.ts'
import { type DeclaredArguments, validateArguments } from './validate-arguments.ts'

/** What a task is made of. */
export interface TaskDefinition {
  readonly name: string
  readonly options: ResolvedTaskOptions
  readonly declared: Pick<TaskOptions, 'args' | 'kwargs' | 'parameters' | 'before' | 'after'>
  readonly fn: (context: TaskContext, ...args: unknown[]) => unknown
  /** As `Math.random`, for the jitter of retries. */
  readonly random: () => number
}

/** Makes a task as it is run: hooks around the function, arguments bound and validated, failures turned into retries. */
export function defineTask({ name, options, declared, fn, random }: TaskDefinition): RegisteredTask {
  const { args, kwargs, parameters = [], before, after } = declared
  const hasSchema = args !== undefined || kwargs !== undefined
  const call =
    hasSchema || parameters.length > 0 ? readThenCall(name, { args, kwargs, parameters }, fn) : callAsItIs(fn)
  const isBare = before === undefined && after === undefined && options.autoretryFor.length === 0
  return { name, options, run: isBare ? call : runWithHooks({ options, before, after, call, random }) }
}

type Run = RegisteredTask['run']

function callAsItIs(fn: TaskDefinition['fn']): Run {
  return (context, args) => fn(context, ...args)
}

function readThenCall(name: string, declared: DeclaredArguments, fn: TaskDefinition['fn']): Run {
  return (context, args, kwargs) => {
    const call = (read: BoundArguments) => fn(withKwargs(context, read.kwargs), ...read.args)
    const read = validateArguments(name, declared, bindArguments(name, declared.parameters, args, kwargs))
    return isPromiseLike(read) ? read.then(call) : call(read)
  }
}

/** The same context with other keyword arguments. What the worker makes only when asked for is not asked for here. */
export function withKwargs(context: TaskContext, kwargs: TaskContext['kwargs']): TaskContext {
  if (kwargs === context.kwargs) return context
  return {
    kwargs,
    request: context.request,
    logger: context.logger,
    get signal() {
      return context.signal
    },
    updateState: (state, meta) => context.updateState(state, meta),
    retry: (options) => context.retry(options),
  }
}

interface HookedRun extends Pick<TaskDefinition, 'options' | 'random'>, Pick<TaskOptions, 'before' | 'after'> {
  readonly call: Run
}

function runWithHooks({ options, random, before, after, call }: HookedRun): Run {
  const tell = async (context: TaskContext, outcome: TaskOutcome): Promise<void> => {
    try {
      await after?.(context, outcome)
    } catch (err) {
      context.logger.error({ err }, 'the `after` hook of the task failed')
    }
  }
  return async (context, args, kwargs) => {
    let result: unknown
    try {
      await before?.(context)
      result = await call(context, args, kwargs)
    } catch (thrown) {
      const error = retryOnFailure(context.request, options, thrown, random)
      await tell(context, { state: stateOf(error), error })
      throw error
    }
    await tell(context, { state: 'SUCCESS', result })
    return result
  }
}

function stateOf(error: unknown): 'RETRY' | 'REJECTED' | 'IGNORED' | 'FAILURE' {
  if (error instanceof Retry) return 'RETRY'
  if (error instanceof Reject) return 'REJECTED'
  return error instanceof Ignore ? 'IGNORED' : 'FAILURE'
}
