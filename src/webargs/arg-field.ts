import type { StandardSchemaV1 } from '../lib/standard-schema.ts'
import { type ArgIssueCode, CODE_MESSAGES } from './arg-issue.ts'
import { type PlacedIssue, VENDOR } from './to-arg-issues.ts'

/** A JSON Schema, as plain data. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** Writes a JSON Schema, by the extension of Standard Schema for it. */
export interface JsonSchemaConverter {
  readonly input: (options: { readonly target: string }) => Record<string, unknown>
  readonly output: (options: { readonly target: string }) => Record<string, unknown>
}

/** A field made by `arg`: a Standard Schema that also reads text, and says what it is as JSON Schema. */
export interface Arg<Output> extends StandardSchemaV1<unknown, Output> {
  readonly '~standard': StandardSchemaV1.Props<unknown, Output> & { readonly jsonSchema: JsonSchemaConverter }
}

/** What every field may be given. */
export interface ArgOptions<T, Optional extends boolean = false, Nullable extends boolean = false> {
  /** Whether it may be missing; it is then not in `args` at all. Default false. */
  readonly optional?: Optional | undefined
  /** Whether a JSON body may hold `null`. Default false. */
  readonly nullable?: Nullable | undefined
  /**
   * What is in `args` when it is missing; an object is copied for each request, and a function makes a new one each time. It
   * is not checked.
   */
  readonly default?: T | (() => T) | undefined
  /** For the documentation of the API. */
  readonly description?: string | undefined
}

/** The output of a field by its options. */
export type ArgValue<T, Optional extends boolean, Nullable extends boolean> =
  | T
  | (true extends Optional ? undefined : never)
  | (true extends Nullable ? null : never)

/** What a check gives: the value, or what is wrong with it. */
export type Checked<T> = StandardSchemaV1.Result<T> | Promise<StandardSchemaV1.Result<T>>

/** What makes one kind of field. */
export interface ArgKind<T> {
  /** Gets neither `undefined` nor `null`. */
  readonly check: (value: unknown) => Checked<T>
  readonly json: JsonSchema
  /** The same for outputs, where it differs. */
  readonly outputJson?: JsonSchema
}

/** A field of one kind, with the options that all have in common. */
export function createArg<T, Optional extends boolean, Nullable extends boolean>(
  { check, json, outputJson = json }: ArgKind<T>,
  options: ArgOptions<T, Optional, Nullable>,
): Arg<ArgValue<T, Optional, Nullable>> {
  type Value = ArgValue<T, Optional, Nullable>
  const { nullable, description } = options
  const missing = whenMissing<T>(options)
  const whenNull: Checked<T | null> = nullable === true ? { value: null } : fail('null')
  const validate = (value: unknown): Checked<T | null | undefined> =>
    value === undefined ? missing() : value === null ? whenNull : check(value)
  const describe = (schema: JsonSchema) => () => ({
    ...(nullable === true ? { anyOf: [schema, { type: 'null' }] } : schema),
    ...(description === undefined ? {} : { description }),
    ...(options.default === undefined || typeof options.default === 'function' ? {} : { default: options.default }),
  })
  return {
    '~standard': {
      version: 1,
      vendor: VENDOR,
      validate: validate as (value: unknown) => Checked<Value>,
      jsonSchema: { input: describe(json), output: describe(outputJson) },
    },
  }
}

function whenMissing<T>({
  optional,
  default: fallback,
}: ArgOptions<T, boolean, boolean>): () => StandardSchemaV1.Result<T | undefined> {
  if (fallback !== undefined) {
    if (optional === true)
      throw new TypeError('`optional` and `default` exclude each other: a field with a default is always there')
    if (typeof fallback === 'function') return () => ({ value: (fallback as () => T)() })
    if (typeof fallback !== 'object') return () => ({ value: fallback })
    // What a view changes must not be that of the next request.
    const kept = copyOf(fallback)
    return () => ({ value: structuredClone(kept) })
  }
  const result = optional === true ? { value: undefined } : fail('missing')
  return () => result
}

function copyOf<T>(value: T): T {
  try {
    return structuredClone(value)
  } catch (cause) {
    throw new TypeError('`default` must be a value that can be copied for each request, or a function that makes one', {
      cause,
    })
  }
}

/** One fault of the value itself; made at set-up and reused. */
export function fail(code: ArgIssueCode, message: string = CODE_MESSAGES[code]): StandardSchemaV1.FailureResult {
  return failAll([{ path: [], code, message }])
}

/** Faults at and below the value. */
export function failAll(issues: readonly PlacedIssue[]): StandardSchemaV1.FailureResult {
  return { issues }
}
