import { TaskArgumentsError } from './errors.ts'

/** A call's arguments after names were bound to positions. */
export interface BoundArguments {
  readonly args: readonly unknown[]
  /** What no parameter has the name of. */
  readonly kwargs: Readonly<Record<string, unknown>>
}

/**
 * Puts arguments given by name to the positions that have those names, as Python does.
 *
 * @param parameters - the names, in order
 * @throws TaskArgumentsError (ERR_CELERY_ARGUMENTS) when one is given both ways
 */
export function bindArguments(
  task: string,
  parameters: readonly string[],
  args: readonly unknown[],
  kwargs: Readonly<Record<string, unknown>>,
): BoundArguments {
  let bound: unknown[] | undefined
  let rest: Record<string, unknown> | undefined
  for (const [position, name] of parameters.entries()) {
    if (!Object.hasOwn(kwargs, name)) continue
    if (position < args.length) throw new TaskArgumentsError(task, [`got multiple values for argument '${name}'`])
    bound ??= [...args]
    // What lies between stays undefined, so that the function's own defaults hold.
    while (bound.length < position) bound.push(undefined)
    bound[position] = kwargs[name]
    rest ??= { ...kwargs }
    delete rest[name]
  }
  return { args: bound ?? args, kwargs: rest ?? kwargs }
}
