import { isPromiseLike, type MaybePromise } from '../lib/maybe-promise.ts'
import type { StandardSchemaV1 } from '../lib/standard-schema.ts'
import type { ArgLocation } from './arg-location.ts'
import type { Base, Checker } from './checker.ts'
import type { LibraryIssue } from './library-issue.ts'
import type { Problems } from './problems.ts'
import { schemaFacts } from './schema-facts.ts'
import { type Validate, validatorOf } from './validator-of.ts'

const NONE: ReadonlySet<string> = new Set()

/** One schema for all that a location holds. */
export class SchemaChecker implements Checker {
  readonly names: ReadonlySet<string> | undefined
  readonly lists: ReadonlySet<string>
  readonly open: boolean
  readonly wantsObject: boolean
  readonly schema: StandardSchemaV1
  readonly #validate: Validate

  constructor(schema: StandardSchemaV1) {
    this.schema = schema
    this.#validate = validatorOf(schema)
    const facts = schemaFacts(schema)
    this.wantsObject = facts?.kind === 'object'
    this.names = facts?.kind === 'object' ? new Set(facts.keys.keys()) : undefined
    this.lists = facts === undefined ? NONE : new Set([...facts.keys].flatMap(([key, isList]) => (isList ? [key] : [])))
    this.open = facts === undefined || facts.open
  }

  check(input: unknown, problems: Problems, location: ArgLocation, base: Base): MaybePromise<unknown> {
    const result = this.#validate(input)
    return isPromiseLike(result)
      ? result.then((settled) => this.#settle(input, settled, problems, location, base))
      : this.#settle(input, result, problems, location, base)
  }

  #settle(
    input: unknown,
    result: StandardSchemaV1.Result<unknown>,
    problems: Problems,
    location: ArgLocation,
    base: Base,
  ): unknown {
    if (result.issues === undefined) return result.value
    problems.addFound(location, result.issues as readonly LibraryIssue[], this.schema['~standard'].vendor, input, base)
    return undefined
  }
}
