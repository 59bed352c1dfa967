import { assertNoProblems } from '../lib/problems.ts'
import { isStandardSchema, issuePath, type StandardSchemaV1 } from '../lib/standard-schema.ts'
import { declaredKeys } from './declared-keys.ts'
import { isPlainObject } from './plain-object.ts'
import { variableName } from './variable-name.ts'

/**
 * Finds what is wrong with a schema before it is asked: what is no schema, and keys that one variable would set.
 *
 * @throws TypeError with all of it
 */
export function assertSchema(schema: unknown): void {
  const problems: string[] = []
  findProblems(schema, [], problems)
  assertNoProblems('loadConfig', problems)
}

function findProblems(node: unknown, path: readonly string[], problems: string[]): void {
  const where = ['schema', ...path].join('.')
  if (!isStandardSchema(node) && !isPlainObject(node)) {
    problems.push(
      `\`${where}\` must be a Standard Schema (zod, valibot, arktype) or an object of them, found ${typeof node}`,
    )
    return
  }
  const keys = declaredKeys(node) ?? {}
  const seen = new Map<string, string>()
  for (const key of Object.keys(keys)) {
    const name = variableName(key)
    const other = seen.get(name)
    if (other !== undefined)
      problems.push(
        `\`${where}\` must give each key its own variable, found \`${other}\` and \`${key}\` for \`${name}\``,
      )
    seen.set(name, key)
    if (!isStandardSchema(node)) findProblems(keys[key], [...path, key], problems)
  }
}

/** What a check found: the configuration, or every issue with its whole path. */
export type Checked =
  | { readonly value: unknown; readonly issues?: undefined }
  | { readonly issues: readonly PathIssue[] }

/** An issue as the schema's library made it, and where it belongs. */
export interface PathIssue {
  readonly path: readonly PropertyKey[]
  readonly issue: StandardSchemaV1.Issue
}

/**
 * Asks a schema, or each schema of a shape, about a value.
 *
 * @throws TypeError when a schema answers with a promise
 */
export function check(schema: unknown, value: unknown, path: readonly PropertyKey[] = []): Checked {
  return isStandardSchema(schema) ? checkSchema(schema, value, path) : checkShape(schema as object, value, path)
}

function checkSchema(schema: StandardSchemaV1, value: unknown, path: readonly PropertyKey[]): Checked {
  const result = validate(schema, value)
  if (result instanceof Promise || 'then' in result) {
    void Promise.resolve(result).catch(() => undefined)
    throw new TypeError(
      `\`${['schema', ...path.map(String)].join('.')}\` must answer at once, found a promise; it comes from an asynchronous check, or with zod from a transform that throws (use \`ctx.addIssue\` there)`,
    )
  }
  if (result.issues === undefined) return { value: result.value }
  return {
    issues: result.issues.map((issue) => ({ path: [...path, ...issuePath(issue)], issue })),
  }
}

/** A schema's own code may throw an error that holds the value, as `new URL(text)` does: only its kind is told. */
function validate(schema: StandardSchemaV1, value: unknown): ReturnType<StandardSchemaV1['~standard']['validate']> {
  try {
    return schema['~standard'].validate(value)
  } catch (error) {
    const kind = error instanceof Error ? error.constructor.name : typeof error
    return { issues: [{ message: `is refused: the schema's own code threw ${kind}` }] }
  }
}

function checkShape(shape: object, value: unknown, path: readonly PropertyKey[]): Checked {
  if (value !== undefined && !isPlainObject(value)) {
    return { issues: [{ path, issue: { message: 'must be an object' } }] }
  }
  const issues: PathIssue[] = []
  const entries: [string, unknown][] = []
  for (const [key, node] of Object.entries(shape)) {
    const result = check(node, value !== undefined && Object.hasOwn(value, key) ? value[key] : undefined, [
      ...path,
      key,
    ])
    if (result.issues !== undefined) issues.push(...result.issues)
    else if (result.value !== undefined) entries.push([key, result.value])
  }
  return issues.length > 0 ? { issues } : { value: Object.fromEntries(entries) }
}
