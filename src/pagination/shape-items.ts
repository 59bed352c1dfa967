import { isPromiseLike } from '../lib/maybe-promise.ts'
import { isStandardSchema, type StandardSchemaV1 } from '../lib/standard-schema.ts'
import { PageItemError } from './page-item-error.ts'

type Result = StandardSchemaV1.Result<unknown>

/**
 * Rows as a schema shapes them; without one as they are.
 *
 * @throws PageItemError `ERR_PAGE_ITEM` for the first row that does not fit
 */
export function shapeItems(rows: unknown[], schema: StandardSchemaV1 | undefined): unknown[] | Promise<unknown[]> {
  if (schema === undefined) return rows
  const { validate } = schema['~standard']
  const results = rows.map((row) => validate(row))
  return results.some(isPromiseLike)
    ? Promise.all(results).then((settled) => settled.map(toItem))
    : (results as Result[]).map(toItem)
}

function toItem(result: Result, index: number): unknown {
  if (result.issues !== undefined) throw new PageItemError(index, result.issues)
  return result.value
}

/**
 * Tells the schema from the options, in a call that may leave the schema out.
 *
 * @throws TypeError when what stands in the place of the schema is none
 */
export function splitArguments<Options>(
  args: readonly [options: Options] | readonly [schema: StandardSchemaV1 | undefined, options: Options],
): { readonly schema: StandardSchemaV1 | undefined; readonly options: Options } {
  if (args.length < 2) return { schema: undefined, options: args[0] as Options }
  const [schema, options] = args as readonly [StandardSchemaV1 | undefined, Options]
  if (schema !== undefined && !isStandardSchema(schema)) {
    throw new TypeError('`schema` must be a Standard Schema (of zod, valibot, arktype, …) or be left out')
  }
  return { schema, options }
}
