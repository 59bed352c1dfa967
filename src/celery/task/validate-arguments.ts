import { describeIssue } from '../../config/describe-issue.ts'
import { isPromiseLike, type MaybePromise } from '../../lib/maybe-promise.ts'
import { issuePath, type StandardSchemaV1 } from '../../lib/standard-schema.ts'
import type { BoundArguments } from './bind-arguments.ts'
import { TaskArgumentsError } from './errors.ts'
import type { ArgsSchema, KwargsSchema } from './task-schema.ts'

/** What a task declares of its arguments. */
export interface DeclaredArguments {
  readonly args: ArgsSchema | undefined
  readonly kwargs: KwargsSchema | undefined
  /** Names of the positions, for messages. */
  readonly parameters: readonly string[]
}

type Checked = { readonly value: unknown } | { readonly problems: readonly string[] }

/**
 * Has the schemas of a task read the arguments of a call.
 *
 * @returns what the schemas give; a promise only when one of them answers with one
 * @throws TaskArgumentsError (ERR_CELERY_ARGUMENTS) with every problem and its path; never a value
 */
export function validateArguments(
  task: string,
  declared: DeclaredArguments,
  { args, kwargs }: BoundArguments,
): MaybePromise<BoundArguments> {
  const checkedArgs = check(declared.args, args, (path) => pathOfArg(declared.parameters, path))
  const checkedKwargs = check(declared.kwargs, kwargs, (path) => path.map(segment).join('.'))
  return isPromiseLike(checkedArgs) || isPromiseLike(checkedKwargs)
    ? Promise.all([checkedArgs, checkedKwargs]).then(([one, two]) => join(task, one, two))
    : join(task, checkedArgs, checkedKwargs)
}

function join(task: string, args: Checked, kwargs: Checked): BoundArguments {
  if ('value' in args && 'value' in kwargs) {
    return { args: args.value as unknown[], kwargs: kwargs.value as Record<string, unknown> }
  }
  throw new TaskArgumentsError(
    task,
    [args, kwargs].flatMap((checked) => ('problems' in checked ? checked.problems : [])),
  )
}

function check(
  schema: StandardSchemaV1 | undefined,
  value: unknown,
  name: (path: readonly PropertyKey[]) => string,
): MaybePromise<Checked> {
  if (schema === undefined) return { value }
  const read = (result: StandardSchemaV1.Result<unknown>): Checked =>
    result.issues === undefined
      ? { value: result.value }
      : { problems: result.issues.slice(0, MOST_PROBLEMS).map((issue) => describe(issue, value, name)) }
  const refused = (error: unknown): Checked => ({
    problems: [`arguments are refused: the schema's own code threw ${kindOf(error)}`],
  })
  try {
    const result = schema['~standard'].validate(value)
    return isPromiseLike(result) ? Promise.resolve(result).then(read, refused) : read(result)
  } catch (error) {
    return refused(error)
  }
}

/** A list of a million wrong items shall not make a message of a million lines. */
const MOST_PROBLEMS = 20

function describe(
  issue: StandardSchemaV1.Issue,
  value: unknown,
  name: (path: readonly PropertyKey[]) => string,
): string {
  const path = issuePath(issue)
  const own = textsOf(path.reduce<unknown>((inner, key) => memberOf(inner, key), value))
  const text = describeIssue(issue, own, textsOf(value))
  const where = name(path)
  return where === '' ? `arguments: ${text}` : `argument '${where}': ${text}`
}

/** `copies` or `1`, and what is below it. */
function pathOfArg(parameters: readonly string[], path: readonly PropertyKey[]): string {
  const [position, ...rest] = path
  const first = position === undefined ? undefined : (parameters[Number(position)] ?? String(position))
  return first === undefined ? '' : [first, ...rest.map(segment)].join('.')
}

/** Keys are the caller's too. */
function segment(key: PropertyKey): string {
  return String(key).slice(0, 80)
}

function memberOf(value: unknown, key: PropertyKey): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined
}

function kindOf(error: unknown): string {
  return error instanceof Error ? error.constructor.name : typeof error
}

/** The values inside a value as texts, some hundred at most: messages that show one of them are not passed on. */
function textsOf(value: unknown): string[] {
  const texts: string[] = []
  const visit = (inner: unknown, depth: number): void => {
    if (texts.length >= 200 || depth > 8 || inner === undefined || inner === null) return
    if (typeof inner !== 'object') texts.push(String(inner))
    else if (inner instanceof Date) texts.push(String(inner))
    else for (const member of Object.values(inner)) visit(member, depth + 1)
  }
  visit(value, 0)
  return texts
}
