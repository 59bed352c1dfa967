import { describeStep } from '../http/describe-step.ts'
import type { HttpRequest } from '../http/request.ts'
import type { RequestContext } from '../http/request-context.ts'
import { aroundStep } from '../lib/around.ts'
import type { MaybePromise } from '../lib/maybe-promise.ts'
import { declare, declaresFiles } from './args-declaration.ts'
import type { ArgsPlan } from './args-plan.ts'
import { type ArgsOptions, type ArgsSettings, DEFAULT_SETTINGS, withOptions } from './args-settings.ts'
import type { ArgsOutput, ArgsShape, ArgsStep } from './args-types.ts'
import { createPlan } from './create-plan.ts'
import { describeArgs } from './describe-args.ts'
import { removeUploads } from './multipart-body.ts'

/** What one declaration may be told beside {@link ArgsOptions}. */
export interface UseArgsOptions<Many extends boolean = boolean> extends ArgsOptions {
  /** Whether the JSON body is a list of the shape; `args` is then a list, and errors are by index. Default false. */
  readonly many?: Many | undefined
}

/** The type of `args` for a shape, with `many` or without. */
export type ArgsResult<Shape, Many extends boolean> = true extends Many ? ArgsOutput<Shape>[] : ArgsOutput<Shape>

/**
 * A parser of arguments with defaults of its own: where they are looked for, what becomes of unknown fields, how errors are
 * laid out, their statuses, and what is done with an error. `useArgs` and `parser` are those of one without any.
 *
 * @example
 * ```ts
 * import { ArgsParser } from 'twopi/webargs'
 *
 * // Replies as those of webargs 5, which the clients of this API know.
 * export const { useArgs } = new ArgsParser({ firstOf: ['query', 'form', 'json'], layout: 'flat' })
 * ```
 */
export class ArgsParser {
  readonly #settings: ArgsSettings
  readonly #plans = new WeakMap<object, WeakMap<object, ArgsPlan>>()

  /**
   * @param options - what all declarations of this parser start from
   * @throws TypeError with everything that is wrong with the options
   */
  constructor(options: ArgsOptions = {}) {
    if ('many' in options) throw new TypeError('`many`: no such option of a parser; each useArgs says it')
    this.#settings = withOptions(DEFAULT_SETTINGS, options)
  }

  /**
   * A step that adds `args` to the context: what the shape makes of the request. It is a property, so it may be taken off
   * the parser.
   *
   * @param shape - a Standard Schema, fields by name, or `inLocations({ … })`
   * @param options - what differs from the parser
   * @throws TypeError at set-up, with everything that is wrong with the shape and the options
   * @throws ValidationError on a request, with everything that is wrong with it: `ERR_ARGS_INVALID` (422),
   *   `ERR_ARGS_MALFORMED` (400), `ERR_ARGS_CONTENT_TYPE` (415), `ERR_ARGS_TOO_LARGE` (413)
   */
  readonly useArgs: <const Shape extends ArgsShape, Many extends boolean = false>(
    shape: Shape,
    options?: UseArgsOptions<Many>,
  ) => ArgsStep<ArgsResult<Shape, Many>> = (shape, options = {}) => {
    const { many = false } = options
    const settings = withOptions(this.#settings, options)
    const plan = createPlan(shape, settings, many)
    const { names } = plan.source
    const read: ReadStep = ({ request, args: earlier }) =>
      plan.read(request, (args) => ({ args: merge(earlier, args, names) }))
    const declaration = { shape, many, settings, names }
    const step = declaresFiles(declaration) ? withUploads(read) : read
    return describeStep(declare(step, declaration), () => describeArgs(declaration)) as ArgsStep<never>
  }

  /**
   * The same for code that is no pipeline: what the shape makes of a request.
   *
   * @param shape - a Standard Schema, fields by name, or `inLocations({ … })`; keep it, because a new one is made ready anew
   * @param request - from the context of a view
   * @param options - what differs from the parser
   * @throws TypeError, ValidationError as `useArgs`; a TypeError for the location `files`, which only a step can clean up after
   *
   * @example
   * ```ts
   * import type { RequestContext } from 'twopi/http'
   * import { arg, parser } from 'twopi/webargs'
   *
   * const paging = { page: arg.int({ min: 1, default: 1 }) }
   * const inQuery = { location: 'query' } as const
   *
   * export async function view({ request }: RequestContext) {
   *   const { page } = await parser.parse(paging, request, inQuery)
   *   return { page }
   * }
   * ```
   */
  async parse<const Shape extends ArgsShape, Many extends boolean = false>(
    shape: Shape,
    request: HttpRequest,
    options: UseArgsOptions<Many> = NO_OPTIONS,
  ): Promise<ArgsResult<Shape, Many>> {
    return this.#planOf(shape, options).read(request, (args) => args as ArgsResult<Shape, Many>)
  }

  #planOf(shape: ArgsShape, options: UseArgsOptions): ArgsPlan {
    let plans = this.#plans.get(shape)
    if (plans === undefined) {
      plans = new WeakMap()
      this.#plans.set(shape, plans)
    }
    let plan = plans.get(options)
    if (plan === undefined) {
      const settings = withOptions(this.#settings, options)
      if (declaresFiles({ shape, settings })) {
        throw new TypeError(
          '`files` need the step useArgs(), which removes them at the end; parse() cannot know the end',
        )
      }
      plan = createPlan(shape, settings, options.many ?? false)
      plans.set(options, plan)
    }
    return plan
  }
}

const NO_OPTIONS = {}

type ArgsContext = RequestContext & { readonly args?: unknown }
type ReadStep = (context: ArgsContext) => MaybePromise<{ readonly args: unknown }>

/** Uploads exist until what stands after the step is done, however it ends. */
function withUploads(read: ReadStep): () => never {
  return aroundStep('useArgs', async (context: ArgsContext, next: (added: object) => unknown) => {
    try {
      return await next(await read(context))
    } finally {
      await removeUploads(context.request)
    }
  })
}

/** What was declared goes before what merely came along, whichever of the two steps stands first. */
function merge(earlier: unknown, args: unknown, names: ReadonlySet<string> | undefined): unknown {
  if (typeof earlier !== 'object' || earlier === null || typeof args !== 'object' || args === null) return args
  const merged: Record<string, unknown> = { ...earlier }
  for (const [name, value] of Object.entries(args)) {
    if (names?.has(name) === true || !Object.hasOwn(merged, name)) merged[name] = value
  }
  return merged
}
