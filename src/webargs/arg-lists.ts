import { isPromiseLike } from '../lib/maybe-promise.ts'
import type { StandardSchemaV1 } from '../lib/standard-schema.ts'
import { all } from './all.ts'
import {
  type Arg,
  type ArgOptions,
  type ArgValue,
  type Checked,
  createArg,
  fail,
  failAll,
  type JsonSchema,
} from './arg-field.ts'
import { assertLengths, bounds, LENGTH_WORDS, type Range, rangeCheck } from './arg-range.ts'
import { jsonSchemaOf } from './json-schema-of.ts'
import type { LibraryIssue } from './library-issue.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import { type PlacedIssue, toArgIssues } from './to-arg-issues.ts'
import { validatorOf } from './validator-of.ts'

const NOT_A_LIST = fail('invalid_type', 'Not a valid list.')
const NOT_A_DELIMITED_LIST = fail('invalid_type', 'Not a valid delimited list.')

type Item<Inner extends StandardSchemaV1> = StandardSchemaV1.InferOutput<Inner>

/** The options of `arg.list()`. `min` and `max` count items. */
export type ListOptions<T, Optional extends boolean, Nullable extends boolean> = ArgOptions<T[], Optional, Nullable> &
  Range<number>

/** The options of `arg.delimited()`. */
export type DelimitedOptions<T, Optional extends boolean, Nullable extends boolean> = ListOptions<
  T,
  Optional,
  Nullable
> & {
  /** What stands between the items. Default `','`. */
  readonly delimiter?: string | undefined
}

/** A list: a repeated field (`?tag=a&tag=b`, and `?tag=a` is a list of one), or a list in JSON. */
export function list<
  Inner extends StandardSchemaV1,
  Optional extends boolean = false,
  Nullable extends boolean = false,
>(
  inner: Inner,
  options: ListOptions<Item<Inner>, Optional, Nullable> = {},
): Arg<ArgValue<Item<Inner>[], Optional, Nullable>> {
  const checkItems = itemsCheck(inner, options)
  const check = (value: unknown) => (Array.isArray(value) ? checkItems(value) : NOT_A_LIST)
  return createArg(
    { check, json: listSchema(inner, options, 'input'), outputJson: listSchema(inner, options, 'output') },
    options,
  )
}

/** Where a list in one text is taken apart already, as webargs 5 allowed. */
export class DelimitedItems {
  readonly items: readonly unknown[]

  constructor(items: readonly unknown[]) {
    this.items = items
  }
}

const DELIMITER: unique symbol = Symbol('delimiter')
const ITEMS: unique symbol = Symbol('items')

/** How a field that {@link delimited} made is taken apart, else undefined. */
export function delimitedOf(
  schema: object,
): { readonly delimiter: string; readonly items: StandardSchemaV1 } | undefined {
  const { [DELIMITER]: delimiter, [ITEMS]: items } = schema as {
    readonly [DELIMITER]?: string
    readonly [ITEMS]?: StandardSchemaV1
  }
  return delimiter === undefined || items === undefined ? undefined : { delimiter, items }
}

/**
 * A list in one text: `?ids=1,2`. An empty text is an empty list, and an empty item is an item (`1,,2` has three), as in
 * webargs 8.
 */
export function delimited<
  Inner extends StandardSchemaV1,
  Optional extends boolean = false,
  Nullable extends boolean = false,
>(
  inner: Inner,
  options: DelimitedOptions<Item<Inner>, Optional, Nullable> = {},
): Arg<ArgValue<Item<Inner>[], Optional, Nullable>> {
  const { delimiter = ',' } = options
  if (delimiter === '') throw new TypeError('`delimiter` must not be empty')
  const checkItems = itemsCheck(inner, options)
  const check = (value: unknown) => {
    if (typeof value === 'string') return checkItems(value === '' ? [] : value.split(delimiter))
    return value instanceof DelimitedItems ? checkItems(value.items) : NOT_A_DELIMITED_LIST
  }
  const json = { type: 'string', description: `A list with "${delimiter}" between its items.` }
  const field = createArg({ check, json, outputJson: listSchema(inner, options, 'output') }, options)
  return Object.defineProperties(field, { [DELIMITER]: { value: delimiter }, [ITEMS]: { value: inner } })
}

function listSchema(inner: StandardSchemaV1, options: Range<number>, side: 'input' | 'output'): JsonSchema {
  return { type: 'array', items: jsonSchemaOf(inner, side) ?? {}, ...bounds(options, 'minItems', 'maxItems') }
}

function itemsCheck<Inner extends StandardSchemaV1>(
  inner: Inner,
  range: Range<number>,
): (items: readonly unknown[]) => Checked<Item<Inner>[]> {
  assertLengths(range)
  const inRange = rangeCheck(range, LENGTH_WORDS)
  const { vendor } = inner['~standard']
  const validate = validatorOf(inner)
  type Result = StandardSchemaV1.Result<unknown>

  function settle(items: readonly unknown[], results: readonly Result[]): Result {
    const problems: PlacedIssue[] = []
    for (const [i, { issues }] of results.entries()) {
      if (issues === undefined) continue
      if (problems.length >= DEFAULT_LIMITS.issues) break
      for (const issue of toArgIssues(issues as readonly LibraryIssue[], vendor, items[i], 'both')) {
        problems.push({ ...issue, path: [i, ...issue.path] })
      }
    }
    if (problems.length > 0) return failAll(problems)
    const refused = inRange(items.length)
    if (refused !== undefined) return refused
    return { value: results.map((result) => (result as StandardSchemaV1.SuccessResult<unknown>).value) }
  }

  return (items) => {
    const results = all(items, (item) => validate(item))
    const settled = isPromiseLike(results) ? results.then((list) => settle(items, list)) : settle(items, results)
    return settled as Checked<Item<Inner>[]>
  }
}
