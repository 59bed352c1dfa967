import { isPromiseLike } from '../lib/maybe-promise.ts'
import { admitObject, includeUnknown } from './admit.ts'
import {
  type Arg,
  type ArgOptions,
  type ArgValue,
  type Checked,
  createArg,
  failAll,
  type JsonSchema,
} from './arg-field.ts'
import type { UnknownPolicy } from './arg-location.ts'
import type { ArgsFields, FieldsOutput } from './args-types.ts'
import { AT_TOP, REFUSED } from './checker.ts'
import { createChecker } from './compile-shape.ts'
import { isRequired } from './is-required.ts'
import { jsonSchemaOf } from './json-schema-of.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import { Problems } from './problems.ts'

/** The options of `arg.object()`. */
export type ObjectOptions<T, Optional extends boolean, Nullable extends boolean> = ArgOptions<T, Optional, Nullable> & {
  /** What becomes of members that nobody declared. Default `'raise'`, as in webargs 8. */
  readonly unknown?: UnknownPolicy | undefined
}

/** An object in JSON: fields by name, each with its schema. */
export function object<
  const Fields extends ArgsFields,
  Optional extends boolean = false,
  Nullable extends boolean = false,
>(
  fields: Fields,
  options: ObjectOptions<FieldsOutput<Fields>, Optional, Nullable> = {},
): Arg<ArgValue<FieldsOutput<Fields>, Optional, Nullable>> {
  const faults: string[] = []
  const checker = createChecker(fields, faults, 'fields')
  if (faults.length > 0) throw new TypeError(faults.join('; '))
  // The location is only known to those who ask; it is not part of what leaves here.
  const admission = { checker, policy: options.unknown ?? 'raise', location: 'json' } as const

  const check = (value: unknown): Checked<FieldsOutput<Fields>> => {
    const problems = new Problems('both', DEFAULT_LIMITS)
    const input = admitObject(value, admission, problems, AT_TOP)
    const output = input === REFUSED ? undefined : checker.check(input, problems, 'json', AT_TOP)
    const settle = (settled: unknown) => {
      if (problems.issues.length > 0) return failAll(problems.issues)
      const members = value as Readonly<Record<string, unknown>>
      const all = includeUnknown(settled, admission, Object.keys(members), (name) => members[name])
      return { value: all as FieldsOutput<Fields> }
    }
    return isPromiseLike(output) ? Promise.resolve(output).then(settle) : settle(output)
  }
  return createArg({ check, json: objectSchema(fields, 'input'), outputJson: objectSchema(fields, 'output') }, options)
}

function objectSchema(fields: ArgsFields, side: 'input' | 'output'): JsonSchema {
  const entries = Object.entries(fields)
  return {
    type: 'object',
    properties: Object.fromEntries(entries.map(([name, field]) => [name, jsonSchemaOf(field, side) ?? {}])),
    required: entries.flatMap(([name, field]) => (isRequired(field) ? [name] : [])),
  }
}
