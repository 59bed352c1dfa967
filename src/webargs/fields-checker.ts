import { isPromiseLike, type MaybePromise } from '../lib/maybe-promise.ts'
import type { StandardSchemaV1 } from '../lib/standard-schema.ts'
import { all } from './all.ts'
import { fail } from './arg-field.ts'
import { delimitedOf } from './arg-lists.ts'
import type { ArgLocation } from './arg-location.ts'
import type { ArgsFields } from './args-types.ts'
import type { Base, Checker } from './checker.ts'
import type { LibraryIssue } from './library-issue.ts'
import type { Problems } from './problems.ts'
import { schemaFacts } from './schema-facts.ts'
import { type Validate, validatorOf } from './validator-of.ts'

type Result = StandardSchemaV1.Result<unknown>
type Input = Readonly<Record<string, unknown>>

interface Field {
  readonly name: string
  readonly vendor: string
  readonly validate: Validate
  /** What stands between the items of a list in one text. */
  readonly delimiter: string | undefined
  /** Whether every object has a member of this name (`constructor`), so that only an own one counts. */
  readonly inherited: boolean
}

/** Where the results of one object go. */
interface Sink {
  readonly output: Record<string, unknown>
  readonly problems: Problems
  readonly location: ArgLocation
  readonly base: Base
}

/** Fields by name, each with its schema, made ready for the loop that runs over them on every request. */
export class FieldsChecker implements Checker {
  readonly names: ReadonlySet<string>
  readonly lists: ReadonlySet<string>
  readonly open = false
  readonly wantsObject = true
  readonly #fields: readonly Field[]

  constructor(fields: ArgsFields) {
    this.#fields = Object.entries(fields).map(([name, schema]) => ({
      name,
      vendor: schema['~standard'].vendor,
      validate: validatorOf(schema),
      delimiter: delimitedOf(schema)?.delimiter,
      inherited: name in Object.prototype,
    }))
    this.names = new Set(Object.keys(fields))
    this.lists = new Set(
      Object.entries(fields).flatMap(([name, schema]) => (schemaFacts(schema)?.kind === 'list' ? [name] : [])),
    )
  }

  check(input: Input, problems: Problems, location: ArgLocation, base: Base): MaybePromise<unknown> {
    const output: Record<string, unknown> = {}
    for (let i = 0; i < this.#fields.length; i++) {
      const field = this.#fields[i] as Field
      const value = fieldValue(input, field)
      const result = validateField(field, value, problems, location)
      if (isPromiseLike(result)) return this.#checkRest(i, result, input, { output, problems, location, base })
      // What is missing stays missing, as in webargs.
      if (result.issues !== undefined) addFound(field, value, result, problems, location, base)
      else if (result.value !== undefined) output[field.name] = result.value
    }
    return output
  }

  /** From the first field on that takes its time. */
  async #checkRest(from: number, first: PromiseLike<Result>, input: Input, sink: Sink): Promise<unknown> {
    const { output, problems, location, base } = sink
    const rest = this.#fields.slice(from)
    const results = await all(rest, (field, i): MaybePromise<Result> => {
      return i === 0 ? first : validateField(field, fieldValue(input, field), problems, location)
    })
    for (const [i, result] of results.entries()) {
      const field = rest[i] as Field
      if (result.issues !== undefined) addFound(field, fieldValue(input, field), result, problems, location, base)
      else if (result.value !== undefined) output[field.name] = result.value
    }
    return output
  }
}

function fieldValue(input: Input, { name, inherited }: Field): unknown {
  return inherited && !Object.hasOwn(input, name) ? undefined : input[name]
}

function validateField(
  { validate, delimiter }: Field,
  value: unknown,
  { limits }: Problems,
  location: ArgLocation,
): MaybePromise<Result> {
  if (delimiter !== undefined && typeof value === 'string') {
    const most = location === 'json' ? limits.values : limits.fields
    if (hasMoreItems(value, delimiter, most)) return fail('too_large', `There are more than ${most} items.`)
  }
  return validate(value)
}

/** Counts without taking the text apart. */
function hasMoreItems(text: string, delimiter: string, most: number): boolean {
  let items = 1
  for (
    let at = text.indexOf(delimiter);
    at !== -1 && items <= most;
    at = text.indexOf(delimiter, at + delimiter.length)
  ) {
    items++
  }
  return items > most
}

function addFound(
  { name, vendor }: Field,
  value: unknown,
  { issues }: StandardSchemaV1.FailureResult,
  problems: Problems,
  location: ArgLocation,
  base: Base,
): void {
  problems.addFound(location, issues as readonly LibraryIssue[], vendor, value, [...base, name])
}
